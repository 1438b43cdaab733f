//! Contents of events.

use crate::base::{CORE, LIST, LIST_EVENT, MOOD, NOTE_TEXT, NOTE_TEXT_EVENT};
use crate::mutations::Mutation;

const KINDS: &str = "semantics/events/kinds.yaml";
const NAMES: &str = "semantics/events/names.yaml";
const TYPES: &str = "semantics/events/types.yaml";

pub(crate) const EVENTS: &[Mutation] = &[
    Mutation {
        name: "a content appears",
        edits: &[
            (
                "matrix/event-schemas/schema/m.wish.yaml",
                "",
                "properties: {content: {type: object, properties: {of: {type: string}}}}\n",
            ),
            (KINDS, "", "m.wish: [to-device]\n"),
        ],
        rows: &["content-added events::Wish: - → m.wish (to-device; struct of 2 fields)"],
    },
    Mutation {
        name: "a content goes",
        edits: &[(LIST, LIST_EVENT, ""), (KINDS, "m.list: [account-data, room-account-data]\n", "{}")],
        rows: &["content-removed events::List: m.list (account-data, room-account-data; struct of 2 fields) → -"],
    },
    Mutation {
        name: "events occur in one more place",
        edits: &[(KINDS, "", "m.note: [to-device]\n")],
        rows: &["content-kind-added events::Note: message → message, to-device"],
    },
    Mutation {
        name: "events no longer occur in a place",
        edits: &[(KINDS, "account-data, room-account-data", "account-data")],
        rows: &["content-kind-removed events::List: account-data, room-account-data → account-data"],
    },
    Mutation {
        name: "a message becomes state",
        edits: &[(
            "matrix/event-schemas/schema/m.note.yaml",
            "properties: {content",
            "properties: {state_key: {type: string}, content",
        )],
        rows: &[
            "content-kind-removed events::Note: message → state",
            "content-kind-added events::Note: message → state",
        ],
    },
    Mutation {
        name: "a room has several events of a state",
        edits: &[(MOOD, ", pattern: '^$'", "")],
        rows: &["content-key-retyped events::Mood: () → String"],
    },
    Mutation {
        name: "the key of a state is an id",
        edits: &[(MOOD, ", pattern: '^$'", ""), (TYPES, "", "names: {}\nspots: {UserId: ['m.mood:@state_key']}\n")],
        rows: &["content-key-retyped events::Mood: () → UserId"],
    },
    Mutation {
        name: "a content gets a better name",
        edits: &[(NAMES, "", "types: {m.mood: RoomMood}\n")],
        rows: &["type-renamed events::RoomMood: matrix_api::events::Mood → matrix_api::events::RoomMood"],
    },
    Mutation {
        name: "a member of a content appears",
        edits: &[(MOOD, "      name: {type: string}\n", "      name: {type: string}\n      why: {type: string}\n")],
        rows: &["field-added events::Mood::why: - → Option<String>"],
    },
    Mutation {
        name: "a member of a content goes",
        edits: &[(MOOD, "      strength: {type: integer}\n", "")],
        rows: &["field-removed events::Mood::strength: Option<i64> → -"],
    },
    Mutation {
        name: "a member of a content becomes required",
        edits: &[(MOOD, "required: [name]", "required: [name, strength]")],
        rows: &["field-became-required events::Mood::strength: Option<i64> → i64"],
    },
    Mutation {
        name: "a member of a content becomes optional",
        edits: &[(NOTE_TEXT, "required: [form, body]", "required: [form]")],
        rows: &["field-became-optional events::note::TextNote::body: String → Option<String>"],
    },
    Mutation {
        name: "a member of a content has another type",
        edits: &[(MOOD, "strength: {type: integer}", "strength: {type: number}")],
        rows: &["field-retyped events::Mood::strength: Option<i64> → Option<f64>"],
    },
    Mutation {
        name: "a member is merged into a content",
        edits: &[(MOOD, "allOf: [", "allOf: [{properties: {content: {properties: {age: {type: integer}}}}}, ")],
        rows: &["field-added events::Mood::age: - → Option<i64>"],
    },
    Mutation {
        name: "a value of a content appears",
        edits: &[(MOOD, "[red, green]", "[red, green, blue]")],
        rows: &["value-added events::mood::Colour::Blue: - → blue"],
    },
    Mutation {
        name: "a value of a content goes",
        edits: &[(MOOD, "[red, green]", "[red]")],
        rows: &["value-removed events::mood::Colour::Green: green → -"],
    },
    Mutation {
        name: "a message may have one more form",
        edits: &[(
            "matrix/event-schemas/schema/m.note$m.count.yaml",
            "",
            "properties:\n  content:\n    type: object\n    required: [form]\n    properties: {form: {type: string, enum: [m.count]}}\n",
        )],
        rows: &[
            "kind-added events::Note::Count: - → CountNote",
            "type-added events::note::CountNote: - → struct of 1 fields",
        ],
    },
    Mutation {
        name: "a form of a message is told by another text",
        edits: &[
            (NOTE_TEXT, NOTE_TEXT_EVENT, ""),
            (
                "matrix/event-schemas/schema/m.note$text.yaml",
                "",
                "properties:\n  content:\n    type: object\n    required: [form, body]\n    properties: {form: {type: string, enum: [text]}, body: {type: string}}\n",
            ),
        ],
        rows: &["value-wire-changed events::Note::Text: m.text → text"],
    },
];

/// Nothing of these shows in the Rust.
pub(crate) const NOTHING: &[Mutation] = &[Mutation {
    name: "what surrounds contents changes",
    edits: &[(CORE, "sender: {type: string}", "sender: {type: object}")],
    rows: &[],
}];
