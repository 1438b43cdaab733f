//! The project's own commands. `cargo xtask help` lists them.

mod bench;
mod checks;
mod codegen;
mod crash;
mod demo;
mod diff;
mod examples;
mod fuzz;
mod import;
mod ledger;
mod package;
mod semver;
mod soak;
mod specs;
mod synapse;
mod test;
mod tool;
mod update;
mod workflows;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a command gives back: nothing, or a reason to print.
pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

const USAGE: &str = "\
usage: cargo xtask <command>

  codegen [--check]            write the generated code, or check that it is current
  ops [--api <api>]            one line per operation
  test [--bless] [--long]      everything that must hold, live tests included; --long adds what takes minutes
  fuzz [--seconds N] [target]  libFuzzer around what must hold for any bytes, 60 s a target unless told otherwise
  import <folder>              read an upstream matrix-spec checkout into specs/matrix
  diff <old> <new> [--markdown | --json]
                               what changed for users of the Rust: folders of specs, upstream checkouts, git revisions
  specs verify [--bless]       every operation held against the routes that Synapse registers
  update <checkout | tag | newest>
                               another release of the specification: import, code, report, history, in one go
  examples <folder>            upstream's examples of responses and events, read, written back and compared
  bench [subject ...] [--quick] [--all]
                               matrix-api beside its peers, into bench/RESULTS.md; --all adds what takes a quarter of an hour
  bench --guard [--bless]      the instructions of the core paths, counted by callgrind
  crash [KILLS]                the echo bot, killed again and again while it is spoken to, loses nothing
  demo                         a tour of the SDK on a real homeserver of its own
  msrv                         the published crate with the oldest compiler that it promises to build with
  docs                         the documentation as docs.rs builds it
  deny [<checks>]              licences, sources and known holes of all dependencies
  workflows                    the workflow files, checked by actionlint
  package [--allow-dirty]      what is published: packed, unpacked elsewhere, built and tested offline
  semver [<revision>]          whether the version says what has changed since the release before
  publish --dry-run            publishing, as far as it goes without publishing
  soak [--messages N] [--kills N]
                               messages through a proxy that breaks connections, the homeserver killed ten times
  synapse start|stop|status    a real homeserver on loopback, for trying things out
  synapse run <command>        the command with a homeserver in its environment
";

/// The folder of the workspace, wherever the command was called from.
pub(crate) fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    if args.first().is_some_and(|command| command == "diff") {
        return diff::run(rest);
    }
    let rustdoc = std::env::var_os(checks::RUSTDOC);
    let outcome = match args.first().map(String::as_str) {
        _ if rustdoc.is_some() => checks::rustdoc(&rustdoc.unwrap_or_default()),
        Some("bench") => bench::run(rest),
        Some("codegen") => codegen::run(rest),
        Some("ops") => codegen::ops(rest),
        Some("crash") => crash::run(rest),
        Some("deny") => checks::deny(rest),
        Some("docs") => checks::docs(rest),
        Some("msrv") => checks::msrv(rest),
        Some("package") => package::run(rest),
        Some("publish") => package::publish(rest),
        Some("semver") => semver::run(rest),
        Some("workflows") => workflows::run(rest),
        Some("demo") => demo::run(rest),
        Some("examples") => examples::run(rest),
        Some("fuzz") => fuzz::run(rest),
        Some("import") => import::run(rest),
        Some("soak") => soak::run(rest),
        Some("test") => test::run(rest),
        Some("update") => update::run(rest),
        Some("specs") => specs::run(rest),
        Some("synapse") => synapse::run(rest),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
