//! A journal that grows, as it grows.

use std::io::ErrorKind;
use std::path::PathBuf;

use super::StoreFiles;
use super::transaction::Transaction;
use crate::Seq;
use crate::disk::Disk;
use crate::error::Error;
use crate::format::Position;
use crate::format::batch::Depth;
use crate::format::header::SegmentHeader;
use crate::journal::entries::{Item, Place, SegmentContext};
use crate::journal::reader::read_header;
use crate::journal::stream::SegmentStream;
use crate::json::write::Typed;

/// Reads what a running store writes: [`StoreFiles::follow`].
///
/// What it shows is written, and perhaps not durable yet: after a crash of the machine it may never have been.
#[derive(Debug)]
pub struct Follower {
    files: StoreFiles,
    at: Option<At>,
    /// What comes before was not asked for.
    first_seq: u64,
    /// What comes before was shown, or not asked for.
    next_seq: u64,
    /// Where a segment ended too early, the last time.
    stuck_at: Option<Position>,
}

/// What is new in a journal.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Followed<'a> {
    /// A transaction.
    Transaction(Transaction<'a>),
    /// That one, which came before, has no effect.
    #[non_exhaustive]
    Void {
        /// Its sequence number.
        seq: Seq,
        /// Why.
        reason: &'a str,
    },
}

/// Where to go on at the end of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    None,
    There,
    MoreHere,
}

/// Where it is.
#[derive(Debug)]
struct At {
    stream: SegmentStream,
    context: SegmentContext,
    path: PathBuf,
}

impl At {
    fn open(disk: &dyn Disk, header: SegmentHeader) -> Result<Self, Error> {
        let stream = SegmentStream::open(disk, header)?;
        let path = stream.path.clone();
        Ok(At { stream, context: SegmentContext::default(), path })
    }
}

impl StoreFiles {
    /// Follows the journal from this sequence number on; without one, from its end.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::UnsupportedFormat`], [`Error::UnknownContent`].
    pub fn follow(&self, from: Option<Seq>) -> Result<Follower, Error> {
        let next_seq = match from {
            Some(seq) => seq.get(),
            None => self.status()?.newest.map_or(1, |(seq, _)| seq.get() + 1),
        };
        Ok(Follower {
            files: self.clone(),
            at: None,
            first_seq: next_seq,
            next_seq,
            stuck_at: None,
        })
    }
}

impl Follower {
    /// Shows what has been written since the last time. It doesn't wait.
    ///
    /// # Errors
    ///
    /// Those of `show`; [`Error::Io`]; [`Error::Corrupt`] where a new segment shows that what came before it ended elsewhere;
    /// [`Error::Pruned`] where files went before they were read.
    pub fn poll<E: From<Error>>(
        &mut self,
        mut show: impl FnMut(Followed<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            if self.at.is_none() {
                self.at = self.first()?;
            }
            let Some(at) = &mut self.at else { return Ok(()) };
            at.stream.look_for_more()?;
            while !at.stream.is_at_end() {
                let (start, seq) = (at.stream.position(), at.stream.next_seq());
                let place = Place { segment: &at.path, offset: start.offset, seq };
                let segment = at.stream.header.number;
                let Ok(batch) = at.stream.next_batch(Depth::Bodies)? else { break };
                let (first_seq, next_seq) = (self.first_seq, &mut self.next_seq);
                at.context.walk(&batch, &place, |context, item| match item {
                    Item::Tx(entry) if entry.seq >= *next_seq => {
                        let dictionary = &context.dictionary;
                        let stored = &dictionary.entries[entry.in_dictionary];
                        let (types, ty) = (&dictionary.types, stored.arguments);
                        *next_seq = entry.seq + 1;
                        show(Followed::Transaction(Transaction {
                            seq: entry.seq,
                            time_us: entry.time_us,
                            name: &stored.name,
                            revision: stored.revision,
                            void: None,
                            segment,
                            offset: start.offset,
                            args: Typed { types, ty, bytes: entry.payload },
                            file: &at.path,
                        }))
                    }
                    Item::Void { seq, reason } if (first_seq..*next_seq).contains(&seq) => {
                        show(Followed::Void { seq: seq.into(), reason })
                    }
                    Item::Tx(_) | Item::Void { .. } => Ok(()),
                })?;
            }
            if self.next_segment()? == Next::None {
                return Ok(());
            }
        }
    }

    /// The segment in which what comes next is, if there is one yet.
    fn first(&self) -> Result<Option<At>, Error> {
        let view = self.files.view()?;
        let headers = view.directory.segments.values().filter_map(|it| it.header.as_ref().ok());
        let mut headers = headers.peekable();
        let oldest = headers.peek().map(|header| header.first_seq);
        if let Some(oldest) = oldest
            && oldest > self.next_seq
        {
            return Err(Error::Pruned { oldest: oldest.into() });
        }
        let header = headers.take_while(|header| header.first_seq <= self.next_seq).last();
        header.map(|header| At::open(&*self.files.disk, *header)).transpose()
    }

    /// Goes to the segment behind, if there is one.
    fn next_segment(&mut self) -> Result<Next, Error> {
        let Some(at) = &self.at else { return Ok(Next::None) };
        let (position, seq) = (at.stream.position(), at.stream.next_seq());
        let disk = &*self.files.disk;
        let header = match read_header(disk, position.segment + 1) {
            Ok(header) => header,
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                let directory = self.files.view()?.directory;
                if directory.segments.contains_key(&(position.segment + 1)) {
                    // It has been made since, and perhaps there is more in this one, too.
                    return Ok(Next::MoreHere);
                }
                if directory.newest_segment() <= position.segment {
                    return Ok(Next::None);
                }
                let mut found = directory.segments.values();
                let oldest = found.find_map(|found| found.header.as_ref().ok());
                let oldest = oldest.map_or(self.next_seq, |header| header.first_seq);
                return Err(Error::Pruned { oldest: oldest.into() });
            }
            Err(error) => return Err(error),
        };
        if header.predecessor.offset <= position.offset {
            self.at = Some(At::open(disk, header)?);
            return Ok(Next::There);
        }
        // What was written between the look at the end and the new segment's birth is still to be read.
        if self.stuck_at.replace(position) == Some(position) {
            let what = "the segment behind it names an end that it has not got";
            let path = at.path.clone();
            return Err(Error::corrupt(path, position.offset, Some(seq.into()), what));
        }
        Ok(Next::MoreHere)
    }
}
