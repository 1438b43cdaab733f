//! The classes held against the compiler: a program that uses everything of the old version, compiled with the new one.
//!
//! It takes minutes, so it runs on demand: `cargo xtask test --long`.

mod caller;
mod sample;

use std::collections::{BTreeMap, BTreeSet};

use matrix_api_codegen::diff::{Class, Kind, Side, compare};
use matrix_api_codegen::generate_from;

use self::sample::Sample;
use crate::base;
use crate::history::newest;
use crate::mutations::{list, mutated};

/// Breaks that no compiler sees, and why.
const UNSEEN: [(Kind, &str); 2] = [
    (Kind::AuthTightened, "it compiles, and the server refuses it"),
    (Kind::TypeReachShrank, "the program is compiled with every feature"),
];

/// The one break among those below that cargo-semver-checks does not see, and why. The compiler does see it.
const UNJUDGED: (&str, &str) = ("events no longer occur in a place", "it does not look at impls of a crate's traits");

type Texts = BTreeMap<String, String>;

fn side(texts: &Texts) -> Side {
    Side::read("side", texts).expect("it is understood")
}

/// What our comparison says, without the breaks that no compiler sees.
fn breaks(old: &Texts, new: &Texts) -> bool {
    let unseen: Vec<Kind> = UNSEEN.iter().map(|(kind, _)| *kind).collect();
    let report = compare(&side(old), &side(new));
    report.rows.iter().any(|row| row.kind.class() == Class::Breaking && !unseen.contains(&row.kind))
}

#[test]
#[ignore = "compiles a crate for every change: cargo xtask test --long"]
fn the_compiler_agrees_on_every_change_by_hand() {
    let old = base::texts();
    let generated = generate_from(&old).expect("the base is understood");
    let caller = caller::of(&generated.tree);
    let sample = Sample::new("verdicts");
    sample.write(&generated.tree, &caller);
    assert_eq!(sample.compiles(), Ok(()), "the program fits the version that it was written against");
    let (mut judged, mut wrong) = (0, Vec::new());
    for mutation in list::all() {
        let new = mutated(mutation);
        // What only a lenient run understands has no code to compile.
        let Ok(generated) = generate_from(&new) else { continue };
        sample.write(&generated.tree, &caller);
        let (outcome, breaks) = (sample.compiles(), breaks(&old, &new));
        judged += 1;
        match (outcome, breaks) {
            (Ok(()), true) => wrong.push(format!("{}: said to break, and compiles", mutation.name)),
            (Err(why), false) => wrong.push(format!("{}: said not to break\n{why}", mutation.name)),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {judged}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(judged >= 40, "only {judged} changes could be compiled");
    println!("{judged} changes, and the compiler agrees");
}

/// Additions and removals, which cargo-semver-checks sees; it does not look at the types of fields.
#[test]
#[ignore = "needs cargo-semver-checks: cargo xtask test --long"]
fn cargo_semver_checks_agrees_on_additions_and_removals() {
    let old = base::texts();
    let (before, after) = (Sample::new("semver-old"), Sample::new("semver-new"));
    before.write(&generate_from(&old).expect("the base is understood").tree, "fn main() {}");
    let names = [
        "an optional query parameter appears",
        "a member goes",
        "the same call gets another operationId",
        "the same call gets another operationId, and its name is kept",
        "a name is no longer kept",
        "a value appears",
        "a value goes",
        "a content appears",
        "a content goes",
        "a content gets a better name",
        UNJUDGED.0,
        "a member of a content goes",
        "a value of a content goes",
        "a message may have one more form",
    ];
    for name in names {
        let mutation =
            list::all().find(|one| one.name == name).unwrap_or_else(|| panic!("there is no change `{name}`"));
        let new = mutated(mutation);
        after.write(&generate_from(&new).expect("it is understood").tree, "fn main() {}");
        let (judged, told) = (after.semver_breaks(&before), breaks(&old, &new));
        assert_eq!(judged, told && name != UNJUDGED.0, "{name}: cargo-semver-checks says {judged}, diff says {told}");
    }
    println!("{} changes, and cargo-semver-checks agrees on all but `{}`: {}", names.len(), UNJUDGED.0, UNJUDGED.1);
}

/// A real step, of which every break is a member with another type: each fails where it is used, and nothing else does.
/// cargo-semver-checks does not look at types of members, so it sees the additions only; on the way back they are
/// removals.
#[test]
#[ignore = "compiles two releases, and needs cargo-semver-checks: cargo xtask test --long"]
fn both_agree_on_the_newest_release() {
    let [(old_tag, old), (new_tag, new)] = newest();
    assert_eq!((old_tag.as_str(), new_tag.as_str()), ("v1.18", "v1.19"), "what is said here is of this step");
    let report = compare(&side(old), &side(new));
    let breaking = report.rows.iter().filter(|row| row.kind.class() == Class::Breaking);
    assert!(breaking.clone().all(|row| row.kind == Kind::FieldRetyped), "{}", report.text(false));
    let member = |path: &str| {
        let (above, name) = path.rsplit_once("::").expect("a member is below its type");
        format!("{}::{name}", above.rsplit("::").next().unwrap_or_default())
    };
    let told: BTreeSet<_> = breaking.map(|row| member(&row.path)).collect();

    let generated = |texts| generate_from(texts).expect("the tables fit both").tree;
    let (before, after) = (Sample::new("release-old"), Sample::new("release-new"));
    let caller = caller::of(&generated(old));
    before.write(&generated(old), &caller);
    assert_eq!(before.compiles(), Ok(()), "the program fits the release that it was written against");
    after.write(&generated(new), &caller);
    assert_eq!(after.broken(), told);
    assert!(!after.semver_breaks(&before), "what is new breaks nothing");
    assert!(before.semver_breaks(&after), "without it there is a break");
    assert!(breaks(new, old));
    println!(
        "{old_tag} to {new_tag}: the compiler fails on the {} members that diff names, and nowhere else",
        told.len()
    );
}
