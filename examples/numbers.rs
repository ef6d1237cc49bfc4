//! Numbers on a command line, of examples that have options.

use std::ffi::OsStr;
use std::str::FromStr;
use std::time::Duration;

/// What an option's value says.
pub fn number<N: FromStr>(value: &OsStr) -> Result<N, String> {
    let number = value.to_str().and_then(|value| value.parse().ok());
    number.ok_or_else(|| format!("`{}` is no number that could be meant", value.display()))
}

/// Where none would show nothing.
pub fn at_least_one<N: PartialOrd + From<u8>>(number: N) -> Result<N, String> {
    if number >= N::from(1) { Ok(number) } else { Err("0 of them would show nothing".to_owned()) }
}

/// A time that is neither negative nor endless.
pub fn seconds(seconds: f64) -> Result<Duration, String> {
    Duration::try_from_secs_f64(seconds).map_err(|error| format!("`{seconds}` seconds: {error}"))
}
