//! A step back and a step ahead, on a copy of this repository's own specs and an upstream made from them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use matrix_api_codegen::diff::{Side, compare, folder};

use self::form::as_upstream_writes;
use super::{Options, papers, parse, update, upstream};
use crate::import::{Release, Texts, held};
use crate::workspace;

mod form;

/// A folder that is gone after the test.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("matrix-api-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// What the command reads and writes, as it stands here.
    fn workspace(&self) -> PathBuf {
        let root = self.0.join("root");
        for part in ["specs", "tests/data", "NOTICE", "CHANGELOG.md"] {
            copy(&workspace().join(part), &root.join(part));
        }
        root
    }

    /// A repository that has both releases, each made from what was imported of it.
    fn upstream(&self, releases: &[(&str, Texts)]) -> String {
        let folder = self.0.join("upstream");
        fs::create_dir_all(&folder).unwrap();
        git(&folder, &["init", "--quiet"]);
        for (tag, texts) in releases {
            let _ = fs::remove_dir_all(folder.join("data"));
            for (file, text) in texts.iter().filter_map(|(file, text)| Some((file.strip_prefix("matrix/")?, text))) {
                let file = folder.join("data").join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, as_upstream_writes(text)).unwrap();
            }
            git(&folder, &["add", "--all"]);
            git(&folder, &["commit", "--quiet", "--message", tag]);
            git(&folder, &["tag", tag]);
        }
        folder.to_string_lossy().into_owned()
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

fn git(folder: &Path, args: &[&str]) {
    let who = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(who).args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Every file but those that git fetched.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, at: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path == root.join("target") {
                continue;
            }
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(root, root, &mut found);
    found
}

fn differing(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let names: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
    names.into_iter().filter(|name| left.get(*name) != right.get(*name)).cloned().collect()
}

fn options(upstream: &str, from: &str) -> Options {
    Options { upstream: upstream.to_owned(), from: Some(from.to_owned()), ..Options::default() }
}

#[test]
fn a_step_back_and_one_ahead_leave_every_byte_as_it_was() {
    let scratch = Scratch::new("update");
    let root = scratch.workspace();
    let texts = |path: &str| folder(&workspace().join(path)).unwrap();
    let from = scratch.upstream(&[("v1.18", texts("tests/data/specs-v1.18")), ("v1.19", texts("specs"))]);
    // From here on the facts are those of the made-up upstream: its commit, its checksums.
    update(&root, &options("v1.19", &from)).unwrap();
    let begun = files(&root);
    update(&root, &options("v1.18", &from)).unwrap();
    assert_eq!(held(&root.join("specs")).unwrap().0.tag, "v1.18");
    let back = differing(&begun, &files(&root));
    assert!(back.iter().any(|file| file == "matrix-api/src/generated/client_server.rs"), "{back:?}");
    assert!(!back.iter().any(|file| file.starts_with("tests/data") || file.ends_with(".md")), "{back:?}");
    update(&root, &options("newest", &from)).unwrap();
    assert_eq!(differing(&begun, &files(&root)), Vec::<String>::new());
    // Nothing is left to take.
    update(&root, &options("newest", &from)).unwrap();
    assert_eq!(differing(&begun, &files(&root)), Vec::<String>::new());
}

