use std::time::{Duration, SystemTime};

use super::*;

/// A folder of its own for one test, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("matrix-api-codegen-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("the folder can be made");
        Self(folder)
    }

    fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }

    fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        list(&self.0, &self.0, &mut found).expect("the folder is readable");
        found
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn tree(files: &[(&str, &str)]) -> Tree {
    Tree(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
}

#[test]
fn what_is_written_compares_equal() {
    let folder = Folder::new("equal");
    let tree = tree(&[("a.rs", "a\n"), ("b/c.rs", "c\n"), ("b/d/e.rs", "e\n")]);
    let missing = ["a.rs", "b/c.rs", "b/d/e.rs"].map(|path| Change::Missing(path.to_owned()));
    assert_eq!(tree.write(&folder.0).expect("it writes"), missing);
    assert_eq!(tree.compare(&folder.0).expect("it compares"), []);
    assert_eq!(tree.write(&folder.0).expect("it writes"), []);
    assert_eq!(fs::read_to_string(folder.0.join("b/d/e.rs")).expect("it is there"), "e\n");
}

#[test]
fn a_folder_that_is_not_there_lacks_everything() {
    let folder = Folder::new("absent");
    let below = folder.0.join("not/yet");
    let tree = tree(&[("a.rs", "a\n")]);
    assert_eq!(tree.compare(&below).expect("it compares"), [Change::Missing("a.rs".to_owned())]);
    assert!(!below.exists(), "comparing writes nothing");
    tree.write(&below).expect("it writes");
    assert_eq!(tree.compare(&below).expect("it compares"), []);
}

#[test]
fn every_kind_of_change_is_told() {
    let folder = Folder::new("changes");
    folder.put("differs.rs", "old\n");
    folder.put("same.rs", "same\n");
    folder.put("gone/orphan.rs", "nobody's\n");
    let tree = tree(&[("differs.rs", "new\n"), ("missing.rs", "m\n"), ("same.rs", "same\n")]);
    let changes = [
        Change::Differs { path: "differs.rs".to_owned(), found: "old\n".to_owned(), wanted: "new\n".to_owned() },
        Change::Missing("missing.rs".to_owned()),
        Change::Orphan("gone/orphan.rs".to_owned()),
    ];
    assert_eq!(tree.compare(&folder.0).expect("it compares"), changes);
    assert_eq!(folder.files(), ["differs.rs", "gone/orphan.rs", "same.rs"], "comparing writes nothing");
    assert_eq!(tree.write(&folder.0).expect("it writes"), changes);
    assert_eq!(folder.files(), ["differs.rs", "missing.rs", "same.rs"]);
    assert_eq!(fs::read_to_string(folder.0.join("differs.rs")).expect("it is there"), "new\n");
}

#[test]
fn folders_without_a_file_go() {
    let folder = Folder::new("empty");
    folder.put("a/b/orphan.rs", "");
    folder.put("a/kept.rs", "kept\n");
    tree(&[("a/kept.rs", "kept\n")]).write(&folder.0).expect("it writes");
    assert!(folder.0.join("a").is_dir());
    assert!(!folder.0.join("a/b").exists());
}

#[test]
fn only_what_differs_is_touched() {
    let folder = Folder::new("touched");
    folder.put("same.rs", "same\n");
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = fs::File::options().write(true).open(folder.0.join("same.rs")).expect("it opens");
    file.set_modified(long_ago).expect("its time can be set");
    tree(&[("new.rs", "new\n"), ("same.rs", "same\n")]).write(&folder.0).expect("it writes");
    let modified = fs::metadata(folder.0.join("same.rs")).and_then(|data| data.modified()).expect("it has a time");
    assert_eq!(modified, long_ago);
}

#[test]
fn line_ends_of_a_checkout_do_not_count() {
    let folder = Folder::new("lines");
    folder.put("a.rs", "one\r\ntwo\r\n");
    assert_eq!(tree(&[("a.rs", "one\ntwo\n")]).compare(&folder.0).expect("it compares"), []);
}

#[test]
fn a_file_that_is_no_text_is_an_error() {
    let folder = Folder::new("text");
    folder.put("a.rs", [0xff, 0xfe]);
    let error = tree(&[("a.rs", "a\n")]).compare(&folder.0).expect_err("it is no text");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[test]
fn files_come_in_the_order_of_their_paths() {
    let tree = tree(&[("b.rs", "2"), ("a/z.rs", "1")]);
    assert_eq!(tree.files().collect::<Vec<_>>(), [("a/z.rs", "1"), ("b.rs", "2")]);
}
