//! Seeded, deterministic bodies of `/sync`, in the style of Synapse: compact, and everything beyond ASCII
//! escaped.

mod rooms;
mod state;
mod timeline;

/// xoshiro-like small deterministic generator (splitmix64).
struct Rng(u64);

impl Rng {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: u64) -> u64 {
        ((self.next() as u128 * n as u128) >> 64) as u64
    }
    fn range(&mut self, lo: u64, hi: u64) -> u64 {
        lo + self.below(hi - lo + 1)
    }
    fn pct(&mut self, p: u64) -> bool {
        self.below(100) < p
    }
    fn pick<'a, T: ?Sized>(&mut self, xs: &[&'a T]) -> &'a T {
        xs[self.below(xs.len() as u64) as usize]
    }
}

const WORDS: &[&str] = &[
    "the",
    "bridge",
    "is",
    "down",
    "again",
    "and",
    "I",
    "think",
    "we",
    "should",
    "roll",
    "back",
    "sync",
    "token",
    "room",
    "state",
    "please",
    "check",
    "logs",
    "federation",
    "timeout",
    "yes",
    "no",
    "maybe",
    "thanks",
    "deploy",
    "at",
    "noon",
    "with",
    "new",
    "config",
    "for",
    "staging",
    "why",
    "does",
    "this",
    "event",
    "not",
    "decrypt",
    "on",
    "my",
    "phone",
    "works",
    "here",
    "upgrade",
    "homeserver",
    "database",
    "postgres",
    "index",
    "slow",
    "query",
    "fixed",
    "in",
    "version",
    "release",
    "tomorrow",
    "meeting",
    "notes",
    "link",
    "below",
    "see",
    "also",
    "issue",
];
const UNI: &[&str] = &[
    "\u{1F44D}",
    "\u{1F602}",
    "\u{2764}\u{FE0F}",
    "\u{1F680}",
    "d\u{e9}j\u{e0} vu",
    "gr\u{fc}\u{df}e",
    "\u{43f}\u{440}\u{438}\u{432}\u{435}\u{442}",
    "\u{4f60}\u{597d}",
    "\u{3042}\u{308a}\u{304c}\u{3068}\u{3046}",
    "na\u{ef}ve",
    "\u{2026}",
    "\u{201c}quoted\u{201d}",
    "\u{2014}",
];
const SERVERS: &[&str] = &[
    "matrix.org",
    "example.org",
    "chat.example.com",
    "mozilla.org",
    "kde.org",
    "tchncs.de",
    "fedora.im",
    "synapse.internal.example.net",
    "envs.net",
    "nitro.chat",
];
const B64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const B64STD: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const ALPHA: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

struct Gen {
    r: Rng,
    out: String,
    ascii: bool,
    ts: u64,
    users: Vec<(String, String)>,
}

/// Where an event object goes, which decides its envelope.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Timeline,
    State,
}

impl Gen {
    fn new(seed: u64, ascii: bool) -> Self {
        let mut g = Self { r: Rng::new(seed), out: String::new(), ascii, ts: 1_700_000_000_000, users: vec![] };
        for _ in 0..4000 {
            let server = g.r.pick(SERVERS);
            let n = g.r.range(4, 14);
            let local: String = (0..n).map(|_| (b'a' + g.r.below(26) as u8) as char).collect();
            let mut name = local.clone();
            name[..1].make_ascii_uppercase();
            if g.r.pct(15) {
                name.push(' ');
                name.push_str(g.r.pick(UNI));
            }
            g.users.push((format!("@{local}:{server}"), name));
        }
        g
    }

    fn id(&mut self, n: usize, set: &[u8]) -> String {
        (0..n).map(|_| set[self.r.below(set.len() as u64) as usize] as char).collect()
    }
    fn event_id(&mut self) -> String {
        let t = self.id(43, B64);
        format!("${t}")
    }
    fn room_id(&mut self) -> String {
        let s = self.r.pick(SERVERS);
        let t = self.id(18, ALPHA);
        format!("!{t}:{s}")
    }
    fn mxc(&mut self) -> String {
        let s = self.r.pick(SERVERS);
        let t = self.id(24, ALPHA);
        format!("mxc://{s}/{t}")
    }
    fn user(&mut self) -> usize {
        self.r.below(self.users.len() as u64) as usize
    }
    fn sentence(&mut self, lo: u64, hi: u64) -> String {
        let n = self.r.range(lo, hi);
        let mut s = String::new();
        for i in 0..n {
            if i > 0 {
                s.push(' ');
            }
            if self.r.pct(3) {
                let u = self.r.pick(UNI);
                s.push_str(u);
            } else if self.r.pct(1) {
                s.push_str("\"quoted\"");
            } else {
                let w = self.r.pick(WORDS);
                s.push_str(w);
            }
            if self.r.pct(2) {
                s.push('\n');
            }
        }
        s
    }
    fn html(&mut self) -> String {
        let a = self.sentence(3, 12);
        let b = self.sentence(2, 10);
        match self.r.below(4) {
            0 => format!(
                "<p>{a}</p>\n<p><a href=\"https://example.org/{}?a=1&amp;b=2\">{b}</a></p>\n",
                self.r.below(9999)
            ),
            1 => format!("<strong>{a}</strong> <code>{b}</code><br />it's &lt;fine&gt;"),
            2 => {
                format!("<pre><code class=\"language-rust\">fn main() {{\n\tprintln!(\"{a}\");\n}}\n</code></pre>\n{b}")
            }
            _ => {
                let u = self.user();
                let (id, name) = self.users[u].clone();
                format!("<a href=\"https://matrix.to/#/{id}\">{name}</a>: {a} <em>{b}</em>")
            }
        }
    }

