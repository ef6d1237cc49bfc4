//! A store's first state.

use super::replay::State;
use crate::disk::Disk;
use crate::error::Error;
use crate::format::{Position, StoreId};
use crate::idempotency::SharedWindow;
use crate::model::Model;
use crate::panic::{catch, drop_quietly};
use crate::schema::Schema;
use crate::snapshot::Taken;

/// Makes the first state, where there is no store yet.
pub(crate) type FirstStateMaker<M> = Box<dyn FnOnce() -> M + Send>;

/// Makes a store: its first state becomes the snapshot of sequence number 0. An earlier try that was interrupted left
/// nothing but `temporaries`, and is begun again.
pub(crate) fn create<M: Model>(
    disk: &dyn Disk,
    first_state: FirstStateMaker<M>,
    schema: &Schema,
    temporaries: &[String],
) -> Result<(), Error> {
    let model =
        catch(first_state).map_err(|message| Error::ModelPanicked { what: "initial", message })?;
    let window = SharedWindow::default();
    let state = State { model, seq: 0, time_us: 0, journal: Position::default(), window };
    let taken = Taken::encode(&state)?;
    drop_quietly(state);
    // Nothing may be written that the next open could not load.
    let mut again: M = taken.check(schema)?;
    catch(|| again.restored())
        .map_err(|message| Error::ModelPanicked { what: "restored", message })?;
    drop_quietly(again);

    for name in temporaries {
        disk.remove(name).map_err(|error| Error::io(&disk.path_of(name), "remove", error))?;
    }
    let store =
        StoreId::random().map_err(|error| Error::io(disk.path(), "draw a random id for", error))?;
    let unnamed = taken.write(disk, store, None, schema)?;
    unnamed.publish(Position::default()).map_err(|failure| failure.at(disk))?;
    Ok(())
}
