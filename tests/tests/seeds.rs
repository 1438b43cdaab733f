//! The seeds of the fuzz targets, replayed without a fuzzer: what was found once stays mended.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use matrix_api_tests::fuzz::{TARGETS, run};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_seed_of_every_target_passes() {
    for (target, _) in TARGETS {
        let folder = fuzz().join("seeds").join(target);
        let seeds = names(&folder);
        assert!(seeds.len() >= 8, "{target} has {} seeds", seeds.len());
        for seed in seeds {
            // A panic names the target and what it found.
            run(target, &fs::read(folder.join(seed)).unwrap());
        }
    }
}

#[test]
fn every_target_has_its_seeds_and_its_program() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&fuzz().join("seeds")), targets);
    let programs = targets.iter().map(|name| format!("{name}.rs")).collect::<BTreeSet<_>>();
    assert_eq!(names(&fuzz().join("fuzz_targets")), programs);
}
