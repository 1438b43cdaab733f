//! The keywords of OpenAPI documents and schemas that are understood, and what
//! becomes of each. A keyword that is in no table is refused.

/// What a map of keywords describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    Path,
    Operation,
    Parameter,
    RequestBody,
    Response,
    Header,
    Media,
    Schema,
    Components,
    SecurityScheme,
}

impl Kind {
    /// What this is, for a message.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Path => "path",
            Self::Operation => "operation",
            Self::Parameter => "parameter",
            Self::RequestBody => "request body",
            Self::Response => "response",
            Self::Header => "header",
            Self::Media => "media type",
            Self::Schema => "schema",
            Self::Components => "map of components",
            Self::SecurityScheme => "security scheme",
        }
    }
}

/// What becomes of a keyword's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Prose, examples and matters of presentation.
    Drop,
    /// Kept: a string.
    Text,
    /// Kept: a boolean.
    Flag,
    /// Kept: a number.
    Number,
    /// Kept: a list of strings.
    Texts,
    /// Kept: a string or a list of strings.
    TextOrTexts,
    /// Kept: any list.
    Values,
    /// Kept: any value, since it is data.
    Data,
    /// Kept: security requirements.
    Security,
    /// Kept where it is a name and no sentence.
    Title,
    /// The version that brought something.
    Added,
    /// Versions with the text of what changed, of which only the versions are kept.
    Changed,
    /// Dropped where it says what holds anyway.
    Style,
    /// Reduced to the base path.
    Servers,
    /// A reference to a node of the same kind.
    Link,
    /// A node.
    Node(Kind),
    /// A schema, or a boolean instead.
    SchemaOrFlag,
    /// A list of nodes.
    Nodes(Kind),
    /// Names, each with a node. Whatever the name, it is no keyword.
    Named(Kind),
}

type Table = &'static [(&'static str, Rule)];

/// Dropped wherever keywords stand.
const DROPPED: [&str; 8] =
    ["description", "summary", "example", "examples", "externalDocs", "$comment", "$schema", "x-weight"];

const VERSIONS: Table = &[("x-addedInMatrixVersion", Rule::Added), ("x-changedInMatrixVersion", Rule::Changed)];

const DOCUMENT: Table = &[
    ("openapi", Rule::Text),
    ("info", Rule::Drop),
    ("servers", Rule::Servers),
    ("paths", Rule::Named(Kind::Path)),
    ("components", Rule::Node(Kind::Components)),
    ("security", Rule::Security),
    ("tags", Rule::Drop),
];

const PATH: Table = &[
    ("parameters", Rule::Nodes(Kind::Parameter)),
    ("get", Rule::Node(Kind::Operation)),
    ("put", Rule::Node(Kind::Operation)),
    ("post", Rule::Node(Kind::Operation)),
    ("delete", Rule::Node(Kind::Operation)),
    ("patch", Rule::Node(Kind::Operation)),
    ("head", Rule::Node(Kind::Operation)),
    ("options", Rule::Node(Kind::Operation)),
];

const OPERATION: Table = &[
    ("operationId", Rule::Text),
    ("tags", Rule::Texts),
    ("parameters", Rule::Nodes(Kind::Parameter)),
    ("requestBody", Rule::Node(Kind::RequestBody)),
    ("responses", Rule::Named(Kind::Response)),
    ("security", Rule::Security),
    ("deprecated", Rule::Flag),
];

const PARAMETER: Table = &[
    ("$ref", Rule::Link),
    ("name", Rule::Text),
    ("in", Rule::Text),
    ("required", Rule::Flag),
    ("deprecated", Rule::Flag),
    ("style", Rule::Style),
    ("schema", Rule::Node(Kind::Schema)),
];

const REQUEST_BODY: Table = &[("$ref", Rule::Link), ("required", Rule::Flag), ("content", Rule::Named(Kind::Media))];

const RESPONSE: Table =
    &[("$ref", Rule::Link), ("content", Rule::Named(Kind::Media)), ("headers", Rule::Named(Kind::Header))];

const HEADER: Table =
    &[("$ref", Rule::Link), ("required", Rule::Flag), ("deprecated", Rule::Flag), ("schema", Rule::Node(Kind::Schema))];

const MEDIA: Table = &[("schema", Rule::Node(Kind::Schema))];

const SCHEMA: Table = &[
    ("$ref", Rule::Link),
    ("title", Rule::Title),
    ("type", Rule::TextOrTexts),
    ("format", Rule::Text),
    ("pattern", Rule::Text),
    ("x-pattern-format", Rule::Text),
    ("required", Rule::Texts),
    ("enum", Rule::Values),
    ("default", Rule::Data),
    ("deprecated", Rule::Flag),
    ("minimum", Rule::Number),
    ("maximum", Rule::Number),
    ("minLength", Rule::Number),
    ("maxLength", Rule::Number),
    ("minItems", Rule::Number),
    ("maxItems", Rule::Number),
    ("minProperties", Rule::Number),
    ("maxProperties", Rule::Number),
    ("allOf", Rule::Nodes(Kind::Schema)),
    ("oneOf", Rule::Nodes(Kind::Schema)),
    ("anyOf", Rule::Nodes(Kind::Schema)),
    ("items", Rule::Node(Kind::Schema)),
    ("properties", Rule::Named(Kind::Schema)),
    ("patternProperties", Rule::Named(Kind::Schema)),
    ("propertyNames", Rule::Node(Kind::Schema)),
    ("additionalProperties", Rule::SchemaOrFlag),
    ("components", Rule::Node(Kind::Components)),
];

const COMPONENTS: Table = &[
    ("schemas", Rule::Named(Kind::Schema)),
    ("parameters", Rule::Named(Kind::Parameter)),
    ("requestBodies", Rule::Named(Kind::RequestBody)),
    ("responses", Rule::Named(Kind::Response)),
    ("headers", Rule::Named(Kind::Header)),
    ("securitySchemes", Rule::Named(Kind::SecurityScheme)),
];

/// How a token is come by (`flows`) is no matter of the operations that take it.
const SECURITY_SCHEME: Table = &[
    ("$ref", Rule::Link),
    ("type", Rule::Text),
    ("scheme", Rule::Text),
    ("in", Rule::Text),
    ("name", Rule::Text),
    ("flows", Rule::Drop),
];

/// What becomes of a keyword, if it is known there.
pub(super) fn rule(kind: Kind, keyword: &str) -> Option<Rule> {
    if DROPPED.contains(&keyword) {
        return Some(Rule::Drop);
    }
    let tables = [table(kind), VERSIONS];
    let mut rows = tables.into_iter().flatten();
    rows.find(|(known, _)| *known == keyword).map(|(_, rule)| *rule)
}

fn table(kind: Kind) -> Table {
    match kind {
        Kind::Document => DOCUMENT,
        Kind::Path => PATH,
        Kind::Operation => OPERATION,
        Kind::Parameter => PARAMETER,
        Kind::RequestBody => REQUEST_BODY,
        Kind::Response => RESPONSE,
        Kind::Header => HEADER,
        Kind::Media => MEDIA,
        Kind::Schema => SCHEMA,
        Kind::Components => COMPONENTS,
        Kind::SecurityScheme => SECURITY_SCHEME,
    }
}
