//! The model: all flights, four transactions that change them, and the questions that a board answers.

use std::collections::BTreeMap;

use prevalent::prevalent;

use crate::domain::{Airport, Arrival, Carrier, Date, Departure, FlightKey, Plan, Status};
use crate::tally::Tally;

/// The operations board of some airports.
#[prevalent]
#[derive(Debug, Default, PartialEq)]
pub struct Operations {
    flights: BTreeMap<FlightKey, Flight>,
}

/// A flight: what was planned, and what has become of it.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// What was planned.
    pub plan: Plan,
    /// What has become of it.
    pub status: Status,
}

/// Why a transaction changed nothing. A refusal is a reply like any other, and not an error of the store.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is such a flight already.
    #[error("this flight is scheduled already")]
    AlreadyScheduled,
    /// There is no such flight.
    #[error("there is no such flight")]
    Unknown,
    /// It was cancelled before.
    #[error("this flight was cancelled")]
    Cancelled,
    /// It has left before.
    #[error("this flight has departed already")]
    AlreadyDeparted,
    /// It can't land before it leaves.
    #[error("this flight has not departed")]
    NotDeparted,
    /// It has landed before.
    #[error("this flight has arrived already")]
    AlreadyArrived,
}

#[prevalent]
impl Operations {
    /// Puts a flight on the board.
    #[tx]
    pub fn schedule(&mut self, flight: FlightKey, plan: Plan) -> Result<(), Refusal> {
        if self.flights.contains_key(&flight) {
            return Err(Refusal::AlreadyScheduled);
        }
        self.flights.insert(flight, Flight { plan, status: Status::Scheduled });
        Ok(())
    }

    /// A flight leaves.
    #[tx]
    pub fn depart(&mut self, flight: &FlightKey, departure: Departure) -> Result<(), Refusal> {
        let status = self.status_mut(flight)?;
        match status {
            Status::Scheduled => *status = Status::Departed(departure),
            Status::Cancelled => return Err(Refusal::Cancelled),
            Status::Departed(_) | Status::Arrived(..) => return Err(Refusal::AlreadyDeparted),
        }
        Ok(())
    }

    /// A flight lands.
    #[tx]
    pub fn arrive(&mut self, flight: &FlightKey, arrival: Arrival) -> Result<(), Refusal> {
        let status = self.status_mut(flight)?;
        match *status {
            Status::Departed(departure) => *status = Status::Arrived(departure, arrival),
            Status::Scheduled => return Err(Refusal::NotDeparted),
            Status::Cancelled => return Err(Refusal::Cancelled),
            Status::Arrived(..) => return Err(Refusal::AlreadyArrived),
        }
        Ok(())
    }

    /// A flight won't leave any more.
    #[tx]
    pub fn cancel(&mut self, flight: &FlightKey) -> Result<(), Refusal> {
        let status = self.status_mut(flight)?;
        match status {
            Status::Scheduled => *status = Status::Cancelled,
            Status::Cancelled => return Err(Refusal::Cancelled),
            Status::Departed(_) | Status::Arrived(..) => return Err(Refusal::AlreadyDeparted),
        }
        Ok(())
    }

    /// The board of an airport's departures on a day, in the order in which they were to leave.
    #[query]
    pub fn departures(&self, airport: &Airport, date: Date) -> Vec<(FlightKey, Flight)> {
        self.board(|flight| flight.departure, |key, _| key.origin == *airport && key.date == date)
    }

    /// The board of an airport's arrivals from flights of a day, in the order in which they were to land.
    #[query]
    pub fn arrivals(&self, airport: &Airport, date: Date) -> Vec<(FlightKey, Flight)> {
        self.board(
            |flight| flight.arrival,
            |key, plan| plan.destination == *airport && key.date == date,
        )
    }

    /// The delays of each carrier.
    #[query]
    pub fn by_carrier(&self) -> BTreeMap<Carrier, Tally> {
        self.tally_by(|flight| &flight.carrier)
    }

    /// The delays at each airport that flights start from.
    #[query]
    pub fn by_airport(&self) -> BTreeMap<Airport, Tally> {
        self.tally_by(|flight| &flight.origin)
    }

    /// The delays of all flights.
    #[query]
    pub fn total(&self) -> Tally {
        self.flights.values().map(|flight| flight.status).collect()
    }
}

/// What the methods above share. Only an `impl` under `#[prevalent]` has transactions; this one is plain Rust.
impl Operations {
    fn status_mut(&mut self, flight: &FlightKey) -> Result<&mut Status, Refusal> {
        match self.flights.get_mut(flight) {
            Some(flight) => Ok(&mut flight.status),
            None => Err(Refusal::Unknown),
        }
    }

    fn board<K: Ord>(
        &self,
        order: impl Fn(&Plan) -> K,
        belongs: impl Fn(&FlightKey, &Plan) -> bool,
    ) -> Vec<(FlightKey, Flight)> {
        let mut board: Vec<_> = self
            .flights
            .iter()
            .filter(|(key, flight)| belongs(key, &flight.plan))
            .map(|(key, flight)| (key.clone(), flight.clone()))
            .collect();
        board.sort_by_key(|(_, flight)| order(&flight.plan));
        board
    }

    fn tally_by<K: Ord + Clone>(&self, group: impl Fn(&FlightKey) -> &K) -> BTreeMap<K, Tally> {
        let mut tallies: BTreeMap<K, Tally> = BTreeMap::new();
        for (key, flight) in &self.flights {
            tallies.entry(group(key).clone()).or_default().count(flight.status);
        }
        tallies
    }
}
