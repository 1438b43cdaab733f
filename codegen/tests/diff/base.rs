//! A small set of specs that has one of everything, to be changed in one place at a time.

use std::collections::BTreeMap;

pub(crate) const THINGS: &str = "matrix/api/client-server/things.yaml";
pub(crate) const OWNER: &str = "matrix/api/client-server/definitions/owner.yaml";
const LABEL: &str = "matrix/api/client-server/definitions/label.yaml";
const MARK: &str = "matrix/api/client-server/definitions/mark.yaml";
pub(crate) const CORE: &str = "matrix/event-schemas/schema/core/room_event.yaml";
pub(crate) const LIST: &str = "matrix/event-schemas/schema/m.list.yaml";
pub(crate) const MOOD: &str = "matrix/event-schemas/schema/m.mood.yaml";
pub(crate) const NOTE: &str = "matrix/event-schemas/schema/m.note.yaml";
pub(crate) const NOTE_TEXT: &str = "matrix/event-schemas/schema/m.note$m.text.yaml";
pub(crate) const OTHERS: &str = "matrix/api/identity/others.yaml";

const SOURCES: &str = "\
upstream:
  folder: matrix
  tag: v1.2
apis:
  - {api: client-server, module: client_server, feature: client-server, service: Homeserver,
     folder: matrix/api/client-server, operations: all, spec: 'https://example.org/{tag}/'}
  - {api: identity, module: identity, feature: identity, service: Identity,
     folder: matrix/api/identity, operations: all}
events: {module: events, feature: events, folder: matrix/event-schemas/schema}
";

const HEAD: &str = "\
openapi: 3.1.0
info: {}
servers: [{url: '', variables: {basePath: {default: /_matrix/client/v3}}}]
components: {securitySchemes: {accessTokenBearer: {}}}
";

const THINGS_TEXT: &str = "\
paths:
  /things/{thingId}:
    get:
      operationId: getThing
      tags: [Things]
      security: [{accessTokenBearer: []}]
      x-addedInMatrixVersion: '1.1'
      parameters:
        - {in: path, name: thingId, required: true, schema: {type: string}}
        - {in: query, name: limit, schema: {type: integer, minimum: 1}}
      responses:
        '200':
          content:
            application/json:
              schema:
                type: object
                required: [id, tags]
                properties:
                  id: {type: string}
                  size: {type: integer}
                  colour: {type: string, enum: [red, green]}
                  tags: {type: array, items: {type: string}}
                  owner: {$ref: definitions/owner.yaml}
                  amount: {anyOf: [{type: string}, {type: array, items: {type: string}}]}
                  label: {$ref: definitions/label.yaml}
                  part: {type: object, properties: {weight: {type: number}}}
        '404': {}
        '429': {}
    put:
      operationId: putThing
      tags: [Things]
      security: [{accessTokenBearer: []}]
      parameters:
        - {in: path, name: thingId, required: true, schema: {type: string}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [name, rank]
              properties:
                name: {type: string}
                rank: {type: integer}
                note: {type: string}
                topic: {type: [string, 'null']}
                owner: {$ref: definitions/owner.yaml}
                mark: {$ref: definitions/mark.yaml}
      responses:
        '200': {content: {application/json: {schema: {type: object, properties: {version: {type: string}}}}}}
  /things:
    post:
      operationId: createThing
      tags: [Things]
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses:
        '200': {content: {application/json: {schema: {type: object, properties: {id: {type: string, deprecated: true}}}}}}
";

const OTHERS_TEXT: &str = "\
paths:
  /others:
    get:
      operationId: getOther
      deprecated: true
      tags: [Others]
      responses:
        '200':
          content:
            application/json:
              schema: {type: object, properties: {owner: {$ref: ../client-server/definitions/owner.yaml}}}
";

const CORE_EVENT: &str = "\
type: object
properties: {type: {type: string}, sender: {type: string}, event_id: {type: string}}
";

/// State of which a room has one.
const MOOD_EVENT: &str = "\
allOf: [{$ref: core/room_event.yaml}]
properties:
  content:
    type: object
    required: [name]
    properties:
      name: {type: string}
      strength: {type: integer}
      colour: {type: string, enum: [red, green]}
      frame: {type: object, properties: {width: {type: integer}}}
  state_key: {type: string, pattern: '^$'}
";

/// A message of several forms.
const NOTE_EVENT: &str = "\
allOf: [{$ref: core/room_event.yaml}]
properties: {content: {type: object, required: [form], properties: {form: {type: string}}}}
";

pub(crate) const NOTE_TEXT_EVENT: &str = "\
allOf: [{$ref: core/room_event.yaml}]
properties:
  content:
    type: object
    required: [form, body]
    properties: {form: {type: string, enum: [m.text]}, body: {type: string}}
";

pub(crate) const LIST_EVENT: &str = "\
properties: {content: {type: object, properties: {items: {type: array, items: {type: string}}}}}
";

/// The base, by path below the specs.
pub(crate) fn texts() -> BTreeMap<String, String> {
    let files = [
        ("sources.yaml", SOURCES.to_owned()),
        (THINGS, format!("{HEAD}{THINGS_TEXT}")),
        (OTHERS, format!("{HEAD}{OTHERS_TEXT}")),
        (OWNER, "type: object\nrequired: [user]\nproperties:\n  user: {type: string}\n".to_owned()),
        (LABEL, "type: object\nproperties:\n  text: {type: string}\n".to_owned()),
        (MARK, "type: object\nproperties:\n  text: {type: string}\n".to_owned()),
        (CORE, CORE_EVENT.to_owned()),
        (LIST, LIST_EVENT.to_owned()),
        (MOOD, MOOD_EVENT.to_owned()),
        (NOTE, NOTE_EVENT.to_owned()),
        (NOTE_TEXT, NOTE_TEXT_EVENT.to_owned()),
        ("semantics/events/kinds.yaml", "m.list: [account-data, room-account-data]\n".to_owned()),
        ("semantics/client-server/effect.yaml", "getThing: reads\nputThing: writes\ncreateThing: writes\n".to_owned()),
        (
            "semantics/client-server/errcodes.yaml",
            "getThing: [M_NOT_FOUND]\nputThing: []\ncreateThing: []\n".to_owned(),
        ),
        ("semantics/client-server/idempotency.yaml", "createThing: if-unsent\n".to_owned()),
        (
            "semantics/client-server/compatibility.yaml",
            "renamed: {putThing since v1.2 until v1.3: StoreThing}\n".to_owned(),
        ),
        ("semantics/identity/effect.yaml", "getOther: reads\n".to_owned()),
        ("semantics/identity/errcodes.yaml", "getOther: []\n".to_owned()),
        (
            "docs/client-server/things.yaml",
            "getThing: {summary: Gets a thing., response: {size: In grams.}}\n".to_owned(),
        ),
    ];
    files.into_iter().map(|(file, text)| (file.to_owned(), text)).collect()
}
