//! `cargo xtask package`: what is published, built and tested as those get it who know nothing of this repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tool::succeed;
use crate::{Outcome, workspace};

const USAGE: &str = "usage: cargo xtask package [--allow-dirty]";

/// More than this is something that does not belong there.
const LIMIT: u64 = 3 * 1024 * 1024;

type Failure = Box<dyn std::error::Error>;

/// A crate that is published.
#[derive(Debug)]
struct Published {
    name: String,
    version: String,
    metadata: serde_json::Value,
}

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Outcome {
    let dirty = match args {
        [] => false,
        [flag] if flag == "--allow-dirty" => true,
        _ => return Err(USAGE.into()),
    };
    for krate in published()? {
        described(&krate)?;
        let file = packed(&krate, dirty)?;
        let folder = unpacked(&krate, &file)?;
        let tested = apart(&folder.0);
        println!("{} {}: {} KiB, tested without this repository", krate.name, krate.version, size(&file)? / 1024);
        tested?;
    }
    Ok(())
}

/// The members of the workspace that crates.io is to have.
fn published() -> Result<Vec<Published>, Failure> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(workspace())
        .output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata has no packages")?;
    let wanted = packages.iter().filter(|package| package["publish"].is_null());
    let text = |package: &serde_json::Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    Ok(wanted
        .map(|package| Published {
            name: text(package, "name"),
            version: text(package, "version"),
            metadata: package.clone(),
        })
        .collect())
}

/// What crates.io and docs.rs show must be there, and true of this crate.
fn described(krate: &Published) -> Outcome {
    let metadata = &krate.metadata;
    for key in ["description", "license", "repository", "readme", "rust_version", "keywords", "categories"] {
        let empty = metadata[key].is_null() || metadata[key].as_array().is_some_and(Vec::is_empty);
        if empty {
            return Err(format!("{}: Cargo.toml has no `{key}`", krate.name).into());
        }
    }
    let shown = shown(metadata);
    let all = metadata["features"].as_object().into_iter().flatten().map(|(name, _)| name);
    let hidden: Vec<_> = all.filter(|name| *name != PLATFORM && !shown.contains(*name)).cloned().collect();
    if !hidden.is_empty() {
        return Err(format!("{}: docs.rs is not told to show {}", krate.name, hidden.join(", ")).into());
    }
    Ok(())
}

/// The feature that needs a library of the platform, and has no items of its own.
const PLATFORM: &str = "native-tls";

