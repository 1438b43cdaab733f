//! A whole API in one document, of a project other than matrix-spec: `documents` of `sources.yaml`.

use std::fs;
use std::path::Path;

use super::facts::{Root, reduce};
use super::keywords::Kind;
use super::refusal::{Refusal, Refusals};
use super::sources::FILE;
use super::tree::Tree;
use super::upstream::checksum;
use super::{Failure, write, write_file};

/// Writes the facts of a document into its folder, and says what to note of the file.
pub(super) fn import(file: &Path, folder: &str, specs: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let sources = fs::read_to_string(specs.join(FILE))?;
    let facts = facts(&text, folder, &sources)?;
    write_file(&specs.join(folder).join("spec.yaml"), &facts)?;
    Ok(checksum(text.as_bytes()))
}

fn facts(text: &str, folder: &str, sources: &str) -> Result<String, Failure> {
    let row = row(folder, sources)?;
    let found = checksum(text.as_bytes());
    if row.checksum != found {
        return Err(format!("sources.yaml: {folder} has the checksum {}, this file {found}", row.checksum).into());
    }
    // JSON is YAML.
    let tree = Tree::parse(text).map_err(|error| format!("{folder}: neither YAML nor JSON: {error}"))?;
    let name = format!("{folder}/spec.yaml");
    let reduced = reduce(&name, Root::Node(Kind::Document), &tree);
    let mut refusals = reduced.refusals;
    let away = reduced.links.iter().filter(|link| !link.target.starts_with('#'));
    refusals.extend(away.map(|link| Refusal::new(&link.file, &link.pointer, "leads to another file")));
    let comment = format!(
        "Facts imported from {} at {} by `cargo xtask import --document`; do not edit.",
        row.repository, row.commit
    );
    Ok(Refusals::none_or(refusals, write::document(&comment, &reduced.tree))?)
}

struct Row {
    repository: String,
    commit: String,
    checksum: String,
}

fn row(folder: &str, sources: &str) -> Result<Row, Failure> {
    let tree = Tree::parse(sources).map_err(|error| format!("{FILE}: not YAML: {error}"))?;
    let rows = match tree.get("documents") {
        Some(Tree::List(rows)) => rows.as_slice(),
        _ => &[],
    };
    let row = rows.iter().find(|row| row.get("folder").and_then(Tree::text) == Some(folder));
    let row = row.ok_or_else(|| format!("{FILE}: no document has the folder `{folder}`"))?;
    let need = |key: &str| {
        let text = row.get(key).and_then(Tree::text).map(str::to_owned);
        text.ok_or_else(|| format!("{FILE}: `{key}` of {folder} is missing"))
    };
    for key in ["path", "licence"] {
        need(key)?;
    }
    Ok(Row { repository: need("repository")?, commit: need("commit")?, checksum: need("checksum")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r##"{
        "openapi": "3.1.0", "info": {"title": "T"}, "tags": [{"name": "t", "description": "words"}],
        "servers": [{"url": "{base}", "variables": {"base": {"default": "/", "description": null}}}],
        "security": [{"token": ["urn:scope"]}],
        "paths": {"/a": {"get": {"operationId": "a", "summary": "words", "parameters": [
            {"in": "query", "name": "page[after]", "style": "form", "schema": {"$ref": "#/components/schemas/Id"}}],
            "responses": {"204": {"description": "words"}}}}},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Id": {"type": "string", "description": "words"}}}}"##;

    fn sources(checksum: &str) -> String {
        format!(
            "documents:\n  - {{folder: own, repository: R, path: P, commit: \"c\", licence: L, checksum: {checksum}}}\n"
        )
    }

    #[test]
    fn only_the_facts_of_a_document_stay() {
        let facts = facts(DOCUMENT, "own", &sources(&checksum(DOCUMENT.as_bytes()))).unwrap();
        assert!(facts.starts_with("# Facts imported from R at c"), "{facts}");
        assert!(!facts.contains("words") && !facts.contains("style") && !facts.contains("tags"), "{facts}");
        for kept in ["page[after]", "urn:scope", "#/components/schemas/Id", "default: /"] {
            assert!(facts.contains(kept), "{kept}: {facts}");
        }
    }

    #[test]
    fn another_file_or_another_construct_is_refused() {
        let refused = |text: &str, sources: &str| facts(text, "own", sources).unwrap_err().to_string();
        assert!(refused(DOCUMENT, &sources("other")).contains("has the checksum other"));
        assert!(refused(DOCUMENT, "documents: []").contains("no document has the folder"));
        let odd = DOCUMENT.replace("\"form\"", "\"deepObject\"");
        assert!(refused(&odd, &sources(&checksum(odd.as_bytes()))).contains("this style is not understood"));
        let away = DOCUMENT.replace("#/components", "other.yaml#/components");
        assert!(refused(&away, &sources(&checksum(away.as_bytes()))).contains("leads to another file"));
    }
}
