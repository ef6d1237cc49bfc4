//! What is shown, read from the files.

use std::io::{self, Write};
use std::ops::ControlFlow;

use prevalent::inspect::{Status, StoreFiles, Transaction, Voids};
use prevalent::{Error, Seq};

use super::super::line::why;
use crate::failure::Failure;
use crate::human;

/// So many transactions are in memory.
pub(super) const PAGE: usize = 200;

/// So much of a value is shown,
const VALUE_BYTES_MAX: usize = 256 << 10;
/// and so much of it in the list.
const LINE_BYTES_MAX: usize = 4 << 10;

/// A transaction, ready to be shown.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) time: String,
    pub(super) name: String,
    pub(super) args: String,
    /// The same, over many lines.
    pub(super) value: String,
    pub(super) void: Option<String>,
    pub(super) place: String,
}

/// The transactions from this one on, a page of them.
pub(super) fn page(files: &StoreFiles, voids: &Voids, from: u64) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let transactions = files.transactions().skip_damage().with_voids(voids.clone());
    transactions.from(Seq::from(from)).for_each(|tx| {
        rows.push(row(tx));
        let is_full = rows.len() >= PAGE;
        Ok::<_, Failure>(if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(rows)
}

/// What can't be shown is a row all the same, that says why.
fn row(tx: &Transaction<'_>) -> Row {
    let args = Capped::at(LINE_BYTES_MAX).text_of(|out| tx.write_args(out));
    let value = Capped::at(VALUE_BYTES_MAX).text_of(|out| tx.write_args_pretty(out));
    Row {
        seq: tx.seq().get(),
        time: human::timestamp(tx.time()),
        name: tx.name().to_owned(),
        args: args.unwrap_or_else(|error| format!("not shown: {}", why(&error))),
        value: value.unwrap_or_else(|error| match why(&error).rsplit_once(": ") {
            Some((place, what)) => format!("not shown: {what}\n{place}"),
            None => format!("not shown: {}", why(&error)),
        }),
        void: tx.void().map(str::to_owned),
        place: format!("segment {}, batch at {}", tx.segment(), tx.batch_offset()),
    }
}

/// The last transaction before this one that can be read.
pub(super) fn last_before(
    files: &StoreFiles,
    status: &Status,
    voids: &Voids,
    seq: u64,
) -> Result<Option<u64>, Failure> {
    let segments = status.segments.iter().rev().filter_map(|it| it.header.as_ref().ok());
    let mut through = seq.saturating_sub(1);
    for first in segments.map(|header| header.first_seq.get()) {
        if first > through {
            continue;
        }
        let mut last = None;
        let transactions = files.transactions().skip_damage().with_voids(voids.clone());
        transactions.from(first.into()).through(through.into()).for_each(|tx| {
            last = Some(tx.seq().get());
            Ok::<_, Failure>(ControlFlow::Continue(()))
        })?;
        if last.is_some() {
            return Ok(last);
        }
        through = first.saturating_sub(1);
    }
    Ok(None)
}

/// The state in a snapshot, as far as it is shown.
pub(super) fn state(files: &StoreFiles, seq: Seq) -> Result<String, Error> {
    let state = files.snapshot(Some(seq))?;
    Capped::at(VALUE_BYTES_MAX).text_of(|out| state.value().write_json_pretty(out))
}

/// The next transaction from `from` on with this text in it; `is_enough` is asked now and then.
pub(super) fn find(
    files: &StoreFiles,
    voids: &Voids,
    from: u64,
    text: &str,
    mut is_enough: impl FnMut() -> io::Result<bool>,
) -> Result<Option<u64>, Failure> {
    let mut found = None;
    let mut looked_at = 0_u64;
    let transactions = files.transactions().skip_damage().with_voids(voids.clone());
    transactions.from(Seq::from(from)).for_each(|tx| {
        looked_at += 1;
        // In what can't be shown, nothing can be found.
        if matches!(tx.contains(text), Ok(true)) {
            found = Some(tx.seq().get());
        }
        let stop = found.is_some() || (looked_at.is_multiple_of(4096) && is_enough()?);
        Ok::<_, Failure>(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(found)
}

/// Takes the beginning of what is written.
#[derive(Debug)]
struct Capped {
    bytes: Vec<u8>,
    bytes_max: usize,
    is_full: bool,
}

impl Capped {
    fn at(bytes_max: usize) -> Self {
        Capped { bytes: Vec::new(), bytes_max, is_full: false }
    }

    /// That it is full is no error.
    fn text_of(
        mut self,
        write: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<String, Error> {
        match write(&mut self) {
            Err(Error::Io { .. }) if self.is_full => {}
            written => written?,
        }
        let mut text = String::from_utf8_lossy(&self.bytes).into_owned();
        if self.is_full {
            text.push_str("\n… (there is more: `prevalent state` and `prevalent dump` show all)");
        }
        Ok(text)
    }
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.bytes_max - self.bytes.len();
        if room == 0 {
            self.is_full = true;
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = room.min(bytes.len());
        self.bytes.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
