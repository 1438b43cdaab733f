//! Operations, and what is true of every call.

use crate::base::{OTHERS, THINGS};
use crate::mutations::Mutation;

const EFFECT: &str = "semantics/client-server/effect.yaml";
const ERRCODES: &str = "semantics/client-server/errcodes.yaml";
const IDEMPOTENCY: &str = "semantics/client-server/idempotency.yaml";
const OPERATIONS: &str = "semantics/client-server/operations.yaml";
const DOCS: &str = "docs/client-server/things.yaml";

const COMPATIBILITY: &str = "semantics/client-server/compatibility.yaml";

pub(crate) const CALLS: &[Mutation] = &[
    Mutation {
        name: "an operation appears",
        edits: &[
            (
                THINGS,
                "  /things:\n",
                "  /new:\n    get: {operationId: getNew, tags: [Things], responses: {'200': {}}}\n  /things:\n",
            ),
            (EFFECT, "getThing", "getNew: reads\ngetThing"),
            (ERRCODES, "getThing", "getNew: []\ngetThing"),
        ],
        rows: &["operation-added client_server::GetNew: - → GET /_matrix/client/v3/new (0 fields sent, 0 received)"],
    },
    Mutation {
        name: "an operation goes",
        edits: &[(
            OTHERS,
            "  /others:\n    get:\n      operationId: getOther\n      deprecated: true\n      tags: [Others]\n      responses:\n        '200':\n          content:\n            application/json:\n              schema: {type: object, properties: {owner: {$ref: ../client-server/definitions/owner.yaml}}}\n",
            "  {}\n",
        )],
        rows: &[
            "type-reach-shrank client_server::types::Owner: client-server, identity → client-server",
            "operation-removed identity::GetOther: GET /_matrix/client/v3/others (0 fields sent, 1 received) → -",
        ],
    },
    Mutation {
        name: "the same call gets another operationId",
        edits: &[
            (THINGS, "operationId: createThing", "operationId: makeThing"),
            (EFFECT, "createThing", "makeThing"),
            (ERRCODES, "createThing", "makeThing"),
            (IDEMPOTENCY, "createThing", "makeThing"),
        ],
        rows: &[
            "operation-renamed client_server::MakeThing: matrix_api::client_server::CreateThing → matrix_api::client_server::MakeThing",
        ],
    },
    Mutation {
        name: "the same call gets another operationId, and its name is kept",
        edits: &[
            (THINGS, "operationId: createThing", "operationId: makeThing"),
            (EFFECT, "createThing", "makeThing"),
            (ERRCODES, "createThing", "makeThing"),
            (IDEMPOTENCY, "createThing", "makeThing"),
            (COMPATIBILITY, "renamed: {", "renamed: {makeThing since v1.2 until v1.3: CreateThing, "),
        ],
        rows: &[
            "operation-renamed-kept client_server::MakeThing: matrix_api::client_server::CreateThing → matrix_api::client_server::MakeThing",
        ],
    },
    Mutation {
        name: "a name is no longer kept",
        edits: &[(COMPATIBILITY, "since v1.2 until v1.3", "since v1.1 until v1.1")],
        rows: &[
            "former-name-removed client_server::PutThing: matrix_api::client_server::StoreThing → matrix_api::client_server::PutThing",
        ],
    },
    Mutation {
        name: "a path changes",
        edits: &[(THINGS, "  /things:\n", "  /thing:\n")],
        rows: &[
            "operation-moved client_server::CreateThing: POST /_matrix/client/v3/things → POST /_matrix/client/v3/thing",
            "link-changed client_server::CreateThing: post_matrixclientv3things → post_matrixclientv3thing",
        ],
    },
    Mutation {
        name: "a parameter of a path gets another name",
        edits: &[
            (THINGS, "/things/{thingId}", "/things/{id}"),
            (THINGS, "name: thingId", "name: id"),
            (THINGS, "name: thingId", "name: id"),
        ],
        rows: &[
            "field-renamed client_server::GetThing::id: thing_id → id",
            "field-renamed client_server::PutThing::id: thing_id → id",
            "field-wire-changed client_server::GetThing::id: `thingId`, its own form → `id`, its own form",
            "field-wire-changed client_server::PutThing::id: `thingId`, its own form → `id`, its own form",
            "link-changed client_server::GetThing: get_matrixclientv3thingsthingid → get_matrixclientv3thingsid",
            "link-changed client_server::PutThing: put_matrixclientv3thingsthingid → put_matrixclientv3thingsid",
        ],
    },
    Mutation {
        name: "a method changes",
        edits: &[
            (THINGS, "    put:\n", "    patch:\n"),
            (IDEMPOTENCY, "createThing", "putThing: if-unsent\ncreateThing"),
        ],
        rows: &[
            "operation-moved client_server::PutThing: PUT /_matrix/client/v3/things/{thingId} → PATCH /_matrix/client/v3/things/{thingId}",
            "idempotency-changed client_server::PutThing: Always → IfUnsent",
            "link-changed client_server::PutThing: put_matrixclientv3thingsthingid → patch_matrixclientv3thingsthingid",
        ],
    },
    Mutation {
        name: "a call demands a login",
        edits: &[(
            THINGS,
            "operationId: createThing\n",
            "operationId: createThing\n      security: [{accessTokenBearer: []}]\n",
        )],
        rows: &["auth-tightened client_server::CreateThing: no login → a login"],
    },
    Mutation {
        name: "a login becomes optional",
        edits: &[(THINGS, "security: [{accessTokenBearer: []}]", "security: [{}, {accessTokenBearer: []}]")],
        rows: &["auth-loosened client_server::GetThing: a login → an optional login"],
    },
    Mutation {
        name: "another service answers",
        edits: &[(OPERATIONS, "", "services: {ServerName: [getThing]}\n")],
        rows: &["service-changed client_server::GetThing: Homeserver → ServerName"],
    },
    Mutation {
        name: "a call may be repeated",
        edits: &[(IDEMPOTENCY, "if-unsent", "always")],
        rows: &["idempotency-changed client_server::CreateThing: IfUnsent → Always"],
    },
    Mutation {
        name: "a call destroys",
        edits: &[(EFFECT, "putThing: writes", "putThing: destroys")],
        rows: &["effect-changed client_server::PutThing: Writes → Destroys"],
    },
    Mutation {
        name: "a rate limit goes",
        edits: &[(THINGS, "        '429': {}\n", "")],
        rows: &["rate-limit-changed client_server::GetThing: yes → no"],
    },
    Mutation {
        name: "a call waits",
        edits: &[(OPERATIONS, "", "long_polls: [getThing]\n")],
        rows: &["long-poll-changed client_server::GetThing: no → yes"],
    },
    Mutation {
        name: "an answer becomes bytes",
        edits: &[(
            THINGS,
            "'200': {content: {application/json: {schema: {type: object, properties: {version: {type: string}}}}}}",
            "'200': {content: {application/octet-stream: {}}}",
        )],
        rows: &[
            "field-removed client_server::PutThingResponse::version: Option<String>, in the body → -",
            "reply-changed client_server::PutThing: JSON → bytes",
            "field-added client_server::PutThingResponse::bytes: - → Bytes, the whole body",
        ],
    },
    Mutation {
        name: "an operation is deprecated",
        edits: &[(THINGS, "operationId: putThing\n", "operationId: putThing\n      deprecated: true\n")],
        rows: &["operation-deprecated client_server::PutThing: no → yes"],
    },
    Mutation {
        name: "an operation is no longer deprecated",
        edits: &[(OTHERS, "      deprecated: true\n", "")],
        rows: &["operation-reinstated identity::GetOther: yes → no"],
    },
    Mutation {
        name: "a failure gets a status of its own",
        edits: &[(THINGS, "'404': {}", "'403': {}")],
        rows: &["statuses-changed client_server::GetThing: 200, 404 → 200, 403"],
    },
    Mutation {
        name: "a second success",
        edits: &[(
            THINGS,
            "        '200': {content: {application/json: {schema: {type: object, properties: {version: {type: string}}}}}}\n",
            "        '200': {content: {application/json: {schema: {type: object, properties: {version: {type: string}}}}}}\n        '201': {content: {application/json: {schema: {type: object, properties: {version: {type: string}}}}}}\n",
        )],
        rows: &[
            "field-added client_server::PutThingResponse::status: - → u16",
            "statuses-changed client_server::PutThing: 200 → 200, 201",
        ],
    },
    Mutation {
        name: "another errcode is known",
        edits: &[(ERRCODES, "[M_NOT_FOUND]", "[M_NOT_FOUND, M_FORBIDDEN]")],
        rows: &["errcodes-changed client_server::GetThing: M_NOT_FOUND → M_NOT_FOUND, M_FORBIDDEN"],
    },
    Mutation {
        name: "a call is said to be older",
        edits: &[(THINGS, "'1.1'", "'1.0'")],
        rows: &["since-changed client_server::GetThing: 1.1 → 1.0"],
    },
    Mutation {
        name: "our words change",
        edits: &[(DOCS, "Gets a thing.", "Reads a thing."), (DOCS, "In grams.", "In kilograms.")],
        rows: &[
            "words-changed client_server::GetThing: Gets a thing. → Reads a thing.",
            "words-changed client_server::GetThingResponse::size: In grams. → In kilograms.",
        ],
    },
];
