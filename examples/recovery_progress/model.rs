//! The model: what sensors have measured.

use std::collections::BTreeMap;

use prevalent::prevalent;

/// What each sensor has measured.
#[prevalent]
#[derive(Debug, Default)]
pub struct Readings {
    sensors: BTreeMap<u32, Summary>,
}

#[prevalent::data]
#[derive(Debug, Default)]
struct Summary {
    readings: u64,
    sum: i64,
}

#[prevalent]
impl Readings {
    /// A sensor tells what it has measured since it told the last time.
    #[tx]
    pub fn record(&mut self, sensor: u32, values: &[i32]) {
        let summary = self.sensors.entry(sensor).or_default();
        for &value in values {
            summary.readings += 1;
            summary.sum += i64::from(value);
        }
    }

    /// How many readings there are.
    #[query]
    pub fn readings(&self) -> u64 {
        self.sensors.values().map(|summary| summary.readings).sum()
    }
}
