//! Why a measurement has no figure.

/// Any error of any contender.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;
