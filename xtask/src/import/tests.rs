use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::sources::Release;
use super::tree::Tree;
use super::{Done, Failure, files_below, import, parse, write};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

const SOURCES: &str = r#"# Written by hand.
upstream:
  folder: matrix
  repository: https://example.org/spec
  tag: v0 # goes
  commit: "0000000000000000000000000000000000000000"
  licence: Apache-2.0

apis:
  # Ours, so not imported.
  - api: own
    folder: own
    operations: all
  - api: client-server
    folder: matrix/api/client-server
    operations: [one]

# A comment that stays.
checksums:
  api/gone.yaml: "00"
"#;

const DOCUMENT: &str = r##"# Copyright nobody
openapi: 3.1.0
info:
  title: A title
  version: 1.0.0
servers:
  - url: "{protocol}://{hostname}{basePath}"
    variables:
      protocol: {enum: [http, https], default: https}
      hostname: {default: "localhost:8008"}
      basePath: {default: /_matrix/client/v3}
paths:
  "/one ":
    get:
      summary: Prose.
      operationId: one
      security: [{token: []}]
      responses:
        "200":
          description: Prose.
          content:
            application/json:
              schema:
                $ref: definitions/thing.yaml
              examples:
                response:
                  value: {"$ref": "nowhere.yaml", "type": "m.thing"}
        "404": {description: Prose.}
components:
  securitySchemes:
    token:
      $ref: ../shared/security.yaml#/token
"##;

const SECURITY: &str = "token: {type: http, scheme: bearer, description: Prose.}\n";

const THING: &str = "type: object\n";

/// A folder of its own for a test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    /// Upstream's files and a `sources.yaml`.
    fn new(files: &[(&str, &str)]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("xtask-import-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let scratch = Self(std::env::temp_dir().join(name));
        scratch.put("specs/sources.yaml", SOURCES);
        scratch.put("data/api/client-server/one.yaml", DOCUMENT);
        scratch.put("data/api/client-server/definitions/thing.yaml", THING);
        scratch.put("data/api/shared/security.yaml", SECURITY);
        for (file, text) in files {
            scratch.put(&format!("data/api/{file}"), text);
        }
        scratch
    }

    fn put(&self, file: &str, text: &str) {
        let file = self.0.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn import(&self) -> Result<Done, Failure> {
        let release = Release { tag: "v1".to_owned(), commit: COMMIT.to_owned() };
        import(&self.0, &self.0.join("specs"), Some(release))
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join("specs").join(file)).unwrap()
    }

    /// Every file below specs, with its text.
    fn specs(&self) -> Vec<(PathBuf, String)> {
        let files = files_below(&self.0.join("specs")).unwrap();
        files.into_iter().map(|file| (file.clone(), fs::read_to_string(file).unwrap())).collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What is refused when `thing.yaml` has this text.
fn refused(thing: &str) -> String {
    let scratch = Scratch::new(&[("client-server/definitions/thing.yaml", thing)]);
    let before = scratch.specs();
    let message = scratch.import().unwrap_err().to_string();
    assert_eq!(scratch.specs(), before, "a refused import writes nothing");
    message
}

/// What is left of `thing.yaml` with this text, without the header.
fn kept(thing: &str) -> String {
    let scratch = Scratch::new(&[("client-server/definitions/thing.yaml", thing)]);
    scratch.import().unwrap();
    let text = scratch.read("matrix/api/client-server/definitions/thing.yaml");
    text.split_once('\n').unwrap().1.to_owned()
}

const AT: &str = "api/client-server/definitions/thing.yaml#";

#[test]
fn a_document_becomes_its_facts() {
    let scratch = Scratch::new(&[]);
    let done = scratch.import().unwrap();
    assert_eq!((done.files, done.removed), (3, 0));
    let expected = r##"# Facts imported from matrix-spec v1 by `cargo xtask import`; do not edit.
openapi: "3.1.0"
servers:
  - url: "{basePath}"
    variables:
      basePath:
        default: /_matrix/client/v3
paths:
  "/one ":
    get:
      operationId: one
      security:
        - token: []
      responses:
        "200":
          content:
            application/json:
              schema:
                $ref: definitions/thing.yaml
        "404": {}
components:
  securitySchemes:
    token:
      $ref: "../shared/security.yaml#/token"
"##;
    assert_eq!(scratch.read("matrix/api/client-server/one.yaml"), expected);
    let security = scratch.read("matrix/api/shared/security.yaml");
    assert_eq!(security.split_once('\n').unwrap().1, "token:\n  type: http\n  scheme: bearer\n");
}

#[test]
fn sources_keep_their_head_and_learn_release_and_checksums() {
    let scratch = Scratch::new(&[]);
    scratch.import().unwrap();
    let text = scratch.read("sources.yaml");
    let (head, checksums) = text.split_once("checksums:\n").unwrap();
    let before = SOURCES.split_once("checksums:\n").unwrap().0;
    let before = before.replace("v0 # goes", "v1").replace(&"0".repeat(40), COMMIT);
    assert_eq!(head, before);
    let sum = "34ea4d90d89b8e77e1a6c1c6c5e16b5fc7b08ad25b5d244a4a3822c27e7c740d";
    let lines: Vec<_> = checksums.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], format!("  api/client-server/definitions/thing.yaml: \"{sum}\""));
    assert!(lines[1].starts_with("  api/client-server/one.yaml: "));
    assert!(lines[2].starts_with("  api/shared/security.yaml: "));
}

