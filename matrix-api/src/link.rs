//! Links to users, rooms and events.

use std::{error, fmt, str::FromStr};

use crate::{EventId, RoomAlias, RoomId, RoomOrAlias, ServerName, UserId, wire::percent};

/// A link to a user, a room or an event: `https://matrix.to/#/…` or `matrix:…`.
///
/// Both forms are read and written, and every id in them is checked: a link that parses can be followed. See the
/// specification on [URIs](https://spec.matrix.org/v1.19/appendices/#uris).
///
/// ```
/// use matrix_api::{LinkTarget, MatrixLink};
///
/// let link: MatrixLink = "https://matrix.to/#/%21garden?via=example.org".parse().unwrap();
/// assert_eq!(link.target, LinkTarget::Room("!garden".into()));
/// assert_eq!(link.to_uri(), "matrix:roomid/garden?via=example.org");
/// assert_eq!(MatrixLink::user("@ann:example.org").to_string(), "https://matrix.to/#/%40ann%3Aexample.org");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MatrixLink {
    /// Where it leads.
    pub target: LinkTarget,
    /// Servers that are in the room. They are what [`Client::join`](crate::Client::join) needs to find one by an id
    /// that names no server.
    pub via: Vec<ServerName>,
    /// What to do there: `join` a room, `chat` with a user. Only `matrix:` links have it.
    pub action: Option<String>,
}

/// Where a [`MatrixLink`] leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkTarget {
    /// To a user.
    User(UserId),
    /// To a room by its id.
    Room(RoomId),
    /// To a room by an alias.
    Alias(RoomAlias),
    /// To an event of a room.
    Event(RoomOrAlias, EventId),
}

/// Why a text is no link of Matrix. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkError(&'static str);

/// More bytes than any link needs.
const LONGEST: usize = 4096;
/// More servers than any link needs.
const MOST_VIA: usize = 50;
const WEB: &str = "https://matrix.to/#/";
/// What ids of rooms, aliases, users and events begin with.
const SIGILS: [char; 4] = ['!', '#', '@', '$'];

impl MatrixLink {
    fn new(target: LinkTarget) -> Self {
        Self { target, via: Vec::new(), action: None }
    }

    /// A link to a user.
    pub fn user(user: impl Into<UserId>) -> Self {
        Self::new(LinkTarget::User(user.into()))
    }

    /// A link to a room by its id. Say by [`via`](Self::via) where it is found.
    pub fn room(room: impl Into<RoomId>) -> Self {
        Self::new(LinkTarget::Room(room.into()))
    }

    /// A link to a room by an alias.
    pub fn alias(alias: impl Into<RoomAlias>) -> Self {
        Self::new(LinkTarget::Alias(alias.into()))
    }

    /// A link to an event.
    pub fn event(room: impl Into<RoomOrAlias>, event: impl Into<EventId>) -> Self {
        Self::new(LinkTarget::Event(room.into(), event.into()))
    }

    /// Servers that are in the room.
    #[must_use]
    pub fn via(mut self, servers: impl IntoIterator<Item = impl Into<ServerName>>) -> Self {
        self.via.extend(servers.into_iter().map(Into::into));
        self
    }

    /// Reads a link of either form.
    ///
    /// # Errors
    ///
    /// When it is no such link, or leads to something that is no user, room or event.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        if text.len() > LONGEST {
            return Err(LinkError("is too long"));
        }
        let without = |scheme: &str| text.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme));
        if without("matrix:").is_some() {
            return parse_uri(&text["matrix:".len()..]);
        }
        let web = [WEB, "http://matrix.to/#/", "https://www.matrix.to/#/"];
        match web.iter().find(|start| without(start).is_some()) {
            Some(start) => parse_web(&text[start.len()..]),
            None => Err(LinkError("must begin with `https://matrix.to/#/` or `matrix:`")),
        }
    }

    /// The link as `https://matrix.to/#/…`, which opens in any browser. [`Display`](fmt::Display) writes it, too.
    #[must_use]
    pub fn to_web(&self) -> String {
        let mut text = WEB.to_owned();
        match &self.target {
            LinkTarget::User(user) => percent(&mut text, user.as_str()),
            LinkTarget::Room(room) => percent(&mut text, room.as_str()),
            LinkTarget::Alias(alias) => percent(&mut text, alias.as_str()),
            LinkTarget::Event(room, event) => {
                percent(&mut text, room.as_str());
                text.push('/');
                percent(&mut text, event.as_str());
            }
        }
        self.write_query(&mut text, None);
        text
    }

    /// The link as `matrix:…`, which opens the user's own program.
    #[must_use]
    pub fn to_uri(&self) -> String {
        let mut text = "matrix:".to_owned();
        let mut put = |kind: &str, id: &str| {
            text.push_str(kind);
            text.push('/');
            // Without its sigil, which the kind stands for.
            percent(&mut text, id.strip_prefix(SIGILS).unwrap_or(id));
        };
        match &self.target {
            LinkTarget::User(user) => put("u", user.as_str()),
            LinkTarget::Room(room) => put("roomid", room.as_str()),
            LinkTarget::Alias(alias) => put("r", alias.as_str()),
            LinkTarget::Event(room, event) => {
                put(if room.as_str().starts_with('#') { "r" } else { "roomid" }, room.as_str());
                put("/e", event.as_str());
            }
        }
        self.write_query(&mut text, self.action.as_deref());
        text
    }

    fn write_query(&self, text: &mut String, action: Option<&str>) {
        let via = self.via.iter().map(|server| ("via", server.as_str()));
        for (at, (name, value)) in via.chain(action.map(|action| ("action", action))).enumerate() {
            text.push(if at == 0 { '?' } else { '&' });
            text.push_str(name);
            text.push('=');
            percent(text, value);
        }
    }
}

