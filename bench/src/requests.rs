//! Building a request: a value becomes an `http::Request`, signed.

mod floor;

use std::hint::black_box;

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request as HttpRequest};
use matrix_api::client_server::types::RoomEventFilter;
use matrix_api::client_server::{CreateRoom, GetRoomEvents, SendMessage, SyncEvents};
use matrix_api::events::RoomMessage;
use matrix_api::{BaseUrl, Request, TxnId, request};

use crate::measure::{Cost, batch};
use crate::report::{Goal, Section, cells, table};
use crate::{Effort, child};

pub(crate) const TITLE: &str = "Building a request";

const KINDS: [&str; 4] = ["message", "page of a room, five query parameters", "new room", "sync"];

const RUMA: &str = "ruma";
const OURS: &str = "matrix-api";
const READY: &str = "matrix-api, from a value at hand";
const FLOOR: &str = "floor: by hand";
const METHODS: [&str; 4] = [RUMA, OURS, READY, FLOOR];

const HOST: &str = "https://matrix.example.org";
const TOKEN: &str = "syt_YWxpY2U_abcdefghijklmnopqrst_0abcde";
const ROOM: &str = "!OGEhHVWSdvArJzumhm:matrix.org";
const TXN: &str = "m1700000000000.42";
const BODY: &str = "Deploy at noon \u{1F680} please check the \"logs\"";
const HTML: &str = "<p>Deploy at noon \u{1F680} please check the &quot;logs&quot;</p>";
const FROM: &str = "t392-516_47314_0_7_1_1_1_11444_1";
const TO: &str = "t47409-4357353_219380_26003_2265";
const FILTER: &str = "66696p746572";
const SINCE: &str = "s72594_4483_1934";
const INVITED: [&str; 3] = ["@a:example.org", "@bob:matrix.org", "@carol:kde.org"];

fn message() -> SendMessage {
    SendMessage::new(ROOM, "m.room.message", RoomMessage::html(BODY, HTML))
}

fn page() -> GetRoomEvents {
    let mut filter = RoomEventFilter::new();
    filter.types = Some(vec!["m.room.message".to_owned(), "m.room.encrypted".to_owned()]);
    filter.lazy_load_members = Some(true);
    GetRoomEvents::new(ROOM, "b").from(FROM).to(TO).limit(50).filter(filter)
}

fn room() -> CreateRoom {
    let room = CreateRoom::new().invite(INVITED).is_direct(true).name("Planning").topic("Sprint 12");
    room.preset("trusted_private_chat").room_alias_name("planning")
}

fn sync() -> SyncEvents {
    SyncEvents::new().filter(FILTER).since(SINCE).timeout(30_000)
}

/// Makes of a value what is sent, with a transaction id at hand.
struct Signer {
    base: BaseUrl,
    txn: TxnId,
    token: HeaderValue,
}

impl Signer {
    fn new() -> Self {
        let token = HeaderValue::try_from(format!("Bearer {TOKEN}")).expect("it is a header");
        Self { base: BaseUrl::parse(HOST).expect("it is a base URL"), txn: TxnId::from(TXN), token }
    }

    fn sign<R: Request>(&self, value: &R) -> HttpRequest<bytes::Bytes> {
        let mut request = request::encode(&self.base, value, &self.txn).expect("it can be sent");
        request.headers_mut().insert(AUTHORIZATION, self.token.clone());
        request
    }
}

#[cfg(feature = "peers")]
mod peer {
    use std::borrow::Cow;
    use std::time::Duration;

    use ruma::api::client::filter::{LazyLoadOptions, RoomEventFilter};
    use ruma::api::client::message::{get_message_events, send_message_event};
    use ruma::api::client::room::create_room;
    use ruma::api::client::sync::sync_events;
    use ruma::api::{
        Direction, MatrixVersion, OutgoingRequestExt as _, SupportedVersions, auth_scheme::SendAccessToken,
    };
    use ruma::events::room::message::RoomMessageEventContent;
    use ruma::{OwnedRoomId, OwnedUserId};

    use super::*;

    fn http<R>(value: R, versions: &SupportedVersions) -> HttpRequest<Vec<u8>>
    where
        R: ruma::api::OutgoingRequest<PathBuilder = ruma::api::path_builder::VersionHistory>,
        for<'a> R::Authentication: ruma::api::auth_scheme::AuthScheme<Input<'a> = SendAccessToken<'a>>,
    {
        let token = SendAccessToken::IfRequired(TOKEN);
        value.try_into_http_request::<Vec<u8>>(HOST, token, Cow::Borrowed(versions)).expect("it can be sent")
    }

