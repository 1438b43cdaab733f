//! `cargo xtask diff` as a command: what each kind of side is, what is printed, and the exit code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

#[path = "../src/update/tests/form.rs"]
mod form;

const WHOAMI: &str = "matrix/api/client-server/whoami.yaml";

/// A member of an answer, as the documents write it.
const GUEST: &str = "                  is_guest:
                    x-addedInMatrixVersion: \"1.2\"
                    type: boolean
";

/// A status that `whoami` can have.
const REFUSED: &str = "        \"401\":
          content:
            application/json:
              schema:
                $ref: definitions/errors/error.yaml
";

/// What is said of two sides that do not differ.
const SAME: &str = "Matrix v1.19 → Matrix v1.19: no changes\n";

fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("specs")
}

/// Our document with one thing in it replaced.
fn whoami(from: &str, to: &str) -> String {
    let text = fs::read_to_string(specs().join(WHOAMI)).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{text}");
    text.replace(from, to)
}

fn with_nickname() -> String {
    whoami(GUEST, &format!("{GUEST}                  nickname: {{type: string}}\n"))
}

fn put(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// A folder of specs that differs from ours in one document.
fn beside(text: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    put(&folder.path().join("release.yaml"), &format!("tag: v9.9\nbeside: {:?}\nabsent: []\n", specs()));
    put(&folder.path().join(WHOAMI), text);
    folder
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("diff").env_remove("GIT_DIR");
    command
}

/// The exit code and what was printed.
fn told(output: Output) -> (Option<i32>, String) {
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code(), text)
}

fn diff(old: &Path, new: &Path) -> (Option<i32>, String) {
    told(command().args([old, new]).output().unwrap())
}

#[test]
fn folders_end_with_the_code_of_the_gravest_change() {
    let rows: [(String, i32, &str, &str); 3] = [
        (whoami(REFUSED, ""), 0, "statuses-changed", "0 breaking, 0 additive, 1 docs-only\n"),
        (with_nickname(), 1, "GetTokenOwnerResponse::nickname", "0 breaking, 1 additive, 0 docs-only\n"),
        (whoami(GUEST, ""), 2, "GetTokenOwnerResponse::is_guest", "1 breaking, 0 additive, 0 docs-only\n"),
    ];
    for (text, code, row, summary) in rows {
        let folder = beside(&text);
        let (ended, said) = diff(&specs(), folder.path());
        assert_eq!(ended, Some(code), "{said}");
        assert!(said.contains(row) && said.ends_with(&format!("Matrix v1.19 → Matrix v9.9: {summary}")), "{said}");
    }
    let (ended, said) = diff(&specs(), &specs());
    assert_eq!(ended, Some(0), "{said}");
    assert_eq!(said, SAME);
}

#[test]
fn what_cannot_be_compared_is_neither_of_these() {
    let (ended, said) = diff(&specs(), Path::new("no-such-side"));
    assert_eq!(ended, Some(3));
    assert_eq!(said, "error: `no-such-side` is neither a folder nor a revision of this repository\n");
    let (ended, said) = diff(&specs(), beside("paths: 1\n").path());
    assert!(ended == Some(3) && said.contains(WHOAMI), "{said}");
    let (ended, said) = told(command().output().unwrap());
    assert!(ended == Some(3) && said.starts_with("error: usage: cargo xtask diff <old> <new>"), "{said}");
}

#[test]
fn the_forms_say_the_same() {
    let folder = beside(&with_nickname());
    let form = |form: &str| {
        let (ended, said) = told(command().arg(form).arg(specs()).arg(folder.path()).output().unwrap());
        assert_eq!(ended, Some(1), "{said}");
        said
    };
    let markdown = form("--markdown");
    assert!(
        markdown.starts_with("# Matrix v1.19 → Matrix v9.9\n\n0 breaking, 1 additive, 0 docs-only.\n"),
        "{markdown}"
    );
    assert!(markdown.contains("- **field-added** `client_server::GetTokenOwnerResponse::nickname`"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&form("--json")).unwrap();
    assert_eq!(json["counts"]["additive"], 1);
    assert_eq!(json["changes"][0]["rule"], "field-added");
}

/// The objects are another repository's, which has two commits of these specs.
#[test]
fn revisions_are_read_from_the_objects_of_git() {
    let scratch = TempDir::new().unwrap();
    let root = scratch.path();
    copy(&specs(), &root.join("specs"));
    git(root, &["init", "--quiet"]);
    commit(root, "old");
    put(&root.join("specs").join(WHOAMI), &with_nickname());
    commit(root, "new");
    // What lies there and is in no commit does not count.
    put(&root.join("specs").join(WHOAMI), "nothing of use");
    let diff =
        |old: &str, new: &str| told(command().args([old, new]).env("GIT_DIR", root.join(".git")).output().unwrap());
    let (ended, said) = diff("old", "new");
    assert_eq!(ended, Some(1), "{said}");
    assert!(said.contains("GetTokenOwnerResponse::nickname"), "{said}");
    assert!(said.ends_with("old → new: 0 breaking, 1 additive, 0 docs-only\n"), "{said}");
    assert_eq!(diff("new", "old").0, Some(2));
    assert_eq!(diff("old", "new~1").0, Some(0));
}

#[test]
fn an_upstream_checkout_is_compared_with_what_was_imported() {
    let scratch = TempDir::new().unwrap();
    let checkout = scratch.path().join("v1.19");
    let data = checkout.join("data");
    copy(&specs().join("matrix"), &data);
    for file in files(&data) {
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, form::as_upstream_writes(&text)).unwrap();
    }
    let (ended, said) = diff(&checkout, &specs());
    assert_eq!(ended, Some(0), "{said}");
    assert_eq!(said, SAME);

    let described = format!("{GUEST}                  nickname: {{type: string, description: Prose.}}\n");
    let text = form::as_upstream_writes(&whoami(GUEST, &described));
    put(&data.join(WHOAMI.trim_start_matches("matrix/")), &text);
    let (ended, said) = diff(&specs(), &checkout);
    assert_eq!(ended, Some(1), "{said}");
    assert!(said.contains("GetTokenOwnerResponse::nickname"), "{said}");
    // A keyword that nobody has decided on is no fact to compare.
    put(&data.join(WHOAMI.trim_start_matches("matrix/")), &text.replace("description: Prose.", "x-mood: good"));
    let (ended, said) = diff(&specs(), &checkout);
    assert!(ended == Some(3) && said.contains("x-mood"), "{said}");
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn commit(root: &Path, tag: &str) {
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message", tag]);
    git(root, &["tag", tag]);
}

fn git(root: &Path, args: &[&str]) {
    let who = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(who).args(args).current_dir(root).env_remove("GIT_DIR").output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}
