//! The segments that are kept behind an older snapshot, to fall back on.

use crate::disk::Disk;
use crate::error::Error;
use crate::format::batch::Depth;
use crate::format::header::SegmentHeader;
use crate::format::names;
use crate::journal::reader::SegmentFile;
use crate::recovery::directory::{Directory, Found};

/// Checks the segments that are kept to fall back on: their headers and the chain, not their bodies.
///
/// Gives what is wrong: the store opens without them, but they would be missed.
pub(crate) fn check_fallback(
    disk: &dyn Disk,
    directory: &Directory,
    keep_snapshots: usize,
    before: u64,
) -> Vec<Error> {
    // A snapshot older than these is what an interrupted pruning has left, and may lack its journal.
    let kept = directory.snapshot_headers().rev().take(keep_snapshots);
    let oldest_kept = kept.map(|header| header.journal.segment).min().unwrap_or(0);
    let missing = |number| {
        let path = disk.path_of(&names::segment(number));
        let what = "the segment is missing: an older snapshot would need it";
        Error::corrupt(path, 0, None, what)
    };
    let mut problems = Vec::new();
    let mut expected = oldest_kept.max(1);
    for (&number, found) in directory.segments.range(expected..before.max(expected)) {
        if number != expected {
            problems.push(missing(expected));
        }
        expected = number + 1;
        if let Err(error) = check_closed_chain(disk, directory, number, found) {
            problems.push(error);
        }
    }
    if expected < before {
        problems.push(missing(expected));
    }
    problems
}

fn check_closed_chain(
    disk: &dyn Disk,
    directory: &Directory,
    number: u64,
    found: &Found<SegmentHeader>,
) -> Result<(), Error> {
    let header = found.header.clone()?;
    let Some(Found { header: Ok(successor), .. }) = directory.segments.get(&(number + 1)) else {
        let path = disk.path_of(&names::segment(number));
        return Err(Error::corrupt(path, 0, None, "the segment behind it is missing or damaged"));
    };
    let end = successor.predecessor;
    let file = SegmentFile::read(disk, header)?;
    let mut reader = file.reader(Depth::Headers);
    while reader.next_batch(end.offset)?.is_some() {}
    if reader.position() == end {
        return Ok(());
    }
    let what = "its end is not the one that the next segment names";
    Err(Error::corrupt(file.path.clone(), reader.position().offset, None, what))
}
