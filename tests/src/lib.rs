//! What the integration tests share: models, a disk that can be watched and held up, and ways to wait.
//!
//! The tests themselves are in `tests/tests`: a file for each promise of the design, and one for each part of the interface.
#![forbid(unsafe_code)]

pub mod disk;
pub mod events;
pub mod models;
pub mod waiting;
