//! A small store directory, one that was closed and one whose process was killed: every bit flipped, every file cut at every
//! length, every sector zeroed, files removed, renamed, swapped and brought in from elsewhere.
//!
//! After a clean close an open gives the same state or a typed error. After a kill also a shorter state, but only where the
//! damage is in the last batch, for which nothing vouches, and the loss is reported. An error changes no byte. What is in the
//! lock file, whatever has become of it, costs no more than one open that fails.
//!
//! `PREVALENT_CRASH_BITS=1` flips every bit, not only one in so many.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use prevalent::testing::{Disk, SimDisk};
use prevalent::{Durability, Error, ReplayEnd, Seq, prevalent};
use prevalent_tests::disk::journal_bytes;
use prevalent_tests::golden::stores;
use prevalent_tests::ledger::{Ledger, LedgerStore, hush};
use prevalent_tests::oracle::{files, knob};
use prevalent_tests::record::Setup;

/// A store's directory, and what is in it.
struct Sample {
    files: BTreeMap<String, Vec<u8>>,
    state: Ledger,
    /// The sequence number through which something vouches for the journal.
    vouched: u64,
    /// How long the newest segment was after each of its batches, the preamble included, and the state then.
    ends: Vec<(usize, u64)>,
    newest: String,
}

/// The newest segment is not full: there are zeros behind its end, in the sector that it ends in and in the next one.
const SEGMENT_BYTES: u64 = 560;

fn setup() -> Setup {
    Setup {
        segment_bytes: SEGMENT_BYTES,
        snapshot_on_close: false,
        ..Setup::new(Durability::Always)
    }
}

fn newest_segment(disk: &SimDisk) -> String {
    let names = disk.file_names();
    names.into_iter().rfind(|name| name.ends_with(".journal")).expect("a segment")
}

/// At least three segments and two snapshots; the newest segment has several batches.
fn sample(closed: bool) -> Sample {
    hush();
    let sim = SimDisk::new();
    let store = setup().builder(sim.clone()).open().wait().expect("a store");
    let mut ends = Vec::new();
    for line in 0..9_u64 {
        store.add(format!("line {line}")).wait().expect("a line");
        if line == 1 || line == 3 {
            store.snapshot().wait().expect("a snapshot");
        }
        if line == 2 {
            store.explode().wait().expect_err("an explosion");
        }
        let newest = newest_segment(&sim);
        let seq = u64::from(store.stats().seq);
        let content = sim.file(&newest).expect("there");
        let len = journal_bytes(&content);
        if ends.last().is_none_or(|(name, _, _)| *name != newest) {
            // The preamble is a batch, too.
            let body = content[128 + 56..][..4].try_into().expect("four bytes");
            let body = u32::from_le_bytes(body) as usize;
            ends.push((newest.clone(), 128 + 80 + body + 1, seq - 1));
        }
        ends.push((newest.clone(), len, seq));
    }
    let state = store.read(Clone::clone);
    let seq = u64::from(store.stats().seq);
    if closed {
        prevalent::Store::close(&store).wait().expect("a close");
    }
    let files = files(&sim);
    sim.disconnect();
    drop(store);
    let newest = newest_segment(&sim);
    ends.retain(|(name, _, _)| *name == newest);
    assert!(files.keys().filter(|name| name.ends_with(".journal")).count() >= 3, "{sim:?}");
    assert_eq!(files.keys().filter(|name| name.ends_with(".snapshot")).count(), 2);
    assert!(ends.len() >= 3, "{ends:?}");
    assert_eq!(files.contains_key("CLEAN"), closed);
    let ends: Vec<_> = ends.into_iter().map(|(_, len, seq)| (len, seq)).collect();
    let zeros_until = files[&newest].len();
    assert!(zeros_until > 512 && ends.last().is_some_and(|(end, _)| *end < 512), "{ends:?}");
    Sample { files, state, vouched: if closed { seq } else { seq - 1 }, ends, newest }
}

