//! Wire names become Rust names.

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Words that Rust keeps for itself.
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names that a type must not take: the prelude, what the runtime lends to
/// generated files, and what its own crate calls by that name.
const TAKEN: [&str; 102] = [
    "AccountDataEvent",
    "Answer",
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "Auth",
    "Body",
    "Box",
    "Bytes",
    "Clone",
    "Copy",
    "Debug",
    "DecodeError",
    "Default",
    "Deserialize",
    "Deserializer",
    "DeviceId",
    "DoubleEndedIterator",
    "Drop",
    "Effect",
    "EphemeralEvent",
    "Eq",
    "Err",
    "Error",
    "ErrorCode",
    "EventId",
    "ExactSizeIterator",
    "Extend",
    "FieldInfo",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Headers",
    "IdOr",
    "Idempotency",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "Map",
    "MapAccess",
    "Members",
    "Metadata",
    "Method",
    "MxcUri",
    "None",
    "Object",
    "Ok",
    "Option",
    "Ord",
    "PageToken",
    "PartialEq",
    "PartialOrd",
    "Patch",
    "Path",
    "Place",
    "Query",
    "Raw",
    "RawValue",
    "Read",
    "ReadObject",
    "Reply",
    "Request",
    "Response",
    "Result",
    "RoomAlias",
    "RoomId",
    "RoomOrAlias",
    "Secret",
    "Self",
    "Send",
    "Serialize",
    "Serializer",
    "ServerName",
    "Shape",
    "Sized",
    "Some",
    "StateEvent",
    "String",
    "StringEnum",
    "StrippedStateEvent",
    "Sync",
    "TimelineEvent",
    "ToDeviceEvent",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "TxnId",
    "UnixMillis",
    "UnixSeconds",
    "Unknown",
    "Unpin",
    "UserId",
    "Value",
    "Vec",
];

/// `getAccountData` → `GetAccountData`.
pub(super) fn pascal(wire: &str) -> String {
    wire.to_upper_camel_case()
}

/// `GetAccountData` → `get_account_data`; a keyword gets an underscore.
pub(crate) fn snake(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_snake = name.split('_').all(|word| !word.is_empty() && word.bytes().all(is_plain));
    let snake = if is_snake { name.to_owned() } else { name.to_snake_case() };
    if is_keyword(&snake) { format!("{snake}_") } else { snake }
}

/// The name of a field: the namespace `m.` says nothing inside Matrix.
pub(super) fn field(wire: &str) -> String {
    snake(wire.strip_prefix("m.").unwrap_or(wire))
}

/// The name of a variant.
pub(super) fn variant(wire: &str) -> String {
    pascal(wire.strip_prefix("m.").unwrap_or(wire))
}

/// A type named after the property that holds it; of a list, after one item.
pub(super) fn nested(wire: &str, item: bool) -> String {
    let name = pascal(wire.strip_prefix("m.").unwrap_or(wire));
    if item { singular(&name) } else { name }
}

fn singular(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("ies") {
        return format!("{stem}y");
    }
    match name.strip_suffix('s') {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => name.to_owned(),
    }
}

/// What of a name can stand inside an identifier.
pub(super) fn letters(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

/// Whether Rust would read the name as something else.
pub(super) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Whether a type of that name would hide another.
pub(crate) fn is_taken(name: &str) -> bool {
    TAKEN.contains(&name)
}

/// Whether the text can be an identifier at all.
pub(crate) fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && name != "Self"
        && !is_keyword(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_its_items_in_the_singular() {
        let names = ["devices", "entries", "status", "address", "user_ids", "chunk"];
        let items = names.map(|name| nested(name, true));
        assert_eq!(items, ["Device", "Entry", "Status", "Address", "UserId", "Chunk"]);
    }

    #[test]
    fn a_keyword_gets_an_underscore_and_the_namespace_goes() {
        assert_eq!(
            ["type", "m.federate", "og:image", "redirectUrl"].map(field),
            ["type_", "federate", "og_image", "redirect_url"]
        );
    }
}