#[test]
fn importing_twice_writes_the_same_bytes() {
    let scratch = Scratch::new(&[]);
    scratch.import().unwrap();
    let first = scratch.specs();
    import(&scratch.0.join("data"), &scratch.0.join("specs"), None).unwrap();
    assert_eq!(scratch.specs(), first);
}

#[test]
fn what_is_no_longer_reached_is_removed() {
    let scratch = Scratch::new(&[]);
    scratch.put("specs/matrix/old/gone.yaml", "# Facts imported from matrix-spec v0\ntype: object\n");
    assert_eq!(scratch.import().unwrap().removed, 1);
    assert!(!scratch.0.join("specs/matrix/old").exists());
}

#[test]
fn a_file_that_was_not_imported_is_refused_and_stays() {
    let scratch = Scratch::new(&[]);
    scratch.put("specs/matrix/own.yaml", "type: object\n");
    let message = scratch.import().unwrap_err().to_string();
    assert!(message.ends_with("own.yaml: was not imported, so it does not belong here"), "{message}");
    assert_eq!(scratch.read("matrix/own.yaml"), "type: object\n");
}

#[test]
fn another_content_under_the_same_commit_is_refused() {
    let scratch = Scratch::new(&[]);
    scratch.import().unwrap();
    scratch.put("data/api/client-server/definitions/thing.yaml", "type: string\n");
    let message = import(&scratch.0, &scratch.0.join("specs"), None).unwrap_err().to_string();
    let expected = format!(
        "not the files of v1 ({COMMIT}): 1 differ, the first is api/client-server/definitions/thing.yaml; \
         for another release, give --tag and --commit"
    );
    assert_eq!(message, expected);
}

#[test]
fn an_unknown_keyword_is_refused_with_its_place() {
    let text = "properties: {a/b: {items: {const: 1}}, c: {x-new: 1}}";
    let expected = format!(
        "{AT}/properties/a~1b/items/const: unknown keyword `const` in a schema\n\
         {AT}/properties/c/x-new: unknown keyword `x-new` in a schema"
    );
    assert_eq!(refused(text), expected);
}

#[test]
fn a_value_of_the_wrong_kind_is_refused() {
    assert_eq!(refused("type: {}"), format!("{AT}/type: expected one string or more, found a map"));
    assert_eq!(refused("required: true"), format!("{AT}/required: expected a list of strings, found a boolean"));
    assert_eq!(
        refused("x-addedInMatrixVersion: soon"),
        format!("{AT}/x-addedInMatrixVersion: expected a version, found a string")
    );
    assert_eq!(
        refused("x-changedInMatrixVersion: {new: a}"),
        format!("{AT}/x-changedInMatrixVersion/new: `new` is no version")
    );
    assert_eq!(refused("properties: [a]"), format!("{AT}/properties: expected a map, found a list"));
    assert_eq!(refused("minLength: a"), format!("{AT}/minLength: expected a number, found a string"));
}

#[test]
fn a_dangling_reference_is_refused() {
    let message = refused("items: {$ref: none.yaml}");
    let start =
        format!("{AT}/items/$ref: `none.yaml` leads to api/client-server/definitions/none.yaml, which cannot be read");
    assert!(message.starts_with(&start), "{message}");
    let expected = format!("{AT}/items/$ref: `#/components/schemas/A` leads nowhere");
    assert_eq!(refused("items: {$ref: '#/components/schemas/A'}"), expected);
    let expected = format!("{AT}/items/$ref: `../../../../a.yaml` leads out of the data folder");
    assert_eq!(refused("items: {$ref: ../../../../a.yaml}"), expected);
    let expected = format!("{AT}/items/$ref: `../one.yaml#/components/schemas/A` leads nowhere");
    assert_eq!(refused("items: {$ref: '../one.yaml#/components/schemas/A'}"), expected);
}

