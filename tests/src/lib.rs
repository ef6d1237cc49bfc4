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
#[cfg(doctest)]
pub mod pages;
pub mod random;
pub mod record;
pub mod waiting;
