//! What must hold for any bytes at all. `fuzz/` drives these functions with libFuzzer, and the test `seeds` replays
//! what is committed there. Each panics when it finds something wrong.

mod answers;
mod texts;
mod urls;

/// A property of any input.
pub type Target = fn(&[u8]);

/// Every target, by the name of its folder below `fuzz/seeds`.
pub const TARGETS: &[(&str, Target)] = &[
    ("responses", answers::responses),
    ("retry_after", answers::retry_after),
    ("well_known", answers::well_known),
    ("ids", texts::ids),
    ("mxc", texts::mxc),
    ("urls", urls::urls),
];

/// Runs a target by name.
///
/// # Panics
///
/// When there is no such target, or when it finds something wrong.
pub fn run(name: &str, data: &[u8]) {
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = found.unwrap_or_else(|| panic!("no target {name}"));
    target(data);
}

/// The input up to the first line feed, and what follows it.
fn cut(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[]),
    }
}

/// What percent-encoding has made of a text.
///
/// # Panics
///
/// When it is not percent-encoded.
#[must_use]
pub fn decoded(segment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let hex = std::str::from_utf8(&tail[..2]).expect("two digits");
            bytes.push(u8::from_str_radix(hex, 16).expect("two hexadecimal digits"));
            rest = &tail[2..];
        } else {
            assert!(first.is_ascii_alphanumeric() || b"-._~".contains(first), "{segment:?} is not encoded");
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).expect("text stays text")
}
