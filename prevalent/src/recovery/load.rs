//! The snapshot that a recovery begins with.

use std::collections::BTreeMap;

use super::directory::Directory;
use super::replay::{State, Through};
use super::survey::check_fallback;
use crate::disk::Disk;
use crate::error::Error;
use crate::format::header::SnapshotHeader;
use crate::format::{Position, StoreId, names};
use crate::model::Model;
use crate::origin::Origin;
use crate::panic::catch;
use crate::resolve::{LoadFailure, LoadedModel, Resolver};
use crate::snapshot;

/// A decoded snapshot.
pub(super) struct Loaded<M> {
    pub(super) state: State<M>,
    pub(super) store: StoreId,
    pub(super) snapshot_seq: u64,
    pub(super) snapshot_bytes: u64,
    pub(super) position: Position,
    /// Whether the model was written with other types than today's.
    pub(super) is_converted: bool,
    pub(super) origin: Option<Origin>,
    /// The newer snapshots, which could not be read.
    pub(super) unreadable: BTreeMap<u64, Error>,
}

/// The newest good snapshot that holds nothing behind `through`.
pub(super) fn load<M: Model>(
    disk: &dyn Disk,
    directory: &Directory,
    resolver: &Resolver<M>,
    through: Through,
) -> Result<Loaded<M>, Error> {
    let mut unreadable = BTreeMap::new();
    for (&seq, found) in directory.snapshots.range(..=through.seq).rev() {
        if found.header.as_ref().is_ok_and(|header| !through.includes(seq, header.time_us)) {
            continue;
        }
        let file = match snapshot::read::read(disk, seq) {
            Ok(file) => file,
            Err(error @ Error::Corrupt { .. }) => {
                unreadable.insert(seq, error);
                continue;
            }
            Err(error) => return Err(error),
        };
        let path = disk.path_of(&names::snapshot(seq));
        let LoadedModel { mut model, is_converted } = match resolver.load(&file, &path) {
            Ok(loaded) => loaded,
            Err(LoadFailure::Unreadable(error)) => {
                unreadable.insert(seq, error);
                continue;
            }
            Err(LoadFailure::Refused(error)) => return Err(error),
        };
        catch(|| model.restored())
            .map_err(|message| Error::ModelPanicked { what: "restored", message })?;
        let snapshot_bytes = file.bytes();
        let window = resolver.window(&file.types, file.window);
        let SnapshotHeader { store, time_us, journal, .. } = file.header;
        return Ok(Loaded {
            snapshot_bytes,
            state: State { model, seq, time_us, journal, window },
            store,
            snapshot_seq: seq,
            position: journal,
            is_converted,
            origin: file.origin,
            unreadable,
        });
    }
    let newest = unreadable.into_values().next_back();
    Err(newest.unwrap_or_else(|| Error::lacks_a_snapshot(disk.path())))
}

/// The snapshots that could not be read on the way to the loaded one, and what is wrong with those behind it.
pub(super) fn damaged_snapshots<M>(
    disk: &dyn Disk,
    directory: &Directory,
    keep: usize,
    loaded: &mut Loaded<M>,
) -> Vec<Error> {
    let mut damaged: Vec<Error> = std::mem::take(&mut loaded.unreadable).into_values().collect();
    let older = directory.snapshots.range(..loaded.snapshot_seq);
    damaged.extend(older.filter_map(|(_, found)| found.header.clone().err()));
    damaged.extend(check_fallback(disk, directory, keep, loaded.position.segment));
    damaged
}
