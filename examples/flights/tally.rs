//! Figures about a group of flights.

use crate::domain::Status;

/// How many flights, and how late they left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All that were scheduled, whatever became of them.
    pub scheduled: u64,
    /// Those that never left.
    pub cancelled: u64,
    /// Those that left.
    pub departed: u64,
    /// The sum of their delays; a flight that leaves early makes up for one that leaves late.
    pub delay_minutes: i64,
}

impl Tally {
    /// Counts a flight in.
    pub fn count(&mut self, status: Status) {
        self.scheduled += 1;
        self.cancelled += u64::from(status == Status::Cancelled);
        if let Some(departure) = status.departure() {
            self.departed += 1;
            self.delay_minutes += i64::from(departure.delay_minutes);
        }
    }

    /// The mean delay of the flights that left, in minutes; `None` if none did.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 flights and minutes")]
    pub fn mean_delay_minutes(&self) -> Option<f64> {
        (self.departed > 0).then(|| self.delay_minutes as f64 / self.departed as f64)
    }
}

impl FromIterator<Status> for Tally {
    fn from_iter<I: IntoIterator<Item = Status>>(flights: I) -> Self {
        let mut tally = Tally::default();
        flights.into_iter().for_each(|status| tally.count(status));
        tally
    }
}
