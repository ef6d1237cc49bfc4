//! The journal: segments read and written.
//!
//! Data flows one way: [`scan`] turns a segment's bytes into good batches, [`tail`] judges what follows the last of
//! them, [`entries`] turns batches into transactions; `stream` reads what need not be in memory as a whole; [`writer`] appends,
//! makes each new [`segment`] (of the [`next_file`], if that is there already), and [`fill`]s ahead. None of them repairs
//! anything.

pub(crate) mod entries;
pub(crate) mod fill;
mod next_file;
pub(crate) mod reader;
pub(crate) mod scan;
pub(crate) mod segment;
#[cfg(feature = "inspect")]
pub(crate) mod stream;
pub(crate) mod tail;
pub(crate) mod writer;
