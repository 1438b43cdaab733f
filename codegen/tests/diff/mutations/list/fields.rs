//! Fields of requests and responses.

use crate::base::THINGS;
use crate::mutations::Mutation;

const NAMES: &str = "semantics/client-server/names.yaml";
const COMPATIBILITY: &str = "semantics/client-server/compatibility.yaml";
const OPERATIONS: &str = "semantics/client-server/operations.yaml";

pub(crate) const FIELDS: &[Mutation] = &[
    Mutation {
        name: "an optional query parameter appears",
        edits: &[(
            THINGS,
            "        - {in: query, name: limit",
            "        - {in: query, name: from, schema: {type: string}}\n        - {in: query, name: limit",
        )],
        rows: &["field-added client_server::GetThing::from: - → Option<String>, in the query"],
    },
    Mutation {
        name: "a required member of a body appears",
        edits: &[(
            THINGS,
            "required: [name, rank]\n              properties:\n",
            "required: [name, rank, mood]\n              properties:\n                mood: {type: string}\n",
        )],
        rows: &["field-added-required client_server::PutThing::mood: - → String, in the body"],
    },
    Mutation {
        name: "a required member of a body appears, and the old constructor is kept",
        edits: &[
            (
                THINGS,
                "required: [name, rank]\n              properties:\n",
                "required: [name, rank, mood]\n              properties:\n                mood: {type: string}\n",
            ),
            (COMPATIBILITY, "", "required: [putThing>mood since v1.2 until v1.3]\n"),
        ],
        rows: &[
            "field-added client_server::PutThing::mood: - → Option<String>, in the body",
            "field-required-kept client_server::PutThing::mood: - → Option<String>, in the body",
        ],
    },
    Mutation {
        name: "a member of a body becomes required, and the old constructor is kept",
        edits: &[
            (THINGS, "required: [name, rank]", "required: [name, rank, note]"),
            (COMPATIBILITY, "", "required: [putThing>note since v1.2 until v1.3]\n"),
        ],
        rows: &["field-required-kept client_server::PutThing::note: Option<String> → Option<String>"],
    },
    Mutation {
        name: "a required member of a response appears",
        edits: &[(
            THINGS,
            "required: [id, tags]\n                properties:\n",
            "required: [id, tags, mood]\n                properties:\n                  mood: {type: string}\n",
        )],
        rows: &["field-added client_server::GetThingResponse::mood: - → String, in the body"],
    },
    Mutation {
        name: "a member goes",
        edits: &[(THINGS, "                note: {type: string}\n", "")],
        rows: &["field-removed client_server::PutThing::note: Option<String>, in the body → -"],
    },
    Mutation {
        name: "a field gets a better name",
        edits: &[(NAMES, "", "fields: {putThing>note: remark}\n")],
        rows: &["field-renamed client_server::PutThing::remark: note → remark"],
    },
    Mutation {
        name: "a member has another type",
        edits: &[(THINGS, "size: {type: integer}", "size: {type: number}")],
        rows: &["field-retyped client_server::GetThingResponse::size: Option<i64> → Option<f64>"],
    },
    Mutation {
        name: "a text becomes an enum",
        edits: &[(THINGS, "note: {type: string}", "note: {type: string, enum: [short]}")],
        rows: &[
            "field-retyped client_server::PutThing::note: Option<String> → Option<Note>",
            "type-added client_server::put_thing::Note: - → enum of 1 texts",
        ],
    },
    Mutation {
        name: "a member of a sent type becomes required",
        edits: &[(THINGS, "required: [name, rank]", "required: [name, rank, note]")],
        rows: &["field-became-required client_server::PutThing::note: Option<String> → String"],
    },
    Mutation {
        name: "a member of a response becomes optional",
        edits: &[(THINGS, "required: [id, tags]", "required: [tags]")],
        rows: &["field-became-optional client_server::GetThingResponse::id: String → Option<String>"],
    },
    Mutation {
        name: "a list of a response becomes optional",
        edits: &[(THINGS, "required: [id, tags]", "required: [id]")],
        rows: &["field-need-unseen client_server::GetThingResponse::tags: required → optional"],
    },
    Mutation {
        name: "null is no longer a value",
        edits: &[(THINGS, "[string, 'null']", "string")],
        rows: &["field-null-changed client_server::PutThing::topic: Patch<String> → Option<String>"],
    },
    Mutation {
        name: "null becomes a value of a response",
        edits: &[(THINGS, "id: {type: string}", "id: {type: [string, 'null']}")],
        rows: &["field-null-changed client_server::GetThingResponse::id: String → Option<String>"],
    },
    Mutation {
        name: "a parameter moves into a header",
        edits: &[(THINGS, "{in: query, name: limit", "{in: header, name: limit")],
        rows: &["field-moved client_server::GetThing::limit: in the query → in a header"],
    },
    Mutation {
        name: "a member moves into the query",
        edits: &[
            (THINGS, "                note: {type: string}\n", ""),
            (
                THINGS,
                "      requestBody:\n",
                "        - {in: query, name: note, schema: {type: string}}\n      requestBody:\n",
            ),
        ],
        rows: &["field-moved client_server::PutThing::note: in the body → in the query"],
    },
    Mutation {
        name: "a path value may be empty",
        edits: &[(OPERATIONS, "", "may_be_empty: [getThing>thingId]\n")],
        rows: &[
            "field-wire-changed client_server::GetThing::thing_id: `thingId`, its own form → `thingId`, possibly empty text",
        ],
    },
    Mutation {
        name: "a member is deprecated",
        edits: &[(THINGS, "note: {type: string}", "note: {type: string, deprecated: true}")],
        rows: &["field-deprecated client_server::PutThing::note: not deprecated → deprecated"],
    },
    Mutation {
        name: "a member is no longer deprecated",
        edits: &[(THINGS, ", deprecated: true", "")],
        rows: &["field-reinstated client_server::CreateThingResponse::id: deprecated → not deprecated"],
    },
    Mutation {
        name: "required members change places",
        edits: &[(
            THINGS,
            "                name: {type: string}\n                rank: {type: integer}\n",
            "                rank: {type: integer}\n                name: {type: string}\n",
        )],
        rows: &["arguments-reordered client_server::PutThing::new: thing_id, name, rank → thing_id, rank, name"],
    },
    Mutation {
        name: "an answer may hold more",
        edits: &[(
            THINGS,
            "                required: [id, tags]\n",
            "                required: [id, tags]\n                additionalProperties: true\n",
        )],
        rows: &["field-added client_server::GetThingResponse::extra: - → Object"],
    },
];
