//! How many allocations the core paths make. A guard that needs no clock: it says the same on a busy machine.

mod paths;

use std::{fs, path::Path};

/// What a path may make more than the table says: a tenth of it.
const TOLERANCE: u64 = 10;

fn count(run: &mut dyn FnMut()) -> u64 {
    // What is made once is made by then: buffers of threads, the connection.
    run();
    run();
    allocation_counter::measure(run).count_total
}

#[test]
fn the_core_paths_allocate_no_more_than_they_did() {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/allocations.tsv");
    let known = fs::read_to_string(&table).unwrap_or_default();
    let known = |name: &str| known.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t')?.parse().ok());
    let counts: Vec<(&str, u64)> =
        paths::NAMES.iter().map(|&name| (name, count(&mut *paths::path(name).unwrap()))).collect();
    if std::env::var_os("BLESS").is_some() {
        let rows: String = counts.iter().map(|(name, count)| format!("{name}\t{count}\n")).collect();
        fs::write(&table, format!("path\tallocations\n{rows}")).unwrap();
        return;
    }
    let mut worse = Vec::new();
    for (name, count) in counts {
        let before: u64 = known(name).unwrap_or_else(|| panic!("{name} is not in {}", table.display()));
        if count > before + before / TOLERANCE {
            worse.push(format!("{name}: {count} allocations, not {before}"));
        } else if count < before {
            println!("{name}: {count} allocations, {before} before: bless it");
        }
    }
    assert!(worse.is_empty(), "{worse:#?}\nBLESS=1 takes this if it is meant");
}

#[test]
fn a_path_without_allocations_counts_none() {
    assert_eq!(count(&mut || {}), 0);
    assert_eq!(count(&mut || drop(std::hint::black_box(vec![1_u8]))), 1);
}
