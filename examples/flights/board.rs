//! What is printed: a line a carrier, and one for all.

use std::fmt;

use crate::model::OperationsStore;
use crate::tally::Tally;

/// The board, as lines of text.
pub struct Board(Vec<(String, Tally)>);

impl Board {
    /// What the store now says.
    #[must_use]
    pub fn of(store: &OperationsStore) -> Self {
        let carriers = store.by_carrier().into_iter().map(|(carrier, tally)| (carrier.0, tally));
        Board(carriers.chain([("all".to_owned(), store.total())]).collect())
    }
}

impl fmt::Display for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "carrier  scheduled  cancelled  mean departure delay (min)")?;
        for (name, tally) in &self.0 {
            let delay = match tally.mean_delay_minutes() {
                Some(minutes) => format!("{minutes:.1}"),
                None => "-".to_owned(),
            };
            writeln!(f, "{name:7}  {:9}  {:9}  {delay:>26}", tally.scheduled, tally.cancelled)?;
        }
        Ok(())
    }
}
