//! The rules of identifiers: no more than what every server keeps to.

/// What is wrong with a text, or nothing.
pub(super) type Check = Result<(), &'static str>;

/// The longest identifier, in bytes.
const LONGEST: usize = 255;

pub(super) fn room(text: &str) -> Check {
    sigil(text, '!', "must start with `!`")
}

pub(super) fn alias(text: &str) -> Check {
    sigil(text, '#', "must start with `#`")?;
    server_part(text)
}

pub(super) fn room_or_alias(text: &str) -> Check {
    match text.chars().next() {
        Some('!') => room(text),
        Some('#') => alias(text),
        Some(_) => Err("must start with `!` or `#`"),
        None => Err("must not be empty"),
    }
}

pub(super) fn user(text: &str) -> Check {
    sigil(text, '@', "must start with `@`")?;
    server_part(text)
}

pub(super) fn event(text: &str) -> Check {
    sigil(text, '$', "must start with `$`")
}

pub(super) fn device(text: &str) -> Check {
    general(text)
}

pub(super) fn server(text: &str) -> Check {
    general(text)?;
    let (host, port) = match text.split_once(']') {
        Some((host, port)) => (host.strip_prefix('[').filter(|host| is_ipv6(host)), port),
        None => {
            let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (Some(host).filter(|host| is_name(host)), port)
        }
    };
    let is_port = |port: &str| (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    let fits = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    if host.is_some() && fits { Ok(()) } else { Err("must be a host with an optional port") }
}

/// A name or an IPv4 address. Dots alone would be a step in a path.
fn is_name(host: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    host.bytes().all(fits) && host.bytes().any(|byte| byte != b'.')
}

fn is_ipv6(host: &str) -> bool {
    host.contains(':') && host.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte))
}

pub(super) fn mxc_or_empty(text: &str) -> Check {
    if text.is_empty() { Ok(()) } else { mxc(text).map(|_| ()) }
}

/// Server and media id.
pub(super) fn mxc(text: &str) -> Result<(&str, &str), &'static str> {
    let rest = text.strip_prefix("mxc://").ok_or("must start with `mxc://`")?;
    let (host, media) = rest.split_once('/').ok_or("must have a server and a media ID")?;
    server(host).map_err(|_| "must name a valid server")?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if media.is_empty() || !media.bytes().all(fits) {
        return Err("must have a media ID of letters, digits, `-` and `_` only");
    }
    Ok((host, media))
}

/// What follows the first colon, if there is anything.
pub(super) fn after_colon(text: &str) -> Option<&str> {
    // Close to the start of a short text: a loop is there before a search has begun.
    let colon = text.bytes().position(|byte| byte == b':')?;
    text.get(colon + 1..).filter(|server| !server.is_empty())
}

fn server_part(text: &str) -> Check {
    after_colon(text).map(|_| ()).ok_or("must end with a colon and a server name")
}

fn sigil(text: &str, sigil: char, reason: &'static str) -> Check {
    general(text)?;
    if !text.starts_with(sigil) {
        return Err(reason);
    }
    if text.len() == 1 {
        return Err("must have something after its first character");
    }
    Ok(())
}

fn general(text: &str) -> Check {
    if text.is_empty() {
        return Err("must not be empty");
    }
    if text.len() > LONGEST {
        return Err("must not be longer than 255 bytes");
    }
    if crate::wire::has_control(text) {
        return Err("must not have control characters");
    }
    Ok(())
}
