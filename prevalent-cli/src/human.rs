//! Sizes, times and numbers as people read them.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

/// Without what a terminal would take for an order: names and reasons are what somebody's program has written.
pub(crate) fn tame(text: &str) -> Cow<'_, str> {
    let is_order = |char: char| char.is_control() && char != '\n';
    if text.chars().any(is_order) {
        return text.chars().map(|char| if is_order(char) { '\u{fffd}' } else { char }).collect();
    }
    Cow::Borrowed(text)
}

/// The same, on one line: the message of a panic may have many.
pub(crate) fn tame_line(text: &str) -> Cow<'_, str> {
    match tame(text) {
        Cow::Borrowed(text) if !text.contains('\n') => Cow::Borrowed(text),
        text => Cow::Owned(text.replace('\n', " ")),
    }
}

/// A text of JSON, without the orders that JSON doesn't escape. They can be in its strings only.
pub(crate) fn tame_json(json: &str) -> Cow<'_, str> {
    let is_order = |char: char| char.is_control() && !char.is_ascii_whitespace();
    if !json.contains(is_order) {
        return Cow::Borrowed(json);
    }
    let mut tame = String::with_capacity(json.len() + 16);
    for char in json.chars() {
        match char {
            char if is_order(char) => {
                let _ = write!(tame, "\\u{:04x}", u32::from(char));
            }
            char => tame.push(char),
        }
    }
    Cow::Owned(tame)
}

/// `17 B`, `3.4 KiB`, `120 MiB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if value < 9.95 {
        format!("{value:.1} {}", UNITS[unit])
    } else {
        format!("{value:.0} {}", UNITS[unit])
    }
}

/// `12 345 678`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 segment`, `2 segments`.
pub(crate) fn counted(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", count(number), if number == 1 { "" } else { "s" })
}

/// `2026-07-03T10:11:12.000123Z`.
pub(crate) fn timestamp(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(|_| "(no time)".to_owned(), |time| time.to_string())
}

/// `2026-07-03 10:11:12 UTC, 3 hours ago`.
pub(crate) fn time(time: SystemTime) -> String {
    let shown = Timestamp::try_from(time).map_or_else(
        |_| "(no time)".to_owned(),
        |it| it.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    );
    match SystemTime::now().duration_since(time) {
        Ok(past) => format!("{shown}, {} ago", duration(past)),
        Err(_) => shown,
    }
}

/// `40 ms`, `12 s`, `3 min`, `5 h`, `17 days`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Times of transactions, one after the other: most are in the same second as the one before.
#[derive(Debug, Default)]
pub(crate) struct Stamps {
    second: Option<u64>,
    /// `2026-07-03T10:11:12`
    text: String,
}

impl Stamps {
    /// The text up to the second, and the microseconds.
    pub(crate) fn of(&mut self, time_us: u64) -> (&str, u64) {
        let second = time_us / 1_000_000;
        if self.second != Some(second) {
            self.second = Some(second);
            let time = i64::try_from(second).ok().and_then(|it| Timestamp::from_second(it).ok());
            self.text =
                time.map_or_else(String::new, |it| it.strftime("%Y-%m-%dT%H:%M:%S").to_string());
        }
        (&self.text, time_us % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn no_order_to_a_terminal_comes_through() {
        assert_eq!(tame("ä\nb"), "ä\nb");
        assert_eq!(tame("a\u{1b}[31m\u{9b}b\t\n"), "a\u{fffd}[31m\u{fffd}b\u{fffd}\n");
        assert_eq!(tame_line("a\nb"), "a b");
        assert_eq!(tame_json("{\n  \"a\": \"ä\\n\"\n}"), "{\n  \"a\": \"ä\\n\"\n}");
        assert_eq!(tame_json("\"\u{7f}a\u{9b}\""), r#""\u007fa\u009b""#);
    }

    #[test]
    fn sizes_have_three_digits_at_most() {
        let shown =
            [0, 1023, 1024, 3500, 10 << 10, 1_048_575, 1 << 20, 5 << 30, u64::MAX].map(bytes);
        let expected = [
            "0 B", "1023 B", "1.0 KiB", "3.4 KiB", "10 KiB", "1.0 MiB", "1.0 MiB", "5.0 GiB",
            "16 EiB",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn numbers_are_grouped_and_times_are_utc() {
        assert_eq!([0, 999, 1000, 12_345_678].map(count), ["0", "999", "1 000", "12 345 678"]);
        assert_eq!(counted(1, "segment"), "1 segment");
        assert_eq!(timestamp(UNIX_EPOCH + Duration::from_micros(1)), "1970-01-01T00:00:00.000001Z");
        assert!(time(UNIX_EPOCH).starts_with("1970-01-01 00:00:00 UTC, "));
        let mut stamps = Stamps::default();
        assert_eq!(stamps.of(1_000_007), ("1970-01-01T00:00:01", 7));
        assert_eq!(stamps.of(1_999_999), ("1970-01-01T00:00:01", 999_999));
        assert_eq!(stamps.of(2_000_000), ("1970-01-01T00:00:02", 0));
    }
}
