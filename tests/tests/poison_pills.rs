//! Transactions that end the process that replays them: the open after it names them, and they can be given up. The
//! processes are real ones, and so are their ends.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use prevalent::{Builder, Durability, Error, ReplayEnd, Seq, prevalent, void};

/// Where a child has its store; only a child has it set.
const DIR: &str = "PREVALENT_TESTS_PILLS_DIR";
/// What a child does there.
const JOB: &str = "PREVALENT_TESTS_PILLS_JOB";
/// Set where a pill does what it is there for.
const HARM: &str = "PREVALENT_TESTS_PILLS_HARM";

/// How a process ends.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pill {
    Overflow,
    Abort,
    Allocate,
    /// It doesn't, but takes its time, for somebody to kill it.
    Linger,
    /// It doesn't, but panics, once this process is told so.
    Panic,
}

static PANICS: AtomicBool = AtomicBool::new(false);

impl Pill {
    fn work(self) {
        assert!(self != Pill::Panic || !PANICS.load(Ordering::SeqCst), "a bitter one");
        if std::env::var_os(HARM).is_none() {
            return;
        }
        match self {
            Pill::Overflow => drop(overflow(&[1; 100])),
            Pill::Abort => std::process::abort(),
            // As much as there is, and then what there isn't.
            Pill::Allocate => {
                let mut all = Vec::new();
                loop {
                    all.push(vec![1_u8; 16 << 20]);
                }
            }
            Pill::Linger => {
                println!("\nlingering");
                std::thread::sleep(prevalent_tests::waiting::LIMIT);
            }
            Pill::Panic => {}
        }
    }
}

#[expect(unconditional_recursion, reason = "that is the point")]
fn overflow(before: &[u64; 100]) -> u64 {
    let mut here = *before;
    here[3] += 1;
    overflow(std::hint::black_box(&here)) + here[5]
}

/// An argument that works when it is decoded, if it holds a certain number: types are found out by decoding others.
#[derive(Clone, Copy, Debug)]
struct Coated(Pill);

const DOSE: u64 = 4_711_000_000;

impl serde::Serialize for Coated {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0, DOSE).serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Coated {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (pill, dose) = <(Pill, u64)>::deserialize(deserializer)?;
        if dose == DOSE {
            pill.work();
        }
        Ok(Coated(pill))
    }
}

#[prevalent]
#[derive(Debug, Default)]
struct Patient {
    eaten: u64,
    swallowed: u64,
}

#[prevalent]
impl Patient {
    #[tx]
    fn eat(&mut self, what: &str) {
        self.eaten += what.len() as u64;
    }

    #[tx]
    fn swallow(&mut self, pill: Pill) {
        self.swallowed += 1;
        pill.work();
    }

    #[tx]
    fn swallow_coated(&mut self, _pill: Coated) {
        self.swallowed += 1;
    }
}

fn builder(dir: &Path) -> Builder<PatientStore> {
    PatientStore::builder(dir).no_snapshot_on_close().snapshot_every_bytes(u64::MAX)
}

/// Not a test by itself: what a child process does.
#[test]
fn patient_in_a_child_process() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let dir = Path::new(&dir);
    let job = std::env::var(JOB).unwrap_or_default();
    let pill = [Pill::Overflow, Pill::Abort, Pill::Allocate]
        .into_iter()
        .find(|pill| format!("{pill:?}") == job);
    match builder(dir).open().wait() {
        Ok(store) => {
            if let Some(pill) = pill {
                store.swallow(pill).wait().unwrap();
            }
            store.close().wait().unwrap();
            println!("\nopened");
        }
        Err(error) => println!("\nrefused: {error}"),
    }
}

fn child(dir: &Path, job: &str) -> Command {
    // It gets no more memory than this, so that it can run out of it.
    let exe = std::env::current_exe().unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -c 0; ulimit -v 500000; exec \"$@\"", "sh"])
        .arg(exe)
        .args(["patient_in_a_child_process", "--exact", "--nocapture", "--test-threads=1"])
        .env(DIR, dir)
        .env(JOB, job)
        .env(HARM, "1");
    command
}

#[track_caller]
fn expect_death(dir: &Path, job: &str) {
    let Output { status, stdout, stderr } = child(dir, job).output().unwrap();
    let told = [stdout, stderr].map(|told| String::from_utf8_lossy(&told).into_owned()).concat();
    assert!(!told.contains("\nopened") && !told.contains("\nrefused"), "{told}");
    assert_eq!(status.code(), None, "a signal should have ended it: {status}, {told}");
}