    pub(super) fn build(kind: &str) -> Box<dyn Fn() -> HttpRequest<Vec<u8>>> {
        let versions = SupportedVersions {
            versions: [MatrixVersion::V1_1, MatrixVersion::V1_5, MatrixVersion::V1_11, MatrixVersion::V1_13].into(),
            features: Default::default(),
        };
        let room: OwnedRoomId = ROOM.try_into().expect("a room's id");
        let invited: Vec<OwnedUserId> = INVITED.map(|user| user.try_into().expect("a user's id")).into();
        match kind {
            "message" => Box::new(move || {
                let content = RoomMessageEventContent::text_html(BODY, HTML);
                let value = send_message_event::v3::Request::new(room.clone(), TXN.into(), &content);
                http(value.expect("it is JSON"), &versions)
            }),
            "new room" => Box::new(move || {
                let mut value = create_room::v3::Request::new();
                value.invite = invited.clone();
                value.is_direct = true;
                value.name = Some("Planning".to_owned());
                value.topic = Some("Sprint 12".to_owned());
                value.preset = Some(create_room::v3::RoomPreset::TrustedPrivateChat);
                value.room_alias_name = Some("planning".to_owned());
                http(value, &versions)
            }),
            "sync" => Box::new(move || {
                let mut value = sync_events::v3::Request::new();
                value.filter = Some(FILTER.to_owned().into());
                value.since = Some(SINCE.to_owned());
                value.timeout = Some(Duration::from_secs(30));
                http(value, &versions)
            }),
            _ => Box::new(move || {
                let mut value = get_message_events::v3::Request::new(room.clone(), Direction::Backward);
                value.from = Some(FROM.to_owned());
                value.to = Some(TO.to_owned());
                value.limit = 50_u32.into();
                let mut filter = RoomEventFilter::default();
                filter.types = Some(vec!["m.room.message".to_owned(), "m.room.encrypted".to_owned()]);
                filter.lazy_load_options = LazyLoadOptions::Enabled { include_redundant_members: false };
                value.filter = filter;
                http(value, &versions)
            }),
        }
    }
}

fn ours<R: Request>(make: fn() -> R, ready: bool, time: u64) -> Cost {
    let signer = Signer::new();
    let value = make();
    match ready {
        true => batch(time, || signer.sign(black_box(&value))),
        false => batch(time, || signer.sign(&make())),
    }
}

pub(crate) fn one(method: &str, kind: &str, time: u64) -> Vec<f64> {
    let cost = match method {
        OURS | READY => {
            let ready = method == READY;
            match kind {
                "message" => ours(message, ready, time),
                "new room" => ours(room, ready, time),
                "sync" => ours(sync, ready, time),
                _ => ours(page, ready, time),
            }
        }
        FLOOR => {
            let floor = floor::Floor::new();
            batch(time, || floor.build(black_box(kind)))
        }
        #[cfg(feature = "peers")]
        RUMA => batch(time, peer::build(kind)),
        _ => panic!("nobody is called {method}"),
    };
    vec![cost.median * 1e6, cost.allocations as f64]
}

pub(crate) fn run(effort: Effort) -> Section {
    let mut rows = vec![cells(&[&"Request", &"Builder", &"ns", &"Times the floor", &"Over ruma", &"Allocations"])];
    let mut goals = Vec::new();
    for kind in KINDS {
        let all = child::turns("requests", &METHODS, kind, effort);
        let time = |at: usize| all[at][0];
        for (figures, method) in all.iter().zip(METHODS) {
            let (ns, allocations) = (figures[0], figures[1]);
            let (floor, ruma) = (format!("{:.2}", ns / time(3)), format!("{:.2}", ns / time(0)));
            rows.push(cells(&[&kind, &method, &format!("{ns:.0}"), &floor, &ruma, &allocations]));
        }
        goals.push(Goal::at_most(&format!("{kind}, time over the floor's"), 1.3, time(1) / time(3)));
        goals.push(Goal::at_most(&format!("{kind}, time over ruma's"), 0.5, time(1) / time(0)));
        goals.push(Goal::at_most(&format!("{kind}, allocations over ruma's"), 0.5, all[1][1] / all[0][1]));
    }
    let body = format!(
        "A value is made and becomes an `http::Request` with method, URL, headers, token and body; ruma's needs the \
         value made anew each time.\nThe floor writes URL and body by hand out of texts at hand, and checks \
         nothing.\n\n{}",
        table(&rows)
    );
    Section { title: TITLE, body, goals }
}
