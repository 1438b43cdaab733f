//! Where lines break: text in boxes, each on one line if it fits.
//!
//! Of a box that does not fit, either all breaks become new lines, or each for which what follows it, up to the next
//! one, is too long.

/// How long a line should be at most.
const WIDTH: i32 = 89;

/// What a line has at least, however deep it is indented.
const LEAST: i32 = 60;

/// Longer than any line.
const ENDLESS: i32 = 0xffff;

/// A step of indentation.
pub(super) const INDENT: i32 = 4;

/// A place where a line may break.
#[derive(Clone, Copy, Debug)]
pub(super) struct Break {
    /// How many spaces it is if the line goes on; [`Break::HARD`] says that it cannot.
    pub(super) spaces: i32,
    /// What the new line is indented by, beside the indentation of its box.
    pub(super) offset: i32,
    /// What stands at the end of the old line, at the start of the new one, and in the line that goes on.
    pub(super) before: Option<char>,
    pub(super) after: Option<char>,
    pub(super) instead: Option<char>,
    /// Only ends what is to be on the line before it.
    pub(super) never: bool,
}

impl Break {
    pub(super) const ZERO: Self = Self { spaces: 0, offset: 0, before: None, after: None, instead: None, never: false };
    pub(super) const SPACE: Self = Self { spaces: 1, ..Self::ZERO };
    pub(super) const HARD: Self = Self { spaces: ENDLESS, ..Self::ZERO };
    pub(super) const NEVER: Self = Self { never: true, ..Self::ZERO };
    /// Behind the last one of a list.
    pub(super) const COMMA: Self = Self { before: Some(','), ..Self::ZERO };

    /// The same with the new line a step less indented.
    pub(super) const fn back(self) -> Self {
        Self { offset: -INDENT, ..self }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'t> {
    Text(&'t str),
    Break(Break),
    /// A box: what its lines are indented by, and whether all of its breaks go together.
    Open(i32, bool),
    Close,
}

/// What is to be printed.
#[derive(Debug)]
pub(super) struct Boxes<'t> {
    /// Each with how far from the start it would stand if all were on one line.
    parts: Vec<(Part<'t>, i32)>,
    width: i32,
    ends_word: bool,
}

/// Whether a letter would be one token with another one right before or behind it.
pub(super) fn is_of_word(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || [b'_', b'"', b'\''].contains(&letter) || !letter.is_ascii()
}

impl<'t> Boxes<'t> {
    /// Nothing yet, with room for what so many tokens become.
    pub(super) fn of(tokens: usize) -> Self {
        Self { parts: Vec::with_capacity(3 * tokens), width: 0, ends_word: false }
    }

    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether what was pushed last ends with a part of a word.
    pub(super) fn ends_word(&self) -> bool {
        self.ends_word
    }

    pub(super) fn push(&mut self, part: Part<'t>) {
        self.parts.push((part, self.width));
        self.width += match part {
            Part::Text(text) => {
                self.ends_word = text.bytes().last().is_some_and(is_of_word);
                text.len() as i32
            }
            Part::Break(one) => {
                self.ends_word &= one.spaces == 0;
                one.spaces
            }
            _ => 0,
        };
    }

    /// Puts something without a width before what was pushed as the one of this index.
    pub(super) fn insert(&mut self, index: usize, part: Part<'t>) {
        let at = self.parts.get(index).map_or(self.width, |(_, at)| *at);
        self.parts.insert(index, (part, at));
    }

    /// Has the box around this place break if what was pushed since is longer than it should be.
    pub(super) fn limit(&mut self, since: usize, most: i32) {
        if self.width - self.parts[since].1 > most {
            self.width += ENDLESS;
        }
    }

    /// The text.
    pub(super) fn print(self) -> String {
        let sizes = self.sizes();
        // Half of the text is names, and the other half is the space between.
        let text = String::with_capacity(8 * self.parts.len());
        let mut lines = Lines { text, space: WIDTH, indent: 0, pending: 0, open: Vec::new() };
        for ((part, _), size) in self.parts.into_iter().zip(sizes) {
            match part {
                Part::Text(text) => lines.text(text),
                Part::Break(one) => lines.line_break(one, size),
                Part::Open(indent, together) => {
                    let state = if size <= lines.space { State::Fits } else { State::Broken(together) };
                    lines.open.push((state, lines.indent));
                    if state != State::Fits {
                        lines.indent += indent;
                    }
                }
                Part::Close => lines.indent = lines.open.pop().map_or(0, |(_, indent)| indent),
            }
        }
        lines.text
    }

    /// How much must fit on the line for a box or a break to be no new line: all up to the next break that is in none
    /// of the boxes between.
    fn sizes(&self) -> Vec<i32> {
        let mut sizes = vec![0; self.parts.len()];
        let mut end = self.width;
        let mut ends = Vec::new();
        for (index, (part, at)) in self.parts.iter().enumerate().rev() {
            match part {
                Part::Text(_) => {}
                Part::Break(_) => {
                    sizes[index] = end - at;
                    end = *at;
                }
                Part::Close => ends.push(end),
                Part::Open(..) => {
                    end = ends.pop().unwrap_or(end);
                    sizes[index] = end - at;
                }
            }
        }
        sizes
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Fits,
    /// Whether all breaks are new lines.
    Broken(bool),
}

struct Lines {
    text: String,
    /// What is left of the line.
    space: i32,
    indent: i32,
    /// Spaces that are written once something follows.
    pending: i32,
    /// Each box with the indentation around it.
    open: Vec<(State, i32)>,
}

impl Lines {
    fn text(&mut self, text: &str) {
        const SPACES: &str = "                                        ";
        while self.pending > 0 {
            let some = SPACES.len().min(self.pending as usize);
            self.text.push_str(&SPACES[..some]);
            self.pending -= some as i32;
        }
        self.text.push_str(text);
        self.space -= text.len() as i32;
    }

    fn mark(&mut self, mark: Option<char>) {
        if let Some(mark) = mark {
            self.text(mark.encode_utf8(&mut [0; 4]));
        }
    }

    fn line_break(&mut self, one: Break, size: i32) {
        let goes_on = one.never
            || match self.open.last() {
                Some((State::Fits, _)) => true,
                Some((State::Broken(together), _)) => !together && size <= self.space,
                None => size <= self.space,
            };
        if goes_on {
            self.pending += one.spaces;
            self.space -= one.spaces;
            return self.mark(one.instead);
        }
        self.mark(one.before);
        self.text.push('\n');
        self.pending = self.indent + one.offset;
        self.space = (WIDTH - self.pending).max(LEAST);
        self.mark(one.after);
    }
}
