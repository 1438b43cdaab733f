//! Types of their own, and what shows nowhere.

use crate::base::{OTHERS, OWNER, THINGS};
use crate::mutations::Mutation;

const NAMES: &str = "semantics/client-server/names.yaml";

pub(crate) const TYPES: &[Mutation] = &[
    Mutation {
        name: "a nested type appears",
        edits: &[(THINGS, "size: {type: integer}", "size: {type: object, properties: {width: {type: integer}}}")],
        rows: &[
            "field-retyped client_server::GetThingResponse::size: Option<i64> → Option<Size>",
            "type-added client_server::get_thing::Size: - → struct of 1 fields",
        ],
    },
    Mutation {
        name: "a nested type goes",
        edits: &[(THINGS, "part: {type: object, properties: {weight: {type: number}}}", "part: {type: number}")],
        rows: &[
            "field-retyped client_server::GetThingResponse::part: Option<Part> → Option<f64>",
            "type-removed client_server::get_thing::Part: struct of 1 fields → -",
        ],
    },
    Mutation {
        name: "a nested type gets a better name",
        edits: &[(NAMES, "", "types: {getThing<part: Piece}\n")],
        rows: &[
            "field-retyped client_server::GetThingResponse::part: Option<Part> → Option<Piece>",
            "type-renamed client_server::get_thing::Piece: matrix_api::client_server::get_thing::Part → matrix_api::client_server::get_thing::Piece",
        ],
    },
    Mutation {
        name: "a nested type becomes an enum",
        edits: &[(
            THINGS,
            "part: {type: object, properties: {weight: {type: number}}}",
            "part: {type: string, enum: [small]}",
        )],
        rows: &["type-reshaped client_server::get_thing::Part: struct of 1 fields → enum of 1 texts"],
    },
    Mutation {
        name: "a definition is no longer sent",
        edits: &[(
            THINGS,
            "                owner: {$ref: definitions/owner.yaml}\n                mark",
            "                mark",
        )],
        rows: &[
            "field-removed client_server::PutThing::owner: Option<Owner>, in the body → -",
            "type-not-sent client_server::types::Owner: sent → not sent",
            "field-removed client_server::types::Owner::extra: Object → -",
        ],
    },
    Mutation {
        name: "a definition is no longer received",
        edits: &[
            (THINGS, "                  owner: {$ref: definitions/owner.yaml}\n", ""),
            (OTHERS, "owner: {$ref: ../client-server/definitions/owner.yaml}", ""),
        ],
        rows: &[
            "field-removed client_server::GetThingResponse::owner: Option<Owner>, in the body → -",
            "type-not-received client_server::types::Owner: received → not received",
            "type-reach-shrank client_server::types::Owner: client-server, identity → client-server",
            "field-removed client_server::types::Owner::extra: Object → -",
            "field-removed identity::GetOtherResponse::owner: Option<Owner>, in the body → -",
            "field-added identity::GetOtherResponse::content: - → Raw<Object>, the whole body",
        ],
    },
    Mutation {
        name: "a definition is sent as well",
        edits: &[(
            THINGS,
            "                mark:",
            "                label: {$ref: definitions/label.yaml}\n                mark:",
        )],
        rows: &[
            "field-added client_server::PutThing::label: - → Option<Label>, in the body",
            "type-now-sent client_server::types::Label: not sent → sent",
            "field-added client_server::types::Label::extra: - → Object",
        ],
    },
    Mutation {
        name: "a definition is received as well",
        edits: &[(
            THINGS,
            "                  label:",
            "                  mark: {$ref: definitions/mark.yaml}\n                  label:",
        )],
        rows: &[
            "field-added client_server::GetThingResponse::mark: - → Option<Mark>, in the body",
            "type-now-received client_server::types::Mark: not received → received",
            "field-added client_server::types::Mark::extra: - → Object",
        ],
    },
    Mutation {
        name: "another API has a definition too",
        edits: &[(OTHERS, "properties: {", "properties: {label: {$ref: ../client-server/definitions/label.yaml}, ")],
        rows: &[
            "type-reach-grew client_server::types::Label: client-server → client-server, identity",
            "field-added identity::GetOtherResponse::label: - → Option<Label>, in the body",
        ],
    },
    Mutation {
        name: "another API no longer has a definition",
        edits: &[(OTHERS, "owner: {$ref: ../client-server/definitions/owner.yaml}", "")],
        rows: &[
            "type-reach-shrank client_server::types::Owner: client-server, identity → client-server",
            "field-removed identity::GetOtherResponse::owner: Option<Owner>, in the body → -",
            "field-added identity::GetOtherResponse::content: - → Raw<Object>, the whole body",
        ],
    },
    Mutation {
        name: "a member of a definition appears",
        edits: &[(OWNER, "  user: {type: string}\n", "  user: {type: string}\n  name: {type: string}\n")],
        rows: &["field-added client_server::types::Owner::name: - → Option<String>"],
    },
    Mutation {
        name: "a value appears",
        edits: &[(THINGS, "[red, green]", "[red, green, blue]")],
        rows: &["value-added client_server::get_thing::Colour::Blue: - → blue"],
    },
    Mutation {
        name: "a value goes",
        edits: &[(THINGS, "[red, green]", "[red]")],
        rows: &["value-removed client_server::get_thing::Colour::Green: green → -"],
    },
    Mutation {
        name: "a value gets a better name",
        edits: &[(NAMES, "", "variants: {getThing<colour: {red: Scarlet}}\n")],
        rows: &["value-renamed client_server::get_thing::Colour::Scarlet: Red → Scarlet"],
    },
    Mutation {
        name: "a variant stands for another text",
        edits: &[(THINGS, "[red, green]", "[rot, green]"), (NAMES, "", "variants: {getThing<colour: {rot: Red}}\n")],
        rows: &["value-wire-changed client_server::get_thing::Colour::Red: red → rot"],
    },
    Mutation {
        name: "a JSON kind appears",
        edits: &[(THINGS, "anyOf: [{type: string}", "anyOf: [{type: boolean}, {type: string}")],
        rows: &["kind-added client_server::get_thing::Amount::Boolean: - → bool"],
    },
    Mutation {
        name: "a JSON kind goes",
        edits: &[(THINGS, "anyOf: [{type: string}, {type: array", "anyOf: [{type: boolean}, {type: array")],
        rows: &[
            "kind-removed client_server::get_thing::Amount::Text: String → -",
            "kind-added client_server::get_thing::Amount::Boolean: - → bool",
        ],
    },
    Mutation {
        name: "a JSON kind holds something else",
        edits: &[(THINGS, "{type: array, items: {type: string}}]", "{type: array, items: {type: integer}}]")],
        rows: &["kind-retyped client_server::get_thing::Amount::List: Vec<String> → Vec<i64>"],
    },
];

/// Nothing of these shows in the Rust.
pub(crate) const NOTHING: &[Mutation] = &[
    Mutation { name: "a limit moves", edits: &[(THINGS, "minimum: 1", "minimum: 2")], rows: &[] },
    Mutation { name: "a tag changes", edits: &[(OTHERS, "[Others]", "[Other others]")], rows: &[] },
    Mutation { name: "the release alone changes", edits: &[("sources.yaml", "tag: v1.2", "tag: v1.3")], rows: &[] },
];