fn parse_web(rest: &str) -> Result<MatrixLink, LinkError> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut parts = path.split('/');
    let first = unescape(parts.next().unwrap_or_default())?;
    let second = parts.next().filter(|part| !part.is_empty()).map(unescape).transpose()?;
    // An event id of the oldest rooms may have slashes that nobody has escaped.
    let rest: Vec<_> = parts.collect();
    let second = match (second, rest.is_empty()) {
        (second, true) => second,
        (Some(second), false) => Some(format!("{second}/{}", unescape(&rest.join("/"))?)),
        (None, false) => return Err(LinkError("has a part that is empty")),
    };
    let mut link = finish(target(&first, second.as_deref())?, query)?;
    link.action = None;
    Ok(link)
}

fn parse_uri(rest: &str) -> Result<MatrixLink, LinkError> {
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    if path.starts_with("//") {
        return Err(LinkError("must not name an authority"));
    }
    let parts: Vec<&str> = path.split('/').collect();
    let sigil = |kind: &str| match kind {
        "u" | "user" => Ok('@'),
        "r" | "room" => Ok('#'),
        "roomid" => Ok('!'),
        _ => Err(LinkError("must lead to a user (`u`) or a room (`r`, `roomid`)")),
    };
    let (kind, id, event) = match parts[..] {
        [kind, id] => (kind, id, None),
        [kind, id, "e" | "event", event] => (kind, id, Some(format!("${}", unescape(event)?))),
        _ => return Err(LinkError("must have a kind and an id, and for an event `e` and its id")),
    };
    let first = format!("{}{}", sigil(kind)?, unescape(id)?);
    finish(target(&first, event.as_deref())?, query)
}

fn target(first: &str, event: Option<&str>) -> Result<LinkTarget, LinkError> {
    let wrong = |_| LinkError("leads to an id that is not valid");
    match (first.chars().next(), event) {
        (Some('!' | '#'), Some(event)) => {
            Ok(LinkTarget::Event(RoomOrAlias::parse(first).map_err(wrong)?, EventId::parse(event).map_err(wrong)?))
        }
        (Some('@'), None) => Ok(LinkTarget::User(UserId::parse(first).map_err(wrong)?)),
        (Some('!'), None) => Ok(LinkTarget::Room(RoomId::parse(first).map_err(wrong)?)),
        (Some('#'), None) => Ok(LinkTarget::Alias(RoomAlias::parse(first).map_err(wrong)?)),
        (_, Some(_)) => Err(LinkError("names an event of something that is no room")),
        _ => Err(LinkError("must lead to a user, a room or an event")),
    }
}

fn finish(target: LinkTarget, query: &str) -> Result<MatrixLink, LinkError> {
    let mut link = MatrixLink::new(target);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            "via" if link.via.len() == MOST_VIA => return Err(LinkError("names too many servers")),
            "via" => {
                let server = ServerName::parse(&unescape(value)?);
                link.via.push(server.map_err(|_| LinkError("names a server that is none"))?);
            }
            "action" => link.action = Some(unescape(value)?).filter(|action| !action.is_empty()),
            // Others have names of their own here, such as `web-instance`.
            _ => {}
        }
    }
    Ok(link)
}

fn unescape(text: &str) -> Result<String, LinkError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(LinkError("has a `%` without two digits"));
        };
        bytes.push((high * 16 + low) as u8);
    }
    let text = String::from_utf8(bytes).map_err(|_| LinkError("is not UTF-8"))?;
    if text.chars().any(char::is_control) {
        return Err(LinkError("has control characters"));
    }
    Ok(text)
}

impl FromStr for MatrixLink {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        Self::parse(text)
    }
}

impl fmt::Display for MatrixLink {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_web())
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a link {}", self.0)
    }
}

impl error::Error for LinkError {}

#[cfg(test)]
mod tests;
