//! From a file of flights, `.csv` or `.csv.gz`, to rows of the domain's types.
//!
//! A row is a line, and is read whole or not at all: whatever is wrong with one harms no other.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::str::FromStr;

use csv::StringRecord;
use flate2::bufread::MultiGzDecoder;

use crate::domain::{
    Airport, Arrival, Carrier, Date, Departure, FlightKey, Plan, Status, TimeOfDay,
};

/// The columns that a file must have, in any order and among others. `year` is read, too, where there is one.
const COLUMNS: [&str; 12] = [
    "month",
    "day",
    "sched_dep_time",
    "dep_time",
    "dep_delay",
    "sched_arr_time",
    "arr_time",
    "arr_delay",
    "carrier",
    "flight",
    "origin",
    "dest",
];

/// A flight, as the file tells it: from its plan to what became of it.
#[derive(Debug)]
pub struct Row {
    /// Which flight.
    pub flight: FlightKey,
    /// What was planned.
    pub plan: Plan,
    /// What became of it.
    pub status: Status,
}

/// A row's place in the file, and the row, if it is one.
#[derive(Debug)]
pub struct Line {
    /// The header's is 1.
    pub number: u64,
    /// The row.
    pub row: Result<Row, BadRow>,
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
pub enum BadRow {
    #[error("not a line of comma-separated text: {0}")]
    NotCsv(#[from] csv::Error),
    #[error("{found} fields instead of {expected}")]
    FieldCount { found: usize, expected: usize },
    #[error("`{column}` is missing")]
    Missing { column: &'static str },
    #[error("`{column}` is `{value}`, which is no number that could be meant")]
    NotANumber { column: &'static str, value: String },
    #[error("`{column}` is `{value}`, which is no time of day (hhmm)")]
    NotATime { column: &'static str, value: String },
    #[error("the calendar has no day {day} in month {month}")]
    NotADate { month: u8, day: u8 },
    #[error("it has an `arr_time`, but no `dep_time`")]
    ArrivedWithoutDeparture,
}

/// Why a file can't be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("its header is not a line of comma-separated text: {0}")]
    NotCsv(#[from] csv::Error),
    #[error("it is empty: there is not even a header")]
    Empty,
    #[error("its header lacks {}", .0.join(", "))]
    MissingColumns(Vec<&'static str>),
}

/// The rows of a file, one after the other.
pub struct Rows {
    lines: io::Split<Box<dyn BufRead + Send>>,
    number: u64,
    columns: HashMap<String, usize>,
}

impl Rows {
    /// Opens a file, and reads its header.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let file = BufReader::new(File::open(path)?);
        let text: Box<dyn BufRead + Send> = if path.extension() == Some(OsStr::new("gz")) {
            Box::new(BufReader::new(MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        let mut lines = text.split(b'\n');
        let header = split_fields(&lines.next().ok_or(FileError::Empty)??)?;
        let columns: HashMap<_, _> = header.iter().map(str::to_owned).zip(0..).collect();
        let missing: Vec<_> =
            COLUMNS.into_iter().filter(|&column| !columns.contains_key(column)).collect();
        if missing.is_empty() {
            Ok(Rows { lines, number: 1, columns })
        } else {
            Err(FileError::MissingColumns(missing))
        }
    }

    fn parse(&self, line: &[u8]) -> Result<Row, BadRow> {
        let fields = split_fields(line)?;
        let (found, expected) = (fields.len(), self.columns.len());
        if found != expected {
            return Err(BadRow::FieldCount { found, expected });
        }
        Fields { columns: &self.columns, fields }.row()
    }
}

impl Iterator for Rows {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.lines.next()? {
                Ok(line) => line,
                Err(error) => return Some(Err(error)),
            };
            self.number += 1;
            if !line.trim_ascii().is_empty() {
                return Some(Ok(Line { number: self.number, row: self.parse(&line) }));
            }
        }
    }
}

/// Takes a line apart. Each is CSV of its own, so that a stray quote can't swallow the lines after it.
fn split_fields(line: &[u8]) -> Result<StringRecord, csv::Error> {
    let mut fields = StringRecord::new();
    csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .buffer_capacity(line.len().max(1))
        .from_reader(line)
        .read_record(&mut fields)?;
    Ok(fields)
}

/// The fields of a row, by the names of their columns.
struct Fields<'a> {
    columns: &'a HashMap<String, usize>,
    fields: StringRecord,
}

impl Fields<'_> {
    fn row(&self) -> Result<Row, BadRow> {
        Ok(Row { flight: self.flight()?, plan: self.plan()?, status: self.status()? })
    }

    fn flight(&self) -> Result<FlightKey, BadRow> {
        let year = self.columns.contains_key("year").then(|| self.number("year")).transpose()?;
        let (month, day) = (self.number("month")?, self.number("day")?);
        Ok(FlightKey {
            carrier: Carrier(self.text("carrier")?.to_owned()),
            number: self.number("flight")?,
            origin: Airport(self.text("origin")?.to_owned()),
            date: Date::new(year, month, day).ok_or(BadRow::NotADate { month, day })?,
        })
    }

    fn plan(&self) -> Result<Plan, BadRow> {
        Ok(Plan {
            destination: Airport(self.text("dest")?.to_owned()),
            departure: self.time("sched_dep_time")?,
            arrival: self.time("sched_arr_time")?,
        })
    }

    fn status(&self) -> Result<Status, BadRow> {
        let departure = self.optional("dep_time", |fields, column| {
            let time = fields.time(column)?;
            Ok(Departure { time, delay_minutes: fields.number("dep_delay")? })
        })?;
        let arrival = self.optional("arr_time", |fields, column| {
            let time = fields.time(column)?;
            Ok(Arrival { time, delay_minutes: fields.optional("arr_delay", Self::number)? })
        })?;
        match (departure, arrival) {
            (None, None) => Ok(Status::Cancelled),
            (None, Some(_)) => Err(BadRow::ArrivedWithoutDeparture),
            (Some(departure), None) => Ok(Status::Departed(departure)),
            (Some(departure), Some(arrival)) => Ok(Status::Arrived(departure, arrival)),
        }
    }

    /// What the column holds; a field that is empty or `NA` holds nothing.
    fn find(&self, column: &str) -> Option<&str> {
        let field = self.fields.get(*self.columns.get(column)?)?;
        (!field.is_empty() && field != "NA").then_some(field)
    }

    fn text(&self, column: &'static str) -> Result<&str, BadRow> {
        self.find(column).ok_or(BadRow::Missing { column })
    }

    fn number<N: FromStr>(&self, column: &'static str) -> Result<N, BadRow> {
        let value = self.text(column)?;
        value.parse().map_err(|_| BadRow::NotANumber { column, value: value.to_owned() })
    }

    fn time(&self, column: &'static str) -> Result<TimeOfDay, BadRow> {
        let value = self.text(column)?;
        let time = value.parse().ok().and_then(TimeOfDay::from_hhmm);
        time.ok_or_else(|| BadRow::NotATime { column, value: value.to_owned() })
    }

    fn optional<T>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&Self, &'static str) -> Result<T, BadRow>,
    ) -> Result<Option<T>, BadRow> {
        self.find(column).map(|_| parse(self, column)).transpose()
    }
}
