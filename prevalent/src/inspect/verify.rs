//! Everything that can be checked without the program: checksums, chains, and that each value is one of its type.

use super::StoreFiles;
use super::next_open::NextOpen;
use super::segments::{BatchPlace, Part, SegmentEnd, Stop};
use super::view::View;
use crate::error::Error;
use crate::format::batch::Depth;
use crate::format::names;
use crate::journal::entries::{Item, SegmentContext};
use crate::recovery::report::DroppedTail;
use crate::schema::{walk, walk_all};
use crate::snapshot::read::Description;
use crate::snapshot::stream::SnapshotStream;

/// What a check of all files has shown: [`StoreFiles::verify`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verification {
    /// How many segments there are.
    pub segments: usize,
    /// How many snapshots there are.
    pub snapshots: usize,
    /// How many transactions were checked.
    pub transactions: u64,
    /// How many bytes were read.
    pub bytes: u64,
    /// All that is damaged, needed or not.
    pub damaged: Vec<Error>,
    /// What lies behind the last good batch of the journal.
    pub tail: Option<DroppedTail>,
    /// What the next open would make of it.
    pub next_open: NextOpen,
}

/// How far a check has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyProgress<'a> {
    /// The file that is being checked.
    pub file: &'a str,
    /// Bytes that are done.
    pub bytes_done: u64,
    /// Bytes of all files.
    pub bytes_total: u64,
}

impl StoreFiles {
    /// Checks all files: each checksum, the chain of the journal and what other files say of it, and that each stored value is one
    /// of the type that is stored with it. What it takes in memory is a segment at most, or the longest text.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::UnsupportedFormat`], [`Error::UnknownContent`]. What is damaged is in the result.
    pub fn verify(
        &self,
        mut on_progress: impl FnMut(VerifyProgress<'_>),
    ) -> Result<Verification, Error> {
        let view = self.view()?;
        let directory = &view.directory;
        let mut damaged = view.refused.clone();
        let journal_bytes: u64 = directory.segments.values().map(|found| found.bytes).sum();
        let snapshot_bytes: u64 = directory.snapshots.values().map(|found| found.bytes).sum();
        let bytes_total = journal_bytes + snapshot_bytes;
        let (mut bytes_done, mut transactions, mut tail) = (0, 0, None);
        let mut before = 0;
        for (&seq, found) in &directory.snapshots {
            let file = names::snapshot(seq);
            on_progress(VerifyProgress { file: &file, bytes_done, bytes_total });
            let read = &mut |bytes| {
                bytes_done += bytes;
                on_progress(VerifyProgress { file: &file, bytes_done, bytes_total });
            };
            match check_snapshot(&view, seq, read) {
                Ok(()) => {}
                Err(error @ Error::Corrupt { .. }) => damaged.push(error),
                Err(error) => return Err(error),
            }
            before += found.bytes;
            bytes_done = before;
        }
        for part in view.parts(0) {
            let segment = match part {
                Part::Segment(segment) => segment,
                Part::Missing(error) => {
                    damaged.push(error);
                    continue;
                }
            };
            let number = segment.header.number;
            let file = names::segment(number);
            let mut told = 0;
            let mut unfit = None;
            let check = |context: &SegmentContext, at: &BatchPlace, item: Item<'_>| {
                if at.offset - told >= TELL_BYTES {
                    told = at.offset;
                    let bytes_done = bytes_done + told;
                    on_progress(VerifyProgress { file: &file, bytes_done, bytes_total });
                }
                let Item::Tx(entry) = item else { return Ok(()) };
                transactions += 1;
                let dictionary = &context.dictionary;
                let stored = &dictionary.entries[entry.in_dictionary];
                if unfit.is_none()
                    && let Err(what) = walk(&dictionary.types, stored.arguments, entry.payload)
                {
                    let path = view.disk_path(&file);
                    let what = format!("`{}`: {what}", stored.name);
                    unfit = Some(Error::corrupt(path, at.offset, Some(entry.seq.into()), what));
                }
                Ok::<(), Error>(())
            };
            let read = view.read_segment(&segment, Depth::Bodies, u64::MAX, check);
            let read = read.map_err(|stop| match stop {
                Stop::Files(error) | Stop::Caller(error) => error,
            })?;
            damaged.extend(unfit);
            match read.end {
                SegmentEnd::Whole => {}
                SegmentEnd::Tail(it) => tail = Some(it),
                SegmentEnd::Damaged(error) => damaged.push(error),
            }
            bytes_done += directory.segments.get(&number).map_or(0, |found| found.bytes);
            on_progress(VerifyProgress { file: &file, bytes_done, bytes_total });
        }
        Ok(Verification {
            segments: directory.segments.len(),
            snapshots: directory.snapshots.len(),
            transactions,
            bytes: bytes_total,
            damaged,
            tail,
            next_open: self.next_open()?,
        })
    }
}

/// Checks that a snapshot is good, and its body a value of its type, in one go.
fn check_snapshot(view: &View, seq: u64, on_read: &mut dyn FnMut(u64)) -> Result<(), Error> {
    let stream = SnapshotStream::open(&view.disk, seq)?;
    let Description { types, ty, .. } = &stream.description;
    let mut body = stream.body().on_read(on_read);
    let walked = walk_all(types, *ty, &mut body);
    stream.check_rest(&mut body)?;
    walked.map_err(|what| Error::corrupt(stream.path.clone(), 0, Some(seq.into()), what))
}

/// So often it is told how far it has come.
const TELL_BYTES: u64 = 1 << 20;
