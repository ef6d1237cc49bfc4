//! Whether transactions do the same whenever they are run.

mod child;
mod error;
mod run;

use std::any::type_name;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use parking_lot::Mutex;

pub use self::error::{DeterminismError, Surroundings};
use self::run::{Between, Trace, run};
use crate::engine::thread::STACK_BYTES;
use crate::model::Model;

/// Runs transactions several times, in differing surroundings, and compares the states.
///
/// A closure gives the first state and the transactions; it must give the same ones each time. They are run
///
/// 1. twice in this process, the second time in another thread: maps have another order, clocks and counters go on;
/// 2. with the model stored and loaded again between the transactions: fields that are not stored are lost, unless
///    `restored` makes them anew;
/// 3. in a process of its own;
/// 4. in another one whose environment is another one, too: hardly any variables, another time zone, language, home and
///    working directory.
///
/// After each transaction the digests of the states are compared (the order of maps doesn't count, see [`Digest`]). The
/// contexts' times and random numbers are the same in all runs.
///
/// ```no_run
/// use prevalent::testing::Determinism;
/// # use prevalent::prevalent;
/// # #[prevalent] #[derive(Default)] struct Sessions { count: u64 }
/// # #[prevalent] impl Sessions {
/// #     #[tx] fn create_session(&mut self, token: String, user_id: u64) { drop((token, user_id)); self.count += 1; }
/// #     #[tx] fn expire(&mut self) { self.count = 0; }
/// # }
///
/// #[test]
/// fn transactions_are_deterministic() {
///     Determinism::new(|| {
///         let transactions = vec![
///             SessionsTx::CreateSession { token: "a".into(), user_id: 1 },
///             SessionsTx::CreateSession { token: "b".into(), user_id: 2 },
///             SessionsTx::Expire {},
///         ];
///         (Sessions::default(), transactions)
///     })
///     .check()
///     .unwrap();
/// }
/// ```
///
/// # Processes
///
/// Each of the other processes is the running program once more, told to run this one test. What comes before
/// [`check`](Determinism::check) in the test is done there, too; what comes behind it, is not; other checks that come before it do nothing there. The name of the test is that
/// of the function in which the closure stands; where it is another one, [`test`](Determinism::test) gives it.
///
/// # What it doesn't find
///
/// What happens to be the same in all runs: a clock that is asked for the day, another version of the program, another
/// machine. And only the transactions that it is given are looked at.
///
/// [`Digest`]: crate::Digest
#[derive(Debug)]
#[must_use = "nothing is run before `check`"]
pub struct Determinism<M, F> {
    script: F,
    test: Option<String>,
    seed: u64,
    model: PhantomData<fn() -> M>,
}

impl<M: Model, F: Fn() -> (M, Vec<M::Tx>)> Determinism<M, F> {
    /// A check of the transactions that `script` gives, beginning with the state that it gives.
    pub fn new(script: F) -> Self {
        Determinism { script, test: None, seed: 0, model: PhantomData }
    }

    /// The name of the test, as `cargo test` tells it: `module::name`.
    pub fn test(self, name: impl Into<String>) -> Self {
        Determinism { test: Some(name.into()), ..self }
    }

    /// Another seed for the contexts' times and random numbers. The default is 0.
    pub fn seed(self, seed: u64) -> Self {
        Determinism { seed, ..self }
    }

    /// Runs the transactions, and compares.
    ///
    /// # Errors
    ///
    /// The first transaction that differs, in the first of the surroundings in which one does. Where a transaction
    /// panics or can't be stored, or a process could not be made to run the test, that.
    ///
    /// # Panics
    ///
    /// Where the closure does, and where no thread can be started.
    pub fn check(self) -> Result<(), DeterminismError> {
        let test = self.test.clone().unwrap_or_else(test_of::<F>);
        let check = numbered(&test);
        match child::ordered_check() {
            None => {}
            Some(ordered) if ordered == check => child::tell(&self.run(Between::Keep)),
            // This process is here for the sake of another check in the same test.
            Some(_) => return Ok(()),
        }
        let first = self.run(Between::Keep);
        first.expect_complete(Surroundings::First)?;
        first.expect_like(&self.run_in_a_thread(), Surroundings::Again)?;
        first.expect_like(&self.run(Between::Reload), Surroundings::Stored)?;
        for surroundings in [Surroundings::Process, Surroundings::Environment] {
            let trace = child::run(&test, &check, surroundings)?;
            first.expect_like(&trace, surroundings)?;
        }
        Ok(())
    }

    fn run(&self, between: Between) -> Trace {
        let (first, transactions) = (self.script)();
        run(first, transactions, self.seed, between)
    }

    fn run_in_a_thread(&self) -> Trace {
        let (first, transactions) = (self.script)();
        let seed = self.seed;
        // As much as a store's threads have: what runs there, runs here.
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let thread = thread
            .spawn(move || run(first, transactions, seed, Between::Keep))
            .unwrap_or_else(|error| panic!("no thread could be started: {error}"));
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// The name of the test in which a closure stands, without the crate's.
fn test_of<F>() -> String {
    let path = type_name::<F>();
    let function = path.split("::{{closure}}").next().unwrap_or(path);
    function.split_once("::").map_or(function, |(_crate, name)| name).to_owned()
}

/// Tells the checks of one test apart, alike in all processes.
fn numbered(test: &str) -> String {
    static BEGUN: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());
    let mut begun = BEGUN.lock();
    let number = begun.entry(test.to_owned()).or_default();
    *number += 1;
    format!("{test} {number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_known_by_its_closure() {
        fn of<F: Fn()>(_: F) -> String {
            test_of::<F>()
        }
        let expected = "testing::determinism::tests::a_test_is_known_by_its_closure";
        assert_eq!(of(|| {}), expected);
        let outer = || of(|| {});
        assert_eq!(outer(), expected);
    }

    #[test]
    fn the_checks_of_a_test_are_counted() {
        let numbers = [numbered("a::b"), numbered("a::c"), numbered("a::b")];
        assert_eq!(numbers, ["a::b 1", "a::c 1", "a::b 2"]);
    }
}
