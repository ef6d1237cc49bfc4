//! `testing::Determinism`: transactions that do something else when they are run again are found, and named.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prevalent::testing::{Determinism, DeterminismError, Surroundings};
use prevalent::{TxContext, prevalent};

/// Its transactions are named after what they depend on.
#[prevalent]
#[derive(Debug, Default)]
pub struct Habits {
    numbers: Vec<u64>,
    words: HashMap<String, u64>,
    #[serde(with = "prevalent::unordered")]
    seen: HashSet<u64>,
    #[serde(skip)]
    unsaved: u64,
}

#[prevalent(tx_derive(Clone))]
impl Habits {
    #[tx]
    fn arguments(&mut self, words: Vec<String>) {
        for word in words {
            let place = self.words.len() as u64;
            self.words.insert(word, place);
            self.seen.insert(place);
        }
    }

    #[tx]
    fn context(&mut self, cx: &TxContext) {
        let now = cx.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.numbers.extend([cx.seq().into(), cx.random_u64(), now.as_secs()]);
    }

    #[tx]
    fn sorted(&mut self) {
        let sorted: BTreeSet<u64> = self.words.values().copied().collect();
        self.numbers.extend(sorted);
    }

    #[tx]
    fn clock(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        self.numbers.push(u64::try_from(now.as_nanos()).unwrap_or(0));
    }

    #[tx]
    fn counter(&mut self) {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        self.numbers.push(COUNTER.fetch_add(1, Ordering::Relaxed));
    }

    #[tx]
    fn map_order(&mut self) {
        self.numbers.extend(self.words.values());
    }

    #[tx]
    fn unsaved(&mut self) {
        self.unsaved += 1;
        self.numbers.push(self.unsaved);
    }

    #[tx]
    fn process(&mut self) {
        self.numbers.push(std::process::id().into());
    }

    #[tx]
    fn thread(&mut self) {
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        self.words.insert(name, 0);
    }

    #[tx]
    fn variable(&mut self) {
        let value = std::env::var("HABITS_OF_THE_TEST").unwrap_or_default();
        self.words.insert(value, 0);
    }

    #[tx]
    fn directory(&mut self) {
        let here = std::env::current_dir().map(|dir| dir.display().to_string());
        self.words.insert(here.unwrap_or_default(), 0);
    }

    #[tx]
    fn panics(&mut self) {
        self.numbers.push(1);
        panic!("not\ntoday");
    }
}

fn words() -> HabitsTx {
    let words = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].map(String::from).to_vec();
    HabitsTx::Arguments { words }
}

fn good() -> Vec<HabitsTx> {
    vec![words(), HabitsTx::Context {}, HabitsTx::Sorted {}]
}

/// Good transactions, a bad one, and good ones again.
fn with(bad: &HabitsTx) -> (Habits, Vec<HabitsTx>) {
    let mut transactions = good();
    transactions.extend([bad.clone(), bad.clone()]);
    transactions.extend(good());
    (Habits::default(), transactions)
}

/// The transaction is found at its first place, in these surroundings.
#[track_caller]
fn expect(error: &DeterminismError, name: &str, expected: Surroundings) {
    let DeterminismError::State { index, tx, surroundings, .. } = error else {
        panic!("{error}");
    };
    // What isn't stored is missed only after it was stored and loaded.
    let place = if expected == Surroundings::Stored { 4 } else { 3 };
    assert_eq!((*index, &**tx, *surroundings), (place, name, expected), "{error}");
    let text = error.to_string();
    assert!(text.contains(&format!("`{name}`, the transaction of index {place}")), "{text}");
}

#[test]
fn what_depends_on_nothing_else_is_deterministic() {
    Determinism::new(|| (Habits::default(), good())).check().unwrap();
}

#[test]
fn a_test_may_check_several_times() {
    Determinism::new(|| (Habits::default(), good())).check().unwrap();
    Determinism::new(|| (Habits::default(), vec![words()])).check().unwrap();
    let error = Determinism::new(|| with(&HabitsTx::Directory {})).seed(7).check().unwrap_err();
    expect(&error, "directory", Surroundings::Environment);
}

#[test]
fn a_clock_is_found() {
    let error = Determinism::new(|| with(&HabitsTx::Clock {})).check().unwrap_err();
    expect(&error, "clock", Surroundings::Again);
}

#[test]
fn a_global_counter_is_found() {
    let error = Determinism::new(|| with(&HabitsTx::Counter {})).check().unwrap_err();
    expect(&error, "counter", Surroundings::Again);
}

#[test]
fn the_order_of_a_map_is_found() {
    let error = Determinism::new(|| with(&HabitsTx::MapOrder {})).check().unwrap_err();
    expect(&error, "map_order", Surroundings::Again);
}

#[test]
fn the_thread_is_found() {
    let error = Determinism::new(|| with(&HabitsTx::Thread {})).check().unwrap_err();
    expect(&error, "thread", Surroundings::Again);
}

#[test]
fn a_field_that_is_not_stored_is_found() {
    let error = Determinism::new(|| with(&HabitsTx::Unsaved {})).check().unwrap_err();
    expect(&error, "unsaved", Surroundings::Stored);
}

