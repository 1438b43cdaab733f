//! Row 6: any text as a segment of a path.

use matrix_api::{BaseUrl, TxnId, client_server::GetRoomStateWithKey, request::encode};

use crate::{
    calls::client,
    server::{Server, json},
};

/// A small generator of its own: the same texts in every run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }

    pub(super) fn text(&mut self) -> String {
        let odd = [
            '/', '\\', '.', '%', '?', '#', '&', '=', ';', ' ', '+', '@', ':', '~', '\u{2028}', 'é', '𝄞', '2', 'e', 'F',
        ];
        let length = self.roll(9);
        let any = |dice: &mut Self| char::from_u32(dice.roll(0x11_0000) as u32).unwrap_or('x');
        (0..length).map(|_| if self.roll(4) == 0 { any(self) } else { odd[self.roll(20) as usize] }).collect()
    }
}

fn decoded(segment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let hex = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn row_06_any_text_is_one_segment_and_comes_back() {
    let server = Server::start((0..400).map(|_| json(200, "{}"))).await;
    let client = client(&server.url).await;
    let base = BaseUrl::parse(&server.url).unwrap();
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let (mut sent, mut refused) = (0, 0);
    while sent < 400 {
        let (kind, key) = (dice.text(), dice.text());
        let request = GetRoomStateWithKey::new("!r:hs", &*kind, &*key);
        let bad = |text: &str| matches!(text, "." | "..") || text.chars().any(char::is_control);
        if kind.is_empty() || bad(&kind) || bad(&key) {
            assert!(encode(&base, &request, &TxnId::new()).is_err(), "{kind:?} {key:?}");
            refused += 1;
            continue;
        }
        client.send(request).await.unwrap();
        sent += 1;
        let line = server.lines().pop().unwrap();
        let path = line.strip_prefix("GET ").unwrap().strip_suffix(" HTTP/1.1").unwrap();
        let segments: Vec<_> = path.split('/').collect();
        assert_eq!(segments[..7], ["", "_matrix", "client", "v3", "rooms", "%21r%3Ahs", "state"], "{path}");
        assert_eq!(segments.len(), 9, "{path}");
        assert_eq!((decoded(segments[7]), decoded(segments[8])), (kind, key), "{path}");
    }
    assert!(refused > 10);
}
