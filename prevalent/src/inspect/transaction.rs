//! A transaction of the journal, by the types that are stored with it.

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use crate::Seq;
use crate::clock;
use crate::dump::line::TxLine;
use crate::error::Error;
use crate::json::write::{Layout, Typed, Unwritten, unwritable};

/// A transaction as it is in the journal.
#[derive(Clone, Copy, Debug)]
pub struct Transaction<'a> {
    pub(super) seq: u64,
    pub(super) time_us: u64,
    pub(super) name: &'a str,
    pub(super) revision: u32,
    pub(super) void: Option<&'a str>,
    pub(super) segment: u64,
    pub(super) offset: u64,
    pub(super) args: Typed<'a>,
    pub(super) file: &'a Path,
}

impl Transaction<'_> {
    /// Its sequence number.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.seq.into()
    }

    /// What its code was told as the time.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        clock::from_us(self.time_us)
    }

    /// The same, as microseconds since 1970: what the journal has.
    #[must_use]
    pub fn time_us(&self) -> u64 {
        self.time_us
    }

    /// Its stable name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }

    /// The revision of its arguments.
    #[must_use]
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// Why it has no effect, if it has none.
    #[must_use]
    pub fn void(&self) -> Option<&str> {
        self.void
    }

    /// The number of the segment that it is in.
    #[must_use]
    pub fn segment(&self) -> u64 {
        self.segment
    }

    /// Where the batch begins that it is in, in bytes from the start of the segment.
    #[must_use]
    pub fn batch_offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes its arguments take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.args.bytes.len()
    }

    /// Writes its arguments as JSON: an object, as a rule. [`export`](crate::export) says what values look like.
    ///
    /// # Errors
    ///
    /// [`Error::NotExportable`], when a part may have been written; [`Error::Io`] of `out`.
    pub fn write_args(&self, out: impl Write) -> Result<(), Error> {
        self.told(self.args.write(out, Layout::Line))
    }

    /// Writes its arguments as JSON, for people to read.
    ///
    /// # Errors
    ///
    /// Those of [`write_args`](Self::write_args).
    pub fn write_args_pretty(&self, out: impl Write) -> Result<(), Error> {
        self.told(self.args.write(out, Layout::Pretty))
    }

    /// Its arguments as JSON.
    ///
    /// # Errors
    ///
    /// [`Error::NotExportable`].
    pub fn args_json(&self) -> Result<String, Error> {
        self.args.to_json().map_err(|error| self.unwritten(error))
    }

    /// Writes all of it as an object of JSON on one line, without a line break behind it: `seq`, `time` (microseconds since
    /// 1970), `tx`, `revision`, `args`; where it has no effect, `void` and the `reason`.
    ///
    /// # Errors
    ///
    /// Those of [`write_args`](Self::write_args).
    pub fn write_json(&self, out: impl Write) -> Result<(), Error> {
        let line = TxLine {
            seq: self.seq,
            time: self.time_us,
            tx: self.name,
            revision: self.revision,
            schema: None,
            void: self.void.map(|_| true),
            reason: self.void,
            args: self.args,
        };
        self.told(line.write(out))
    }

    /// Whether its name, or a text that its arguments hold, contains this one.
    ///
    /// What is looked at is what [`write_json`](Self::write_json) writes.
    ///
    /// # Errors
    ///
    /// [`Error::NotExportable`].
    pub fn contains(&self, text: &str) -> Result<bool, Error> {
        Ok(self.name.contains(text) || self.args_json()?.contains(text))
    }

    fn told(&self, written: Result<(), Unwritten>) -> Result<(), Error> {
        written.map_err(|error| self.unwritten(error))
    }

    fn unwritten(&self, error: Unwritten) -> Error {
        match error {
            Unwritten::Output(error) => unwritable(error),
            fault @ Unwritten::Value(_) => Error::NotExportable {
                what: self.name.to_owned(),
                seq: self.seq.into(),
                file: self.file.to_owned(),
                reason: fault.to_string(),
            },
        }
    }
}
