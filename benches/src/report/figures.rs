//! Figures as one reads them.

use crate::samples::Summary;

/// Three digits that count, and a prefix: `1.24 M`.
pub(super) fn count(value: f64) -> String {
    match value.abs() {
        magnitude if magnitude >= 999.5e3 => format!("{} M", digits(value / 1e6)),
        magnitude if magnitude >= 999.5 => format!("{} k", digits(value / 1e3)),
        _ => digits(value),
    }
}

/// A time that was taken in microseconds.
pub(super) fn time_us(us: f64) -> String {
    match us {
        us if us >= 999.5e3 => format!("{} s", digits(us / 1e6)),
        us if us >= 999.5 => format!("{} ms", digits(us / 1e3)),
        us if us >= 0.9995 => format!("{} µs", digits(us)),
        us => format!("{} ns", digits(us * 1e3)),
    }
}

/// At a power of ten.
pub(super) fn tick(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{} M", value / 1e6),
        value if value >= 1e3 => format!("{} k", value / 1e3),
        value => format!("{value}"),
    }
}

/// At a power of ten, of a time that was taken in microseconds.
pub(super) fn tick_time(us: f64) -> String {
    match us {
        us if us >= 1e6 => format!("{} s", us / 1e6),
        us if us >= 1e3 => format!("{} ms", us / 1e3),
        us => format!("{us} µs"),
    }
}

/// At a power of ten, of bytes.
pub(super) fn tick_bytes(value: f64) -> String {
    match value {
        value if value >= 1e9 => format!("{} GB", value / 1e9),
        value => format!("{}B", tick(value)),
    }
}

pub(super) fn mebibytes(bytes: f64) -> String {
    format!("{} MiB", digits(bytes / f64::from(1 << 20)))
}

pub(super) fn ratio(value: f64) -> String {
    format!("{value:.2}")
}

/// Three digits that count.
pub(super) fn digits(value: f64) -> String {
    match value.abs() {
        magnitude if magnitude >= 99.95 => format!("{value:.0}"),
        magnitude if magnitude >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// The median, and the range of the rounds.
pub(super) fn with_range(summary: Option<Summary>, figure: impl Fn(f64) -> String) -> String {
    summary.map_or_else(
        || "–".to_owned(),
        |Summary { median, min, max }| {
            if min.total_cmp(&max).is_eq() {
                figure(median)
            } else {
                format!("{} ({}–{})", figure(median), figure(min), figure(max))
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_count() {
        assert_eq!(count(1_236_000.0), "1.24 M");
        assert_eq!(count(9_999.0), "10.0 k");
        assert_eq!(count(999.9), "1.00 k");
        assert_eq!(time_us(0.0421), "42.1 ns");
        assert_eq!(time_us(12_345.0), "12.3 ms");
    }
}
