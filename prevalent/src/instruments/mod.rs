//! What a store tells a recorder of metrics (feature `metrics`), by names that `docs/observability.md` lists. Without the
//! feature nothing is counted, and nothing timed.
//!
//! A recorder is the user's code: a panic of it ends here.

#[cfg(feature = "metrics")]
mod recorder;
#[cfg(not(feature = "metrics"))]
mod silent;

#[cfg(feature = "metrics")]
pub(crate) use self::recorder::Instruments;
#[cfg(not(feature = "metrics"))]
pub(crate) use self::silent::Instruments;
