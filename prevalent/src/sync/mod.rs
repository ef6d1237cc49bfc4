//! Locks, threads and time, as the engine uses them.
//!
//! With `--cfg prevalent_interleavings` they are [`scheduled`]: whose turn it is, a test decides, and not the operating system.
//! `interleavings/` runs the engine so.

#[cfg(not(prevalent_interleavings))]
mod real;
#[cfg(prevalent_interleavings)]
mod scheduled;

#[cfg(not(prevalent_interleavings))]
pub(crate) use real::*;
#[cfg(prevalent_interleavings)]
pub(crate) use scheduled::*;
