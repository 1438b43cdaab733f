//! The audit finds what it must, and says so.

use matrix_api_codegen::diff::{Audit, Verdict, audit};

use crate::base::{self, THINGS};

fn after(file: &str, from: &str, to: &str) -> Audit {
    let old = base::texts();
    let mut new = old.clone();
    let text = new.get_mut(file).expect("the file is there");
    assert!(text.contains(from), "{from} is not in {file}");
    *text = text.replacen(from, to, 1);
    audit(&old, &new).expect("both are understood")
}

fn reasons(audit: &Audit) -> Vec<&'static str> {
    let reason = |verdict: &Verdict| match verdict {
        Verdict::NoEffect(reason) => Some(*reason),
        _ => None,
    };
    audit.differences.iter().filter_map(|one| reason(&one.verdict)).collect()
}

#[test]
fn a_limit_has_no_effect_and_says_why() {
    let audit = after(THINGS, "minimum: 1", "minimum: 2");
    assert!(audit.is_complete());
    assert_eq!(reasons(&audit), ["the server enforces limits; no type comes of them"]);
}

#[test]
fn a_keyword_that_should_have_no_effect_is_not_believed() {
    // `type` has a reason for having none, and here it has one.
    let audit = after(THINGS, "size: {type: integer}", "size: {type: number}");
    assert_eq!(reasons(&audit), [""; 0]);
    assert_eq!(audit.rows().map(|row| row.kind.word()).collect::<Vec<_>>(), ["field-retyped"]);
}

#[test]
fn a_difference_that_is_refused_alone_is_tried_with_its_neighbours() {
    let link = |name: &str, kind: &str| {
        let mut texts = base::texts();
        let text = texts.get_mut(THINGS).expect("the file is there");
        *text = text.replace("size: {type: integer}", &format!("size: {{$ref: '#/components/schemas/{name}'}}"));
        let schema = format!("components: {{schemas: {{{name}: {{type: {kind}}}}}, ");
        *text = text.replace("components: {", &schema);
        texts
    };
    let audit = audit(&link("Size", "integer"), &link("Weight", "number")).expect("both are understood");
    assert!(audit.is_complete(), "{audit}");
    let together = |verdict: &Verdict| matches!(verdict, Verdict::Together(_));
    assert!(audit.differences.iter().any(|one| together(&one.verdict)), "{audit}");
    assert!(audit.rows().all(|row| row.kind.word() == "field-retyped"), "{audit}");
}

#[test]
fn what_nothing_reaches_says_so() {
    let mut old = base::texts();
    let file = "matrix/api/client-server/definitions/lone.yaml";
    old.insert(file.to_owned(), "{type: object}".to_owned());
    let mut new = old.clone();
    new.insert(file.to_owned(), "{type: object, deprecated: true}".to_owned());
    let audit = audit(&old, &new).expect("both are understood");
    assert_eq!(reasons(&audit), ["no operation and no event reaches it"]);
}

#[test]
fn what_no_rule_knows_is_unexplained() {
    let audit = after(THINGS, "info: {}", "info: {colour: blue}");
    assert!(!audit.is_complete());
    assert_eq!(audit.differences[0].verdict, Verdict::Unexplained);
}
