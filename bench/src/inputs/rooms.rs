//! Rooms, and what is around them.

use super::{At, B64STD, Gen};

impl Gen {
    pub(super) fn members(&mut self) -> Vec<usize> {
        let n = match self.r.below(100) {
            0..40 => self.r.range(2, 4),
            40..80 => self.r.range(5, 40),
            80..97 => self.r.range(40, 200),
            _ => self.r.range(200, 900),
        };
        (0..n).map(|_| self.user()).collect()
    }

    pub(super) fn timeline(&mut self, members: &[usize], encrypted: bool, n: u64, limited: bool) {
        self.raw("\"timeline\":{\"events\":[");
        for i in 0..n {
            if i > 0 {
                self.raw(",");
            }
            self.timeline_event(members, encrypted);
        }
        self.raw(if limited { "],\"limited\":true," } else { "],\"limited\":false," });
        let a = self.r.below(99_999_999);
        self.kv("prev_batch", &format!("t{a}-7261_0_0_0_0_0_0_0_0_0"));
        self.raw("}");
    }

    pub(super) fn joined_room(&mut self, initial: bool) {
        let room = self.room_id();
        let members = self.members();
        let encrypted = self.r.pct(40);
        self.s(&room);
        self.raw(":{\"account_data\":{\"events\":[");
        if initial || self.r.pct(20) {
            let e = self.event_id();
            self.raw("{\"content\":{");
            self.kv("event_id", &e);
            self.raw("},\"type\":\"m.fully_read\"}");
            if self.r.pct(20) {
                self.raw(
                    ",{\"content\":{\"tags\":{\"m.favourite\":{\"order\":0.25},\"u.work\":{}}},\"type\":\"m.tag\"}",
                );
            }
        }
        self.raw("]},\"ephemeral\":{\"events\":[");
        let mut first = true;
        if initial || self.r.pct(60) {
            first = false;
            self.raw("{\"content\":{");
            let n = if initial { self.r.range(1, 12).min(members.len() as u64) } else { 1 };
            for i in 0..n {
                if i > 0 {
                    self.raw(",");
                }
                let (e, u) = (self.event_id(), members[i as usize]);
                let id = self.users[u].0.clone();
                self.s(&e);
                self.raw(":{\"m.read\":{");
                self.s(&id);
                let ts = self.ts;
                self.raw(&format!(":{{\"thread_id\":\"main\",\"ts\":{ts}}}}}}}"));
            }
            self.raw("},\"type\":\"m.receipt\"}");
        }
        if self.r.pct(15) {
            if !first {
                self.raw(",");
            }
            let id = self.users[members[0]].0.clone();
            self.raw("{\"content\":{\"user_ids\":[");
            self.s(&id);
            self.raw("]},\"type\":\"m.typing\"}");
        }
        self.raw("]},\"state\":{\"events\":[");
        if initial {
            // lazy loading off: every member is there
            self.state_events(&members, encrypted, members.len());
        } else if self.r.pct(40) {
            self.member(At::State, members[0]);
        }
        self.raw("]},\"summary\":{");
        if initial {
            self.raw("\"m.heroes\":[");
            for i in 0..members.len().min(5) {
                if i > 0 {
                    self.raw(",");
                }
                let id = self.users[members[i]].0.clone();
                self.s(&id);
            }
            self.raw(&format!("],\"m.invited_member_count\":0,\"m.joined_member_count\":{}", members.len()));
        }
        self.raw("},");
        let n = if initial { 20 } else { self.r.range(1, 6) };
        self.timeline(&members, encrypted, n, initial);
        let (h, c) = (self.r.below(3), self.r.below(40));
        self.raw(&format!(",\"unread_notifications\":{{\"highlight_count\":{h},\"notification_count\":{c}}},\"unread_thread_notifications\":{{"));
        if self.r.pct(10) {
            let e = self.event_id();
            self.s(&e);
            self.raw(":{\"highlight_count\":0,\"notification_count\":2}");
        }
        self.raw("},\"org.matrix.msc2654.unread_count\":7}");
    }

    pub(super) fn left_room(&mut self) {
        let (room, members) = (self.room_id(), self.members());
        self.s(&room);
        self.raw(":{\"account_data\":{\"events\":[]},\"state\":{\"events\":[]},");
        self.timeline(&members, false, 2, false);
        self.raw("}");
    }

