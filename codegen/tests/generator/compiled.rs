//! The expected files as one crate: `cargo check -p matrix-api-goldens` compiles what is committed.
//!
//! That crate lists them; this test keeps its list complete. Their names must differ from case to
//! case, as the cases share one tree of modules there.

use std::collections::BTreeMap;

use crate::{case, expect};

const HEAD: &str = "\
// Written by the test `every_golden_file_is_compiled` of matrix-api-codegen.

//! The expected files of codegen's golden tests, compiled against the runtime.

#![allow(
    deprecated,
    missing_docs,
    unused_qualifications,
    clippy::all,
    reason = \"the goldens are as they are generated; matrix-api checks the same of its own generated files\"
)]

// Generated code speaks of the runtime as its own crate.
pub use matrix_api::*;

";

#[test]
fn every_golden_file_is_compiled() {
    let (mut text, mut shared) = (HEAD.to_owned(), BTreeMap::<String, Vec<String>>::new());
    for case in case::all("golden") {
        for path in case::files(&case.folder.join("expected"), true).into_keys() {
            // Lists of modules lie less deep, and so do the contents of events.
            let (api, folder, file) = match path.split('/').collect::<Vec<_>>()[..] {
                [api, folder, file] => (api, folder, file),
                ["events", file] if file != "types.rs" => ("events", "content", file),
                _ => continue,
            };
            let module = format!("{api}_{folder}_{}", file.trim_end_matches(".rs"));
            let golden = format!("../golden/{}/expected/{path}", case.name);
            text.push_str(&format!("#[path = \"{golden}\"]\n#[rustfmt::skip]\npub mod {module};\n"));
            if folder == "types" {
                shared.entry(api.to_owned()).or_default().push(module);
            }
        }
    }
    text.push_str("\npub mod generated {\n");
    for (api, mut modules) in shared {
        modules.sort();
        text.push_str(&format!("    pub mod {api} {{\n        pub mod types {{\n"));
        for module in modules {
            text.push_str(&format!("            pub use crate::{module}::*;\n"));
        }
        text.push_str("        }\n    }\n");
    }
    text.push_str("}\n");
    let mut failures = Vec::new();
    expect::file(&case::tests().join("compiled/lib.rs"), &text, &mut failures);
    expect::none(&failures);
}
