//! A durable, typed, in-memory store out of an ordinary Rust struct.
#![forbid(unsafe_code)]

pub mod disk;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
