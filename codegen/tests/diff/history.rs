//! The specification's releases, from the files in which each differs from the next.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use matrix_api_codegen::diff::{Class, Kind, Report, Row, Side, Table, compare, releases};

type Texts = BTreeMap<String, String>;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What is in `tests/data`, and at the end what is in `specs`.
pub(crate) fn history() -> &'static [(String, Texts)] {
    static HISTORY: LazyLock<Vec<(String, Texts)>> = LazyLock::new(|| {
        let root = workspace();
        releases(&root.join("tests/data"), &root.join("specs")).expect("the specs are readable")
    });
    &HISTORY
}

fn side((release, texts): &(String, Texts)) -> Side {
    Side::read(format!("Matrix {release}"), texts).expect("the specs are understood")
}

/// The newest release and the one before it.
pub(crate) fn newest() -> [&'static (String, Texts); 2] {
    let [.., before, newest] = history() else { panic!("there is no history") };
    [before, newest]
}

/// Compares a text with a file of the repository, or writes it there.
fn expect(path: &str, found: &str) {
    let path = workspace().join(path);
    if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
        assert!(std::env::var_os("CI").is_none(), "UPDATE_EXPECT has no place in CI");
        fs::write(&path, found).expect("the file can be written");
        return;
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(wanted, found, "{} differs; UPDATE_EXPECT=1 accepts what is new", path.display());
}

#[test]
fn the_report_on_the_newest_release_is_the_committed_one() {
    let [before, newest] = newest();
    let report = compare(&side(before), &side(newest));
    expect(&format!("specs/CHANGES-{}.md", newest.0.trim_start_matches('v')), &report.markdown());
}

/// The counts of every step, and what became of every difference of the documents.
#[test]
fn every_step_is_counted_and_no_difference_is_overlooked() {
    let table = Table::of(history()).unwrap_or_else(|error| panic!("{error}"));
    expect("specs/semver.md", &table.markdown());
}

#[test]
fn a_single_release_is_no_step_and_is_not_read() {
    let table = Table::of(&[("v1".to_owned(), Texts::new())]).unwrap_or_else(|error| panic!("{error}"));
    assert!(table.markdown().contains("\n0 of 0 steps would have needed a major release.\n"));
}

/// Patches, tables and words say for which releases they are meant, so a step back is as strict as one ahead.
#[test]
fn the_release_before_the_newest_is_generated_from_the_same_tables() {
    let generated =
        matrix_api_codegen::generate_from(&newest()[0].1).expect("every row is used, every question answered");
    assert!(generated.undocumented.is_empty(), "{:?}", generated.undocumented);
}

#[test]
fn a_release_does_not_differ_from_itself() {
    for release in history() {
        let report = compare(&side(release), &side(release));
        assert_eq!((report.rows.len(), report.worst()), (0, None), "{}", report.text(false));
    }
}

#[test]
fn the_way_back_is_the_mirror_image() {
    for pair in history().windows(2) {
        let (old, new) = (side(&pair[0]), side(&pair[1]));
        let (there, back) = (compare(&old, &new), compare(&new, &old));
        let mirrored = |report: &Report, turned: bool| {
            let mut rows: Vec<_> = report
                .rows
                .iter()
                .map(|row| {
                    let (old, new) = if turned { (&row.new, &row.old) } else { (&row.old, &row.new) };
                    (
                        if turned { mirror(row.kind) } else { neutral(row.kind) },
                        row.path.clone(),
                        old.clone(),
                        new.clone(),
                    )
                })
                .collect();
            rows.sort();
            rows
        };
        assert_eq!(mirrored(&there, true), mirrored(&back, false), "{} and back", there.new);
    }
}

/// Whether a field had to be given says nothing of how it is taken away.
fn neutral(kind: Kind) -> Kind {
    if kind == Kind::FieldAddedRequired { Kind::FieldAdded } else { kind }
}

/// What the same change is on the way back.
fn mirror(kind: Kind) -> Kind {
    const PAIRS: [(Kind, Kind); 13] = [
        (Kind::OperationAdded, Kind::OperationRemoved),
        (Kind::OperationDeprecated, Kind::OperationReinstated),
        (Kind::FieldAdded, Kind::FieldRemoved),
        (Kind::FieldBecameRequired, Kind::FieldBecameOptional),
        (Kind::FieldDeprecated, Kind::FieldReinstated),
        (Kind::TypeAdded, Kind::TypeRemoved),
        (Kind::TypeNowSent, Kind::TypeNotSent),
        (Kind::TypeNowReceived, Kind::TypeNotReceived),
        (Kind::TypeReachGrew, Kind::TypeReachShrank),
        (Kind::ValueAdded, Kind::ValueRemoved),
        (Kind::KindAdded, Kind::KindRemoved),
        (Kind::ContentAdded, Kind::ContentRemoved),
        (Kind::ContentKindAdded, Kind::ContentKindRemoved),
    ];
    let kind = neutral(kind);
    let found = PAIRS.iter().find_map(|(one, other)| match kind {
        _ if kind == *one => Some(*other),
        _ if kind == *other => Some(*one),
        _ => None,
    });
    found.unwrap_or(kind)
}

#[test]
fn the_newest_step_back_breaks() {
    let [before, newest] = newest();
    assert_eq!((before.0.as_str(), newest.0.as_str()), ("v1.18", "v1.19"), "the list below is of this step");
    let report = compare(&side(newest), &side(before));
    assert_eq!(report.worst(), Some(Class::Breaking));
    let row = |row: &Row| format!("{} {}", row.kind.word(), row.path.trim_start_matches("matrix_api::"));
    assert_eq!(
        report.rows.iter().map(row).collect::<Vec<_>>(),
        [
            "operation-removed client_server::GetMutualRooms",
            "type-removed client_server::types::EncryptedFile",
            "type-removed client_server::types::EncryptedFileHashes",
            "type-removed client_server::types::EncryptedFileKey",
            "field-retyped events::ForwardedRoomKey::withheld",
            "content-removed events::ImagePackRooms",
            "content-removed events::KeyBackup",
            "content-removed events::RoomImagePack",
            "field-removed events::RoomKey::shared_history",
            "content-removed events::RoomKeyBundle",
            "value-removed events::room_key_withheld::Code::HistoryNotShared",
            "field-retyped events::room_message::AudioMessage::file",
            "field-retyped events::room_message::FileInfo::thumbnail_file",
            "field-retyped events::room_message::FileMessage::file",
            "field-retyped events::room_message::ImageMessage::file",
            "field-retyped events::room_message::LocationInfo::thumbnail_file",
            "field-retyped events::room_message::VideoInfo::thumbnail_file",
            "field-retyped events::room_message::VideoMessage::file",
            "field-retyped events::types::ImageInfo::thumbnail_file",
            "type-removed events::types::RoomKeyWithheldContent",
            "type-removed events::types::RoomKeyWithheldContentAlgorithm",
            "type-removed events::types::RoomKeyWithheldContentCode",
        ]
    );
}