#[test]
fn the_process_is_found() {
    let error = Determinism::new(|| with(&HabitsTx::Process {})).check().unwrap_err();
    expect(&error, "process", Surroundings::Process);
}

#[test]
fn a_variable_of_the_environment_is_found() {
    const SET: &str = "HABITS_OF_THE_TEST";
    let is_set = std::env::var_os(SET).is_some();
    if is_set || std::env::var_os("PREVALENT_DETERMINISM_CHECK").is_some() {
        let error = Determinism::new(|| with(&HabitsTx::Variable {})).check().unwrap_err();
        expect(&error, "variable", Surroundings::Environment);
        return;
    }
    // Set from outside: a test must not change the environment of the others in its process.
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["a_variable_of_the_environment_is_found", "--exact"])
        .env(SET, "on")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&status.stdout);
    assert!(status.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
fn the_working_directory_is_found() {
    let error = Determinism::new(|| with(&HabitsTx::Directory {})).check().unwrap_err();
    expect(&error, "directory", Surroundings::Environment);
}

#[test]
fn a_model_that_makes_its_unsaved_fields_anew_is_deterministic() {
    #[prevalent(restored = Self::count)]
    #[derive(Debug, Default)]
    struct Counted {
        words: HashSet<String>,
        #[serde(skip)]
        letters: usize,
        longest: usize,
    }

    impl Counted {
        fn count(&mut self) {
            self.letters = self.words.iter().map(String::len).sum();
        }
    }

    #[prevalent(vis = pub(self))]
    impl Counted {
        #[tx]
        fn add(&mut self, word: String) {
            self.letters += word.len();
            self.words = HashSet::from([word]);
            self.count();
            self.longest = self.longest.max(self.letters);
        }
    }

    let add = |word: &str| CountedTx::Add { word: word.to_owned() };
    Determinism::new(|| (Counted::default(), vec![add("one"), add("three"), add("two")]))
        .check()
        .unwrap();
}

#[test]
fn other_transactions_are_no_fault_of_a_transaction() {
    let calls = AtomicU64::new(0);
    let error = Determinism::new(|| {
        let count = calls.fetch_add(1, Ordering::Relaxed);
        let word = HabitsTx::Arguments { words: vec![count.to_string()] };
        (Habits::default(), vec![HabitsTx::Context {}, word])
    })
    .check()
    .unwrap_err();
    assert!(
        matches!(
            error,
            DeterminismError::Script { index: 1, surroundings: Surroundings::Again, .. }
        ),
        "{error}"
    );
    let calls = AtomicU64::new(0);
    let error = Determinism::new(|| {
        let count = calls.fetch_add(1, Ordering::Relaxed);
        (Habits::default(), vec![words(); if count == 2 { 3 } else { 2 }])
    })
    .check()
    .unwrap_err();
    assert!(
        matches!(
            error,
            DeterminismError::Script { index: 2, surroundings: Surroundings::Stored, .. }
        ),
        "{error}"
    );
}

#[test]
fn another_first_state_is_found() {
    let error = Determinism::new(|| {
        let mut first = Habits::default();
        first.clock();
        (first, good())
    })
    .check()
    .unwrap_err();
    assert!(matches!(error, DeterminismError::FirstState { .. }), "{error}");
}

#[test]
fn a_transaction_that_panics_is_named() {
    let error = Determinism::new(|| with(&HabitsTx::Panics {})).check().unwrap_err();
    let DeterminismError::Stopped { index: Some(3), reason, surroundings, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(surroundings, Surroundings::First);
    assert_eq!(reason, "`panics` panicked: not\ntoday");
}

#[test]
fn a_process_that_does_not_run_the_test_is_told_of() {
    let checked = Determinism::new(|| (Habits::default(), good())).test("no::such_test").check();
    let error = checked.unwrap_err();
    let DeterminismError::Process { test, reason, .. } = &error else { panic!("{error}") };
    assert_eq!(test, "no::such_test");
    assert!(reason.contains("exit status: 0") && reason.contains("running 0 tests"), "{reason}");
    assert!(error.to_string().contains(".test(\"module::name\")"), "{error}");
}

#[test]
fn a_test_that_fails_in_the_other_process_is_told_of() {
    assert!(std::env::var_os("PREVALENT_DETERMINISM_CHECK").is_none(), "the other process");
    let error = Determinism::new(|| (Habits::default(), good())).check().unwrap_err();
    let DeterminismError::Process { reason, .. } = &error else { panic!("{error}") };
    assert!(
        reason.contains("exit status: 101") && reason.contains("the other process"),
        "{reason}"
    );
}

/// A script in a function of its own: the name has to be given.
fn script() -> (Habits, Vec<HabitsTx>) {
    (Habits::default(), good())
}

mod inside {
    use super::*;

    #[test]
    fn the_name_of_a_test_can_be_given() {
        let name = "inside::the_name_of_a_test_can_be_given";
        Determinism::new(script).test(name).check().unwrap();
        assert!(Determinism::new(script).check().is_err());
    }

    #[tokio::test]
    async fn the_test_may_be_asynchronous() {
        Determinism::new(|| with(&HabitsTx::Sorted {})).check().unwrap();
    }
}