fn disk(files: &BTreeMap<String, Vec<u8>>) -> SimDisk {
    let disk = SimDisk::new();
    for (name, content) in files {
        disk.set_file(name, content.clone());
    }
    disk
}

/// What came of an open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Same,
    SameAndReported,
    Shorter,
    Refused,
    SuspectTail,
}

impl Sample {
    /// Opens damaged files, and checks that nothing comes of it that must not. `cut`: how long the newest segment is, where
    /// it was cut.
    fn open(&self, damaged: &BTreeMap<String, Vec<u8>>, cut: Option<usize>, what: &str) -> Outcome {
        let disk = disk(damaged);
        match setup().builder(disk.clone()).open().wait() {
            Ok(store) => {
                let (recovery, seq) = (store.recovery(), u64::from(store.stats().seq));
                let state = store.read(Clone::clone);
                if state == self.state {
                    let end = self.ends.last().map(|(end, _)| *end as u64);
                    let dropped = recovery.dropped_tail.as_ref().map(|tail| tail.offset);
                    // Damage in the zeros behind the end.
                    assert!(dropped.is_none() || dropped == end, "{what}: {recovery:?}");
                    Self::expect_to_go_on(&store, &disk, what);
                    if recovery.damaged.is_empty() && dropped.is_none() {
                        Outcome::Same
                    } else {
                        Outcome::SameAndReported
                    }
                } else {
                    let prefix: Vec<_> =
                        self.state.lines.iter().filter(|line| line.seq <= seq).cloned().collect();
                    assert_eq!(state.lines, prefix, "{what}: {recovery:?}");
                    // What a cut takes away vouches for nothing any more.
                    let vouched = if cut.is_some() { self.ends[0].1 } else { self.vouched };
                    assert!(seq >= vouched, "{what}: {seq} of {vouched}: {recovery:?}");
                    // Cut off behind a whole batch it can't be told from an earlier crash.
                    let as_if_earlier = cut.is_some_and(|cut| self.ends.contains(&(cut, seq)));
                    assert!(
                        as_if_earlier || recovery.dropped_tail.is_some(),
                        "{what}: {recovery:?}"
                    );
                    Outcome::Shorter
                }
            }
            Err(error) => {
                assert!(files(&disk) == *damaged, "{what}: {error} changed something");
                match error {
                    Error::SuspectTail { seq, .. } => {
                        assert!(u64::from(seq) > self.vouched, "{what}: {error}");
                        let flagged =
                            setup().builder(disk.clone()).drop_suspect_tail().open().wait();
                        let store = flagged.unwrap_or_else(|error| panic!("{what}: {error}"));
                        assert_eq!(u64::from(store.stats().seq) + 1, u64::from(seq), "{what}");
                        assert!(store.recovery().dropped_tail.is_some_and(|tail| tail.suspect));
                        Outcome::SuspectTail
                    }
                    Error::Corrupt { .. }
                    | Error::UnsupportedFormat { .. }
                    | Error::WrongModel { .. } => Outcome::Refused,
                    other => panic!("{what}: {other:?}"),
                }
            }
        }
    }

    /// Whatever is damaged, what was accepted goes on.
    fn expect_to_go_on(store: &LedgerStore, disk: &SimDisk, what: &str) {
        store.add("more".to_owned()).wait().unwrap_or_else(|error| panic!("{what}: {error}"));
        let state = store.read(Clone::clone);
        let killed = disk.after_kill();
        let again = setup().builder(killed).open().wait();
        let again = again.unwrap_or_else(|error| panic!("{what}, a line more: {error}"));
        assert!(again.read(|again| *again == state), "{what}, a line more");
    }

    fn open_with(
        &self,
        what: &str,
        damage: impl FnOnce(&mut BTreeMap<String, Vec<u8>>),
    ) -> Outcome {
        let mut damaged = self.files.clone();
        damage(&mut damaged);
        self.open(&damaged, None, what)
    }
}

type Tally = BTreeMap<(String, Outcome), usize>;

