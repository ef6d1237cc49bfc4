//! The snapshot of a new store: that of another one, with another header, and the origin in its description.

use crate::backup::as_damage;
use crate::disk::Disk;
use crate::disk::publish::{Failure, Temporary};
use crate::error::Error;
use crate::format::header::{HEADER_BYTES, SnapshotHeader};
use crate::format::record::{OriginRecord, Record, Records, put_origin};
use crate::format::{Position, StoreId, hash, names};
use crate::recovery::Through;
use crate::snapshot::read::{SnapshotFile, read};

use super::Source;

/// The newest good snapshot that holds nothing behind `through`, and what is wrong with newer ones.
pub(super) fn choose(
    source: &Source<'_>,
    through: Through,
) -> Result<(SnapshotFile, Vec<Error>), Error> {
    let mut damaged = Vec::new();
    for (&seq, found) in source.directory.snapshots.range(..=through.seq).rev() {
        if found.header.as_ref().is_ok_and(|header| !through.includes(seq, header.time_us)) {
            continue;
        }
        match read(source.disk, seq).map_err(as_damage) {
            Ok(file) => return Ok((file, damaged)),
            Err(error @ Error::Corrupt { .. }) => {
                tracing::warn!(%error, "a damaged snapshot is passed over");
                damaged.push(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(damaged.into_iter().next().unwrap_or_else(|| {
        match source.directory.snapshot_headers().next() {
            Some(oldest) => Error::Pruned { oldest: oldest.seq.into() },
            None => Error::lacks_a_snapshot(source.disk.path()),
        }
    }))
}

/// Writes the snapshot for the store `id`, with its name, and reads it back.
pub(super) fn write(
    disk: &dyn Disk,
    snapshot: &SnapshotFile,
    id: StoreId,
    journal: Position,
    origin: &OriginRecord,
) -> Result<(), Error> {
    let seq = snapshot.header.seq;
    write_file(disk, snapshot, id, journal, origin).map_err(|failure| failure.at(disk))?;
    read(disk, seq).map(drop)
}

fn write_file(
    disk: &dyn Disk,
    snapshot: &SnapshotFile,
    id: StoreId,
    journal: Position,
    origin: &OriginRecord,
) -> Result<(), Failure> {
    let mut description = without_origin(snapshot.description());
    put_origin(&mut description, origin);
    let header = SnapshotHeader {
        store: id,
        journal,
        created_us: origin.time_us,
        description_hash: hash(&description),
        description_bytes: u32::try_from(description.len()).unwrap_or(u32::MAX),
        ..snapshot.header
    };
    let file = Temporary::create(disk, &names::snapshot(header.seq))?;
    file.write_at(0, &header.encode())?;
    file.write_at(HEADER_BYTES as u64, &description)?;
    file.write_at((HEADER_BYTES + description.len()) as u64, snapshot.body())?;
    file.give_name().map(drop)
}

/// All records but that of where the other store came from: the new one comes from that one.
fn without_origin(description: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(description.len());
    let mut records = Records::new(description, 0);
    let mut start = 0;
    while let Some(Ok(record)) = records.next() {
        let end = description.len() - records.remaining();
        if !matches!(record, Record::Origin(_)) {
            kept.extend_from_slice(description.get(start..end).unwrap_or_default());
        }
        start = end;
    }
    kept
}