#[test]
fn a_file_is_one_thing_only() {
    let expected = format!("{AT}/items/$ref: `../one.yaml` is taken for a schema, and elsewhere for a document");
    assert_eq!(refused("items: {$ref: ../one.yaml}"), expected);
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    assert!(refused("type: object\ntype: string\n").contains("key `type` stands twice"));
}

#[test]
fn names_and_data_are_no_keywords() {
    let text = "\
properties:
  description:
    type: string
  example:
    type: string
  title:
    type: object
    properties:
      summary:
        type: string
  $ref:
    type: string
patternProperties:
  examples:
    type: string
required:
  - description
enum:
  - description: kept
default:
  $ref: kept.yaml
  x-new: 1
";
    assert_eq!(kept(text), text);
}

#[test]
fn prose_goes() {
    let text = "description: a\nexample: {$ref: none.yaml}\nexamples: [{x-new: 1}]\nx-weight: 1\ntype: object\n";
    assert_eq!(kept(text), "type: object\n");
}

#[test]
fn a_title_stays_where_it_is_a_name() {
    assert_eq!(kept("title: RoomFilter\n"), "title: RoomFilter\n");
    assert_eq!(kept("title: Room Filter\n"), "{}\n");
    assert_eq!(kept("title: Three-pid\n"), "{}\n");
}

#[test]
fn versions_keep_their_text() {
    assert_eq!(kept("x-addedInMatrixVersion: 1.10\n"), "x-addedInMatrixVersion: \"1.10\"\n");
    assert_eq!(kept("x-addedInMatrixVersion: '1.10'\n"), "x-addedInMatrixVersion: \"1.10\"\n");
    let expected = "x-changedInMatrixVersion:\n  - \"1.10\"\n  - \"1.2\"\n";
    assert_eq!(kept("x-changedInMatrixVersion: {1.10: Prose., '1.2': Prose.}\n"), expected);
}

#[test]
fn a_server_of_another_form_is_refused() {
    let at = "api/client-server/one.yaml#/servers";
    let other = DOCUMENT.replace("{protocol}://", "https://");
    let scratch = Scratch::new(&[("client-server/one.yaml", &other)]);
    let message = scratch.import().unwrap_err().to_string();
    assert_eq!(message, format!("{at}/0/url: expected `{{protocol}}://{{hostname}}{{basePath}}`"));
}

#[test]
fn an_api_folder_holds_documents_only() {
    let scratch = Scratch::new(&[("client-server/two.json", "{}")]);
    let message = scratch.import().unwrap_err().to_string();
    assert_eq!(message, "api/client-server/two.json: is no `.yaml` file");
}

#[test]
fn a_tag_needs_its_commit() {
    let args = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (folder, release) = parse(&args(&format!("a --tag v1 --commit {COMMIT}"))).unwrap();
    assert_eq!(folder, Path::new("a"));
    assert_eq!(release, Some(Release { tag: "v1".to_owned(), commit: COMMIT.to_owned() }));
    assert_eq!(parse(&args("a")).unwrap().1, None);
    assert_eq!(parse(&args("a --tag v1")).unwrap_err().to_string(), "a tag and its commit belong together");
    let message = parse(&args("a --tag v1 --commit 012")).unwrap_err().to_string();
    assert_eq!(message, "`012` is no full commit id");
    for wrong in ["a b", "--what a", "a --what b", "a --tag"] {
        assert_eq!(parse(&args(wrong)).unwrap_err().to_string(), super::USAGE);
    }
}

#[test]
fn the_committed_files_are_as_imported() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("specs");
    let sources = super::Sources::parse(&fs::read_to_string(specs.join("sources.yaml")).unwrap()).unwrap();
    let folder = specs.join(&sources.folder);
    let files = files_below(&folder).unwrap();
    let names: Vec<_> =
        files.iter().map(|file| file.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/")).collect();
    assert!(names.iter().eq(sources.checksums.keys()), "specs/matrix holds the files that sources.yaml lists");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let comment = super::header(&sources.release.tag);
        assert_eq!(write::document(&comment, &Tree::parse(&text).unwrap()), text, "{}", file.display());
    }
}

#[test]
fn the_notice_names_the_imported_release() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("");
    let sources = super::Sources::parse(&fs::read_to_string(root.join("specs/sources.yaml")).unwrap()).unwrap();
    let Release { tag, commit } = sources.release;
    let notice = fs::read_to_string(root.join("NOTICE")).unwrap();
    assert!(notice.contains(&format!("{tag}, commit {commit}")), "NOTICE names another release than {tag} ({commit})");
}