#[track_caller]
fn expect_opened(dir: &Path) {
    let output = child(dir, "open").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("\nopened"), "{output:?}");
}

/// The files, but for the one that carries the lock.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let named = entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
    named
        .filter(|(name, _)| name != "LOCK")
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect()
}

/// Opens it, where a pill does no harm, and expects to be told.
#[track_caller]
fn expect_named(dir: &Path, expected_seq: u64, expected_tx: &str, was_acknowledged: bool) {
    let error = builder(dir).open().wait().unwrap_err();
    let text = error.to_string();
    let Error::ReplayPanicked { seq, tx, acknowledged, end, .. } = error else { panic!("{text}") };
    assert_eq!((seq, &*tx), (Seq::from(expected_seq), expected_tx), "{text}");
    assert_eq!((acknowledged, end), (was_acknowledged, ReplayEnd::Process), "{text}");
    let what_to_do = format!("void_on_replay_panic({expected_seq})");
    assert!(text.contains(expected_tx) && text.contains(&what_to_do), "{text}");
    assert!(text.contains("prevalent::void"), "{text}");
}

#[track_caller]
fn expect_no_trail(dir: &Path) {
    let lock = fs::read(dir.join("LOCK")).unwrap();
    assert!(lock.iter().all(|&byte| byte == 0), "{lock:?}");
}

#[test]
fn a_transaction_that_ends_its_process_is_named_by_the_open_after_the_replay_that_died_of_it() {
    for pill in [Pill::Overflow, Pill::Abort, Pill::Allocate] {
        let root = tempfile::tempdir().unwrap();
        let dir = &root.path().join("patient");
        let store = builder(dir).open().wait().unwrap();
        for _ in 0..3 {
            store.eat("soup").wait().unwrap();
        }
        drop(store);
        // Live, then in a replay.
        expect_death(dir, &format!("{pill:?}"));
        let before = files(dir);
        expect_death(dir, "open");
        expect_named(dir, 4, "swallow", false);
        // It is tried again, for the case that it was not its fault.
        expect_death(dir, "open");
        expect_named(dir, 4, "swallow", false);
        assert_eq!(files(dir), before, "{pill:?}: no byte has changed");

        let voided = void(dir, 4).reason("a pill").write().wait().unwrap();
        assert_eq!(
            (voided.seq, &*voided.tx, voided.acknowledged),
            (Seq::from(4), "swallow", false)
        );
        expect_opened(dir);
        let store = builder(dir).open().wait().unwrap();
        assert_eq!(store.read(|it| (it.eaten, it.swallowed)), (12, 0), "{pill:?}");
        assert_eq!(store.eat("bread").seq(), Some(Seq::from(5)), "its number stays used");
        expect_no_trail(dir);
    }
}

#[test]
fn what_ended_the_process_is_void_at_once_where_the_open_gives_it_up() {
    for told in [false, true] {
        let root = tempfile::tempdir().unwrap();
        let dir = &root.path().join("patient");
        builder(dir).open().wait().unwrap().eat("soup").wait().unwrap();
        expect_death(dir, "Abort");
        expect_death(dir, "open");
        if told {
            expect_named(dir, 2, "swallow", false);
        }
        // Whoever gives up another one is not helped.
        if !told {
            let error = builder(dir).void_on_replay_panic(1).open().wait().unwrap_err();
            assert!(
                matches!(error, Error::ReplayPanicked { seq, .. } if seq == Seq::from(2)),
                "{error}"
            );
        }
        let store = builder(dir).void_on_replay_panic(2).open().wait().unwrap();
        assert_eq!(store.read(|it| (it.eaten, it.swallowed)), (4, 0));
        drop(store);
        expect_opened(dir);
    }
}

/// A store in which number 5001 of 10,001 transactions is one that did no harm when it was committed.
fn with_a_pill_in_the_middle(dir: &Path, food: &str, coated: bool) {
    let store = builder(dir).durability(Durability::Manual).open().wait().unwrap();
    for _ in 0..5000 {
        store.eat(food).detach();
    }
    store.flush().wait().unwrap();
    if coated {
        store.swallow_coated(Coated(Pill::Abort)).wait().unwrap();
    } else {
        store.swallow(Pill::Abort).wait().unwrap();
    }
    for _ in 0..5000 {
        store.eat(food).detach();
    }
    store.close().wait().unwrap();
}

