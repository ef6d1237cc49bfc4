//! From rows to transactions.

use std::collections::VecDeque;
use std::fmt;

use prevalent::Commit;

use crate::domain::{FlightKey, Status};
use crate::model::{OperationsStore, Refusal};
use crate::rows::{Row, Rows};

/// So many rows may wait for an answer at a time: enough for the disk to be the only one who is waited for, since all
/// that is in flight shares its syncs.
const IN_FLIGHT_MAX: usize = 4096;

/// What a transaction of this model answers, once it is committed.
type Answer = Commit<Result<(), Refusal>>;

/// What came of a replay.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Rows that are on the board.
    pub accepted: u64,
    /// Rows that were reported and left out.
    pub skipped: u64,
    /// Transactions that the store has committed.
    pub transactions: u64,
}

/// Feeds all rows to the store, and reports the bad ones on stderr.
pub async fn replay(
    store: &OperationsStore,
    rows: Rows,
) -> Result<Summary, Box<dyn std::error::Error>> {
    let mut replay = Replay::new(store);
    for line in rows {
        let line = line?;
        match line.row {
            Ok(row) => replay.schedule(line.number, row).await?,
            Err(reason) => replay.skip(line.number, &reason),
        }
    }
    Ok(replay.finish().await?)
}

/// Transactions in flight.
///
/// A commit handle need not be awaited at once: transactions are ordered when they are submitted, and become durable many
/// at a time. Only the answer to `schedule` is waited for before a flight's other transactions, for if it says that there
/// was such a flight, they would happen to that one.
struct Replay<'a> {
    store: &'a OperationsStore,
    scheduled: VecDeque<(u64, Row, Answer)>,
    moved: VecDeque<(FlightKey, Answer)>,
    summary: Summary,
}

impl<'a> Replay<'a> {
    fn new(store: &'a OperationsStore) -> Self {
        let (scheduled, moved) = (VecDeque::new(), VecDeque::new());
        Replay { store, scheduled, moved, summary: Summary::default() }
    }

    async fn schedule(&mut self, line: u64, row: Row) -> Result<(), prevalent::Error> {
        while self.scheduled.len() >= IN_FLIGHT_MAX {
            self.next_scheduled().await?;
        }
        self.store.ready().await?;
        let commit = self.store.schedule(row.flight.clone(), row.plan.clone());
        self.scheduled.push_back((line, row, commit));
        Ok(())
    }

    /// Waits for the oldest `schedule`, and submits what became of the flight.
    async fn next_scheduled(&mut self) -> Result<(), prevalent::Error> {
        let Some((line, row, commit)) = self.scheduled.pop_front() else { return Ok(()) };
        let answer = commit.await?;
        self.summary.transactions += 1;
        match answer {
            Ok(()) => self.follow(row).await,
            Err(refusal) => {
                self.skip(line, &format_args!("{}: {refusal}", row.flight));
                Ok(())
            }
        }
    }

    async fn follow(&mut self, Row { flight, status, .. }: Row) -> Result<(), prevalent::Error> {
        self.summary.accepted += 1;
        self.store.ready().await?;
        match status {
            Status::Scheduled => {}
            Status::Cancelled => {
                let commit = self.store.cancel(&flight);
                self.wait_for(flight, commit);
            }
            Status::Departed(departure) => {
                let commit = self.store.depart(&flight, departure);
                self.wait_for(flight, commit);
            }
            Status::Arrived(departure, arrival) => {
                let departed = self.store.depart(&flight, departure);
                let arrived = self.store.arrive(&flight, arrival);
                self.wait_for(flight.clone(), departed);
                self.wait_for(flight, arrived);
            }
        }
        while self.moved.len() > IN_FLIGHT_MAX {
            self.next_moved().await?;
        }
        Ok(())
    }

    fn wait_for(&mut self, flight: FlightKey, commit: Answer) {
        self.moved.push_back((flight, commit));
    }

    async fn next_moved(&mut self) -> Result<(), prevalent::Error> {
        let Some((flight, commit)) = self.moved.pop_front() else { return Ok(()) };
        if let Err(refusal) = commit.await? {
            unreachable!("{flight} was scheduled by this replay alone: {refusal}");
        }
        self.summary.transactions += 1;
        Ok(())
    }

    async fn finish(mut self) -> Result<Summary, prevalent::Error> {
        while !self.scheduled.is_empty() {
            self.next_scheduled().await?;
        }
        while !self.moved.is_empty() {
            self.next_moved().await?;
        }
        Ok(self.summary)
    }

    fn skip(&mut self, line: u64, reason: &dyn fmt::Display) {
        self.summary.skipped += 1;
        eprintln!("line {line} skipped: {reason}");
    }
}
