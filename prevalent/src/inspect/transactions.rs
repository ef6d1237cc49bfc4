//! The transactions of a journal, one after the other.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::SystemTime;

use super::StoreFiles;
use super::segments::{BatchPlace, Part, SegmentEnd, Stop};
use super::transaction::Transaction;
use super::view::View;
use crate::Seq;
use crate::clock;
use crate::error::Error;
use crate::format::batch::Depth;
use crate::format::names;
use crate::journal::entries::{Item, SegmentContext};
use crate::json::write::Typed;
use crate::recovery::report::DroppedTail;

/// Which transactions are to be read: [`StoreFiles::transactions`].
#[derive(Clone, Debug)]
#[must_use = "nothing is read until `for_each()`"]
pub struct Transactions<'a> {
    files: &'a StoreFiles,
    first: u64,
    last: u64,
    since_us: u64,
    until_us: u64,
    names: Vec<String>,
    on_damage: OnDamage,
    voids: Option<Voids>,
}

/// What is done about damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnDamage {
    Stop,
    GoOnWithNextSegment,
}

/// What reading a journal came to: [`Transactions::for_each`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct JournalRead {
    /// How many transactions were given.
    pub transactions: u64,
    /// The oldest sequence number that the journal may hold; what is older is in a snapshot only.
    pub oldest: Option<Seq>,
    /// The last sequence number in it, where the end was reached.
    pub newest: Option<Seq>,
    /// What lies behind the last good batch, where the end was reached: what a crash has torn, what is just being written, or
    /// damage ([`suspect`](DroppedTail::suspect)).
    pub tail: Option<DroppedTail>,
    /// What was passed over, with [`skip_damage`](Transactions::skip_damage).
    pub damaged: Vec<Error>,
}

/// The transactions that have no effect, with the reasons: [`StoreFiles::voids`].
#[derive(Clone, Debug, Default)]
pub struct Voids {
    reasons: Arc<BTreeMap<u64, String>>,
    /// So much was looked at of the newest segment.
    limit: Option<(u64, u64)>,
}

impl Voids {
    /// Why this one has no effect, if it has none.
    #[must_use]
    pub fn get(&self, seq: Seq) -> Option<&str> {
        self.reasons.get(&seq.get()).map(String::as_str)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.reasons.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }
}

impl StoreFiles {
    /// The transactions in the journal. Default: all that are there.
    pub fn transactions(&self) -> Transactions<'_> {
        Transactions {
            files: self,
            first: 1,
            last: u64::MAX,
            since_us: 0,
            until_us: u64::MAX,
            names: Vec::new(),
            on_damage: OnDamage::Stop,
            voids: None,
        }
    }

    /// The voids that the journal holds from the segment on in which `from` may be. Who reads the journal piece by piece finds them out
    /// once.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::UnsupportedFormat`], [`Error::UnknownContent`].
    pub fn voids(&self, from: Seq) -> Result<Voids, Error> {
        voids(&self.view()?, from.get())
    }
}

