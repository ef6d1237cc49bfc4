//! Points of a history, as they are typed.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use prevalent::{Point, Seq};

/// A sequence number, or a time.
pub(crate) fn point(text: &str) -> Result<Point, String> {
    match text.parse::<u64>() {
        Ok(seq) => Ok(Point::Seq(Seq::from(seq))),
        Err(_) => time(text).map(Point::Time),
    }
}

/// A time: `2026-07-03T10:11:12Z`, `2026-07-03 10:11:12` (UTC), `2026-07-03`, or how long ago: `90s`, `2h 30m`, `3d`.
pub(crate) fn time(text: &str) -> Result<SystemTime, String> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.into());
    }
    if let Ok(time) = text.parse::<jiff::civil::DateTime>() {
        let utc = jiff::tz::TimeZone::UTC;
        return utc.to_timestamp(time).map(SystemTime::from).map_err(|error| error.to_string());
    }
    let ago = text.strip_suffix("ago").unwrap_or(text).trim();
    if let Some(duration) = long_ago(ago) {
        let past = Timestamp::now().checked_sub(duration).map_err(|error| error.to_string())?;
        return Ok(past.into());
    }
    Err(format!(
        "`{text}` is no time, like `2026-07-03T10:11:12Z`, `2026-07-03`, or `2h` for two hours ago"
    ))
}

/// Days are of 24 hours.
fn long_ago(text: &str) -> Option<SignedDuration> {
    if let Ok(duration) = text.parse::<SignedDuration>() {
        return Some(duration);
    }
    let days: i64 = text.trim_end_matches(['s', 'y', 'a', 'd']).trim().parse().ok()?;
    Some(SignedDuration::from_hours(days.checked_mul(24)?))
}

/// A sequence number.
pub(crate) fn seq(text: &str) -> Result<Seq, String> {
    text.parse::<u64>().map(Seq::from).map_err(|_| format!("`{text}` is no sequence number"))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_number_is_a_sequence_number_and_all_else_a_time() {
        assert_eq!(point("17"), Ok(Point::Seq(Seq::from(17))));
        let day = UNIX_EPOCH + Duration::from_hours(24);
        for text in [
            "1970-01-02",
            "1970-01-02T00:00:00Z",
            "1970-01-02 00:00:00",
            "1970-01-02T01:00:00+01:00",
        ] {
            assert_eq!(point(text), Ok(Point::Time(day)), "{text}");
        }
        for (text, seconds) in
            [("90s", 90), ("2h 30m", 9000), ("3d", 259_200), ("1 day ago", 86_400)]
        {
            let past = SystemTime::now().duration_since(time(text).unwrap()).unwrap();
            assert!(past.as_secs().abs_diff(seconds) <= 5, "{text}: {past:?}");
        }
        for text in ["", "yesterday", "-", "d"] {
            assert!(point(text).is_err(), "{text}");
        }
    }
}
