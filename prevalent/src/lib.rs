//! A durable, typed, in-memory store out of an ordinary Rust struct.
#![forbid(unsafe_code)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod builder;
mod catalog;
mod clock;
mod commit;
mod context;
pub mod disk;
mod durability;
mod encoding;
mod engine;
mod error;
mod format;
mod journal;
mod model;
mod panic;
mod recovery;
mod rng;
mod seq;
mod snapshot;
mod stats;
mod store;
mod subscription;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use builder::{Builder, FromDefault, FromFunction};
pub use commit::{Commit, Operation};
pub use context::TxContext;
pub use durability::Durability;
pub use error::{Effect, Error, SchemaError};
pub use model::{FirstState, Model, ModelData, StoreHandle, TxInfo};
pub use recovery::report::{DroppedTail, Recovery};
pub use rng::TxRng;
pub use seq::Seq;
pub use stats::{Progress, SnapshotInfo, Stats};
pub use store::Store;
pub use subscription::{Event, Subscription};

pub use prevalent_derive::{data, prevalent, query, tx};