impl Transactions<'_> {
    /// From this sequence number on.
    pub fn from(mut self, seq: Seq) -> Self {
        self.first = seq.get().max(1);
        self
    }

    /// Up to this sequence number.
    pub fn through(mut self, seq: Seq) -> Self {
        self.last = seq.get();
        self
    }

    /// Those that are not earlier.
    pub fn since(mut self, time: SystemTime) -> Self {
        self.since_us = clock::to_us(time);
        self
    }

    /// Those that are not later.
    pub fn until(mut self, time: SystemTime) -> Self {
        self.until_us = clock::to_us(time);
        self
    }

    /// Those that have this stable name; called more than once, those that have one of them.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// Passes over the rest of a segment that is damaged, and goes on with the next one. Whatever lies between is missing.
    pub fn skip_damage(mut self) -> Self {
        self.on_damage = OnDamage::GoOnWithNextSegment;
        self
    }

    /// Takes the voids from here, instead of reading the journal for them first. They must be those of the same journal, from
    /// where this begins or before; transactions that were written since they were found out are left out.
    pub fn with_voids(mut self, voids: Voids) -> Self {
        self.voids = Some(voids);
        self
    }

    /// Shows them one after the other, until `visit` says that it is enough. A segment at most is in memory.
    ///
    /// The journal is read twice: a transaction that has no effect may be told to have none far behind it.
    ///
    /// # Errors
    ///
    /// Those of `visit`; [`Error::Io`]; [`Error::Corrupt`] for the first damage, when all before it has been shown;
    /// [`Error::UnsupportedFormat`], [`Error::UnknownContent`].
    pub fn for_each<E: From<Error>>(
        self,
        mut visit: impl FnMut(&Transaction<'_>) -> Result<ControlFlow<()>, E>,
    ) -> Result<JournalRead, E> {
        let view = self.files.view()?;
        let voids = match &self.voids {
            Some(voids) => voids.clone(),
            None => voids(&view, self.first)?,
        };
        let mut read = JournalRead {
            oldest: view.parts(0).iter().find_map(first_seq),
            ..JournalRead::default()
        };
        for part in view.parts(self.first) {
            let segment = match part {
                Part::Segment(segment) => segment,
                Part::Missing(error) => {
                    self.damage(error, &mut read)?;
                    continue;
                }
            };
            let number = segment.header.number;
            let limit = voids.limit.filter(|(segment, _)| *segment == number);
            if voids.limit.is_some_and(|(newest, _)| newest < number) {
                break;
            }
            let file = view.disk_path(&names::segment(number));
            let mut given = 0;
            let show = |context: &SegmentContext, at: &BatchPlace, item: Item<'_>| {
                let Item::Tx(entry) = item else { return Ok(()) };
                if entry.seq < self.first || entry.time_us < self.since_us {
                    return Ok(());
                }
                if entry.seq > self.last || entry.time_us > self.until_us {
                    return Err(Shown::Enough);
                }
                let dictionary = &context.dictionary;
                let stored = &dictionary.entries[entry.in_dictionary];
                if !self.names.is_empty() && !self.names.contains(&stored.name) {
                    return Ok(());
                }
                let args =
                    Typed { types: &dictionary.types, ty: stored.arguments, bytes: entry.payload };
                given += 1;
                let tx = Transaction {
                    seq: entry.seq,
                    time_us: entry.time_us,
                    name: &stored.name,
                    revision: stored.revision,
                    void: voids.get(entry.seq.into()),
                    segment: number,
                    offset: at.offset,
                    args,
                    file: &file,
                };
                match visit(&tx).map_err(Shown::Failed)? {
                    ControlFlow::Continue(()) => Ok(()),
                    ControlFlow::Break(()) => Err(Shown::Enough),
                }
            };
            let limit = limit.map_or(u64::MAX, |(_, limit)| limit);
            let shown = view.read_segment(&segment, Depth::Bodies, limit, show);
            read.transactions += given;
            let segment = match shown {
                Ok(segment) => segment,
                Err(Stop::Files(error)) => return Err(error.into()),
                Err(Stop::Caller(Shown::Failed(error))) => return Err(error),
                Err(Stop::Caller(Shown::Enough)) => return Ok(read),
            };
            read.newest = Some((segment.next_seq - 1).into());
            match segment.end {
                SegmentEnd::Whole => {}
                SegmentEnd::Tail(tail) => read.tail = Some(tail),
                SegmentEnd::Damaged(error) => self.damage(error, &mut read)?,
            }
        }
        Ok(read)
    }

    fn damage(&self, error: Error, read: &mut JournalRead) -> Result<(), Error> {
        match self.on_damage {
            OnDamage::Stop => Err(error),
            OnDamage::GoOnWithNextSegment => {
                read.damaged.push(error);
                Ok(())
            }
        }
    }
}

/// Why no more is shown.
enum Shown<E> {
    Enough,
    Failed(E),
}

fn first_seq(part: &Part) -> Option<Seq> {
    match part {
        Part::Segment(segment) => Some(segment.header.first_seq.into()),
        Part::Missing(_) => None,
    }
}

/// What is void from here on, as far as the journal is good.
pub(super) fn voids(view: &View, from_seq: u64) -> Result<Voids, Error> {
    let (mut reasons, mut limit) = (BTreeMap::new(), None);
    for part in view.parts(from_seq) {
        let Part::Segment(segment) = part else { continue };
        let note = |_: &SegmentContext, _: &BatchPlace, item: Item<'_>| {
            if let Item::Void { seq, reason } = item {
                reasons.insert(seq, reason.to_owned());
            }
            Ok::<(), Error>(())
        };
        let read = view.read_segment(&segment, Depth::Headers, u64::MAX, note);
        let read = read.map_err(|stop| match stop {
            Stop::Files(error) | Stop::Caller(error) => error,
        })?;
        limit = Some((segment.header.number, read.limit));
    }
    Ok(Voids { reasons: Arc::new(reasons), limit })
}