    pub(super) fn invited_room(&mut self) {
        let room = self.room_id();
        let (a, b) = (self.user(), self.user());
        let (a, b) = (self.users[a].0.clone(), self.users[b].0.clone());
        self.s(&room);
        self.raw(":{\"invite_state\":{\"events\":[");
        for (i, (ty, content)) in [
            ("m.room.create", "{\"room_version\":\"10\",\"creator\":\"@a:example.org\"}"),
            ("m.room.join_rules", "{\"join_rule\":\"invite\"}"),
            ("m.room.name", "{\"name\":\"Planning\"}"),
            ("m.room.encryption", "{\"algorithm\":\"m.megolm.v1.aes-sha2\"}"),
        ]
        .iter()
        .enumerate()
        {
            if i > 0 {
                self.raw(",");
            }
            self.raw("{\"content\":");
            self.raw(content);
            self.raw(",");
            self.kv("sender", &a);
            self.raw(",\"state_key\":\"\",");
            self.kv("type", ty);
            self.raw("}");
        }
        self.raw(",{\"content\":{\"displayname\":\"Me\",\"is_direct\":true,\"membership\":\"invite\"},");
        self.kv("sender", &a);
        self.raw(",");
        self.kv("state_key", &b);
        self.raw(",\"type\":\"m.room.member\"}]}}");
    }

    pub(super) fn to_device(&mut self) {
        let (u, k, k2) = (self.user(), self.id(43, B64STD), self.id(43, B64STD));
        let id = self.users[u].0.clone();
        let n = self.r.range(900, 1500) as usize;
        let c = self.id(n, B64STD);
        self.raw("{\"content\":{\"algorithm\":\"m.olm.v1.curve25519-aes-sha2\",\"ciphertext\":{");
        self.s(&k);
        self.raw(":{");
        self.kv("body", &c);
        self.raw(",\"type\":1}},\"org.matrix.msgid\":\"5a8c2d1e-aaaa-4bbb-8ccc-0123456789ab\",");
        self.kv("sender_key", &k2);
        self.raw("},");
        self.kv("sender", &id);
        self.raw(",\"type\":\"m.room.encrypted\"}");
    }

    pub(super) fn presence(&mut self) {
        let u = self.user();
        let id = self.users[u].0.clone();
        let ago = self.r.below(900_000);
        self.raw(&format!("{{\"content\":{{\"currently_active\":true,\"last_active_ago\":{ago},\"presence\":\"online\",\"status_msg\":\"\"}},"));
        self.kv("sender", &id);
        self.raw(",\"type\":\"m.presence\"}");
    }

    pub(super) fn global_account_data(&mut self, rooms: u64) {
        self.raw("{\"content\":{");
        for i in 0..rooms.min(300) {
            if i > 0 {
                self.raw(",");
            }
            let (u, r) = (self.user(), self.room_id());
            let id = format!("{}{i}", self.users[u].0);
            self.s(&id);
            self.raw(":[");
            self.s(&r);
            self.raw("]");
        }
        self.raw("},\"type\":\"m.direct\"},{\"content\":{\"ignored_users\":{\"@spam:example.org\":{}}},\"type\":\"m.ignored_user_list\"},{\"content\":{\"global\":{\"content\":[],\"override\":[");
        for i in 0..12 {
            if i > 0 {
                self.raw(",");
            }
            self.raw(&format!("{{\"actions\":[\"notify\",{{\"set_tweak\":\"sound\",\"value\":\"default\"}},{{\"set_tweak\":\"highlight\"}}],\"conditions\":[{{\"key\":\"type\",\"kind\":\"event_match\",\"pattern\":\"m.room.member\"}},{{\"key\":\"content.membership\",\"kind\":\"event_match\",\"pattern\":\"invite\"}}],\"default\":true,\"enabled\":true,\"rule_id\":\".m.rule.number_{i}\"}}"));
        }
        self.raw("],\"room\":[");
        for i in 0..rooms.min(100) {
            if i > 0 {
                self.raw(",");
            }
            let r = self.room_id();
            self.raw("{\"actions\":[\"dont_notify\"],\"default\":false,\"enabled\":true,");
            self.kv("rule_id", &r);
            self.raw("}");
        }
        self.raw("],\"sender\":[],\"underride\":[]}},\"type\":\"m.push_rules\"}");
    }
}
