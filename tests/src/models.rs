//! The models of the tests.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::SystemTime;

use prevalent::{TxContext, prevalent};

use crate::waiting::LIMIT;

/// The workhorse: a list of numbers, with transactions that succeed, that refuse, and that panic.
#[prevalent]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All numbers, in the order in which they came.
    pub numbers: Vec<u64>,
    /// How many were refused.
    pub refused: u64,
}

#[prevalent(tx_derive(Clone, Debug, PartialEq, Eq), reply_derive(Debug, PartialEq, Eq))]
impl Tally {
    /// Adds a number, and tells how many there are.
    #[tx]
    pub fn add(&mut self, number: u64) -> usize {
        self.numbers.push(number);
        self.numbers.len()
    }

    /// Adds a number that is not 0. Counts those that are.
    ///
    /// # Errors
    ///
    /// Where it is 0.
    #[tx]
    pub fn add_checked(&mut self, number: u64) -> Result<usize, String> {
        if number == 0 {
            self.refused += 1;
            return Err("zero".to_owned());
        }
        self.numbers.push(number);
        Ok(self.numbers.len())
    }

    /// Adds the length of a text.
    #[tx]
    pub fn add_length(&mut self, text: &str) -> usize {
        self.numbers.push(text.len() as u64);
        self.numbers.len()
    }

    /// Adds a number, and then panics: nobody may ever see that number.
    ///
    /// # Panics
    ///
    /// Always.
    #[tx]
    pub fn bomb(&mut self, number: u64) {
        self.numbers.push(number);
        panic!("bomb {number}");
    }

    /// The sum of the numbers.
    #[query]
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.numbers.iter().sum()
    }
}

impl Tally {
    /// A first state that isn't `Default`.
    #[must_use]
    pub fn with_a_seven() -> Self {
        Tally { numbers: vec![7], refused: 0 }
    }
}

/// The model of the design's first page.
#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    /// Whose token it is.
    pub tokens: HashMap<String, u64>,
    /// How many transactions there were.
    pub operations: u64,
}

#[prevalent(reply_derive(Debug, PartialEq, Eq))]
impl Sessions {
    /// Opens a session.
    #[tx]
    pub fn create_session(&mut self, token: String, user_id: u64) {
        self.operations += 1;
        self.tokens.insert(token, user_id);
    }

    /// Ends a session and tells whose it was.
    #[tx]
    pub fn delete_session(&mut self, token: &str) -> Option<u64> {
        self.operations += 1;
        self.tokens.remove(token)
    }

    /// Whose session is this?
    #[query]
    #[must_use]
    pub fn user_of(&self, token: &str) -> Option<u64> {
        self.tokens.get(token).copied()
    }
}

/// What a transaction was told about itself.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// `cx.seq()`.
    pub seq: u64,
    /// `cx.now()`.
    pub now: SystemTime,
    /// What it drew.
    pub random: Vec<u64>,
}

/// Keeps what each transaction was told by its context.
#[prevalent]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diary {
    /// In order.
    pub entries: Vec<Told>,
}

#[prevalent]
impl Diary {
    /// Draws `count` random numbers, and keeps them.
    #[tx]
    pub fn write(&mut self, cx: &TxContext, count: usize) -> Told {
        let mut random = vec![cx.random_u64()];
        let mut rng = cx.rng();
        random.extend((1..count).map(|_| rng.next_u64()));
        let told = Told { seq: cx.seq().into(), now: cx.now(), random };
        self.entries.push(told.clone());
        told
    }

    /// The context may come last, too.
    #[tx]
    pub fn write_one(&mut self, count: usize, cx: &TxContext) -> Told {
        self.write(cx, count)
    }
}

/// A gate in user code: who comes to it while it is shut is held up. One for each model that has one, so tests that use
/// the same model must not run in one process at the same time: `Gate::shut` sees to that.
#[derive(Debug)]
pub struct Gate {
    owned: AtomicBool,
    shut: Mutex<bool>,
    opened: Condvar,
    waiting: AtomicUsize,
    passed: AtomicUsize,
}

impl Gate {
    /// An open one.
    #[must_use]
    pub const fn new() -> Self {
        Gate {
            owned: AtomicBool::new(false),
            shut: Mutex::new(false),
            opened: Condvar::new(),
            waiting: AtomicUsize::new(0),
            passed: AtomicUsize::new(0),
        }
    }

    /// Takes the gate for a test, open at first.
    pub fn take(&'static self) -> GateKeeper {
        crate::waiting::until("the gate is free", || !self.owned.swap(true, Ordering::SeqCst));
        self.passed.store(0, Ordering::SeqCst);
        GateKeeper(self)
    }

    /// Goes through, when it is open.
    ///
    /// # Panics
    ///
    /// Where it isn't opened.
    pub fn pass(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        let (shut, _) = self
            .opened
            .wait_timeout_while(shut, LIMIT, |shut| *shut)
            .unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        self.passed.fetch_add(1, Ordering::SeqCst);
        assert!(!*shut, "the gate was never opened");
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

/// Who has a gate for the time of a test. Opens it when it goes.
#[derive(Debug)]
pub struct GateKeeper(&'static Gate);

impl GateKeeper {
    /// Holds up who comes from now on.
    pub fn shut(&self) {
        *self.0.shut.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Lets everybody through.
    pub fn open(&self) {
        *self.0.shut.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.opened.notify_all();
    }

    /// Blocks until somebody is held up.
    pub fn wait_until_someone_waits(&self) {
        crate::waiting::until("somebody waits at the gate", || {
            self.0.waiting.load(Ordering::SeqCst) > 0
        });
    }

    /// How often somebody has gone through.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.0.passed.load(Ordering::SeqCst)
    }
}

impl Drop for GateKeeper {
    fn drop(&mut self) {
        self.open();
        self.0.owned.store(false, Ordering::SeqCst);
    }
}

/// What [`Restored`] passes in its function `restored`.
pub static RESTORING: Gate = Gate::new();

/// A model with a field that isn't stored, and is made again after every load; while [`RESTORING`] is shut, that takes time.
#[prevalent(restored = Self::index)]
#[derive(Debug, Default)]
pub struct Restored {
    /// The numbers.
    pub numbers: Vec<u64>,
    /// Their sum, which isn't stored.
    #[serde(skip)]
    pub sum: u64,
}

#[prevalent]
impl Restored {
    fn index(&mut self) {
        RESTORING.pass();
        self.sum = self.numbers.iter().sum();
    }

    /// Adds a number; gives the sum.
    #[tx]
    pub fn add(&mut self, number: u64) -> u64 {
        self.numbers.push(number);
        self.sum += number;
        self.sum
    }

    /// Adds a number and panics.
    ///
    /// # Panics
    ///
    /// Always.
    #[tx]
    pub fn bomb(&mut self, number: u64) {
        self.numbers.push(number);
        self.sum += number;
        panic!("bomb {number}");
    }

    /// The sum.
    #[query]
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum
    }
}
