//! How rooms are.

use super::{At, Gen, WORDS};

impl Gen {
    pub(super) fn member(&mut self, at: At, u: usize) {
        let (id, name) = self.users[u].clone();
        self.event(at, "m.room.member", Some(&id), &id, |g| {
            g.raw("{");
            if g.r.pct(65) {
                let a = g.mxc();
                g.kv("avatar_url", &a);
                g.raw(",");
            }
            g.kv("displayname", &name);
            let m = if g.r.pct(92) { "join" } else { "leave" };
            g.raw(",");
            g.kv("membership", m);
            g.raw("}");
        });
    }

    pub(super) fn state_events(&mut self, members: &[usize], encrypted: bool, listed: usize) {
        let admin = self.users[members[0]].0.clone();
        self.event(At::State, "m.room.create", Some(""), &admin, |g| {
            g.raw("{");
            let c = admin.clone();
            g.kv("creator", &c);
            g.raw(",\"room_version\":\"10\"");
            if g.r.pct(10) {
                g.raw(",\"type\":\"m.space\"");
            }
            g.raw("}");
        });
        self.raw(",");
        self.event(At::State, "m.room.power_levels", Some(""), &admin, |g| {
            g.raw("{\"ban\":50,\"events\":{\"m.room.avatar\":50,\"m.room.canonical_alias\":50,\"m.room.encryption\":100,\"m.room.history_visibility\":100,\"m.room.name\":50,\"m.room.power_levels\":100,\"m.room.server_acl\":100,\"m.room.tombstone\":100},\"events_default\":0,\"historical\":100,\"invite\":0,\"kick\":50,\"redact\":50,\"state_default\":50,\"users\":{");
            let n = members.len().min(4);
            for (i, &m) in members[..n].iter().enumerate() {
                if i > 0 {
                    g.raw(",");
                }
                let id = g.users[m].0.clone();
                g.s(&id);
                g.raw(if i == 0 { ":100" } else { ":50" });
            }
            g.raw("},\"users_default\":0}");
        });
        for (ty, content) in [
            ("m.room.join_rules", "{\"join_rule\":\"invite\"}"),
            ("m.room.history_visibility", "{\"history_visibility\":\"shared\"}"),
            ("m.room.guest_access", "{\"guest_access\":\"can_join\"}"),
        ] {
            self.raw(",");
            self.event(At::State, ty, Some(""), &admin, |g| g.raw(content));
        }
        self.raw(",");
        self.event(At::State, "m.room.name", Some(""), &admin, |g| {
            let t = g.sentence(1, 5);
            g.raw("{");
            g.kv("name", &t);
            g.raw("}");
        });
        if self.r.pct(60) {
            self.raw(",");
            self.event(At::State, "m.room.topic", Some(""), &admin, |g| {
                let t = g.sentence(5, 30);
                g.raw("{");
                g.kv("topic", &t);
                g.raw("}");
            });
        }
        if self.r.pct(50) {
            self.raw(",");
            self.event(At::State, "m.room.avatar", Some(""), &admin, |g| {
                let t = g.mxc();
                g.raw("{");
                g.kv("url", &t);
                g.raw("}");
            });
            self.raw(",");
            self.event(At::State, "m.room.canonical_alias", Some(""), &admin, |g| {
                let w = g.r.pick(WORDS);
                g.raw("{");
                g.kv("alias", &format!("#{w}:example.org"));
                g.raw(",\"alt_aliases\":[]}");
            });
        }
        if encrypted {
            self.raw(",");
            self.event(At::State, "m.room.encryption", Some(""), &admin, |g| {
                g.raw("{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"rotation_period_ms\":604800000,\"rotation_period_msgs\":100}");
            });
        }
        for &m in &members[..listed] {
            self.raw(",");
            self.member(At::State, m);
        }
    }
}
