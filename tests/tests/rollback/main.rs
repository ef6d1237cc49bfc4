//! Roll-back: a transaction that returns `Err` or panics leaves no trace in the state, for models that have it; and what was
//! committed in one mode is replayed in that one.

mod board;
mod copies;
mod crashes;
mod hostile;
mod modes;
mod readers;
mod trace;