/// What docs.rs shows: the features that it is told of, and what they stand for.
fn shown(metadata: &serde_json::Value) -> BTreeSet<String> {
    let words = |list: &serde_json::Value| -> Vec<String> {
        let list = list.as_array().into_iter().flatten();
        list.filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    let mut next = words(&metadata["metadata"]["docs"]["rs"]["features"]);
    next.push("default".to_owned());
    let mut shown = BTreeSet::new();
    while let Some(feature) = next.pop() {
        next.extend(words(&metadata["features"][&feature]));
        shown.insert(feature);
    }
    shown
}

/// All features of the published crate but the one that needs a library of the platform.
pub(crate) fn features() -> Result<String, Failure> {
    Ok(docs_rs("features")?.join(","))
}

/// A list of what docs.rs is told.
pub(crate) fn docs_rs(key: &str) -> Result<Vec<String>, Failure> {
    let krate = published()?.into_iter().next().ok_or("nothing is published")?;
    let list = krate.metadata["metadata"]["docs"]["rs"][key].clone();
    serde_json::from_value(list).map_err(|_| format!("docs.rs is told no `{key}`").into())
}

fn packed(krate: &Published, dirty: bool) -> Result<PathBuf, Failure> {
    let mut package = Command::new("cargo");
    package.args(["package", "--no-verify", "--locked", "--package", &krate.name]);
    if dirty {
        package.arg("--allow-dirty");
    }
    succeed(&mut package, "cargo package")?;
    let file = workspace().join(format!("target/package/{}-{}.crate", krate.name, krate.version));
    let size = size(&file)?;
    if size > LIMIT {
        return Err(format!("{}: {size} bytes, more than {LIMIT}", file.display()).into());
    }
    Ok(file)
}

fn size(file: &Path) -> Result<u64, Failure> {
    Ok(fs::metadata(file).map_err(|error| format!("{}: {error}", file.display()))?.len())
}

/// A folder that is gone afterwards.
struct Unpacked(PathBuf);

impl Drop for Unpacked {
    fn drop(&mut self) {
        if let Some(above) = self.0.parent() {
            let _ = fs::remove_dir_all(above);
        }
    }
}

/// Unpacks it outside of the workspace, where nothing of ours is in reach.
fn unpacked(krate: &Published, file: &Path) -> Result<Unpacked, Failure> {
    let above = std::env::temp_dir().join(format!("{}-{}", krate.name, std::process::id()));
    let _ = fs::remove_dir_all(&above);
    fs::create_dir_all(&above)?;
    let folder = Unpacked(above.join(format!("{}-{}", krate.name, krate.version)));
    let status = Command::new("tar").arg("-xzf").arg(file).arg("-C").arg(&above).status()?;
    if !status.success() {
        return Err(format!("{}: tar cannot unpack it", file.display()).into());
    }
    for needed in ["README.md", "LICENSE-APACHE", "LICENSE-MIT", "NOTICE"] {
        if !folder.0.join(needed).is_file() {
            return Err(format!("{}: {needed} is missing", file.display()).into());
        }
    }
    Ok(folder)
}

/// Builds and tests it with what is on this machine already: as most people have it, then with all that it can do.
fn apart(folder: &Path) -> Outcome {
    let all = features()?;
    let tests = ["test", "--lib", "--tests", "--examples"];
    cargo(folder, &["build"])?;
    cargo(folder, &tests)?;
    cargo(folder, &[&tests[..], &["--features", &all]].concat())?;
    cargo(folder, &["test", "--doc", "--features", &all])
}

/// Cargo in a folder, without a network and with the dependencies that the package names.
fn cargo(folder: &Path, args: &[&str]) -> Outcome {
    let mut cargo = Command::new("cargo");
    cargo.args(args).args(["--locked", "--offline"]);
    if std::env::var_os("CARGO_PROFILE_DEV_DEBUG").is_none() {
        cargo.args(["--config", "profile.dev.debug=\"line-tables-only\""]);
    }
    let status = cargo.env("CARGO_TARGET_DIR", workspace().join("target")).current_dir(folder).status()?;
    if status.success() { Ok(()) } else { Err(format!("cargo {} of the package failed", args.join(" ")).into()) }
}

/// `cargo xtask publish --dry-run`: as far as it goes without publishing.
pub(crate) fn publish(args: &[String]) -> Outcome {
    match args {
        [flag] if flag == "--dry-run" => {}
        _ => {
            return Err(
                "usage: cargo xtask publish --dry-run (publishing itself is `cargo publish`, by a person)".into()
            );
        }
    }
    for krate in published()? {
        let mut publish = Command::new("cargo");
        publish.args(["publish", "--dry-run", "--locked", "--package", &krate.name]);
        succeed(&mut publish, "cargo publish --dry-run")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{described, published};
    use crate::{import, synapse, workspace};

    #[test]
    fn one_crate_is_published_and_says_what_it_is() {
        let published = published().unwrap();
        let names: Vec<_> = published.iter().map(|krate| krate.name.as_str()).collect();
        assert_eq!(names, ["matrix-api"]);
        published.iter().for_each(|krate| described(krate).unwrap());
    }

    #[test]
    fn a_package_that_says_too_little_is_refused() {
        let mut krate = published().unwrap().remove(0);
        krate.metadata["keywords"] = serde_json::json!([]);
        assert_eq!(described(&krate).unwrap_err().to_string(), "matrix-api: Cargo.toml has no `keywords`");
        let mut krate = published().unwrap().remove(0);
        krate.metadata["metadata"] = serde_json::Value::Null;
        let refusal = described(&krate).unwrap_err().to_string();
        assert!(refusal.starts_with("matrix-api: docs.rs is not told to show application-service, "), "{refusal}");
        assert!(refusal.ends_with(", unstable"), "{refusal}");
    }

    #[test]
    fn the_package_has_the_licences_of_the_repository() {
        for name in ["LICENSE-APACHE", "LICENSE-MIT", "NOTICE"] {
            let read = |folder: &str| fs::read_to_string(workspace().join(folder).join(name)).unwrap();
            assert_eq!(read("."), read("matrix-api"), "{name}");
        }
    }

    #[test]
    fn the_change_log_names_what_the_next_release_is_made_from() {
        let text = fs::read_to_string(workspace().join("CHANGELOG.md")).unwrap();
        let (release, _) = import::held(&workspace().join("specs")).unwrap();
        let made = format!(
            "\n## Unreleased\n\nGenerated from Matrix {} (matrix-spec `{}`), tested against Synapse {}.\n",
            release.tag,
            release.commit,
            synapse::VERSION
        );
        assert!(text.contains(&made), "CHANGELOG.md should say:{made}");
    }
}
