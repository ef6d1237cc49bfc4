//! A durable, typed, in-memory store out of an ordinary Rust struct.
#![forbid(unsafe_code)]

mod clock;
mod context;
pub mod disk;
mod panic;
mod rng;
mod seq;

pub use context::TxContext;
pub use rng::TxRng;
pub use seq::Seq;
