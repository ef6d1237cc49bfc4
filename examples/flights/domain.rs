//! The words of the domain. `#[prevalent::data]` on a type makes it fit for the model and for the arguments of its
//! transactions.

use std::fmt;

/// An airline, by its code: `UA`.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Carrier(pub String);

/// An airport, by its code: `JFK`.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Airport(pub String);

/// What tells one flight from another. The same number flies every day, and now and then from two airports.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlightKey {
    /// Who flies.
    pub carrier: Carrier,
    /// The number on the ticket.
    pub number: u32,
    /// Where it starts.
    pub origin: Airport,
    /// The day on which it was to leave.
    pub date: Date,
}

impl fmt::Display for FlightKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{} from {} on {}", self.carrier.0, self.number, self.origin.0, self.date)
    }
}

/// A day. The year is there if the source tells it; one that doesn't is about a single year.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: Option<u16>,
    month: u8,
    day: u8,
}

impl Date {
    /// `None` if the calendar has no such day.
    #[must_use]
    pub fn new(year: Option<u16>, month: u8, day: u8) -> Option<Self> {
        let is_leap = year.is_none_or(|year| {
            year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
        });
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Date { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(year) = self.year {
            write!(f, "{year:04}-")?;
        }
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

/// A local time, in minutes since the day began.
///
/// A day has two midnights: 00:00 begins it, and 24:00 ends it. A flight that lands at 24:00 is the last on the board of
/// its day, not the first.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    minutes: u16,
}

impl TimeOfDay {
    /// Of a number that is read as `hhmm`; `None` if a clock never shows it.
    #[must_use]
    pub fn from_hhmm(hhmm: u16) -> Option<Self> {
        let (hours, minutes) = (hhmm / 100, hhmm % 100);
        (hhmm <= 2400 && minutes < 60).then_some(TimeOfDay { minutes: hours * 60 + minutes })
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

/// What was promised to the passengers.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Where it goes.
    pub destination: Airport,
    /// When it is to leave.
    pub departure: TimeOfDay,
    /// When it is to land.
    pub arrival: TimeOfDay,
}

/// That it left.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// When.
    pub time: TimeOfDay,
    /// How much later than planned; negative if it was early.
    pub delay_minutes: i32,
}

/// That it landed.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub time: TimeOfDay,
    /// How much later than planned. A flight that was diverted has none.
    pub delay_minutes: Option<i32>,
}

/// How far a flight has come.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is to leave.
    Scheduled,
    /// It never will.
    Cancelled,
    /// It is in the air, as far as anybody has told.
    Departed(Departure),
    /// It is there.
    Arrived(Departure, Arrival),
}

impl Status {
    /// The departure of a flight that has left.
    #[must_use]
    pub fn departure(&self) -> Option<Departure> {
        match *self {
            Status::Departed(departure) | Status::Arrived(departure, _) => Some(departure),
            Status::Scheduled | Status::Cancelled => None,
        }
    }
}
