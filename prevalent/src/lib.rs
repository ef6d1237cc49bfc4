//! An ordinary Rust struct as a durable, typed, fast store: *system prevalence*.
//!
//! The data is a value in memory. Every change is a *transaction*, a plain method call, written to an append-only *journal*
//! before it is applied; a *snapshot* now and then bounds recovery. You annotate the domain model:
//!
//! ```
//! use prevalent::prevalent;
//! use std::collections::HashMap;
//!
//! /// Who is logged in.
//! #[prevalent]
//! #[derive(Debug, Default)]
//! pub struct Sessions {
//!     tokens: HashMap<String, u64>,
//! }
//!
//! #[prevalent]
//! impl Sessions {
//!     /// Opens a session.
//!     #[tx]
//!     pub fn create_session(&mut self, token: String, user_id: u64) {
//!         self.tokens.insert(token, user_id);
//!     }
//!
//!     /// Whose session is this?
//!     #[query]
//!     pub fn user_of(&self, token: &str) -> Option<u64> {
//!         self.tokens.get(token).copied()
//!     }
//! }
//!
//! # fn main() -> Result<(), prevalent::Error> {
//! # let dir = tempfile::tempdir().unwrap();
//! # let dir = dir.path().join("sessions");
//! let store = SessionsStore::open(&dir).wait()?; // or `.await`
//! store.create_session("access_token".into(), 1).wait()?; // durable when this returns
//! assert_eq!(store.user_of("access_token"), Some(1)); // a plain read of memory
//! store.close().wait()
//! # }
//! ```
//!
//! - [`#[prevalent]`](macro@prevalent) on the struct and on one `impl` block generates the store's handle (`SessionsStore`), the
//!   transaction and reply enums (`SessionsTx`, `SessionsReply`), and the code that replays them ([`Model`]).
//! - [`Store`], to which each generated store derefs, has everything else: [`read`](Store::read), [`commit`](Store::commit),
//!   [`flush`](Store::flush), [`snapshot`](Store::snapshot), [`verify`](Store::verify), [`subscribe`](Store::subscribe),
//!   [`stats`](Store::stats), [`backup`](Store::backup), [`close`](Store::close).
//! - [`Builder`] has the knobs of an open; [`Durability`] says when a commit counts.
//! - A transaction's [`Commit`] handle is a future that needs no particular executor, and can be
//!   [waited for](Commit::wait) without one. The engine has its own threads: no file is read or written on yours.
//! - [`TxContext`] gives a transaction the time, its sequence number and random numbers: the same in every replay.
//!
//! # What a transaction may depend on
//!
//! On nothing but the state, its arguments and its [`TxContext`]. Whatever else it looks at (the clock, the environment,
//! a random number, the order of a `HashMap`) may be another one when it is replayed, and so would the state.
//! `docs/determinism.md` in the repository has the usual mistakes, and a configuration of clippy that finds them; a test of
//! yours can run transactions in differing surroundings (`testing::Determinism`); [`Store::verify`] replays the journal and
//! compares.
//!
//! # Features
//!
//! - `inspect`: what is in a store's files, without the program's types and without the lock (`inspect`); with it, `json`.
//! - `json`: stores as lines of JSON (`export`, `import`), schemas as JSON, and a test that keeps what was released readable
//!   (`schema_lock`).
//! - `metrics`: counters, gauges and histograms of a store, for a recorder of the crate of that name.
//! - `object_store`: backups wherever the crate of that name can put them.
//! - `rand_core`: [`TxRng`] implements `rand_core`'s trait.
//! - `testing`: a check that transactions do the same whenever they are run (`testing::Determinism`), another one that the
//!   store of a model survives crashes and failing disks (`testing::CrashMatrix`), and the
//!   simulated disk, on which a store can be run through crashes and failing I/O.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
// On docs.rs, each item shows the feature that it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "__fuzz")]
#[doc(hidden)]
#[path = "fuzz.rs"]
pub mod __fuzz;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod archive;
mod backup;
mod builder;
mod catalog;
mod changed_bodies;
mod clock;
mod commit;
mod context;
mod digest;
mod disk;
#[cfg(feature = "json")]
mod dump;
mod durability;
mod encoding;
mod engine;
mod error;
mod format;
mod idempotency;
#[cfg(feature = "inspect")]
pub mod inspect;
mod instruments;
mod journal;
#[cfg(feature = "json")]
mod json;
mod key;
mod model;
pub mod opaque;
mod origin;
mod panic;
mod past;
mod place;
mod recovery;
mod resolve;
mod rng;
mod rollback;
mod schema;
#[cfg(feature = "json")]
mod schema_lock;
mod seq;
mod snapshot;
mod snapshot_method;
mod stats;
mod store;
mod store_id;
mod stored;
mod subscription;
mod sync;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod transplant;
pub mod unordered;
mod verified;
mod void;

#[cfg(feature = "object_store")]
pub use backup::ObjectStoreTarget;
pub use backup::{Backup, BackupInfo, BackupKind, BackupTarget, Target, TargetLock, backup};
pub use builder::Builder;
pub use changed_bodies::ChangedBodies;
pub use commit::{Commit, Operation};
pub use context::TxContext;
pub use digest::Digest;
#[cfg(feature = "json")]
pub use dump::{Export, Exported, Import, Imported, export, import};
pub use durability::Durability;
pub use error::{Effect, Error, Mismatch, ReplayEnd, SchemaError};
pub use key::Key;
pub use origin::{Origin, OriginKind};
pub use past::{Past, Point};
pub use prevalent_derive::{data, prevalent, query, tx};
pub use recovery::report::{DroppedTail, Recovery, Rewritten};
pub use rng::TxRng;
pub use schema::public::Schema;
#[cfg(feature = "json")]
pub use schema_lock::{SchemaLockError, schema_lock};
pub use seq::Seq;
pub use snapshot_method::SnapshotMethod;
pub use stats::{Progress, SnapshotInfo, Stats};
pub use store::Store;
pub use store_id::StoreId;
pub use subscription::{Event, Subscription};
pub use transplant::{Fork, NewStore, Restore, fork, restore};
pub use verified::Verified;
pub use void::{Void, Voided, void};

// What stands behind generated code; seldom named.
pub use builder::{FromDefault, FromFunction};
pub use idempotency::Replies;
pub use model::{FirstState, Model, ModelData, StoreHandle, TxInfo};
pub use stored::{NotUpgraded, Stored};
