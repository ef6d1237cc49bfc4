//! The model of the flights example, without files: a model is plain Rust, and `in_memory` stores it nowhere.
#![allow(missing_docs, unreachable_pub, dead_code, reason = "tests, and modules of a program")]

#[path = "../flights/domain.rs"]
mod domain;
#[path = "../flights/model.rs"]
mod model;
#[path = "../flights/tally.rs"]
mod tally;

use domain::{Airport, Arrival, Carrier, Date, Departure, FlightKey, Plan, TimeOfDay};
use model::{Operations, OperationsStore, Refusal};

fn flight(number: u32) -> FlightKey {
    FlightKey { carrier: Carrier("UA".into()), number, origin: airport("EWR"), date: date() }
}

fn airport(code: &str) -> Airport {
    Airport(code.into())
}

fn date() -> Date {
    Date::new(Some(2013), 1, 31).unwrap()
}

fn time(hhmm: u16) -> TimeOfDay {
    TimeOfDay::from_hhmm(hhmm).unwrap()
}

fn plan(departure: u16, arrival: u16) -> Plan {
    Plan { destination: airport("ORD"), departure: time(departure), arrival: time(arrival) }
}

#[test]
fn a_flight_goes_from_its_plan_to_its_gate() {
    let mut operations = Operations::default();
    let departure = Departure { time: time(517), delay_minutes: 2 };
    let arrival = Arrival { time: time(740), delay_minutes: None };

    assert_eq!(operations.depart(&flight(1), departure), Err(Refusal::Unknown));
    assert_eq!(operations.schedule(flight(1), plan(515, 730)), Ok(()));
    assert_eq!(operations.schedule(flight(1), plan(600, 830)), Err(Refusal::AlreadyScheduled));
    assert_eq!(operations.arrive(&flight(1), arrival), Err(Refusal::NotDeparted));
    assert_eq!(operations.depart(&flight(1), departure), Ok(()));
    assert_eq!(operations.depart(&flight(1), departure), Err(Refusal::AlreadyDeparted));
    assert_eq!(operations.cancel(&flight(1)), Err(Refusal::AlreadyDeparted));
    assert_eq!(operations.arrive(&flight(1), arrival), Ok(()));
    assert_eq!(operations.arrive(&flight(1), arrival), Err(Refusal::AlreadyArrived));

    operations.schedule(flight(2), plan(600, 800)).unwrap();
    assert_eq!(operations.cancel(&flight(2)), Ok(()));
    assert_eq!(operations.cancel(&flight(2)), Err(Refusal::Cancelled));
    assert_eq!(operations.depart(&flight(2), departure), Err(Refusal::Cancelled));
    assert_eq!(operations.arrive(&flight(2), arrival), Err(Refusal::Cancelled));
}

#[test]
fn boards_are_in_the_order_of_the_day_and_midnight_ends_it() {
    let store = OperationsStore::in_memory();
    for (number, departure, arrival) in [(1, 2130, 2400), (2, 2100, 2359), (3, 2030, 2330)] {
        store.schedule(flight(number), plan(departure, arrival)).wait().unwrap().unwrap();
    }
    let numbers = |board: Vec<(FlightKey, _)>| -> Vec<u32> {
        board.into_iter().map(|(flight, _)| flight.number).collect()
    };
    assert_eq!(numbers(store.departures(&airport("EWR"), date())), [3, 2, 1]);
    assert_eq!(numbers(store.arrivals(&airport("ORD"), date())), [3, 2, 1]);
    assert!(store.departures(&airport("ORD"), date()).is_empty());
    assert_eq!(time(2400).to_string(), "24:00");
}

#[test]
fn means_are_over_flights_that_left() {
    let store = OperationsStore::in_memory();
    for number in 1..=4 {
        store.schedule(flight(number), plan(600, 800)).wait().unwrap().unwrap();
    }
    for (number, delay_minutes) in [(1, -5), (2, 40)] {
        let departure = Departure { time: time(555), delay_minutes };
        store.depart(&flight(number), departure).wait().unwrap().unwrap();
    }
    store.cancel(&flight(3)).wait().unwrap().unwrap();

    let total = store.total();
    assert_eq!((total.scheduled, total.cancelled, total.departed), (4, 1, 2));
    assert_eq!(total.mean_delay_minutes(), Some(17.5));
    assert_eq!(store.by_carrier()[&Carrier("UA".into())], total);
    assert_eq!(store.by_airport()[&airport("EWR")], total);
}

#[test]
fn the_calendar_is_known() {
    assert!(Date::new(Some(2013), 2, 29).is_none());
    assert!(Date::new(Some(2012), 2, 29).is_some());
    assert!(Date::new(Some(1900), 2, 29).is_none());
    assert!(Date::new(None, 2, 29).is_some(), "of whatever year it is");
    for (month, day) in [(0, 1), (13, 1), (4, 31), (1, 0), (1, 32)] {
        assert!(Date::new(None, month, day).is_none(), "{month}-{day}");
    }
}

#[test]
fn a_clock_shows_no_other_times() {
    for (hhmm, text) in [(0, "00:00"), (5, "00:05"), (517, "05:17"), (2359, "23:59")] {
        assert_eq!(time(hhmm).to_string(), text);
    }
    for hhmm in [60, 1299, 2401, 2460, u16::MAX] {
        assert!(TimeOfDay::from_hhmm(hhmm).is_none(), "{hhmm}");
    }
}
