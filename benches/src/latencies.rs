//! How long each of many things took.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::failure::Result;

/// Durations, with a resolution of a thousandth.
#[derive(Debug)]
pub(crate) struct Latencies {
    ns: Histogram<u64>,
}

impl Latencies {
    /// # Errors
    ///
    /// None, as long as the resolution is one that the library has.
    pub(crate) fn new() -> Result<Self> {
        Ok(Latencies { ns: Histogram::new(3)? })
    }

    pub(crate) fn record(&mut self, took: Duration) {
        // A histogram that grows takes every value.
        let _ = self.ns.record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Takes up what others have recorded.
    pub(crate) fn add(&mut self, other: &Latencies) -> Result<()> {
        Ok(self.ns.add(&other.ns)?)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ns.is_empty()
    }

    /// In microseconds.
    pub(crate) fn quantile_us(&self, quantile: f64) -> f64 {
        self.ns.value_at_quantile(quantile) as f64 / 1e3
    }

    /// In microseconds.
    pub(crate) fn max_us(&self) -> f64 {
        self.ns.max() as f64 / 1e3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_is_told() {
        let mut latencies = Latencies::new().unwrap();
        for ms in 1..=100 {
            latencies.record(Duration::from_millis(ms));
        }
        let (median, max) = (latencies.quantile_us(0.5), latencies.max_us());
        assert!((49.9e3..50.1e3).contains(&median), "{median}");
        assert!((99.9e3..100.1e3).contains(&max), "{max}");
    }
}