fn both(test: impl Fn(&Sample, bool, &mut Tally)) {
    for closed in [true, false] {
        let mut tally = Tally::new();
        test(&sample(closed), closed, &mut tally);
        println!("closed: {closed}: {tally:?}");
        let shorter = tally.keys().any(|(_, outcome)| *outcome == Outcome::Shorter);
        let suspect = tally.keys().any(|(_, outcome)| *outcome == Outcome::SuspectTail);
        assert!(!(closed && (shorter || suspect)), "{tally:?}");
    }
}

#[test]
fn every_flipped_bit_gives_the_same_state_or_an_error() {
    let every = knob("PREVALENT_CRASH_BITS", 7);
    both(|sample, _, tally| {
        for (name, content) in &sample.files {
            for bit in (0..content.len() * 8).step_by(every) {
                let what = format!("bit {bit} of {name}");
                let outcome = sample.open_with(&what, |files| {
                    files.get_mut(name).expect("there")[bit / 8] ^= 1 << (bit % 8);
                });
                // A single bit is never taken for a tear.
                assert_ne!(outcome, Outcome::Shorter, "{what}");
                *tally.entry((name.clone(), outcome)).or_default() += 1;
            }
        }
    });
}

#[test]
fn every_cut_gives_the_same_state_or_an_error_or_loses_what_nothing_vouches_for() {
    both(|sample, _, tally| {
        for (name, content) in &sample.files {
            for len in 0..content.len() {
                let mut damaged = sample.files.clone();
                damaged.get_mut(name).expect("there").truncate(len);
                let cut = (*name == sample.newest).then_some(len);
                let outcome = sample.open(&damaged, cut, &format!("{name} cut at {len}"));
                *tally.entry((name.clone(), outcome)).or_default() += 1;
            }
        }
    });
}

#[test]
fn every_zeroed_sector_and_every_sector_from_elsewhere_is_noticed() {
    both(|sample, closed, tally| {
        let other = self::sample(closed);
        for (name, content) in &sample.files {
            for start in (0..content.len()).step_by(512) {
                let end = content.len().min(start + 512);
                for (kind, filler) in [("zeros", None), ("stale", other.files.get(name))] {
                    let what = format!("{kind} in {name} from {start} on");
                    let outcome = sample.open_with(&what, |files| {
                        let sector = &mut files.get_mut(name).expect("there")[start..end];
                        for (index, byte) in sector.iter_mut().enumerate() {
                            *byte = filler
                                .and_then(|filler| filler.get(start + index).copied())
                                .unwrap_or(0);
                        }
                    });
                    *tally.entry((name.clone(), outcome)).or_default() += 1;
                }
            }
        }
    });
}

#[test]
fn bytes_behind_the_end_of_a_file_are_noticed_unless_they_are_zeros() {
    both(|sample, _, tally| {
        for name in sample.files.keys() {
            for tail in [vec![0; 1], vec![0; 700], vec![7; 1], vec![7; 700]] {
                let what = format!("{} bytes {} behind {name}", tail.len(), tail[0]);
                let mut damaged = sample.files.clone();
                damaged.get_mut(name).expect("there").extend_from_slice(&tail);
                let disk = disk(&damaged);
                match setup().builder(disk.clone()).open().wait() {
                    Ok(store) => {
                        assert!(store.read(|state| *state == sample.state), "{what}");
                        *tally.entry((name.clone(), Outcome::Same)).or_default() += 1;
                    }
                    Err(error) => {
                        assert!(files(&disk) == damaged, "{what}: {error}");
                        *tally.entry((name.clone(), Outcome::Refused)).or_default() += 1;
                    }
                }
            }
        }
    });
}

