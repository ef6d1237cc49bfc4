//! Wall-clock time as the journal holds it: whole microseconds since the Unix epoch.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::sync::system_time;

/// The last microsecond of the year 9999. Every platform's `SystemTime` reaches that far, so
/// that a journal gives the same times on all of them.
const LATEST_US: u64 = 253_402_300_799_999_999;

/// What the system's clock shows, rounded down; 0 if it stands before 1970.
pub(crate) fn now_us() -> u64 {
    #[cfg(feature = "testing")]
    if let Some(us) = SET_TO_US.get() {
        return us;
    }
    to_us(system_time())
}

#[cfg(feature = "testing")]
thread_local! {
    static SET_TO_US: std::cell::Cell<Option<u64>> = const { std::cell::Cell::new(None) };
}

/// Runs something for which, on this thread, the clock shows this time: who submits a transaction knows its time then.
#[cfg(feature = "testing")]
pub(crate) fn set_to<R>(us: u64, run: impl FnOnce() -> R) -> R {
    struct Reset(Option<u64>);
    impl Drop for Reset {
        fn drop(&mut self) {
            SET_TO_US.set(self.0);
        }
    }
    let _reset = Reset(SET_TO_US.replace(Some(us)));
    run()
}

/// The point in time that the journal's `us` stands for, at most the end of the year 9999.
pub(crate) fn from_us(us: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(us.min(LATEST_US))
}

/// This time as the journal would hold it, drawn to the nearest end where it is out of range.
pub(crate) fn to_us(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since_epoch.as_micros()).map_or(LATEST_US, |us| us.min(LATEST_US))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_whole_microseconds_survives_the_round_trip() {
        for us in [0, 1, 999_999, 1_000_000, 1_800_000_000_123_456, LATEST_US] {
            assert_eq!(to_us(from_us(us)), us);
        }
        assert!(now_us() > 1_600_000_000_000_000);
    }

    #[test]
    fn what_is_out_of_range_is_drawn_to_the_nearest_end() {
        assert_eq!(to_us(UNIX_EPOCH - Duration::from_secs(1)), 0);
        assert_eq!(from_us(u64::MAX), from_us(LATEST_US));
        assert_eq!(to_us(UNIX_EPOCH + Duration::from_secs(1 << 60)), LATEST_US);
        assert_eq!(to_us(from_us(LATEST_US) + Duration::from_secs(1)), LATEST_US);
    }

    #[test]
    fn fractions_of_a_microsecond_are_cut_off() {
        assert_eq!(to_us(UNIX_EPOCH + Duration::from_nanos(1_999)), 1);
    }
}
