//! Locks, threads, atomics and time, as the engine uses them.
//!
//! In every normal build they are those of the operating system, `parking_lot` and `std` (`real`), under one name. With
//! `--cfg prevalent_interleavings` they are `scheduled`: whose turn it is, and when a wait is over, a test decides. The package
//! `interleavings/` runs the engine so.
//!
//! The threads of the engine, and whoever calls it, wait for each other through these alone; otherwise such a test would stand
//! still. What nobody ever waits in may be anything: a lock that is held for a few lines and no call of the facade.

#[cfg(not(prevalent_interleavings))]
mod real;
#[cfg(prevalent_interleavings)]
mod scheduled;

#[cfg(not(prevalent_interleavings))]
pub(crate) use real::*;
#[cfg(prevalent_interleavings)]
pub(crate) use scheduled::*;