#[test]
fn every_file_that_is_missing_is_named_or_not_needed() {
    both(|sample, closed, tally| {
        for name in sample.files.keys() {
            let mut damaged = sample.files.clone();
            damaged.remove(name);
            if *name == sample.newest && !closed {
                // Nothing else knows of it: it can't be told from a crash before it was made. What is shown is what was
                // there then.
                let store = setup().builder(disk(&damaged)).open().wait().expect("the rest opens");
                let seq = u64::from(store.stats().seq);
                let prefix = sample.state.lines.iter().filter(|line| line.seq <= seq);
                assert!(store.read(|state| state.lines.iter().eq(prefix)));
                continue;
            }
            let outcome = sample.open(&damaged, None, &format!("without {name}"));
            let needed = name.ends_with(".journal") && *name >= sample.newest;
            assert!(!needed || outcome == Outcome::Refused, "without {name}: {outcome:?}");
            *tally.entry((name.clone(), outcome)).or_default() += 1;
        }
        let nothing_but_a_journal = sample.open_with("without snapshots", |files| {
            files.retain(|name, _| !name.ends_with(".snapshot"));
        });
        assert_eq!(nothing_but_a_journal, Outcome::Refused);
    });
}

#[test]
fn a_segment_that_is_only_kept_to_fall_back_on_is_missed() {
    let sample = sample(true);
    let oldest = sample.files.keys().find(|name| name.ends_with(".journal")).expect("one").clone();
    let outcome = sample.open_with("without the oldest segment", |files| {
        files.remove(&oldest);
    });
    assert_eq!(outcome, Outcome::SameAndReported, "{oldest} of {:?}", sample.files.keys());
}

#[test]
fn files_that_were_renamed_or_swapped_or_doubled_are_named() {
    both(|sample, _, tally| {
        let names: Vec<&String> = sample.files.keys().collect();
        let kind = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
        for &one in &names {
            for &other in &names {
                if one == other || kind(one) != kind(other) {
                    continue;
                }
                let what = format!("{one} in the place of {other}");
                let outcome = sample.open_with(&what, |files| {
                    let content = files[one].clone();
                    files.insert(other.clone(), content);
                });
                assert_eq!(outcome, Outcome::Refused, "{what}");
                *tally.entry((kind(one), outcome)).or_default() += 1;
                let what = format!("{one} and {other} swapped");
                let outcome = sample.open_with(&what, |files| {
                    let (first, second) = (files[one].clone(), files[other].clone());
                    files.insert(one.clone(), second);
                    files.insert(other.clone(), first);
                });
                assert_eq!(outcome, Outcome::Refused, "{what}");
            }
            let Some((stem, suffix)) = one.split_once('.') else { continue };
            let number: u64 = stem.parse().expect("a number");
            for number in [0, number.saturating_sub(1), number + 1, number + 7, u64::MAX] {
                let name = format!("{number:020}.{suffix}");
                if sample.files.contains_key(&name) {
                    continue;
                }
                let what = format!("a copy of {one} as {name}");
                let outcome = sample.open_with(&what, |files| {
                    files.insert(name, sample.files[one].clone());
                });
                assert_eq!(outcome, Outcome::Refused, "{what}");
            }
        }
    });
}

#[test]
fn a_file_of_another_store_is_named() {
    both(|sample, closed, tally| {
        let other = self::sample(closed);
        for name in sample.files.keys() {
            let Some(content) = other.files.get(name) else { continue };
            let outcome = sample.open_with(&format!("{name} of another store"), |files| {
                files.insert(name.clone(), content.clone());
            });
            assert_eq!(outcome, Outcome::Refused, "{name}");
            *tally.entry((name.clone(), outcome)).or_default() += 1;
        }
    });
}

