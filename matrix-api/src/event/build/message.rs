//! Texts.

use crate::events::{EmoteMessage, LocationMessage, MessageFormat, NoticeMessage, RoomMessage, TextMessage};

impl RoomMessage {
    /// A text.
    pub fn text(body: impl Into<String>) -> Self {
        TextMessage::new(body).into()
    }

    /// A text, plain and as HTML. What in it is not yours goes through [`escape_html`](crate::escape_html) first.
    pub fn html(body: impl Into<String>, html: impl Into<String>) -> Self {
        TextMessage::new(body).html(html).into()
    }

    /// A text from a bot, to which no other bot may react.
    pub fn notice(body: impl Into<String>) -> Self {
        NoticeMessage::new(body).into()
    }

    /// The same, plain and as HTML.
    pub fn notice_html(body: impl Into<String>, html: impl Into<String>) -> Self {
        NoticeMessage::new(body).html(html).into()
    }

    /// What the sender does, in the third person: `waves`.
    pub fn emote(body: impl Into<String>) -> Self {
        EmoteMessage::new(body).into()
    }

    /// The same, plain and as HTML.
    pub fn emote_html(body: impl Into<String>, html: impl Into<String>) -> Self {
        EmoteMessage::new(body).html(html).into()
    }

    /// A place: what it is in words, and a `geo:` URI such as `geo:51.5008,0.1247`.
    pub fn location(body: impl Into<String>, geo_uri: impl Into<String>) -> Self {
        LocationMessage::new(body, geo_uri).into()
    }

    /// The message as HTML, if it has that form.
    #[must_use]
    pub fn formatted_body(&self) -> Option<&str> {
        let (format, body) = match self {
            Self::Text(message) => (&message.format, &message.formatted_body),
            Self::Notice(message) => (&message.format, &message.formatted_body),
            Self::Emote(message) => (&message.format, &message.formatted_body),
            Self::Image(message) => (&message.format, &message.formatted_body),
            Self::File(message) => (&message.format, &message.formatted_body),
            Self::Audio(message) => (&message.format, &message.formatted_body),
            Self::Video(message) => (&message.format, &message.formatted_body),
            _ => return None,
        };
        body.as_deref().filter(|_| *format == Some(MessageFormat::Html))
    }
}

macro_rules! html {
    ($($name:ident),*) => {$(
        impl $name {
            /// Adds the same as HTML. What in it is not yours goes through
            /// [`escape_html`](crate::escape_html) first.
            #[must_use]
            pub fn html(self, html: impl Into<String>) -> Self {
                self.format(MessageFormat::Html).formatted_body(html)
            }
        }
    )*};
}

html!(TextMessage, NoticeMessage, EmoteMessage);
