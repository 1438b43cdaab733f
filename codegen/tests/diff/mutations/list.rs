//! The changes, in the order of the rules.

use super::Mutation;
use crate::base::{OTHERS, OWNER, THINGS};

const EFFECT: &str = "semantics/client-server/effect.yaml";
const ERRCODES: &str = "semantics/client-server/errcodes.yaml";
const IDEMPOTENCY: &str = "semantics/client-server/idempotency.yaml";
const NAMES: &str = "semantics/client-server/names.yaml";
const OPERATIONS: &str = "semantics/client-server/operations.yaml";
const DOCS: &str = "docs/client-server/things.yaml";

pub(crate) fn all() -> impl Iterator<Item = &'static Mutation> {
    CALLS.iter().chain(FIELDS).chain(TYPES).chain(NOTHING)
}

const CALLS: &[Mutation] = &[
    Mutation {
        name: "an operation appears",
        edits: &[
            (THINGS, "  /things:\n", "  /new:\n    get: {operationId: getNew, tags: [Things], responses: {'200': {}}}\n  /things:\n"),
            (EFFECT, "getThing", "getNew: reads\ngetThing"),
            (ERRCODES, "getThing", "getNew: []\ngetThing"),
        ],
        rows: &[],
    },
    Mutation {
        name: "an operation goes",
        edits: &[(OTHERS, "  /others:\n    get:\n      operationId: getOther\n      tags: [Others]\n      responses:\n        '200':\n          content:\n            application/json:\n              schema: {type: object, properties: {owner: {$ref: ../client-server/definitions/owner.yaml}}}\n", "  {}\n")],
        rows: &[],
    },
    Mutation {
        name: "the same call gets another operationId",
        edits: &[
            (THINGS, "operationId: createThing", "operationId: makeThing"),
            (EFFECT, "createThing", "makeThing"),
            (ERRCODES, "createThing", "makeThing"),
            (IDEMPOTENCY, "createThing", "makeThing"),
        ],
        rows: &[],
    },
    Mutation { name: "a path changes", edits: &[(THINGS, "  /things:\n", "  /thing:\n")], rows: &[] },
    Mutation {
        name: "a parameter of a path gets another name",
        edits: &[
            (THINGS, "/things/{thingId}", "/things/{id}"),
            (THINGS, "name: thingId", "name: id"),
            (THINGS, "name: thingId", "name: id"),
        ],
        rows: &[],
    },
    Mutation { name: "a method changes", edits: &[(THINGS, "    put:\n", "    patch:\n"), (IDEMPOTENCY, "createThing", "putThing: if-unsent\ncreateThing")], rows: &[] },
    Mutation { name: "a call demands a login", edits: &[(THINGS, "operationId: createThing\n", "operationId: createThing\n      security: [{accessTokenBearer: []}]\n")], rows: &[] },
    Mutation { name: "a login becomes optional", edits: &[(THINGS, "security: [{accessTokenBearer: []}]", "security: [{}, {accessTokenBearer: []}]")], rows: &[] },
    Mutation { name: "another service answers", edits: &[(OPERATIONS, "", "services: {ServerName: [getThing]}\n")], rows: &[] },
    Mutation { name: "a call may be repeated", edits: &[(IDEMPOTENCY, "if-unsent", "always")], rows: &[] },
    Mutation { name: "a call destroys", edits: &[(EFFECT, "putThing: writes", "putThing: destroys")], rows: &[] },
    Mutation { name: "a rate limit goes", edits: &[(THINGS, "        '429': {}\n", "")], rows: &[] },
    Mutation { name: "a call waits", edits: &[(OPERATIONS, "", "long_polls: [getThing]\n")], rows: &[] },
    Mutation {
        name: "an answer becomes bytes",
        edits: &[(THINGS, "'200': {content: {application/json: {schema: {type: object, properties: {version: {type: string}}}}}}", "'200': {content: {application/octet-stream: {}}}")],
        rows: &[],
    },
    Mutation { name: "an operation is deprecated", edits: &[(THINGS, "operationId: putThing\n", "operationId: putThing\n      deprecated: true\n")], rows: &[] },
    Mutation { name: "a failure gets a status of its own", edits: &[(THINGS, "'404': {}", "'403': {}")], rows: &[] },
    Mutation { name: "a second success", edits: &[(THINGS, "        '200': {content: {application/json: {schema: {type: object, properties: {version: {type: string}}}}}}\n", "        '200': {content: {application/json: {schema: {type: object, properties: {version: {type: string}}}}}}\n        '201': {content: {application/json: {schema: {type: object, properties: {version: {type: string}}}}}}\n")], rows: &[] },
    Mutation { name: "another errcode is known", edits: &[(ERRCODES, "[M_NOT_FOUND]", "[M_NOT_FOUND, M_FORBIDDEN]")], rows: &[] },
    Mutation { name: "a call is said to be older", edits: &[(THINGS, "'1.1'", "'1.0'")], rows: &[] },
    Mutation { name: "our words change", edits: &[(DOCS, "Gets a thing.", "Reads a thing."), (DOCS, "In grams.", "In kilograms.")], rows: &[] },
];

