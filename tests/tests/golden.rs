//! What was once written opens for ever: the stores in `tests/golden`, a directory for each version of the format.

use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;

use prevalent::{Seq, import, restore};
use prevalent_tests::golden::expect::{opened, transactions};
use prevalent_tests::golden::stores::{self, Program, STORES, builder};
use tempfile::TempDir;

fn versions() -> Vec<PathBuf> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut versions: Vec<_> =
        fs::read_dir(golden).unwrap().map(|entry| entry.unwrap().path()).collect();
    versions.retain(|path| path.is_dir());
    versions.sort();
    versions
}

/// Set where the machine must have `python3`.
const REQUIRE_PYTHON: &str = "PREVALENT_REQUIRE_PYTHON";

/// Every store of every version, with its directory.
fn golden() -> Vec<(PathBuf, Program)> {
    let mut all = Vec::new();
    for version in versions() {
        for entry in fs::read_dir(&version).unwrap() {
            let path = entry.unwrap().path();
            if !path.is_dir() || path.extension().is_some() {
                continue;
            }
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let store = STORES.iter().find(|store| store.name == name);
            all.push((path, store.unwrap_or_else(|| panic!("who opens {name}?")).program));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn copied(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    stores::copy(dir, copy.path());
    copy
}

fn expected(dir: &Path, what: &str) -> String {
    let path = dir.with_extension(what);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The state, without what an open said before it.
fn state(told: &str) -> &str {
    told.split_once('\n').unwrap().1
}

#[test]
fn every_store_is_there() {
    let names: Vec<_> = golden()
        .iter()
        .filter(|(dir, _)| dir.parent().unwrap().ends_with("1"))
        .map(|(dir, _)| dir.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut written: Vec<_> = STORES.iter().map(|store| store.name).collect();
    written.sort_unstable();
    assert_eq!(names, written);
}

#[test]
fn every_store_opens_as_it_did_when_it_was_written() {
    for (dir, program) in golden() {
        let copy = copied(&dir);
        assert_eq!(opened(program, copy.path()), expected(&dir, "opened.txt"), "{}", dir.display());
    }
}

#[test]
fn every_store_can_be_opened_again() {
    for (dir, program) in golden() {
        let copy = copied(&dir);
        let first = opened(program, copy.path());
        let second = opened(program, copy.path());
        // What a replay has ended with is tried again; what was dropped is not dropped again.
        if !first.starts_with("error") {
            assert_eq!(state(&second), state(&first), "{}", dir.display());
        }
    }
}

#[test]
fn the_transactions_are_those_that_were_committed() {
    for (dir, _) in golden() {
        let told = transactions(&dir).unwrap_or_else(|(lines, error)| {
            assert!(dir.ends_with("suspect"), "{}: {error}", dir.display());
            lines
        });
        assert_eq!(told, expected(&dir, "transactions.jsonl"), "{}", dir.display());
    }
}

/// `docs/format.md` is whole: the reader was written from it, in another language, without a look at this code.
#[test]
fn another_reader_finds_the_same() {
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/read.py");
    for version in versions() {
        let python = Command::new("python3").arg(&reader).arg("--self-test").arg(&version).output();
        let read = match python {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                assert!(std::env::var_os(REQUIRE_PYTHON).is_none(), "there is no `python3`");
                eprintln!("not checked: there is no `python3`");
                return;
            }
            read => read.unwrap(),
        };
        let told = String::from_utf8_lossy(&read.stdout);
        let stores = golden().iter().filter(|(dir, _)| dir.starts_with(&version)).count();
        let errors = String::from_utf8_lossy(&read.stderr);
        assert_eq!(told.trim(), format!("good: {stores} stores"), "{errors}");
    }
}

#[test]
fn the_first_state_and_the_journal_make_the_same_state_as_the_newest_snapshot() {
    let mut seen = 0;
    for (dir, program) in golden() {
        let copy = copied(&dir);
        let snapshots = snapshots(copy.path());
        let told = expected(&dir, "opened.txt");
        if snapshots.len() < 2 || snapshots[0] != "00000000000000000000.snapshot" {
            continue;
        }
        for newer in &snapshots[1..] {
            fs::remove_file(copy.path().join(newer)).unwrap();
        }
        // The mark tells of the journal's end alone, and stays true.
        let replayed = opened(program, copy.path());
        assert_eq!(state(&replayed), state(&told), "{}", dir.display());
        seen += 1;
    }
    assert!(seen >= 4, "{seen}");
}

fn snapshots(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut snapshots: Vec<_> = names.filter(|name| name.ends_with(".snapshot")).collect();
    snapshots.sort();
    snapshots
}

#[test]
fn commits_go_on_behind_what_was_written() {
    for (dir, program) in golden() {
        if program != Program::Golden || dir.ends_with("suspect") || dir.ends_with("trail") {
            continue;
        }
        let copy = copied(&dir);
        let open = || builder(copy.path()).open().wait().unwrap();
        let store = open();
        let before = store.read(Clone::clone);
        store.record("today", None).wait().unwrap();
        store.draw().wait().unwrap();
        store.snapshot().wait().unwrap();
        store.draw().wait().unwrap();
        let after = format!("{:?}", store.read(Clone::clone));
        let seq = store.stats().seq;
        store.close().wait().unwrap();
        let store = open();
        assert_eq!(format!("{:?}", store.read(Clone::clone)), after, "{}", dir.display());
        assert_eq!(store.stats().seq, seq);
        assert_eq!(store.read(|it| it.drawn.len()), before.drawn.len() + 2);
        store.verify().wait().unwrap();
    }
}

#[test]
fn a_bad_end_that_nothing_tells_of_as_a_tear_can_be_dropped_on_demand() {
    for version in versions() {
        let copy = copied(&version.join("suspect"));
        let store = builder(copy.path()).drop_suspect_tail().open().wait().unwrap();
        assert!(store.recovery().dropped_tail.unwrap().suspect);
        assert_eq!(store.read(|it| it.drawn.len()), 2);
    }
}

#[test]
fn what_a_replay_has_ended_with_is_tried_once_more() {
    for version in versions() {
        let copy = copied(&version.join("trail"));
        builder(copy.path()).open().wait().unwrap_err();
        let store = builder(copy.path()).open().wait().unwrap();
        assert_eq!(store.read(|it| it.paid), 1);
    }
}

#[test]
fn every_point_of_the_past_can_be_read_in_the_archive() {
    for version in versions() {
        let dir = version.join("archived");
        let (copy, archive) = (copied(&dir), copied(&dir.with_extension("archive")));
        let builder = || builder(copy.path()).archive_to(archive.path());
        let past = builder().open_at(Seq::from(1)).wait().unwrap();
        assert_eq!(past.shapes.len(), 1);
        let newest = builder().open().wait().unwrap();
        let state = format!("{:#?}\n", newest.read(Clone::clone));
        assert_eq!(state, self::state(&expected(&dir, "opened.txt")));
    }
}

#[test]
fn a_backup_is_restored() {
    for version in versions() {
        let dir = version.join("backed-up");
        let backup = copied(&dir.with_extension("backup"));
        let to = tempfile::tempdir().unwrap();
        let to = to.path().join("store");
        restore(backup.path()).to(&to).wait().unwrap();
        let told = opened(Program::Golden, &to);
        assert_eq!(state(&told), state(&expected(&dir, "opened.txt")));
    }
}

#[test]
fn an_export_is_imported() {
    for version in versions() {
        let lines = fs::File::open(version.join("imported.jsonl")).unwrap();
        let to = tempfile::tempdir().unwrap();
        let to = to.path().join("store");
        let imported = import(&to).read_from(BufReader::new(lines)).unwrap();
        let golden = expected(&version.join("imported"), "transactions.jsonl");
        let told = transactions(&to).unwrap();
        let same = usize::try_from(imported.transactions).unwrap();
        let first = |lines: &str| lines.lines().take(same).collect::<Vec<_>>().join("\n");
        assert_eq!(first(&told), first(&golden));
    }
}
