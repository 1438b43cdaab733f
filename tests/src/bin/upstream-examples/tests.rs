use std::collections::BTreeSet;
use std::fs;

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

#[test]
fn references_bring_what_does_not_stand_beside_them() {
    let folder = std::env::temp_dir().join(format!("matrix-api-examples-{}", std::process::id()));
    let write = |path: &str, text: &str| {
        let path = folder.join("data").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("api/some-api/things.yaml", DOCUMENT);
    write("api/some-api/definitions/thing.yaml", DEFINITION);
    write("examples/thing.json", r#"{"$ref": "core/base.json", "name": "theirs", "size": 2}"#);
    write("examples/core/base.json", r#"{"age": 7, "size": 1}"#);
    let found = upstream::examples(&folder, "some-api");
    fs::remove_dir_all(&folder).unwrap();
    let found: Vec<(String, Value)> =
        found.unwrap().into_iter().map(|example| (example.operation, example.json)).collect();
    let things = json!({"things": [{"age": 7, "name": "mine", "size": 2}]});
    let composed = json!({"name": "a thing", "parts": [3]});
    assert_eq!(found, [("getThings".to_owned(), things), ("putThing".to_owned(), composed)]);
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
