//! Files in, trees out: the only pass that reads a disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use crate::docs::Docs;
use crate::error::{Error, Errors};
use crate::node::{Cursor, Node};
use crate::parallel;
use crate::patch::{Patch, Release};
use crate::semantics::Semantics;
use crate::span;
use crate::stance::Stance;

/// Everything under `specs/`, parsed.
#[derive(Clone)]
pub(crate) struct Specs {
    pub(crate) apis: Vec<ApiSource>,
    pub(crate) events: Option<EventsSource>,
    /// The documents, by path below `specs/`.
    pub(crate) files: Files,
    pub(crate) patches: Rc<[Patch]>,
    /// What OpenAPI cannot say, by API.
    pub(crate) semantics: Rc<BTreeMap<String, Semantics>>,
    pub(crate) docs: Docs,
    /// The release of upstream that the documents are from.
    pub(crate) release: Option<Release>,
    pub(crate) stance: Stance,
}

/// Documents by path, which whoever changes none of them has in common with others.
pub(crate) type Files = BTreeMap<String, Rc<Node>>;

/// One API of `sources.yaml`.
#[derive(Clone, Debug)]
pub(crate) struct ApiSource {
    pub(crate) api: String,
    pub(crate) module: String,
    pub(crate) feature: String,
    pub(crate) service: String,
    /// Where its documents lie, below `specs/`.
    pub(crate) folder: String,
    /// Whether its operations are proposals, each sent only to a server that names it.
    pub(crate) unstable: bool,
    /// The operations to generate; `None` means all.
    pub(crate) operations: Option<Vec<String>>,
    /// The page of the specification that describes it.
    pub(crate) spec: Option<String>,
}

impl ApiSource {
    /// Whether its documents are our own: those lie right below `specs/`.
    pub(crate) fn is_own(&self) -> bool {
        !self.folder.contains('/')
    }
}

/// Where rows may be meant for some releases only.
const OURS: [&str; 3] = ["docs/", "semantics/", "sources.yaml"];

/// The contents of events, as `sources.yaml` names them.
#[derive(Clone, Debug)]
pub(crate) struct EventsSource {
    pub(crate) module: String,
    pub(crate) feature: String,
    /// Where the schemas of single events lie, below `specs/`.
    pub(crate) folder: String,
}

/// What tables, words and spots of event contents go by, as those of an API by its name.
pub(crate) const EVENTS: &str = "events";

/// The texts of a folder of specs, by path.
pub type Texts = BTreeMap<String, String>;

/// Reads every YAML file below a folder.
pub(crate) fn texts(folder: &Path) -> Result<Texts, Errors> {
    let mut texts = Texts::new();
    read_folder(folder, "", &mut texts)?;
    Ok(texts)
}

fn read_folder(folder: &Path, prefix: &str, texts: &mut Texts) -> Result<(), Error> {
    let refuse = |error: std::io::Error| Error::new(folder.to_string_lossy(), "", error.to_string());
    for entry in fs::read_dir(folder).map_err(refuse)? {
        let entry = entry.map_err(refuse)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), texts)?;
        } else if name.ends_with(".yaml") {
            texts.insert(name, fs::read_to_string(entry.path()).map_err(refuse)?);
        }
    }
    Ok(())
}

