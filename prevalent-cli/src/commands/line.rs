//! A transaction on a line.

use std::io::Write;

use prevalent::inspect::Transaction;

use super::Form;
use crate::failure::Failure;
use crate::human::{Stamps, tame_line};
use crate::output::{CYAN, DIM, Paint, RED};

/// Writes transactions, one a line.
#[derive(Debug)]
pub(super) struct Lines<W> {
    out: W,
    form: Form,
    paint: Paint,
    stamps: Stamps,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(out: W, form: Form) -> Self {
        Lines { out, form, paint: Paint::of_stdout(), stamps: Stamps::default() }
    }

    pub(super) fn transaction(&mut self, tx: &Transaction<'_>) -> Result<(), Failure> {
        match self.form {
            Form::Json => tx.write_json(&mut self.out)?,
            Form::Text => self.text(tx)?,
        }
        self.out.write_all(b"\n")?;
        Ok(())
    }

    fn text(&mut self, tx: &Transaction<'_>) -> Result<(), Failure> {
        let Lines { out, paint, stamps, .. } = self;
        let (second, us) = stamps.of(tx.time_us());
        let name = tame_line(tx.name());
        match paint {
            Paint::Plain => write!(out, "{:>8}  {second}.{us:06}Z  {name}  ", tx.seq())?,
            Paint::Colour => write!(
                out,
                "{:>8}  {DIM}{second}.{us:06}Z{DIM:#}  {CYAN}{name}{CYAN:#}  ",
                tx.seq()
            )?,
        }
        tx.write_args(&mut *out)?;
        if let Some(reason) = tx.void() {
            write!(out, "  {}", paint.show(RED, format_args!("void: {}", one_line(reason))))?;
        }
        Ok(())
    }

    /// That a transaction which was written before has no effect.
    pub(super) fn void(&mut self, seq: prevalent::Seq, reason: &str) -> Result<(), Failure> {
        match self.form {
            Form::Json => {
                let line = serde_json::json!({ "seq": seq, "void": true, "reason": reason });
                serde_json::to_writer(&mut self.out, &line)?;
            }
            Form::Text => {
                let text = format!("has no effect: {}", one_line(reason));
                write!(self.out, "{seq:>8}  {}", self.paint.show(RED, text))?;
            }
        }
        self.out.write_all(b"\n")?;
        Ok(())
    }

    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }
}

/// The message of a panic may have many.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
