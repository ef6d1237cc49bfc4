//! Stores that were written once, and must open for ever: `tests/golden`.
//!
//! `model` holds the types that wrote them, `stores` how they were written, and `expect` what an open, a look from outside
//! and a restore must make of them.

pub mod expect;
pub mod model;
pub mod stores;
