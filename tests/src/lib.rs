//! What the integration tests of `prevalent` share: models, disks that can be watched and held up, an oracle for what may be
//! recovered.
//!
//! The tests themselves are in `tests/tests`: a file for each promise of the README (`promise_…`), one for each part of the
//! interface, and the attacks on a store's files (`crash_…`).
#![forbid(unsafe_code)]

pub mod backups;
pub mod copies;
pub mod disk;
pub mod events;
pub mod golden;
pub mod hooked;
pub mod ledger;
pub mod matrix;
pub mod models;
pub mod mounts;
pub mod oracle;
pub mod random;
pub mod record;
pub mod waiting;

/// The code in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// So does the code in the other pages.
#[cfg(doctest)]
#[doc = include_str!("../../docs/evolution.md")]
pub struct Evolution;

/// And here.
#[cfg(doctest)]
#[doc = include_str!("../../docs/retries.md")]
pub struct Retries;

#[cfg(doctest)]
#[doc = include_str!("../../docs/snapshots.md")]
pub struct Snapshots;

#[cfg(doctest)]
#[doc = include_str!("../../docs/determinism.md")]
pub struct Determinism;

#[cfg(doctest)]
#[doc = include_str!("../../docs/testing.md")]
pub struct Testing;

#[cfg(doctest)]
#[doc = include_str!("../../docs/backup.md")]
pub struct Backup;
