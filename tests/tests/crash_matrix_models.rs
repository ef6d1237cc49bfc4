//! The crash matrix with models of all kinds, and what it says where something else than the store is at fault.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use prevalent::testing::{CrashMatrix, CrashMatrixError, CrashReport};
use prevalent::{Durability, Key, TxContext, TxRng, prevalent};
use prevalent_tests::hooked::{Act, Hooked, Step};
use prevalent_tests::ledger::hush;
use prevalent_tests::matrix::ledger;

/// It has whatever a transaction may have, and rolls back.
#[prevalent(rollback, restored = Self::restore)]
#[derive(Clone, Debug, Default)]
struct Bank {
    money: HashMap<String, u64>,
    drawn: Vec<u64>,
    times: Vec<SystemTime>,
    refused: u32,
    /// Made anew after each load.
    #[serde(skip)]
    total: u64,
}

#[prevalent]
impl Bank {
    #[tx]
    fn deposit(&mut self, name: String, amount: u64, cx: &TxContext) {
        *self.money.entry(name).or_default() += amount;
        self.total += amount;
        self.drawn.push(cx.rng().below(1000));
        self.times.push(cx.now());
    }

    #[tx]
    fn withdraw(&mut self, name: &str, amount: u64) -> Result<u64, String> {
        self.refused += 1;
        let money = self.money.get_mut(name).ok_or("nobody")?;
        *money = money.checked_sub(amount).ok_or("too little")?;
        self.total -= amount;
        self.refused -= 1;
        Ok(self.total)
    }

    #[tx]
    fn audit(&mut self, most: u64) {
        self.drawn.clear();
        assert!(self.total <= most, "an explosion that belongs to the test");
    }

    #[tx(idempotent)]
    fn pay(&mut self, key: &Key, name: &str) -> u64 {
        let money = self.money.entry(format!("{name} {key}")).or_default();
        *money += 1;
        self.total += 1;
        *money
    }

    fn restore(&mut self) {
        self.total = self.money.values().sum();
    }
}

fn banking(rng: &mut TxRng<'_>) -> BankTx {
    let name = format!("name {}", rng.below(3));
    match rng.below(8) {
        0..3 => BankTx::Deposit { name, amount: rng.below(100) },
        3 | 4 => BankTx::Withdraw { name, amount: rng.below(100) },
        5 => BankTx::Audit { most: rng.below(200) },
        _ => BankTx::Pay { key: Key::from(rng.below(3)), name },
    }
}

#[test]
fn a_model_that_has_all_that_a_model_may_have_survives_every_crash() {
    hush();
    let report = CrashMatrix::generated(Bank::default(), banking)
        .transactions(16)
        .histories(6)
        .check()
        .unwrap_or_else(|error| panic!("{error}"));
    println!("{report}");
    assert!(report.images > 1000 && report.failures == 100, "{report}");
    assert!(report.nested > 1000 && report.images_after_failures > 500, "{report}");
}

#[prevalent]
#[derive(Default)]
struct Odd {
    seen: Vec<u64>,
    order: BTreeMap<u64, u64>,
    #[serde(skip)]
    unsaved: u64,
}

#[prevalent]
impl Odd {
    #[tx]
    fn fine(&mut self, number: u64) {
        self.seen.push(number);
    }

    #[tx]
    fn ask_the_clock(&mut self) {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        self.seen.push(u64::try_from(now.as_nanos()).unwrap_or_default());
    }

    #[tx]
    fn ask_a_counter(&mut self) {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        self.seen.push(COUNTER.fetch_add(1, Ordering::Relaxed));
    }

    #[tx]
    fn ask_a_hash_map(&mut self) {
        let map: HashMap<u64, u64> = (0..50).map(|number| (number, number)).collect();
        self.seen.extend(map.into_keys());
    }

    #[tx]
    fn ask_what_is_not_stored(&mut self) {
        self.unsaved += 1;
        self.order.insert(self.unsaved, 0);
    }

    #[tx]
    fn panic_now_and_then(&mut self) {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let is_odd = COUNTER.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        assert!(is_odd, "an explosion that belongs to the test");
        self.seen.clear();
    }
}

type Make = fn() -> OddTx;

