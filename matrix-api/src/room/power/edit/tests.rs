use super::*;
use crate::json;

fn version(id: &str, content: Value) -> Version {
    let Value::Object(content) = content else { panic!("no object") };
    Version { id: Some(id.into()), content }
}

/// Somebody has seen `$0` and sets the level of `a` to 50, in `$mine`; the last version is what holds.
fn replayed(log: &[(&str, Value)]) -> (Value, Option<Rival>) {
    let log: Vec<_> = log.iter().map(|(id, content)| version(id, content.clone())).collect();
    let now = log.last().cloned().unwrap_or_else(|| version("$mine", ours()));
    learned(writer(), [(log, now)])
}

/// What they want after they were shown that.
fn learned(mut writer: Writer, shown: impl IntoIterator<Item = (Vec<Version>, Version)>) -> (Value, Option<Rival>) {
    shown.into_iter().for_each(|(log, now)| writer.learn(log, &now));
    let (wanted, rival) = writer.replay();
    (wanted.into(), rival)
}

fn writer() -> Writer {
    let wish = Wish { spot: ("users".to_owned(), Some("a".to_owned())), value: Some(50.into()) };
    // Nobody starts from this one.
    let before = vec![version("$lost", json!({"users": {}, "p": 1, "q": 2, "r": 3}))];
    Writer { wish, mine: vec!["$mine".into()], before, seen: version("$0", seen()), log: Vec::new() }
}

fn seen() -> Value {
    json!({"users": {"me": 100, "a": 0, "b": 0}, "x": 1})
}

fn ours() -> Value {
    json!({"users": {"me": 100, "a": 50, "b": 0}, "x": 1})
}

#[test]
fn nobody_else_wrote() {
    assert_eq!(replayed(&[("$0", seen()), ("$mine", ours())]), (ours(), None));
    // Nor is anything known of others where no history can be had.
    assert_eq!(replayed(&[]), (ours(), None));
}

#[test]
fn what_others_meant_is_kept_in_any_order() {
    let theirs = json!({"users": {"me": 100, "a": 0, "b": 25}, "y": [2], "events": {"t": 3}});
    let both = json!({"users": {"me": 100, "a": 50, "b": 25}, "y": [2], "events": {"t": 3}});
    assert_eq!(replayed(&[("$0", seen()), ("$1", theirs.clone()), ("$mine", ours())]), (both.clone(), None));
    assert_eq!(replayed(&[("$0", seen()), ("$mine", ours()), ("$1", theirs.clone())]), (both.clone(), None));
    assert_eq!(replayed(&[("$0", seen()), ("$1", theirs), ("$mine", ours()), ("$2", both.clone())]), (both, None));
}

#[test]
fn who_knew_nothing_takes_nothing_back() {
    // `b` was raised before `$0`; `$1` was written by somebody who saw only what was before that.
    let before = json!({"users": {"me": 100, "a": 0}, "x": 1});
    let blind = json!({"users": {"me": 100, "a": 0, "c": 7}, "x": 1});
    let all = json!({"users": {"me": 100, "a": 50, "b": 0, "c": 7}, "x": 1});
    let mut writer = writer();
    writer.before = vec![version("$old", before)];
    let log = vec![version("$0", seen()), version("$1", blind), version("$mine", ours())];
    assert_eq!(learned(writer, [(log, version("$mine", ours()))]), (all, None));
}

#[test]
fn who_did_not_know_of_a_level_did_not_take_it_away() {
    // `$2` is two steps on from `$1`, whose writer did not know of `$mine`.
    let first = json!({"users": {"me": 100, "a": 0, "b": 0, "c": 1}, "x": 1});
    let mine = json!({"users": {"me": 100, "a": 50, "b": 0, "c": 1}, "x": 1});
    let both = json!({"users": {"me": 100, "a": 0, "b": 0, "c": 1, "d": 1, "e": 1}, "x": 1});
    let all = json!({"users": {"me": 100, "a": 50, "b": 0, "c": 1, "d": 1, "e": 1}, "x": 1});
    assert_eq!(replayed(&[("$0", seen()), ("$1", first), ("$mine", mine), ("$2", both)]), (all, None));
}

