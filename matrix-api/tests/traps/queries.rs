//! Traps in queries.

use matrix_api::{Place, client_server::*, wire::IdOr};
use types::{RoomEventFilter, SyncFilter, SyncFilterRoom};

use crate::{forms::sent, operation};

#[test]
fn trap_10_query_encoding() {
    let fields =
        || [("server", "irc.hs"), ("nick name", "a&b")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(
        sent(&QueryLocationByProtocol::new("irc").fields(fields())),
        "GET /_matrix/client/v3/thirdparty/location/irc?nick%20name=a%26b&server=irc.hs"
    );
    assert_eq!(
        sent(&QueryUserByProtocol::new("irc").fields(fields())),
        "GET /_matrix/client/v3/thirdparty/user/irc?nick%20name=a%26b&server=irc.hs"
    );
    assert_eq!(sent(&QueryUserByProtocol::new("irc")), "GET /_matrix/client/v3/thirdparty/user/irc");

    let via = ["a.hs", "b.hs:8448"];
    let twice = "?via=a.hs&via=b.hs%3A8448";
    assert_eq!(
        sent(&JoinRoom::new("!r:hs").via(via)),
        format!("POST /_matrix/client/v3/join/%21r%3Ahs{twice} [application/json] {{}}")
    );
    assert_eq!(
        sent(&KnockRoom::new("#r:hs").via(via)),
        format!("POST /_matrix/client/v3/knock/%23r%3Ahs{twice} [application/json] {{}}")
    );
    assert_eq!(
        sent(&GetRoomSummary::new("#r:hs").via(via)),
        format!("GET /_matrix/client/v1/room_summary/%23r%3Ahs{twice}")
    );
    assert_eq!(sent(&GetRoomSummary::new("#r:hs")), "GET /_matrix/client/v1/room_summary/%23r%3Ahs");
}

#[test]
fn trap_10_query_encoding_of_filters() {
    let room_filter = || RoomEventFilter::new().types(["m.room.*"]).lazy_load_members(true);
    // {"types":["m.room.*"],"lazy_load_members":true}
    let text = "%7B%22types%22%3A%5B%22m.room.%2A%22%5D%2C%22lazy_load_members%22%3Atrue%7D";
    assert_eq!(
        sent(&GetRoomEvents::new("!r:hs", "b").limit(5).filter(room_filter())),
        format!("GET /_matrix/client/v3/rooms/%21r%3Ahs/messages?dir=b&limit=5&filter={text}")
    );
    assert_eq!(
        sent(&GetEventContext::new("!r:hs", "$e").filter(room_filter())),
        format!("GET /_matrix/client/v3/rooms/%21r%3Ahs/context/%24e?filter={text}")
    );
    assert_eq!(
        sent(
            &SyncEvents::new()
                .filter(IdOr::inline(SyncFilter::new().room(SyncFilterRoom::new().timeline(room_filter()))))
        ),
        format!("GET /_matrix/client/v3/sync?filter=%7B%22room%22%3A%7B%22timeline%22%3A{text}%7D%7D")
    );
    assert_eq!(
        sent(&SyncEvents::new().filter("66696").since("s1").full_state(true).timeout(30_000)),
        "GET /_matrix/client/v3/sync?filter=66696&since=s1&full_state=true&timeout=30000"
    );
}

#[test]
fn trap_11_default_taken_at_its_word() {
    // Required, although the document has a default for it: `new` cannot be called without.
    let username = operation("checkUsernameAvailability").fields.iter().find(|field| field.name == "username");
    assert!(username.unwrap().required);
    assert_eq!(sent(&CheckUsernameAvailability::new("cat")), "GET /_matrix/client/v3/register/available?username=cat");

    let register = "POST /_matrix/client/v3/register";
    assert_eq!(sent(&Register::new()), format!("{register} [application/json] {{}}"));
    assert_eq!(sent(&Register::new().kind("guest")), format!("{register}?kind=guest [application/json] {{}}"));
    // Said aloud, a default is sent.
    assert_eq!(sent(&Register::new().kind("user")), format!("{register}?kind=user [application/json] {{}}"));

    let (media, authed) = ("GET /_matrix/media/v3", "GET /_matrix/client/v1/media");
    assert_eq!(sent(&GetContent::new("hs", "m")), format!("{media}/download/hs/m"));
    assert_eq!(sent(&GetContentOverrideName::new("hs", "m", "f")), format!("{media}/download/hs/m/f"));
    assert_eq!(sent(&GetContentThumbnail::new("hs", "m", 9, 8)), format!("{media}/thumbnail/hs/m?width=9&height=8"));
    assert_eq!(sent(&GetContentAuthed::new("hs", "m")), format!("{authed}/download/hs/m"));
    assert_eq!(sent(&GetContentOverrideNameAuthed::new("hs", "m", "f")), format!("{authed}/download/hs/m/f"));
    assert_eq!(
        sent(&GetContentThumbnailAuthed::new("hs", "m", 9, 8)),
        format!("{authed}/thumbnail/hs/m?width=9&height=8")
    );
    assert_eq!(
        sent(&GetContent::new("hs", "m").allow_remote(true).timeout_ms(20_000).allow_redirect(false)),
        format!("{media}/download/hs/m?allow_remote=true&timeout_ms=20000&allow_redirect=false")
    );

    // Whatever has a default in the documents is optional.
    for (id, name) in [("register", "kind"), ("getContent", "allow_remote"), ("getContentAuthed", "timeout_ms")] {
        let field = operation(id).fields.iter().find(|field| field.name == name).unwrap();
        assert_eq!((field.place, field.required), (Place::Query, false), "{id}");
    }
}