/// The step ahead tells of what it took, once in the change log and once for the pull request.
#[test]
fn a_step_ahead_is_told_in_the_change_log_and_in_a_pull_request() {
    let release = |tag: &str| Release { tag: tag.to_owned(), commit: format!("{tag}-commit") };
    let side = |path: &str| Side::read(path, &folder(&workspace().join(path)).unwrap()).unwrap();
    let report = compare(&side("tests/data/specs-v1.18"), &side("specs"));
    let log = "# Changelog\n\n## Unreleased\n\nGenerated from Matrix v1.18 (matrix-spec `v1.18-commit`), tested.\n\n\
               ### Added\n\n- A thing.\n\n## 0.1.0\n\nThe first.\n";
    let (old, new) = (release("v1.18"), release("v1.19"));
    let log = papers::with_section(log, &old, &new, &report).unwrap();
    let begins = "# Changelog\n\n## Unreleased\n\nGenerated from Matrix v1.19 (matrix-spec `v1.19-commit`), tested.\n\n\
                  ### tests/data/specs-v1.18 → specs\n\n";
    assert!(log.starts_with(begins), "{log}");
    assert!(log.contains("\n#### Additive\n\n- **operation-added** `client_server::GetMutualRooms`: "), "{log}");
    assert!(log.ends_with("\n\n### Added\n\n- A thing.\n\n## 0.1.0\n\nThe first.\n"), "{log}");
    assert!(papers::with_section(&log, &old, &new, &report).is_err(), "the log is made from the new release by now");
    let request = papers::pull_request(&new, &report, &["one thing".to_owned()]);
    let begins = "Takes Matrix v1.19 (matrix-spec `v1.19-commit`).\n\n## Left to decide\n\n- [ ] one thing\n\n\
                  ## tests/data/specs-v1.18 → specs\n";
    assert!(request.starts_with(begins), "{request}");
    assert!(request.contains("`client_server::GetMutualRooms`"), "{request}");
}

/// What is new and has no rows is left to a person; the facts, the reports and the history are there all the same.
#[test]
fn what_needs_a_decision_is_listed_and_the_rest_is_done() {
    let scratch = Scratch::new("update-open");
    let root = scratch.workspace();
    let mut next = folder(&workspace().join("specs")).unwrap();
    let rooms = next.get_mut("matrix/api/client-server/mutual_rooms.yaml").unwrap();
    assert!(rooms.contains("getMutualRooms"));
    *rooms = rooms.replace("getMutualRooms", "getSharedRooms");
    let from = scratch.upstream(&[("v1.20", next)]);
    let report = scratch.0.join("report.md");
    let told = Options { report: Some(report.clone()), ..options("v1.20", &from) };
    let refusal = update(&root, &told).unwrap_err().to_string();
    assert!(refusal.contains("left to decide"), "{refusal}");
    assert_eq!(held(&root.join("specs")).unwrap().0.tag, "v1.20");
    let told = fs::read_to_string(report).unwrap();
    assert!(told.contains("- [ ] ") && told.contains("`getSharedRooms` has no row in effect.yaml"), "{told}");
    assert!(told.contains("- **operation-renamed** `client_server::GetSharedRooms`"), "{told}");
    let kept = fs::read_to_string(root.join("tests/data/specs-v1.19/release.yaml")).unwrap();
    assert!(kept.contains("\ntag: v1.19\nbeside: \"../../../specs\"\n"), "{kept}");
    let before = fs::read_to_string(root.join("tests/data/specs-v1.18/release.yaml")).unwrap();
    assert!(before.contains("\nbeside: \"../specs-v1.19\"\n"), "{before}");
    assert!(
        fs::read_to_string(root.join("specs/CHANGES-1.20.md")).unwrap().starts_with("# Matrix v1.19 → Matrix v1.20")
    );
}

#[test]
fn a_folder_that_is_no_checkout_needs_to_be_told_what_it_is() {
    let scratch = Scratch::new("update-folder");
    let folder = scratch.0.to_string_lossy().into_owned();
    let find = |tag: Option<&str>, commit: Option<&str>| {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let options = Options { upstream: folder.clone(), tag: own(tag), commit: own(commit), ..Options::default() };
        upstream::find(&scratch.0, &options, "")
    };
    let commit = "0123456789012345678901234567890123456789";
    assert_eq!(find(Some("v1.20"), Some(commit)).unwrap().1.tag, "v1.20");
    assert_eq!(find(Some("v1.20"), None).unwrap_err().to_string(), "a tag and its commit belong together");
    assert!(find(None, None).unwrap_err().to_string().contains("give --tag and --commit"));
}

#[test]
fn one_upstream_is_asked_for() {
    let parse = |args: &[&str]| parse(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>());
    let options = parse(&["v1.20", "--changelog", "--report", "a.md"]).unwrap();
    assert!(options.changelog && options.report.as_deref() == Some(Path::new("a.md")));
    for wrong in [&[][..], &["a", "b"], &["a", "--tag"], &["a", "--what"]] {
        assert!(parse(wrong).unwrap_err().to_string().starts_with("usage: "), "{wrong:?}");
    }
}
