//! What an open writes before it gives the store out.

use std::sync::Arc;

use super::directory::Directory;
use super::replay::State;
use super::report::Recovery;
use super::survey::Survey;
use super::{OpenOptions, Recovered};
use crate::catalog::Catalog;
use crate::disk::Disk;
use crate::error::Error;
use crate::journal::fill::FillAhead;
use crate::journal::segment::{NewSegment, SegmentKind};
use crate::journal::writer::JournalWriter;
use crate::model::Model;
use crate::panic::drop_quietly;
use crate::schema::Schema;
use crate::schema::dictionary::Dictionary;
use crate::snapshot::{self, Taken, too_many_types, unfit};

/// Makes the journal ready to be written: after anything but a clean end, in a new segment that holds what nothing vouched
/// for. It is durable before anyone sees the state.
pub(super) fn settle(
    disk: &Arc<dyn Disk>,
    kind: SegmentKind,
    survey: &mut Survey,
    voids: &[(u64, String)],
    options: &OpenOptions,
    report: &mut Recovery,
    catalog: &mut Catalog,
) -> Result<JournalWriter, Error> {
    let tail = survey.tail.take();
    let (active, end) = if tail.is_none() && voids.is_empty() {
        (None, survey.end)
    } else {
        let (predecessor, carried) = match tail {
            Some(tail) => {
                report.dropped_tail = tail.dropped;
                (tail.vouched, Some(tail.carried))
            }
            None => (survey.end, None),
        };
        let first_seq = carried.as_ref().map_or(survey.next_seq, |carried| carried.first_seq);
        let new = NewSegment {
            kind: &kind,
            predecessor,
            next_seq: survey.next_seq,
            applied_through: survey.applied_through,
            carried,
            voids,
        };
        let (active, end) = new.create(&**disk).map_err(|failure| failure.at(&**disk))?;
        catalog.set_segment_bytes(predecessor.segment, predecessor.offset);
        catalog.add_segment(end.segment, first_seq, end.offset);
        (Some(active), end)
    };
    let fill = FillAhead::new(options.fill_ahead_bytes);
    Ok(JournalWriter::new(disk.clone(), kind, options.segment_bytes, fill, active, end))
}

/// A segment holds the dictionary. It goes on from what is carried over: of old entries there may be any number.
pub(super) fn expect_room<M: Model>(dictionary: &Dictionary) -> Result<(), Error> {
    if dictionary.fits_in_a_segment() {
        return Ok(());
    }
    Err(unfit::<M>(format!(
        "{}; what the journal's end says of the transactions of earlier versions is among it: open the store with the program that wrote it last, and close it",
        too_many_types("segment")
    )))
}

/// The state as what [`leave_snapshot`] will write: encoded, and found to be readable.
pub(super) fn snapshot_to_leave<M: Model>(
    state: &State<M>,
    schema: &Schema,
) -> Result<Taken, Error> {
    let taken = Taken::encode(state)?;
    drop_quietly(taken.check::<M>(schema)?);
    Ok(taken)
}

/// Makes what was replayed otherwise than it had been committed part of a snapshot: what comes after it is built on this
/// state, and would be built on another one if still other code replayed it again.
pub(super) fn leave_snapshot<M: Model>(
    disk: &dyn Disk,
    taken: &Taken,
    recovered: &mut Recovered<M>,
) -> Result<(), Error> {
    let (origin, schema) = (recovered.report.origin.as_ref(), recovered.resolver.schema());
    let unnamed = taken.write(disk, recovered.store, origin, schema)?;
    // All of the journal is durable: what nothing had vouched for was copied, and synced.
    let header = unnamed.publish(recovered.writer.end()).map_err(|failure| failure.at(disk))?;
    let bytes = snapshot::read::read(disk, header.seq)?.bytes();
    recovered.catalog.add_snapshot(header, bytes);
    recovered.replayed_bytes = 0;
    recovered.replayed_transactions = 0;
    Ok(())
}

pub(super) fn remove_temporaries(disk: &dyn Disk, directory: &Directory) {
    for name in &directory.temporaries {
        if let Err(error) = disk.remove(name)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(file = %disk.path_of(name).display(), %error, "could not remove an unfinished file");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::TYPES_MAX;
    use crate::model::sample::Nothing;
    use crate::schema::types::Type;

    #[test]
    fn more_than_a_segment_holds_of_earlier_versions_too_is_refused_with_what_to_do() {
        let mut dictionary = Dictionary::default();
        for _ in 0..TYPES_MAX {
            dictionary.types.add(Type::Unit);
        }
        expect_room::<Nothing>(&dictionary).unwrap();
        dictionary.types.add(Type::Unit);
        let error = expect_room::<Nothing>(&dictionary).unwrap_err();
        assert!(error.to_string().contains("the program that wrote it last"), "{error}");
    }
}
