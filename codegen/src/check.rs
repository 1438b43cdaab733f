//! What must hold of the IR before a line of it is written.

use std::collections::BTreeMap;

use crate::error::Errors;
use crate::ir::{Apis, Home};
use crate::lower::is_taken;

/// Checks names across files.
pub(crate) fn apis(apis: &Apis) -> Result<(), Errors> {
    let mut errors = Errors::default();
    for api in &apis.apis {
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        for operation in &api.operations {
            if api.operations.iter().any(|other| other.tag == operation.module) {
                let module = &operation.module;
                errors.push(operation.origin.error(format!("the tag `{module}` is a module too: add a rename")));
            }
            let response = format!("{}Response", operation.name);
            for name in [operation.name.clone(), response, operation.module.clone()] {
                if let Some(other) = names.insert(name.clone(), &operation.id) {
                    errors.push(
                        operation
                            .origin
                            .error(format!("`{name}` is also a name of {other}: add a rename for `{}`", operation.id)),
                    );
                }
            }
            if is_taken(&operation.name) {
                errors.push(operation.origin.error(format!("`{}` hides another type: add a rename", operation.name)));
            }
        }
    }
    for def in &apis.types {
        if is_taken(&def.name) {
            errors.push(def.origin.error(format!("`{}` ({}) hides another type: add a rename", def.name, def.spot)));
        }
        if let Home::Operation { module, .. } = &def.home {
            let owner = apis.apis.iter().flat_map(|api| &api.operations).find(|operation| operation.module == *module);
            let owner = owner.map(|operation| operation.name.as_str()).unwrap_or_default();
            if def.name == owner || def.name == format!("{owner}Response") {
                errors.push(def.origin.error(format!("`{}` ({}) is the operation's own name", def.name, def.spot)));
            }
        }
    }
    errors.or(())
}
