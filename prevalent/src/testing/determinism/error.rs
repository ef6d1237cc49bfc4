//! What a check may find.

use std::fmt;

/// Why transactions are not known to do the same whenever they are run.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeterminismError {
    /// The closure gives another first state.
    #[error("the first state is another one {surroundings}")]
    #[non_exhaustive]
    FirstState {
        /// Where it is another one.
        surroundings: Surroundings,
    },

    /// The closure gives other transactions: nothing is known of what they do.
    #[error(
        "the closure gives other transactions, from index {index} on, {surroundings}; it has to give the same each time"
    )]
    #[non_exhaustive]
    Script {
        /// The first one that is another one, counted from 0.
        index: usize,
        /// Where it is another one.
        surroundings: Surroundings,
    },

    /// After a transaction, the state is another one.
    #[error("`{tx}`, the transaction of index {index}, leaves another state {surroundings}")]
    #[non_exhaustive]
    State {
        /// Which transaction it is, counted from 0.
        index: usize,
        /// Its stable name.
        tx: String,
        /// Where the state is another one.
        surroundings: Surroundings,
    },

    /// A transaction panics, or it or the state can't be stored. In a store, it would have no effect: leave it out.
    #[error("{} {surroundings}: {reason}{}", stopped_at(*index), remedy(*index))]
    #[non_exhaustive]
    Stopped {
        /// Which transaction it is, counted from 0; `None` for the first state.
        index: Option<usize>,
        /// What happened.
        reason: String,
        /// Where.
        surroundings: Surroundings,
    },

    /// Another process was to run the test, and didn't, or not up to the check.
    #[error(
        "the test `{test}` could not be run in another process: {reason}; if its name is another one, tell it with `.test(\"module::name\")`"
    )]
    #[non_exhaustive]
    Process {
        /// The name by which it was called.
        test: String,
        /// What happened instead, with the end of what the process has told.
        reason: String,
    },
}

/// The text: it is what `unwrap` prints.
impl fmt::Debug for DeterminismError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn remedy(index: Option<usize>) -> &'static str {
    if index.is_some() { "; one that panics has no effect in a store: leave it out" } else { "" }
}

fn stopped_at(index: Option<usize>) -> String {
    match index {
        None => "the first state can't be used".to_owned(),
        Some(index) => format!("the transaction of index {index} came to nothing"),
    }
}

/// Where transactions were run: each is compared with the first run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Surroundings {
    /// In the test itself.
    First,
    /// Once more in the same process, in another thread.
    Again,
    /// With the model stored and loaded between the transactions.
    Stored,
    /// In another process.
    Process,
    /// In another process with another environment.
    Environment,
}

/// Where it is, and what to look for.
impl fmt::Display for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Surroundings::First => "when it is run for the first time",
            Surroundings::Again => {
                "when it is run again (in another thread of the same process: is it the clock, a random number, the order of a `HashMap`, a global counter, the thread?)"
            }
            Surroundings::Stored => {
                "when the model is stored and loaded before it (is there a field that is not stored, and that `restored` doesn't make anew? does a `Deserialize` give back what its `Serialize` wrote?)"
            }
            Surroundings::Process => {
                "in another process (is it the clock, a random number, an address in memory, the process id?)"
            }
            Surroundings::Environment => {
                "in a process with another environment (is it a variable, the time zone, the language, the home or working directory?)"
            }
        })
    }
}
