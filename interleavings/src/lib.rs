//! What the tests of interleavings are made of: [`explore`] runs a scenario in many schedules; [`Ledger`] is the model,
//! [`TakingTurns`] the disk, and [`Witness`] what is checked in the end.
//!
//! ```sh
//! cd interleavings && cargo test
//! PREVALENT_INTERLEAVINGS=100000 cargo test
//! ```

#[cfg(not(prevalent_interleavings))]
compile_error!(
    "without `--cfg prevalent_interleavings` no schedule is drawn: call cargo from the directory `interleavings/`, without `RUSTFLAGS`"
);

mod disk;
mod executor;
mod explore;
mod model;
mod witness;

pub use disk::TakingTurns;
pub use executor::Executor;
pub use explore::{draw, explore};
pub use model::{Ledger, LedgerStore, LedgerTx, Undoing, UndoingStore};
pub use witness::Witness;
