//! What is said in rooms.

use super::{ALPHA, At, B64STD, Gen};

impl Gen {
    fn relation(&mut self) {
        let e = self.event_id();
        match self.r.below(3) {
            0 => {
                self.raw("\"m.relates_to\":{\"m.in_reply_to\":{");
                self.kv("event_id", &e);
                self.raw("}}");
            }
            1 => {
                let root = self.event_id();
                self.raw("\"m.relates_to\":{");
                self.kv("event_id", &root);
                self.raw(",\"is_falling_back\":true,\"m.in_reply_to\":{");
                self.kv("event_id", &e);
                self.raw("},\"rel_type\":\"m.thread\"}");
            }
            _ => {
                let body = self.sentence(4, 20);
                self.raw("\"m.new_content\":{");
                self.kv("body", &body);
                self.raw(",\"m.mentions\":{},\"msgtype\":\"m.text\"},\"m.relates_to\":{");
                self.kv("event_id", &e);
                self.raw(",\"rel_type\":\"m.replace\"}");
            }
        }
    }

    pub(super) fn timeline_event(&mut self, members: &[usize], encrypted: bool) {
        let u = members[self.r.below(members.len() as u64) as usize];
        let sender = self.users[u].0.clone();
        let roll = self.r.below(100);
        if encrypted && roll < 82 {
            self.event(At::Timeline, "m.room.encrypted", None, &sender, |g| {
                let n = g.r.range(180, 900) as usize;
                let (c, k, d, s) = (g.id(n, B64STD), g.id(43, B64STD), g.id(10, &ALPHA[..26]), g.id(43, B64STD));
                g.raw("{\"algorithm\":\"m.megolm.v1.aes-sha2\",");
                g.kv("ciphertext", &c);
                g.raw(",");
                g.kv("device_id", &d);
                if g.r.pct(20) {
                    let e = g.event_id();
                    g.raw(",\"m.relates_to\":{\"m.in_reply_to\":{");
                    g.kv("event_id", &e);
                    g.raw("}}");
                }
                g.raw(",");
                g.kv("sender_key", &k);
                g.raw(",");
                g.kv("session_id", &s);
                g.raw("}");
            });
        } else if roll < 62 {
            self.event(At::Timeline, "m.room.message", None, &sender, |g| {
                g.raw("{");
                let body = g.sentence(2, 30);
                g.kv("body", &body);
                if g.r.pct(35) {
                    let h = g.html();
                    g.raw(",\"format\":\"org.matrix.custom.html\",");
                    g.kv("formatted_body", &h);
                }
                g.raw(",");
                if g.r.pct(30) {
                    let m = members[g.r.below(members.len() as u64) as usize];
                    let id = g.users[m].0.clone();
                    g.raw("\"m.mentions\":{\"user_ids\":[");
                    g.s(&id);
                    g.raw("]},");
                } else if g.r.pct(60) {
                    g.raw("\"m.mentions\":{},");
                }
                if g.r.pct(25) {
                    g.relation();
                    g.raw(",");
                }
                let t = if g.r.pct(12) { "m.notice" } else { "m.text" };
                g.kv("msgtype", t);
                g.raw("}");
            });
        } else if roll < 68 {
            self.event(At::Timeline, "m.room.message", None, &sender, |g| {
                let (url, thumb, hash) = (g.mxc(), g.mxc(), g.id(28, B64STD));
                let (w, h, size) = (g.r.range(200, 4000), g.r.range(200, 3000), g.r.range(10_000, 9_000_000));
                g.raw("{");
                let name = format!("IMG_{}.jpg", g.r.below(9999));
                g.kv("body", &name);
                g.raw(&format!(",\"info\":{{\"h\":{h},\"mimetype\":\"image/jpeg\",\"size\":{size},\"thumbnail_info\":{{\"h\":600,\"mimetype\":\"image/jpeg\",\"size\":{},\"w\":800}},", size / 20));
                g.kv("thumbnail_url", &thumb);
                g.raw(&format!(",\"w\":{w},"));
                g.kv("xyz.amorgan.blurhash", &hash);
                g.raw("},\"msgtype\":\"m.image\",");
                g.kv("url", &url);
                g.raw("}");
            });
        } else if roll < 82 {
            self.event(At::Timeline, "m.reaction", None, &sender, |g| {
                let (e, k) = (
                    g.event_id(),
                    g.r.pick(&["\u{1F44D}\u{FE0F}", "\u{2764}\u{FE0F}", "\u{1F602}", "+1", "\u{1F680}"]),
                );
                g.raw("{\"m.relates_to\":{");
                g.kv("event_id", &e);
                g.raw(",");
                g.kv("key", k);
                g.raw(",\"rel_type\":\"m.annotation\"}}");
            });
        } else if roll < 86 {
            self.event(At::Timeline, "m.room.redaction", None, &sender, |g| {
                let e = g.event_id();
                g.raw("{\"reason\":\"spam\",");
                g.kv("redacts", &e);
                g.raw("}");
            });
        } else if roll < 89 {
            // a redacted message
            let (e, e2, e3) = (self.event_id(), self.event_id(), self.event_id());
            self.ts += 1000;
            let ts = self.ts;
            self.raw("{\"content\":{},");
            self.kv("event_id", &e);
            self.raw(&format!(",\"origin_server_ts\":{ts},"));
            self.kv("sender", &sender);
            self.raw(",\"type\":\"m.room.message\",\"unsigned\":{");
            self.kv("redacted_by", &e2);
            self.raw(",\"redacted_because\":{\"content\":{");
            self.kv("redacts", &e);
            self.raw("},");
            self.kv("event_id", &e3);
            self.raw(&format!(",\"origin_server_ts\":{ts},"));
            self.kv("redacts", &e);
            self.raw(",");
            self.kv("sender", &sender);
            self.raw(",\"type\":\"m.room.redaction\",\"unsigned\":{\"age\":99}},\"age\":1234567}}");
        } else if roll < 97 {
            self.member(At::Timeline, u);
        } else if roll < 98 {
            self.event(At::Timeline, "m.room.topic", Some(""), &sender, |g| {
                let t = g.sentence(5, 20);
                g.raw("{");
                g.kv("topic", &t);
                g.raw("}");
            });
        } else {
            self.event(At::Timeline, "org.example.custom.widget_state", None, &sender, |g| {
                g.raw("{\"io.example.version\":3,\"entries\":[{\"k\":\"alpha\",\"v\":[1,2,3.5,null,true]},{\"k\":\"beta\",\"v\":{\"deep\":{\"er\":[]}}}]}");
            });
        }
    }
}