fn odd(tx: Make) -> CrashMatrix<Odd> {
    hush();
    let both = move |number: u64| [OddTx::Fine { number }, tx()];
    CrashMatrix::new(Odd::default(), (0..4).flat_map(both)).histories(2)
}

#[test]
fn a_model_that_is_not_deterministic_is_told_as_that() {
    let transactions: [(&str, Make); 5] = [
        ("ask_the_clock", || OddTx::AskTheClock {}),
        ("ask_a_counter", || OddTx::AskACounter {}),
        ("ask_a_hash_map", || OddTx::AskAHashMap {}),
        ("ask_what_is_not_stored", || OddTx::AskWhatIsNotStored {}),
        ("panic_now_and_then", || OddTx::PanicNowAndThen {}),
    ];
    for (name, tx) in transactions {
        match odd(tx).check() {
            Err(CrashMatrixError::NotDeterministic { tx, case, .. }) => {
                assert_eq!((&*tx, &*case), (name, "0/always"));
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_histories_and_images() {
    let run = |seed| -> CrashReport {
        let modes = [Durability::Always, Durability::Manual];
        ledger(2, 10).seed(seed).durabilities(modes).images_max(500).check().unwrap()
    };
    let (first, again, other) = (run(3), run(3), run(4));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn a_case_is_replayed_alone() {
    let broken = || {
        // The sync of a batch is left out.
        ledger(3, 0).recorded_through(|disk| {
            Arc::new(Hooked::new(disk, |step: &Step<'_>| match step {
                Step::Sync(name) if name.contains("00000002.journal") => Act::Pretend,
                _ => Act::Do,
            }))
        })
    };
    let Err(CrashMatrixError::Broken { case, what, .. }) = broken().check() else {
        panic!("nothing was noticed");
    };
    match broken().replay(&case) {
        Err(CrashMatrixError::Broken { case: again, what: told, .. }) => {
            assert_eq!((again, told), (case.clone(), what));
        }
        other => panic!("{other:?}"),
    }
    // With a whole disk, there is nothing wrong with it.
    let report = ledger(3, 0).replay(&case).unwrap();
    assert_eq!(report.images, 0, "one image, not a history");
}

#[test]
fn a_history_and_a_failure_and_a_crash_of_a_recovery_are_replayed_too() {
    let images = ledger(1, 0).replay("2/manual").unwrap().images;
    assert!(images > 100, "{images}");
    let report = ledger(1, 0).replay("2/always/Eio@20..").unwrap();
    assert_eq!((report.failures, report.images), (1, 0));
    ledger(1, 0).replay("2/always/30:0/2:0/1:0").unwrap();
    for (case, what) in [
        ("2", "that is no name of a case"),
        ("2/always/30:0/2:0/1:1000000", "there is no image"),
        ("2/always/30000:0", "there is no image"),
    ] {
        match ledger(1, 0).replay(case) {
            Err(error @ CrashMatrixError::Unusable { .. }) => {
                assert!(error.to_string().contains(what), "{error}");
            }
            other => panic!("{case}: {other:?}"),
        }
    }
}

/// What it writes is not what it reads.
#[prevalent]
#[derive(Default)]
struct Unreadable {
    text: Text,
}

#[derive(Default)]
struct Text(String);

impl serde::Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        if text.len() < 3 { Ok(Text(text)) } else { Err(serde::de::Error::custom("too long")) }
    }
}

#[prevalent]
impl Unreadable {
    #[tx]
    fn append(&mut self, text: &str) {
        self.text.0 += text;
    }
}

#[test]
fn what_cannot_be_stored_is_told_before_anything_is_run() {
    let first = Unreadable { text: Text("four".to_owned()) };
    match CrashMatrix::new(first, [UnreadableTx::Append { text: String::new() }]).check() {
        Err(error @ CrashMatrixError::Unusable { .. }) => {
            assert!(error.to_string().starts_with("the first state can't be used"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

/// The state can't be read back after the second transaction: no snapshot of it can be taken.
#[test]
fn a_state_that_cannot_be_read_back_is_found() {
    let append = |text: &str| UnreadableTx::Append { text: text.to_owned() };
    let outcome = CrashMatrix::new(Unreadable::default(), ["a", "b", "c", "d"].map(append)).check();
    let what = outcome.unwrap_err().to_string();
    assert!(what.contains("with the model stored and loaded"), "{what}");
}