    // --- writing -----------------------------------------------------------------------------
    fn raw(&mut self, s: &str) {
        self.out.push_str(s);
    }
    fn s(&mut self, s: &str) {
        self.out.push('"');
        for c in s.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\t' => self.out.push_str("\\t"),
                '\r' => self.out.push_str("\\r"),
                c if (c as u32) < 0x20 => self.out.push_str(&format!("\\u{:04x}", c as u32)),
                c if self.ascii && (c as u32) > 0x7e => {
                    let mut b = [0u16; 2];
                    for u in c.encode_utf16(&mut b) {
                        self.out.push_str(&format!("\\u{u:04x}"));
                    }
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
    /// `"key":"value"`
    fn kv(&mut self, k: &str, v: &str) {
        self.s(k);
        self.out.push(':');
        self.s(v);
    }
    fn num(&mut self, n: u64) {
        self.out.push_str(&n.to_string());
    }

    /// Envelope around `content`, which the closure writes.
    fn event(&mut self, at: At, ty: &str, state_key: Option<&str>, sender: &str, content: impl FnOnce(&mut Self)) {
        self.raw("{\"content\":");
        content(self);
        self.raw(",");
        let e = self.event_id();
        self.kv("event_id", &e);
        self.raw(",\"origin_server_ts\":");
        self.ts += self.r.range(50, 90_000);
        let ts = self.ts;
        self.num(ts);
        self.raw(",");
        self.kv("sender", sender);
        if let Some(k) = state_key {
            self.raw(",");
            self.kv("state_key", k);
        }
        self.raw(",");
        self.kv("type", ty);
        self.raw(",\"unsigned\":{");
        let age = self.r.range(100, 9_000_000_000);
        self.raw("\"age\":");
        self.num(age);
        if at == At::Timeline && self.r.pct(60) {
            self.raw(",\"membership\":\"join\"");
        }
        if at == At::Timeline && self.r.pct(4) {
            let t = self.id(22, ALPHA);
            self.raw(",");
            self.kv("transaction_id", &format!("m{t}.12"));
        }
        if state_key.is_some() && self.r.pct(12) {
            let e = self.event_id();
            self.raw(",");
            self.kv("replaces_state", &e);
            if ty == "m.room.member" {
                self.raw(",\"prev_content\":{\"membership\":\"invite\"}");
            }
            self.raw(",");
            self.kv("prev_sender", sender);
        }
        if at == At::Timeline && state_key.is_none() && self.r.pct(3) {
            let (e, u) = (self.event_id(), self.user());
            let id = self.users[u].0.clone();
            self.raw(",\"m.relations\":{\"m.thread\":{\"latest_event\":{\"content\":{\"body\":\"in thread\",\"msgtype\":\"m.text\"},");
            self.kv("event_id", &e);
            self.raw(",\"origin_server_ts\":1700000000000,");
            self.kv("sender", &id);
            self.raw(",\"type\":\"m.room.message\"},\"count\":4,\"current_user_participated\":false}}");
        }
        self.raw("}}");
    }
}

/// Write a response of at least `target` bytes.
pub(crate) fn generate(initial: bool, target: usize, seed: u64, ascii: bool) -> String {
    let mut g = Gen::new(seed, ascii);
    g.out.reserve(target + target / 8);
    let rough_rooms = (target / if initial { 30_000 } else { 2_500 }) as u64;
    g.raw("{\"account_data\":{\"events\":[");
    if initial {
        g.global_account_data(rough_rooms.max(10));
    }
    g.raw("]},\"device_lists\":{\"changed\":[");
    if !initial {
        for i in 0..8 {
            if i > 0 {
                g.raw(",");
            }
            let u = g.user();
            let id = g.users[u].0.clone();
            g.s(&id);
        }
    }
    g.raw("],\"left\":[]},\"device_one_time_keys_count\":{\"signed_curve25519\":50},\"device_unused_fallback_key_types\":[\"signed_curve25519\"],\"org.matrix.msc2732.device_unused_fallback_key_types\":[\"signed_curve25519\"],\"next_batch\":\"s72595_4483_1934_12_3_4_567_8_9_1\",\"presence\":{\"events\":[");
    let n = if initial { 40 } else { 10 };
    for i in 0..n {
        if i > 0 {
            g.raw(",");
        }
        g.presence();
    }
    g.raw("]},\"to_device\":{\"events\":[");
    let n = if initial { 20 } else { 6 };
    for i in 0..n {
        if i > 0 {
            g.raw(",");
        }
        g.to_device();
    }
    g.raw("]},\"rooms\":{\"invite\":{");
    for i in 0..if initial { 6 } else { 1 } {
        if i > 0 {
            g.raw(",");
        }
        g.invited_room();
    }
    g.raw("},\"leave\":{");
    for i in 0..if initial { 4 } else { 1 } {
        if i > 0 {
            g.raw(",");
        }
        g.left_room();
    }
    g.raw("},\"join\":{");
    let mut i = 0;
    while g.out.len() < target {
        if i > 0 {
            g.raw(",");
        }
        g.joined_room(initial);
        i += 1;
    }
    g.raw("}}}");
    g.out
}
