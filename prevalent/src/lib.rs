//! A durable, typed, in-memory store out of an ordinary Rust struct.
#![forbid(unsafe_code)]

// The engine is to use what the five `expect`s are about; they go as soon as it does.
#[cfg_attr(not(test), expect(dead_code, reason = "for the engine"))]
mod clock;
#[cfg_attr(not(test), expect(dead_code, reason = "for the engine"))]
mod context;
pub mod disk;
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "for the engine"))]
mod encoding;
#[cfg_attr(not(test), expect(dead_code, reason = "for the engine"))]
mod panic;
mod rng;
#[cfg_attr(not(test), expect(dead_code, reason = "for the engine"))]
mod seq;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use context::TxContext;
pub use rng::TxRng;
pub use seq::Seq;
