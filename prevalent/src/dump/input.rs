//! Lines of JSON, read one after the other, however long.

use std::io::{self, BufRead, Read};
use std::path::Path;

use serde::de::DeserializeSeed;

use crate::error::Error;
use crate::json::without_place;

/// A text that is read line by line.
pub(super) struct Lines<R> {
    input: R,
    /// The number of the line that is read, from 1.
    line: u64,
    is_line_over: bool,
    failed: Option<io::Error>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Lines { input, line: 0, is_line_over: true, failed: None }
    }

    /// The next line. Where there is none, it is `what` that is missing.
    pub(super) fn read<S: DeserializeSeed<'static>>(
        &mut self,
        seed: S,
        what: &str,
    ) -> Result<S::Value, Error> {
        if !self.begin()? {
            return Err(self.wrong(format!("{what} is missing: the text is cut off")));
        }
        let mut json = serde_json::Deserializer::from_reader(&mut *self);
        let value = seed.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
        value.map_err(|error| match self.failed.take() {
            Some(error) => unreadable(error),
            None => self.wrong(match error.column() {
                0 => without_place(&error),
                column => format!("{} (column {column})", without_place(&error)),
            }),
        })
    }

    /// There must be no line any more.
    pub(super) fn expect_end(&mut self) -> Result<(), Error> {
        while self.begin()? {
            let mut rest = Vec::new();
            let mut line = Read::take(&mut *self, 64);
            line.read_to_end(&mut rest).map_err(unreadable)?;
            if !rest.iter().all(u8::is_ascii_whitespace) {
                return Err(self.wrong("there is something behind the line with `end`".to_owned()));
            }
        }
        Ok(())
    }

    /// Something is wrong with this line.
    pub(super) fn wrong(&self, what: String) -> Error {
        Error::Json { line: self.line, what }
    }

    /// Goes on to the next line, if there is one. The one before has been read to its end.
    fn begin(&mut self) -> Result<bool, Error> {
        self.line += 1;
        loop {
            match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(error)),
                Ok(bytes) => {
                    self.is_line_over = bytes.is_empty();
                    return Ok(!bytes.is_empty());
                }
            }
        }
    }
}

/// The bytes of the line.
impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_line_over || buffer.is_empty() {
            return Ok(0);
        }
        let bytes = match self.input.fill_buf() {
            Ok(bytes) => bytes,
            Err(error) => {
                if error.kind() != io::ErrorKind::Interrupted {
                    // What comes through the parser has lost its kind.
                    self.failed = Some(io::Error::new(error.kind(), error.to_string()));
                }
                return Err(error);
            }
        };
        let line = bytes.iter().take(buffer.len()).position(|&byte| byte == b'\n');
        let count = line.unwrap_or(bytes.len().min(buffer.len()));
        buffer[..count].copy_from_slice(&bytes[..count]);
        self.is_line_over = line.is_some() || bytes.is_empty();
        self.input.consume(count + usize::from(line.is_some()));
        Ok(count)
    }
}

fn unreadable(error: io::Error) -> Error {
    Error::io(Path::new("(the input)"), "read", error)
}
