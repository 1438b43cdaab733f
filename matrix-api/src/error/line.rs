//! Error texts as one short line.

/// The longest text of an error, in characters.
const LONGEST: usize = 160;

/// The text with control characters as spaces, cut to the longest line.
pub(super) fn one(text: &str) -> String {
    cut(text, LONGEST)
}

/// The text with control characters as spaces, cut to so many characters.
pub(super) fn cut(text: &str, longest: usize) -> String {
    let plain = |c: char| if c.is_control() || is_layout(c) { ' ' } else { c };
    let mut short: String = text.chars().take(longest).map(plain).collect();
    if text.chars().nth(longest).is_some() {
        short.pop();
        short.push('…');
    }
    short
}

/// Line separators and characters that reorder what a terminal shows.
fn is_layout(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