#[test]
fn what_had_lost_already_is_no_rival() {
    let lost = json!({"users": {"me": 100, "a": 75, "b": 0}, "x": 1});
    assert_eq!(replayed(&[("$0", seen()), ("$lost", lost), ("$mine", ours())]), (ours(), None));
}

#[test]
fn what_was_taken_back_stays_so() {
    let raised = json!({"users": {"me": 100, "a": 50, "b": 25}, "x": 1});
    let gone = json!({"users": {"me": 100, "a": 50}, "x": 1});
    assert_eq!(replayed(&[("$0", seen()), ("$mine", ours()), ("$1", raised), ("$2", gone.clone())]), (gone, None));
}

#[test]
fn who_wants_another_level_wins() {
    let theirs = json!({"users": {"me": 100, "a": 75, "b": 0}, "x": 1});
    assert_eq!(
        replayed(&[("$0", seen()), ("$1", theirs.clone()), ("$mine", ours())]),
        (theirs.clone(), Some(Rival::First))
    );
    assert_eq!(replayed(&[("$0", seen()), ("$mine", ours()), ("$1", theirs.clone())]), (theirs, Some(Rival::Later)));
    // The same level is no quarrel.
    assert_eq!(replayed(&[("$0", seen()), ("$1", ours()), ("$mine", ours())]), (ours(), None));
}

#[test]
fn what_others_wrote_is_kept_where_the_version_seen_is_out_of_sight() {
    let theirs = json!({"users": {"me": 100, "a": 0, "b": 25}, "x": 1});
    let both = json!({"users": {"me": 100, "a": 50, "b": 25}, "x": 1});
    // The history begins after it, with and without one's own.
    assert_eq!(replayed(&[("$1", theirs.clone()), ("$mine", ours())]), (both.clone(), None));
    assert_eq!(replayed(&[("$mine", ours()), ("$1", theirs.clone())]), (both.clone(), None));
    assert_eq!(replayed(&[("$9", both.clone())]), (both.clone(), None));
    // What is known from before is still no news.
    assert_eq!(replayed(&[("$lost", theirs.clone()), ("$mine", ours())]), (ours(), None));
    // No history at all: what holds is all there is to go by.
    let held = |now: Version| learned(writer(), [(Vec::new(), now)]);
    assert_eq!(held(version("$1", theirs.clone())), (both.clone(), None));
    assert_eq!(held(version("$1", both.clone())), (both.clone(), None));
    let rival = json!({"users": {"me": 100, "a": 75, "b": 0}, "x": 1});
    assert_eq!(held(version("$1", rival.clone())), (rival, Some(Rival::First)));
    // Nor does the server say which version it is.
    let Value::Object(content) = theirs else { unreachable!() };
    let mut nameless = writer();
    nameless.seen.id = None;
    assert_eq!(learned(nameless, [(Vec::new(), Version { id: None, content })]), (both, None));
}

#[test]
fn what_was_shown_once_is_remembered() {
    let theirs = version("$1", json!({"users": {"me": 100, "a": 0, "b": 25}, "x": 1}));
    let more = version("$2", json!({"users": {"me": 100, "a": 50, "b": 25, "c": 1}, "x": 1}));
    let mine = version("$mine", ours());
    let all = json!({"users": {"me": 100, "a": 50, "b": 25, "c": 1}, "x": 1});
    let shown = |log: &[&Version]| (log.iter().map(|one| (*one).clone()).collect(), (*log.last().unwrap()).clone());
    // The window moves on, with and without something in common.
    assert_eq!(
        learned(writer(), [shown(&[&theirs]), shown(&[&theirs, &mine]), shown(&[&mine, &more])]),
        (all.clone(), None)
    );
    assert_eq!(learned(writer(), [shown(&[&theirs]), shown(&[&more]), shown(&[&mine])]), (all.clone(), None));
    assert_eq!(learned(writer(), [(Vec::new(), theirs), (Vec::new(), more), (Vec::new(), mine)]), (all, None));
}
