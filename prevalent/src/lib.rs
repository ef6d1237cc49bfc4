//! A durable, typed, in-memory store out of an ordinary Rust struct.
#![forbid(unsafe_code)]

// To be removed with the `allow`s below, once the engine uses these modules.
#[allow(dead_code, reason = "for the engine")]
mod clock;
#[allow(dead_code, reason = "for the engine")]
mod context;
pub mod disk;
#[allow(dead_code, unused_imports, reason = "for the engine")]
mod encoding;
#[allow(dead_code, reason = "for the engine")]
mod panic;
mod rng;
#[allow(dead_code, reason = "for the engine")]
mod seq;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use context::TxContext;
pub use rng::TxRng;
pub use seq::Seq;
