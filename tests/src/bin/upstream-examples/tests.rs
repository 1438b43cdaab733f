use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{compare, upstream};

const DOCUMENT: &str = r##"
paths:
  "/things ":
    get:
      operationId: getThings
      responses:
        "200":
          $ref: "#/components/responses/things"
        "404":
          content: {application/json: {example: {errcode: M_NOT_FOUND}}}
    put:
      operationId: putThing
      responses:
        "200":
          content:
            application/json:
              schema: {$ref: definitions/thing.yaml}
components:
  responses:
    things:
      content:
        application/json:
          examples:
            response: {$ref: "#/components/examples/things"}
  examples:
    things:
      value: {things: [{$ref: ../../examples/thing.json, name: mine}]}
"##;

const DEFINITION: &str = "
type: object
required: [name]
properties:
  name: {type: string, example: a thing}
  parts: {type: array, items: {type: integer, example: 3}}
  unsaid: {type: string}
";

/// What is found in a folder with these files under `data`.
fn within<T>(name: &str, files: &[(&str, &str)], find: impl FnOnce(&Path) -> T) -> T {
    let folder = std::env::temp_dir().join(format!("matrix-api-examples-{name}-{}", std::process::id()));
    for (path, text) in files {
        let path = folder.join("data").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let found = find(&folder);
    fs::remove_dir_all(&folder).unwrap();
    found
}

#[test]
fn references_bring_what_does_not_stand_beside_them() {
    let files = [
        ("api/some-api/things.yaml", DOCUMENT),
        ("api/some-api/definitions/thing.yaml", DEFINITION),
        ("examples/thing.json", r#"{"$ref": "core/base.json", "name": "theirs", "size": 2}"#),
        ("examples/core/base.json", r#"{"age": 7, "size": 1}"#),
    ];
    let found = within("responses", &files, |folder| upstream::examples(folder, "some-api"));
    let found: Vec<(String, Value)> =
        found.unwrap().into_iter().map(|example| (example.operation, example.json)).collect();
    let things = json!({"things": [{"age": 7, "name": "mine", "size": 2}]});
    let composed = json!({"name": "a thing", "parts": [3]});
    assert_eq!(found, [("getThings".to_owned(), things), ("putThing".to_owned(), composed)]);
}

#[test]
fn examples_of_events_stand_on_core_ones_and_may_be_lists() {
    let files = [
        ("event-schemas/examples/core/event.json", r#"{"type": "org.example", "content": {"key": "value"}}"#),
        ("event-schemas/examples/m.tag.yaml", "{$ref: core/event.json, type: m.tag, content: {tags: {}}}"),
        ("event-schemas/examples/some_state.json", r#"[{"$ref": "core/event.json", "state_key": ""}, {"type": "m"}]"#),
        ("event-schemas/examples/README.md", "none"),
    ];
    let found = within("events", &files, upstream::events).unwrap();
    let found: Vec<_> = found.into_iter().map(|example| (example.place, example.json)).collect();
    let expected = [
        ("m.tag.yaml", json!({"type": "m.tag", "content": {"tags": {}}})),
        ("some_state.json, 0", json!({"type": "org.example", "content": {"key": "value"}, "state_key": ""})),
        ("some_state.json, 1", json!({"type": "m"})),
    ];
    assert_eq!(found, expected.map(|(place, json)| (place.to_owned(), json)));
    let none = within("none", &[("event-schemas/examples/README.md", "none")], upstream::events);
    assert!(none.is_err_and(|error| error.ends_with("has no examples")));
}

#[test]
fn contents_are_compared_exactly() {
    let given = json!({"a": null, "b": [], "c": 1.0});
    assert!(compare::exact_differences(&given, &json!({"a": null, "b": [], "c": 1})).is_empty());
    assert_eq!(compare::exact_differences(&given, &json!({"c": 1, "d": {}})), ["a is lost", "b is lost", "d is new"]);
}

#[test]
fn only_nothing_and_the_unknown_may_be_lost() {
    let given = json!({"a": null, "b": [], "c": {"d": {}}, "m.e": 1, "f": [1.0, {"g": true}]});
    let unknown = BTreeSet::from(["[\"m.e\"]".to_owned()]);
    assert!(compare::differences(&given, &json!({"c": {}, "f": [1, {"g": true}]}), &unknown).is_empty());
    assert_eq!(
        compare::differences(&given, &json!({"f": [2, {"g": true, "h": 1}], "i": 0}), &BTreeSet::new()),
        ["c is lost", "f[0] is another value", "f[1].h is new", "[\"m.e\"] is lost", "i is new"]
    );
    assert_eq!(compare::differences(&json!([1, 2]), &json!([1]), &unknown), [" had 2 elements and has 1"]);
}