#[test]
fn one_among_many_that_were_applied_once_is_named_when_a_second_replay_has_died_of_it() {
    // Little enough for one thread, and enough for two.
    for food in ["soup".to_owned(), "noodles".repeat(40)] {
        for coated in [false, true] {
            let root = tempfile::tempdir().unwrap();
            let dir = &root.path().join("patient");
            with_a_pill_in_the_middle(dir, &food, coated);
            let before = files(dir);
            expect_death(dir, "open");
            expect_death(dir, "open");
            let tx = if coated { "swallow_coated" } else { "swallow" };
            expect_named(dir, 5001, tx, true);
            assert_eq!(files(dir), before);
            void(dir, 5001).write().wait().unwrap();
            expect_opened(dir);
        }
    }
}

/// A child that lingers in the replay of its store.
fn lingering(dir: &Path) -> Child {
    let mut child = child(dir, "open").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.is_ok_and(|line| line == "lingering")));
    child
}

#[test]
fn a_replay_that_was_killed_by_chance_stands_in_nobody_s_way() {
    let root = tempfile::tempdir().unwrap();
    let dir = &root.path().join("patient");
    let store = builder(dir).durability(Durability::Manual).open().wait().unwrap();
    store.swallow(Pill::Linger).wait().unwrap();
    for _ in 0..100 {
        store.eat("soup").detach();
    }
    store.close().wait().unwrap();
    let mut child = lingering(dir);
    assert!(matches!(builder(dir).open().wait(), Err(Error::Locked { .. })));
    child.kill().unwrap();
    child.wait().unwrap();
    let store = builder(dir).open().wait().unwrap();
    assert_eq!(store.read(|it| (it.eaten, it.swallowed)), (400, 1));
    expect_no_trail(dir);
}

#[test]
fn killed_by_chance_in_the_newest_transactions_it_is_told_once() {
    let root = tempfile::tempdir().unwrap();
    let dir = &root.path().join("patient");
    let store = builder(dir).open().wait().unwrap();
    store.swallow(Pill::Linger).wait().unwrap();
    store.eat("soup").wait().unwrap();
    drop(store);
    let mut child = lingering(dir);
    child.kill().unwrap();
    child.wait().unwrap();
    expect_named(dir, 1, "swallow", true);
    let store = builder(dir).open().wait().unwrap();
    assert_eq!(store.read(|it| (it.eaten, it.swallowed)), (4, 1));
}

#[test]
fn a_trail_in_another_journal_counts_for_nothing() {
    let root = tempfile::tempdir().unwrap();
    let (dir, other) = (&root.path().join("patient"), &root.path().join("other"));
    for dir in [dir, other] {
        builder(dir).open().wait().unwrap().eat("soup").wait().unwrap();
    }
    expect_death(dir, "Abort");
    let earlier = &root.path().join("earlier");
    fs::create_dir(earlier).unwrap();
    for (name, content) in files(dir) {
        fs::write(earlier.join(name), content).unwrap();
    }
    expect_death(dir, "open");
    // Another store, and the same one with one transaction more.
    fs::copy(dir.join("LOCK"), other.join("LOCK")).unwrap();
    builder(other).open().wait().unwrap();
    builder(earlier).open().wait().unwrap().eat("bread").wait().unwrap();
    fs::copy(dir.join("LOCK"), earlier.join("LOCK")).unwrap();
    builder(earlier).open().wait().unwrap();
    // And garbage.
    fs::write(dir.join("LOCK"), [0xa5; 1000]).unwrap();
    builder(dir).open().wait().unwrap();
}

#[test]
fn an_open_that_fails_in_its_own_process_leaves_no_trail() {
    let root = tempfile::tempdir().unwrap();
    let dir = &root.path().join("patient");
    let store = builder(dir).open().wait().unwrap();
    store.eat("soup").wait().unwrap();
    store.swallow(Pill::Panic).wait().unwrap();
    drop(store);
    PANICS.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let error = builder(dir).open().wait().unwrap_err();
        let Error::ReplayPanicked { end, seq, .. } = &error else { panic!("{error}") };
        assert_eq!((*end, *seq), (ReplayEnd::Panic, Seq::from(2)));
        expect_no_trail(dir);
    }
    let store = builder(dir).void_on_replay_panic(2).open().wait().unwrap();
    assert_eq!(store.read(|it| (it.eaten, it.swallowed)), (4, 0));
}