const FIELDS: &[Mutation] = &[
    Mutation { name: "an optional query parameter appears", edits: &[(THINGS, "        - {in: query, name: limit", "        - {in: query, name: from, schema: {type: string}}\n        - {in: query, name: limit")], rows: &[] },
    Mutation { name: "a required member of a body appears", edits: &[(THINGS, "required: [name, rank]\n              properties:\n", "required: [name, rank, mood]\n              properties:\n                mood: {type: string}\n")], rows: &[] },
    Mutation { name: "a required member of a response appears", edits: &[(THINGS, "required: [id, tags]\n                properties:\n", "required: [id, tags, mood]\n                properties:\n                  mood: {type: string}\n")], rows: &[] },
    Mutation { name: "a member goes", edits: &[(THINGS, "                note: {type: string}\n", "")], rows: &[] },
    Mutation { name: "a field gets a better name", edits: &[(NAMES, "", "fields: {putThing>note: remark}\n")], rows: &[] },
    Mutation { name: "a member has another type", edits: &[(THINGS, "size: {type: integer}", "size: {type: number}")], rows: &[] },
    Mutation { name: "a text becomes an enum", edits: &[(THINGS, "note: {type: string}", "note: {type: string, enum: [short]}")], rows: &[] },
    Mutation { name: "a member of a sent type becomes required", edits: &[(THINGS, "required: [name, rank]", "required: [name, rank, note]")], rows: &[] },
    Mutation { name: "a member of a response becomes optional", edits: &[(THINGS, "required: [id, tags]", "required: [tags]")], rows: &[] },
    Mutation { name: "a list of a response becomes optional", edits: &[(THINGS, "required: [id, tags]", "required: [id]")], rows: &[] },
    Mutation { name: "null is no longer a value", edits: &[(THINGS, "[string, 'null']", "string")], rows: &[] },
    Mutation { name: "a parameter moves into a header", edits: &[(THINGS, "{in: query, name: limit", "{in: header, name: limit")], rows: &[] },
    Mutation { name: "a member moves into the query", edits: &[(THINGS, "                note: {type: string}\n", ""), (THINGS, "      requestBody:\n", "        - {in: query, name: note, schema: {type: string}}\n      requestBody:\n")], rows: &[] },
    Mutation { name: "a path value may be empty", edits: &[(OPERATIONS, "", "may_be_empty: [getThing>thingId]\n")], rows: &[] },
    Mutation { name: "a member is deprecated", edits: &[(THINGS, "note: {type: string}", "note: {type: string, deprecated: true}")], rows: &[] },
    Mutation { name: "required members change places", edits: &[(THINGS, "                name: {type: string}\n                rank: {type: integer}\n", "                rank: {type: integer}\n                name: {type: string}\n")], rows: &[] },
    Mutation { name: "an answer may hold more", edits: &[(THINGS, "                required: [id, tags]\n", "                required: [id, tags]\n                additionalProperties: true\n")], rows: &[] },
];

const TYPES: &[Mutation] = &[
    Mutation { name: "a nested type appears", edits: &[(THINGS, "size: {type: integer}", "size: {type: object, properties: {width: {type: integer}}}")], rows: &[] },
    Mutation { name: "a nested type gets a better name", edits: &[(NAMES, "", "types: {getThing<part: Piece}\n")], rows: &[] },
    Mutation { name: "a nested type becomes an enum", edits: &[(THINGS, "part: {type: object, properties: {weight: {type: number}}}", "part: {type: string, enum: [small]}")], rows: &[] },
    Mutation { name: "a definition is no longer sent", edits: &[(THINGS, "                owner: {$ref: definitions/owner.yaml}\n      responses", "      responses")], rows: &[] },
    Mutation { name: "a definition is no longer received", edits: &[(THINGS, "                  owner: {$ref: definitions/owner.yaml}\n", ""), (OTHERS, "owner: {$ref: ../client-server/definitions/owner.yaml}", "")], rows: &[] },
    Mutation { name: "another API no longer has a definition", edits: &[(OTHERS, "owner: {$ref: ../client-server/definitions/owner.yaml}", "")], rows: &[] },
    Mutation { name: "a member of a definition appears", edits: &[(OWNER, "  user: {type: string}\n", "  user: {type: string}\n  name: {type: string}\n")], rows: &[] },
    Mutation { name: "a value appears", edits: &[(THINGS, "[red, green]", "[red, green, blue]")], rows: &[] },
    Mutation { name: "a value goes", edits: &[(THINGS, "[red, green]", "[red]")], rows: &[] },
    Mutation { name: "a value gets a better name", edits: &[(NAMES, "", "variants: {getThing<colour: {red: Scarlet}}\n")], rows: &[] },
    Mutation { name: "a variant stands for another text", edits: &[(THINGS, "[red, green]", "[rot, green]"), (NAMES, "", "variants: {getThing<colour: {rot: Red}}\n")], rows: &[] },
    Mutation { name: "a JSON kind appears", edits: &[(THINGS, "anyOf: [{type: string}", "anyOf: [{type: boolean}, {type: string}")], rows: &[] },
    Mutation { name: "a JSON kind goes", edits: &[(THINGS, "anyOf: [{type: string}, {type: array", "anyOf: [{type: boolean}, {type: array")], rows: &[] },
    Mutation { name: "a JSON kind holds something else", edits: &[(THINGS, "{type: array, items: {type: string}}]", "{type: array, items: {type: integer}}]")], rows: &[] },
];

/// Nothing of these shows in the Rust.
const NOTHING: &[Mutation] = &[
    Mutation { name: "a limit moves", edits: &[(THINGS, "minimum: 1", "minimum: 2")], rows: &[] },
    Mutation { name: "a tag changes", edits: &[(OTHERS, "[Others]", "[Other others]")], rows: &[] },
    Mutation { name: "the release alone changes", edits: &[("sources.yaml", "tag: v1.2", "tag: v1.3")], rows: &[] },
];