/// Parses the texts.
pub(crate) fn documents(texts: &Texts) -> Result<Specs, Errors> {
    let mut errors = Errors::default();
    let mut trees: BTreeMap<String, Node> = BTreeMap::new();
    let texts: Vec<_> = texts.iter().collect();
    let parsed = parallel::each(&texts, |(file, text)| Node::parse(file, text));
    for ((file, _), node) in texts.into_iter().zip(parsed) {
        trees.extend(errors.keep(node).map(|node| (file.clone(), node)));
    }
    let mut errors = match errors.or(()) {
        Ok(()) => Errors::default(),
        Err(errors) => return Err(errors),
    };
    let release = trees.get("sources.yaml").and_then(tag).and_then(Release::parse);
    select(&mut trees, release, &mut errors);
    let apis = errors.keep(sources(&trees)).unwrap_or_default();
    let events = errors.keep(events(&trees)).flatten();
    let of = |folder: &str| {
        let prefix = format!("{folder}/");
        trees.iter().filter(move |(file, _)| file.starts_with(&prefix)).map(|(file, node)| Cursor::root(file, node))
    };
    let mut patches = Vec::new();
    for file in of("patches") {
        patches.extend(errors.keep(crate::patch::read(&file)).unwrap_or_default());
    }
    let mut semantics = BTreeMap::new();
    let known: Vec<&str> = apis.iter().map(|source| &*source.api).chain(events.as_ref().map(|_| EVENTS)).collect();
    for api in &known {
        let files: Vec<_> = of(&format!("semantics/{api}")).collect();
        semantics.extend(errors.keep(Semantics::read(&files)).map(|tables| ((*api).to_owned(), tables)));
    }
    for file in of("semantics") {
        let api = file.file.split('/').nth(1).unwrap_or_default();
        if !known.contains(&api) {
            errors.push(file.error(format!("sources.yaml has no API `{api}`")));
        }
    }
    let docs = errors.keep(Docs::read(of("docs"))).unwrap_or_default();
    let apart = ["patches/", "semantics/", "docs/", "sources.yaml"];
    let files = trees.into_iter().filter(|(file, _)| !apart.iter().any(|apart| file.starts_with(apart)));
    let files = files.map(|(file, node)| (file, Rc::new(node))).collect();
    let (patches, semantics) = (patches.into(), Rc::new(semantics));
    errors.or(Specs { apis, events, files, patches, semantics, docs, release, stance: Stance::default() })
}

/// Takes the rows that other releases have out of what is ours.
fn select(trees: &mut BTreeMap<String, Node>, release: Option<Release>, errors: &mut Errors) {
    for (file, tree) in trees.iter_mut().filter(|(file, _)| OURS.iter().any(|ours| file.starts_with(ours))) {
        let root = std::mem::replace(tree, Node::Null);
        match span::select(file, root, release) {
            Ok(selected) => *tree = selected,
            Err(refusals) => errors.extend(refusals),
        }
    }
}

fn sources(trees: &BTreeMap<String, Node>) -> Result<Vec<ApiSource>, Error> {
    let file = "sources.yaml";
    let root = trees.get(file).ok_or_else(|| Error::new(file, "", "is missing"))?;
    let at = Cursor::root(file, root);
    let tag = tag(root);
    let apis = at.entries()?.into_iter().find(|(key, _)| *key == "apis");
    let (_, apis) = apis.ok_or_else(|| at.error("`apis` is missing"))?;
    apis.items()?.iter().map(|at| source(at, tag)).collect()
}

fn events(trees: &BTreeMap<String, Node>) -> Result<Option<EventsSource>, Error> {
    let file = "sources.yaml";
    let Some(root) = trees.get(file) else { return Ok(None) };
    let Some((_, at)) = Cursor::root(file, root).entries()?.into_iter().find(|(key, _)| *key == "events") else {
        return Ok(None);
    };
    let keys = at.keywords()?;
    let text = |key: &str| keys.need(key).and_then(|at| at.text().map(str::to_owned));
    let source = EventsSource { module: text("module")?, feature: text("feature")?, folder: text("folder")? };
    // Which files to import beside them; here they are found by what refers to them.
    keys.take("also");
    keys.finish()?;
    Ok(Some(source))
}

/// The tag of upstream's release.
fn tag(sources: &Node) -> Option<&str> {
    match sources.at("/upstream/tag") {
        Some(Node::Text(tag)) => Some(tag),
        _ => None,
    }
}

fn source(at: &Cursor<'_>, tag: Option<&str>) -> Result<ApiSource, Error> {
    let keys = at.keywords()?;
    let text = |key: &str| keys.need(key).and_then(|at| at.text().map(str::to_owned));
    let operations = keys.need("operations")?;
    let source = ApiSource {
        api: text("api")?,
        module: text("module")?,
        feature: text("feature")?,
        service: text("service")?,
        folder: text("folder")?,
        unstable: keys.flag("unstable")?,
        operations: match operations.node {
            Node::Text(all) if all == "all" => None,
            _ => Some(operations.texts()?),
        },
        spec: keys.text("spec")?.map(|url| url.replace("{tag}", tag.unwrap_or_default())),
    };
    keys.finish()?;
    Ok(source)
}
