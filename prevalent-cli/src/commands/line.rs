//! A transaction on a line.

use std::io::Write;

use prevalent::inspect::Transaction;
use prevalent::{Error, Seq};

use super::Form;
use crate::failure::Failure;
use crate::human::{Stamps, counted, tame_json, tame_line};
use crate::output::{CYAN, DIM, Paint, RED};

/// Writes transactions, one a line.
#[derive(Debug)]
pub(super) struct Lines<W> {
    out: W,
    form: Form,
    paint: Paint,
    stamps: Stamps,
    /// The line that is being made. What JSON has no room for is found out in the middle of it.
    line: Vec<u8>,
    unshown: Option<Unshown>,
}

/// Transactions whose arguments JSON has no room for.
#[derive(Debug)]
struct Unshown {
    number: u64,
    first: Error,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(out: W, form: Form) -> Self {
        let (paint, stamps) = (Paint::of_stdout(), Stamps::default());
        Lines { out, form, paint, stamps, line: Vec::new(), unshown: None }
    }

    /// One whose arguments can't be shown has a line all the same, that says why.
    pub(super) fn transaction(&mut self, tx: &Transaction<'_>) -> Result<(), Failure> {
        self.line.clear();
        match self.form {
            Form::Json => {
                if let Err(error) = tx.write_json(&mut self.line) {
                    self.line.clear();
                    self.without_args(tx, &why(&error))?;
                    self.count_unshown(error);
                }
            }
            Form::Text => self.text(tx)?,
        }
        self.end_line()
    }

    /// What [`write_json`](Transaction::write_json) writes, with an `error` in the place of `args`.
    fn without_args(&mut self, tx: &Transaction<'_>, why: &str) -> Result<(), Failure> {
        let mut line = serde_json::json!({
            "seq": tx.seq(),
            "time": tx.time_us(),
            "tx": tx.name(),
            "revision": tx.revision(),
            "error": why,
        });
        if let Some(reason) = tx.void() {
            line["void"] = true.into();
            line["reason"] = reason.into();
        }
        Ok(self.line.write_all(tame_json(&line.to_string()).as_bytes())?)
    }

    fn text(&mut self, tx: &Transaction<'_>) -> Result<(), Failure> {
        let Lines { line, paint, stamps, .. } = self;
        let (second, us) = stamps.of(tx.time_us());
        let name = tame_line(tx.name());
        match paint {
            Paint::Plain => write!(line, "{:>8}  {second}.{us:06}Z  {name}  ", tx.seq())?,
            Paint::Colour => write!(
                line,
                "{:>8}  {DIM}{second}.{us:06}Z{DIM:#}  {CYAN}{name}{CYAN:#}  ",
                tx.seq()
            )?,
        }
        let args_start = line.len();
        let written = tx.write_args(&mut *line);
        if let Err(error) = &written {
            line.truncate(args_start);
            write!(line, "{}", paint.show(RED, format_args!("not shown: {}", why(error))))?;
        }
        if let Some(reason) = tx.void() {
            let reason = tame_line(reason);
            write!(line, "  {}", paint.show(RED, format_args!("void: {reason}")))?;
        }
        if let Err(error) = written {
            self.count_unshown(error);
        }
        Ok(())
    }

    /// That a transaction which was written before has no effect.
    pub(super) fn void(&mut self, seq: Seq, reason: &str) -> Result<(), Failure> {
        self.line.clear();
        match self.form {
            Form::Json => {
                let line = serde_json::json!({ "seq": seq, "void": true, "reason": reason });
                self.line.write_all(tame_json(&line.to_string()).as_bytes())?;
            }
            Form::Text => {
                let text = format!("has no effect: {}", tame_line(reason));
                write!(self.line, "{seq:>8}  {}", self.paint.show(RED, text))?;
            }
        }
        self.end_line()
    }

    fn end_line(&mut self) -> Result<(), Failure> {
        self.line.push(b'\n');
        Ok(self.out.write_all(&self.line)?)
    }

    fn count_unshown(&mut self, error: Error) {
        let unshown = self.unshown.get_or_insert(Unshown { number: 0, first: error });
        unshown.number += 1;
    }

    /// Of how many transactions the arguments were not shown, if there are any, and why not of the first one.
    pub(super) fn unshown(&self) -> Option<String> {
        let Unshown { number, first } = self.unshown.as_ref()?;
        let number = counted(*number, "transaction");
        Some(format!("the arguments of {number} are not shown; the first of them: {first}"))
    }

    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }
}

/// Why arguments can't be shown: of which transaction, stands beside it.
pub(super) fn why(error: &Error) -> String {
    match error {
        Error::NotExportable { reason, .. } => tame_line(reason).into_owned(),
        error => tame_line(&error.to_string()).into_owned(),
    }
}