/// A copy of the store went on for itself: its files have the same store id.
#[test]
fn a_file_of_a_copy_that_went_on_for_itself_is_not_mixed_in() {
    let base = sample(false);
    let go_on = |text: &str, segment_bytes: u64| {
        let disk = disk(&base.files);
        let setup = Setup { segment_bytes, ..setup() };
        let store = setup.builder(disk.clone()).open().wait().expect("it opens");
        for line in 0..3 {
            store.add(format!("{text} {line}")).wait().expect("a line");
        }
        store.snapshot().wait().expect("a snapshot");
        for line in 3..9 {
            store.add(format!("{text} {line}")).wait().expect("a line");
        }
        let state = store.read(Clone::clone);
        let files = files(&disk);
        disk.disconnect();
        (files, state)
    };
    let mut refused = 0;
    for segment_bytes in [SEGMENT_BYTES, 1 << 20] {
        for other_text in ["the other, which is longer", "other"] {
            let (one, one_state) = go_on("one", segment_bytes);
            let (other, other_state) = go_on(other_text, segment_bytes);
            for (name, content) in &other {
                let mut mixed = one.clone();
                if mixed.insert(name.clone(), content.clone()).as_ref() == Some(content) {
                    continue;
                }
                match setup().builder(disk(&mixed)).open().wait() {
                    Ok(store) => {
                        let state = store.read(Clone::clone);
                        let is_prefix = |of: &Ledger| of.lines.starts_with(&state.lines);
                        let either = is_prefix(&one_state) || is_prefix(&other_state);
                        assert!(either, "{name}, segments of {segment_bytes}: {state:?}");
                    }
                    Err(Error::Corrupt { .. }) => refused += 1,
                    Err(other) => panic!("{name}: {other:?}"),
                }
            }
        }
    }
    assert!(refused > 0);
}

#[test]
fn foreign_files_are_left_alone() {
    both(|sample, _, _| {
        let foreign =
            ["notes.txt", "1.journal", "00000000000000000001.journal.bak", "CLEAN~", "x.tmp"];
        let outcome = sample.open_with("foreign files", |files| {
            for name in foreign {
                files.insert(name.to_owned(), b"mine".to_vec());
            }
        });
        assert_eq!(outcome, Outcome::Same);
        let mut with_foreign = sample.files.clone();
        for name in foreign {
            with_foreign.insert(name.to_owned(), b"mine".to_vec());
        }
        let disk = disk(&with_foreign);
        let store = setup().builder(disk.clone()).open().wait().expect("it opens");
        store.snapshot().wait().expect("a snapshot");
        prevalent::Store::close(&store).wait().expect("a close");
        for name in foreign {
            assert_eq!(disk.file(name).as_deref(), Some(&b"mine"[..]), "{name}");
        }
    });
}

/// A store in the middle of whose replay a process has ended, and what its lock file says.
fn trail() -> (SimDisk, Vec<u8>) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/1/trail");
    let disk = SimDisk::new();
    let mut trail = None;
    for entry in fs::read_dir(dir).expect("a directory") {
        let entry = entry.expect("an entry");
        let (name, content) = (entry.file_name(), fs::read(entry.path()).expect("a file"));
        match name.to_str().expect("a name") {
            "LOCK" => trail = Some(content),
            name => disk.set_file(name, content),
        }
    }
    (disk, trail.expect("a lock file"))
}

/// Opens the store with this in its lock file, and once more where it has to.
fn named_with(sample: &SimDisk, lock_file: &[u8], what: &str) -> Option<Seq> {
    let disk = sample.deep_clone();
    disk.set_lock_file(lock_file.to_vec());
    let open = || stores::builder("".as_ref()).on_disk(disk.clone()).open().wait();
    let (store, named) = match open() {
        Ok(store) => (store, None),
        Err(Error::ReplayPanicked { seq, end: ReplayEnd::Process, .. }) => {
            assert_eq!(files(&disk), files(sample), "{what}");
            let again = open().unwrap_or_else(|error| panic!("{what}: {error}"));
            (again, Some(seq))
        }
        Err(other) => panic!("{what}: {other}"),
    };
    assert_eq!(u64::from(store.stats().seq), 7, "{what}");
    assert_eq!(store.read(|state| (state.paid, state.drawn.len())), (1, 1), "{what}");
    let recovery = store.recovery();
    assert!(recovery.damaged.is_empty() && recovery.dropped_tail.is_none(), "{what}");
    let left = disk.lock_file().expect("it works").expect("it is there");
    let mut mark = [1; 64];
    assert_eq!(left.read_at(0, &mut mark).expect("a read"), 64, "{what}");
    assert_eq!(mark, [0; 64], "{what}");
    named
}

