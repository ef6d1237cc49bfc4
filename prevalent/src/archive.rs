//! Where the journal goes when no snapshot that is kept needs it any more.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use crate::catalog::Prunable;
use crate::disk::publish::publish;
use crate::disk::transfer::{read_prefix, read_to_end, read_to_last_nonzero};
use crate::disk::{Disk, DiskFile, DiskLock, lock};
use crate::error::Error;
use crate::format::header::{HEADER_BYTES, SnapshotHeader};
use crate::format::names::{self, FileKind};
use crate::recovery::directory::Directory;
use crate::snapshot;

/// A directory for a store's old files.
pub(crate) struct Archive {
    pub(crate) disk: Arc<dyn Disk>,
}

impl Archive {
    /// Takes the archive, as long as the lock is held, and tells what is in it.
    ///
    /// # Errors
    ///
    /// `Locked`, `Io`, and `Corrupt` where it holds the files of several stores.
    pub(crate) fn open(disk: Arc<dyn Disk>) -> Result<(Archive, DiskLock, Directory), Error> {
        let lock = lock(&*disk)?;
        let directory = Directory::read(&*disk)?;
        Ok((Archive { disk }, lock, directory))
    }

    /// Copies what is going to be removed from the store: the segments, and a snapshot for the journal to begin with, where
    /// there is none. It is durable when this returns.
    pub(crate) fn keep(&self, store: &dyn Disk, prunable: &Prunable) -> Result<(), Error> {
        let (archived, own) = (Names::list(&*self.disk)?, Names::list(store)?);
        let is_needed = !prunable.snapshots.is_empty() || !prunable.segments.is_empty();
        if is_needed && !archived.is_marked {
            // Before all else: whoever opened it as a store would go on in it, and end the archiving.
            let mark = publish(&*self.disk, names::ARCHIVE, &[]);
            mark.map_err(|failure| failure.at(&*self.disk))?;
        }
        if let Some(seq) = self.missing_beginning(&archived, store, &own, prunable)? {
            self.copy(store, &names::snapshot(seq), read_to_end)?;
        }
        for &number in &prunable.segments {
            // Zeros that were written ahead of it are no part of it any more.
            self.copy(store, &names::segment(number), read_to_last_nonzero)?;
        }
        Ok(())
    }

    /// Of the snapshots that are going to be removed, the one without which a part of the journal could not be replayed: the
    /// oldest good one, unless there is an older one in the archive, and no gap in the journal behind it.
    fn missing_beginning(
        &self,
        archived: &Names,
        store: &dyn Disk,
        own: &Names,
        prunable: &Prunable,
    ) -> Result<Option<u64>, Error> {
        let is_there =
            |number| own.segments.contains(&number) || archived.segments.contains(&number);
        let mut oldest_segment = own.segments.last().copied().unwrap_or(0);
        while oldest_segment > 1 && is_there(oldest_segment - 1) {
            oldest_segment -= 1;
        }
        let has_its_journal =
            |header: &SnapshotHeader| header.journal.segment.max(1) >= oldest_segment;
        for &seq in archived.snapshots.union(&own.snapshots) {
            if archived.snapshots.contains(&seq) {
                let header = snapshot_header(&*self.disk, seq)?;
                if header.as_ref().is_some_and(has_its_journal) {
                    return Ok(None);
                }
            } else if prunable.snapshots.contains(&seq) {
                match snapshot::read::read(store, seq) {
                    Ok(file) if has_its_journal(&file.header) => return Ok(Some(seq)),
                    Ok(_) | Err(Error::Corrupt { .. }) => {}
                    Err(error) => return Err(error),
                }
            } else {
                return Ok(None);
            }
        }
        Ok(None)
    }

    fn copy(&self, store: &dyn Disk, name: &str, content: Content) -> Result<(), Error> {
        let bytes = read(store, name, content)?;
        let is_there = match self.disk.open(name) {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(Error::io(&self.disk.path_of(name), "read", error)),
        };
        if !is_there {
            publish(&*self.disk, name, &bytes).map_err(|failure| failure.at(&*self.disk))?;
        }
        // What the store forgets must be readable here, whoever has written it: an earlier try, perhaps.
        if read(&*self.disk, name, content)? == bytes {
            return Ok(());
        }
        let what = format!(
            "it is not the same as `{}`, which belongs here",
            store.path_of(name).display()
        );
        Err(Error::corrupt(self.disk.path_of(name), 0, None, what))
    }
}

/// The numbers of the files in a directory.
#[derive(Default)]
struct Names {
    segments: BTreeSet<u64>,
    snapshots: BTreeSet<u64>,
    /// Whether it says that it is an archive.
    is_marked: bool,
}

impl Names {
    fn list(disk: &dyn Disk) -> Result<Names, Error> {
        let mut found = Names::default();
        for name in disk.list().map_err(|error| Error::io(disk.path(), "list", error))? {
            match FileKind::of(&name) {
                FileKind::Segment { number } => drop(found.segments.insert(number)),
                FileKind::Snapshot { seq } => drop(found.snapshots.insert(seq)),
                _ => found.is_marked |= name == names::ARCHIVE,
            }
        }
        Ok(found)
    }
}

/// The header of a snapshot, if it is a good one.
fn snapshot_header(disk: &dyn Disk, seq: u64) -> Result<Option<SnapshotHeader>, Error> {
    let name = names::snapshot(seq);
    let header = disk.open(&name).and_then(|file| read_prefix(&*file, HEADER_BYTES));
    let header = header.map_err(|error| Error::io(&disk.path_of(&name), "read", error))?;
    Ok(SnapshotHeader::decode(&header).ok())
}

/// What of a file counts.
type Content = fn(&dyn DiskFile) -> io::Result<Vec<u8>>;

fn read(disk: &dyn Disk, name: &str, content: Content) -> Result<Vec<u8>, Error> {
    disk.open(name)
        .and_then(|file| content(&*file))
        .map_err(|error| Error::io(&disk.path_of(name), "read", error))
}
