use std::fmt::Write as _;

/// Text as HTML that shows exactly it: for everything in a `formatted_body` that is not yours.
///
/// ```
/// use matrix_api::escape_html;
///
/// let name = "<script>";
/// assert_eq!(format!("<b>{}</b>", escape_html(name)), "<b>&lt;script&gt;</b>");
/// ```
#[must_use]
pub fn escape_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // Neither allowed in HTML nor of use to anybody.
            control if control.is_control() && !matches!(control, '\n' | '\t') => {
                let _ = write!(html, "\u{fffd}");
            }
            letter => html.push(letter),
        }
    }
    html
}
