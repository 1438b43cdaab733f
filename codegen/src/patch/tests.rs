use std::collections::BTreeMap;
use std::rc::Rc;

use super::*;
use crate::load;

const DOCUMENT: &str = "{paths: {/a: {tags: [One, Two], deprecated: false}}, count: 1}";

/// The document after one patch, or why it was refused.
fn patched(patch: &str) -> Result<Node, String> {
    let file = format!("[{{file: f, reason: r, evidence: e, since: v1.1, {patch}}}]");
    let node = Node::parse("patches/p.yaml", &file).expect("the patch is YAML");
    let patches = read(&Cursor::root("patches/p.yaml", &node)).map_err(|error| error.to_string())?;
    let mut root = document(DOCUMENT);
    patches[0].apply(&mut root).map_err(|error| error.to_string())?;
    Ok(root)
}

fn document(text: &str) -> Node {
    Node::parse("f", text).expect("the document is YAML")
}

#[test]
fn a_value_is_put_where_there_is_none() {
    assert_eq!(
        patched("pointer: /paths/~1a/id, add: a"),
        Ok(document("{paths: {/a: {tags: [One, Two], deprecated: false, id: a}}, count: 1}"))
    );
    assert_eq!(
        patched("pointer: /paths/~1b~0, add: {}"),
        Ok(document("{paths: {/a: {tags: [One, Two], deprecated: false}, /b~: {}}, count: 1}"))
    );
    assert_eq!(
        patched("pointer: /paths/~1a/tags/-, add: Three"),
        Ok(document("{paths: {/a: {tags: [One, Two, Three], deprecated: false}}, count: 1}"))
    );
}

#[test]
fn a_value_takes_the_place_of_another() {
    assert_eq!(
        patched("pointer: /paths/~1a/tags/1, was: Two, with: Three"),
        Ok(document("{paths: {/a: {tags: [One, Three], deprecated: false}}, count: 1}"))
    );
    assert_eq!(
        patched("pointer: '', was: {paths: {/a: {tags: [One, Two], deprecated: false}}, count: 1}, with: 2"),
        Ok(Node::Int(2))
    );
}

#[test]
fn a_value_is_taken_away() {
    assert_eq!(
        patched("pointer: /paths/~1a, was: {tags: [One, Two], deprecated: false}"),
        Ok(document("{paths: {}, count: 1}"))
    );
    assert_eq!(
        patched("pointer: /paths/~1a/tags/0, was: One"),
        Ok(document("{paths: {/a: {tags: [Two], deprecated: false}}, count: 1}"))
    );
}

#[test]
fn what_no_longer_applies_is_refused() {
    let refused = |patch: &str, why: &str| {
        let pointer = patch.split(", ").next().and_then(|first| first.strip_prefix("pointer: ")).unwrap_or_default();
        let wanted = format!("patches/p.yaml#/0: f#{} {why}: the patch no longer applies", pointer.trim_matches('\''));
        assert_eq!(patched(patch), Err(wanted));
    };
    refused("pointer: /count, add: 1", "exists already");
    refused("pointer: /nowhere/a, add: 1", "does not exist");
    refused("pointer: /count/a, add: 1", "is neither a map nor the end of a list");
    refused("pointer: /paths/~1a/tags/0, add: Zero", "is neither a map nor the end of a list");
    refused("pointer: /paths/~1a/tags/-, add: Two", "has the item already");
    refused("pointer: '', add: 1", "is the whole document");
    refused("pointer: /nowhere, was: 1, with: 2", "does not exist");
    refused("pointer: /paths/~1a/tags/2, was: 1, with: 2", "does not exist");
    refused("pointer: /count, was: 2, with: 3", "is not what `was` says");
    // A number is not its text.
    refused("pointer: /count, was: '1'", "is not what `was` says");
    refused("pointer: /nowhere, was: 1", "is not what `was` says");
}

/// The specs with one document and these patches, after the pass.
fn applied(sources: &str, patches: &str) -> Result<Node, String> {
    let texts = [("sources.yaml", sources), ("m/f.yaml", "a: 1"), ("patches/p.yaml", patches)];
    let texts: BTreeMap<_, _> = texts.map(|(file, text)| (file.to_owned(), text.to_owned())).into();
    let specs = load::documents(&texts).map_err(|errors| errors.to_string())?;
    let mut specs = apply(specs).map_err(|errors| errors.to_string())?;
    Ok(Rc::unwrap_or_clone(specs.files.remove("m/f.yaml").expect("the document is still there")))
}

#[test]
fn patches_apply_one_after_the_other_and_every_refusal_is_told() {
    let two = "[{file: m/f.yaml, pointer: /b, add: 2, reason: r, evidence: e, since: v1.1},
                {file: m/f.yaml, pointer: /b, was: 2, with: 3, reason: r, evidence: e, since: v1.1}]";
    assert_eq!(applied("apis: []", two), Ok(document("{a: 1, b: 3}")));
    let wrong = "[{file: m/g.yaml, pointer: /b, add: 2, reason: r, evidence: e, since: v1.1},
                  {file: m/f.yaml, pointer: /a, add: 2, reason: r, evidence: e, since: v1.1}]";
    assert_eq!(
        applied("apis: []", wrong),
        Err("patches/p.yaml#/0: there is no file m/g.yaml\n\
             patches/p.yaml#/1: m/f.yaml#/a exists already: the patch no longer applies"
            .to_owned())
    );
}

#[test]
fn a_patch_is_for_the_releases_that_it_names() {
    let patch = "[{file: m/f.yaml, pointer: /b, add: 2, reason: r, evidence: e, since: v1.9, until: v1.10}]";
    let with = |tag: &str| applied(&format!("{{upstream: {{tag: {tag}}}, apis: []}}"), patch);
    let (plain, patched) = (Ok(document("a: 1")), Ok(document("{a: 1, b: 2}")));
    assert_eq!(with("v1.8"), plain);
    assert_eq!(with("v1.9"), patched);
    assert_eq!(with("v1.10"), patched);
    assert_eq!(with("v1.11"), plain);
    // Documents that name no release are expected to need every patch.
    assert_eq!(applied("apis: []", patch), patched);
}
