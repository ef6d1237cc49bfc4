//! Time that passes by a fixed step whenever somebody looks, so that a test repeats itself, and by a leap where it is drawn that
//! somebody's wait is over.

use std::ops::Add;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

shuttle::lazy_static! {
    /// Since this execution of the test began.
    static ref MICROS: AtomicU64 = AtomicU64::new(0);
}

/// Whatever is done between two looks takes so long.
const STEP_MICROS: u64 = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(Duration);

impl Instant {
    pub(crate) fn now() -> Self {
        Instant(Duration::from_micros(MICROS.fetch_add(STEP_MICROS, Ordering::Relaxed)))
    }

    /// The time until then is over, unless it was before.
    pub(super) fn pass(until: Instant) {
        let until = u64::try_from(until.0.as_micros()).unwrap_or(u64::MAX / 2);
        MICROS.fetch_max(until, Ordering::Relaxed);
    }

    pub(crate) fn elapsed(&self) -> Duration {
        Instant::now().0.saturating_sub(self.0)
    }

    pub(crate) fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).map(Instant)
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, duration: Duration) -> Instant {
        Instant(self.0.saturating_add(duration))
    }
}

/// The wall's clock goes by the other one.
pub(crate) fn system_time() -> SystemTime {
    /// Some day in 2026.
    const BEGINNING: Duration = Duration::from_secs(1_790_000_000);
    UNIX_EPOCH + BEGINNING + Instant::now().0
}