#[test]
fn a_damaged_trail_is_none_and_a_whole_one_names_its_transaction_once() {
    let (sample, trail) = trail();
    let named = named_with(&sample, &trail, "as it was");
    assert_eq!(named, Some(Seq::from(6)));
    for bit in 0..trail.len() * 8 {
        let mut damaged = trail.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let what = format!("bit {bit}");
        assert_eq!(named_with(&sample, &damaged, &what), None, "{what}");
    }
    for len in 0..trail.len() {
        let what = format!("cut at {len}");
        assert_eq!(named_with(&sample, &trail[..len], &what), None, "{what}");
    }
    for tail in [vec![0; 64], vec![7; 700], trail.clone()] {
        let long = [&trail[..], &tail].concat();
        assert_eq!(named_with(&sample, &long, "with something behind it"), named);
    }
}

#[test]
fn the_trail_of_another_journal_is_none() {
    let (_, trail) = trail();
    both(|sample, _, tally| {
        let disk = disk(&sample.files);
        disk.set_lock_file(trail.clone());
        let store = setup().builder(disk.clone()).open().wait().expect("it opens");
        assert!(store.read(|state| *state == sample.state));
        tally.insert(("LOCK".to_owned(), Outcome::Same), 1);
    });
}

/// CRC-32C, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0x82F6_3B78 } else { crc >> 1 }
        })
    })
}

#[test]
fn a_newer_format_and_unknown_flags_are_refused_by_name() {
    both(|sample, _, _| {
        for name in sample.files.keys() {
            for (offset, value) in [(8, 2_u8), (8, 0), (11, 0x80), (12, 2), (15, 0x80)] {
                let mut damaged = sample.files.clone();
                let content = damaged.get_mut(name).expect("there");
                content[offset] = value;
                let sum = crc(&content[..124]).to_le_bytes();
                content[124..128].copy_from_slice(&sum);
                let disk = disk(&damaged);
                let opened = setup().builder(disk.clone()).open().wait();
                match opened {
                    Err(Error::UnsupportedFormat { file, .. }) if offset < 12 => {
                        assert!(file.ends_with(name), "{file:?}");
                    }
                    Err(Error::UnknownContent { file, .. }) if offset >= 12 => {
                        assert!(file.ends_with(name), "{file:?}");
                    }
                    other => panic!("{name}, byte {offset}: {other:?}"),
                }
                assert!(files(&disk) == damaged, "{name}");
            }
        }
    });
}

/// Another model.
#[prevalent]
#[derive(Debug, Default)]
pub struct Other {
    lines: Vec<u64>,
}

#[prevalent]
impl Other {
    /// Adds a line.
    #[tx]
    pub fn add(&mut self, line: u64) {
        self.lines.push(line);
    }
}

#[test]
fn another_model_is_refused_and_nothing_is_changed() {
    both(|sample, _, _| {
        let disk = disk(&sample.files);
        let opened = OtherStore::builder("unused").on_disk(disk.clone()).open().wait();
        assert!(
            matches!(&opened, Err(Error::WrongModel { found, expected, .. }) if found == "Ledger" && expected == "Other"),
            "{opened:?}"
        );
        assert!(files(&disk) == sample.files);
    });
}

#[test]
fn a_directory_with_the_name_of_a_store_file_is_an_error() {
    for name in ["00000000000000000001.journal", "00000000000000000000.snapshot", "CLEAN"] {
        let place = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(place.path().join(name)).expect("a directory");
        let opened = LedgerStore::open(place.path()).wait();
        assert!(
            matches!(opened, Err(Error::Io { .. } | Error::Corrupt { .. })),
            "{name}: {opened:?}"
        );
        let left: Vec<_> = std::fs::read_dir(place.path())
            .expect("a directory")
            .map(|entry| entry.expect("an entry").file_name())
            .filter(|found| found != "LOCK")
            .collect();
        assert_eq!(left, [name], "nothing else was made");
    }
}
