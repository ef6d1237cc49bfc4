//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` says.
pub const HELP: &str = "\
Replays real flights through an airport's operations board, prints it, closes the
store, opens it again, and shows that the board is the same.

Usage: cargo run --release --example flights -- [OPTIONS] [FILE]

  FILE         flights to replay, .csv or .csv.gz; default: the 27,004 that were to leave
               New York in January 2013
  --dir DIR    keep the store in DIR; what it holds already stays on the board, and its
               flights are repeated keys; default: a temporary directory
  --help       this text

A row that is bad, or repeats a flight, is reported on stderr with its line, and skipped.
";

/// What the user wants.
#[derive(Debug)]
pub struct Options {
    /// The flights.
    pub file: PathBuf,
    /// Where the store is, if it is to stay.
    pub dir: Option<PathBuf>,
}

impl Options {
    /// Reads the arguments; `None` asks for help.
    pub fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        let (mut file, mut dir) = (None, None);
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--dir") => {
                    dir = Some(arguments.next().ok_or("`--dir` needs a directory")?.into());
                }
                Some(option) if option.starts_with('-') => {
                    return Err(format!("there is no option `{option}`; see `--help`"));
                }
                _ if file.is_some() => return Err("one file at a time; see `--help`".to_owned()),
                _ => file = Some(argument.into()),
            }
        }
        let file = file.unwrap_or_else(|| {
            concat!(env!("CARGO_MANIFEST_DIR"), "/data/nyc-flights-2013-01.csv.gz").into()
        });
        Ok(Some(Options { file, dir }))
    }
}
