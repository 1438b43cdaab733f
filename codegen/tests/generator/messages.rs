//! Every message of the generator stands in some case: a new one asks for a case of its own.

use std::path::Path;

use crate::case;

/// Messages that no document can bring about, and why they are there nevertheless.
const UNREACHABLE: [&str; 4] = [
    // The compared value was found at the same pointer, so its parent and its index exist.
    "is no index",
    "has no parent",
    // Every reference was resolved by the pass before.
    "{} was not resolved",
    // A folder that cannot be read; see `whole.rs` for one that is not there.
    "",
];

/// What a message is made with.
const CALLS: [&str; 7] = ["error(", "refuse(", "conflict(", "expected(", "Error::new(", "custom(", "let message = ("];

#[test]
fn every_message_is_expected_somewhere() {
    let expected: Vec<String> = case::all("refusals")
        .iter()
        .flat_map(|case| case::files(&case.folder, true))
        .filter(|(name, _)| name == "refusal.txt")
        .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut missing = Vec::new();
    let sources = case::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), true);
    // Samples are bodies for the tests of the runtime: nothing is refused there.
    for (file, text) in
        sources.into_iter().filter(|(file, _)| !file.starts_with("sample") && !file.ends_with("tests.rs"))
    {
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for message in messages(text) {
            let known = UNREACHABLE.contains(&message.as_str());
            if !known && !expected.iter().any(|line| matches(&message, line)) {
                missing.push(format!("{file}: {message}"));
            }
        }
    }
    assert!(missing.is_empty(), "no refusal shows\n{}", missing.join("\n"));
}

/// The string literals inside the calls that make a message.
fn messages(text: &str) -> Vec<String> {
    // One shape for messages that are put together first.
    let text = text.replace("let message =", "let message = (").replace("\";\n", "\");\n");
    let mut found = Vec::new();
    for call in CALLS {
        for (at, _) in text.match_indices(call) {
            found.extend(literals(&text[at + call.len()..]));
        }
    }
    found
}

/// The string literals up to the parenthesis or the semicolon that ends the call.
fn literals(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut depth = 1;
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            '"' => found.push(literal(&mut rest)),
            _ => {}
        }
        if depth == 0 || letter == ';' {
            break;
        }
    }
    found
}

fn literal(rest: &mut std::str::Chars<'_>) -> String {
    let mut text = String::new();
    while let Some(letter) = rest.next() {
        match letter {
            '"' => break,
            '\\' => text.extend(rest.next()),
            other => text.push(other),
        }
    }
    text
}

/// Whether a line shows a message: its fixed parts, in order.
fn matches(message: &str, line: &str) -> bool {
    let mut rest = line;
    for part in fixed(message) {
        match rest.split_once(part.as_str()) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

/// What stands between the placeholders of a format string.
fn fixed(message: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut inside = false;
    for letter in message.chars() {
        match letter {
            '{' => inside = true,
            '}' => {
                inside = false;
                parts.push(String::new());
            }
            letter if !inside => parts.last_mut().expect("there is a part").push(letter),
            _ => {}
        }
    }
    parts
}

#[test]
fn messages_are_found_and_matched() {
    let text =
        r#"let message = format!("`{a}` is {}", b); return Err(at.error(message)); x.error("plain \"text\""); y("no")"#;
    assert_eq!(messages(text), ["plain \"text\"", "`{a}` is {}"]);
    assert!(matches("`{a}` is {}: gone", "file#/x: `b` is c: gone"));
    assert!(!matches("`{a}` is {}: gone", "file#/x: gone: `b` is c"));
}
