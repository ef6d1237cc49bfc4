//! What an open would find, for who has not the program's types: the snapshot to begin with, and the journal behind it.

use super::directory::Directory;
use super::survey::{JournalEnd, Scope, Survey, survey};
use crate::changed_bodies::ChangedBodies;
use crate::disk::Disk;
use crate::error::Error;
use crate::format::header::SnapshotHeader;
use crate::resolve::accepting::Accepting;

/// The first of these snapshots that is good, as `read` gives it, and what is wrong with those before it.
///
/// # Errors
///
/// What is wrong with the first one, where none is good; those of `read` that are no damage.
pub(crate) fn first_good<T>(
    disk: &dyn Disk,
    seqs: impl IntoIterator<Item = u64>,
    mut read: impl FnMut(u64) -> Result<T, Error>,
) -> Result<(T, Vec<Error>), Error> {
    let mut damaged = Vec::new();
    for seq in seqs {
        match read(seq) {
            Ok(good) => return Ok((good, damaged)),
            Err(error @ Error::Corrupt { .. }) => damaged.push(error),
            Err(error) => return Err(error),
        }
    }
    Err(damaged.into_iter().next().unwrap_or_else(|| Error::lacks_a_snapshot(disk.path())))
}

/// Surveys the journal behind a snapshot of the model of this name, whatever types are in it; `met` gets to know them.
///
/// # Errors
///
/// Those of a [`survey`].
pub(crate) fn survey_untyped(
    disk: &dyn Disk,
    directory: &Directory,
    snapshot: &SnapshotHeader,
    model: &str,
    end: JournalEnd,
    met: &Accepting,
) -> Result<Survey, Error> {
    let scope = Scope {
        snapshot_seq: snapshot.seq,
        snapshot_position: snapshot.journal,
        model,
        judge: met,
        changed_bodies: ChangedBodies::Allow,
        end,
        kept_bytes_max: 0,
    };
    survey(disk, directory, scope)
}
