//! Every quirk of the documents once, with the files that come of it.

use crate::{case, expect};

/// The files of a case are those below its `expected`. A new case gets all that are no mere list of
/// modules: delete what is beside the point.
#[test]
fn a_document_becomes_its_files() {
    let mut failures = Vec::new();
    for case in case::all("golden") {
        let generated = match case.generate() {
            Ok(generated) => generated,
            Err(errors) => {
                failures.push(format!("{}: refused\n{errors}", case.name));
                continue;
            }
        };
        let folder = case.folder.join("expected");
        let mut wanted: Vec<String> = case::files(&folder, true).into_keys().collect();
        if wanted.is_empty() && expect::updating() {
            let leaves = generated.tree.files().map(|(path, _)| path).filter(|path| path.matches('/').count() == 2);
            wanted = leaves.map(str::to_owned).collect();
        }
        if wanted.is_empty() {
            failures.push(format!("{}: expects nothing", case.name));
        }
        for path in wanted {
            match generated.tree.files().find(|(known, _)| *known == path) {
                Some((_, text)) => expect::file(&folder.join(&path), text, &mut failures),
                None => failures.push(format!("{}: {path} is not generated", case.name)),
            }
        }
    }
    expect::none(&failures);
}
