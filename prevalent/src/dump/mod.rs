//! A store as lines of JSON, and back (feature `json`).
//!
//! The first line has all types and transactions, the second one a state; then comes a line for each transaction, and the
//! last one says that nothing is missing. [`header`] and [`line`] are what the lines look like; [`export`] writes them and
//! [`import`] reads them, through the same storage seam as the engine.

mod export;
mod header;
mod import;
mod input;
mod journal;
mod keys;
pub(crate) mod line;
mod origin;

pub use self::export::{Export, Exported, export};
pub use self::import::{Import, Imported, import};
