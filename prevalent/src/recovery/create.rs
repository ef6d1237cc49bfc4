//! A store's first state.

use crate::disk::Disk;
use crate::encoding;
use crate::error::Error;
use crate::format::{Position, StoreId};
use crate::model::Model;
use crate::panic::{catch, drop_quietly};
use crate::snapshot;

/// Makes the first state, where there is no store yet.
pub(crate) type FirstStateMaker<M> = Box<dyn FnOnce() -> M + Send>;

/// Makes a store: its first state becomes the snapshot of sequence number 0. An earlier try that was interrupted left
/// nothing but `temporaries`, and is begun again.
pub(crate) fn create<M: Model>(
    disk: &dyn Disk,
    first_state: FirstStateMaker<M>,
    temporaries: &[String],
) -> Result<(), Error> {
    let model =
        catch(first_state).map_err(|message| Error::ModelPanicked { what: "initial", message })?;
    let encoding = |reason: String| Error::Encoding { tx: M::NAME.to_owned(), reason };
    let mut body = Vec::new();
    encoding::encode_value(&model, &mut body, None).map_err(|error| encoding(error.to_string()))?;
    drop_quietly(model);
    // Nothing may be written that the next open could not load.
    let mut again: M =
        encoding::decode_value(&body).map_err(|error| encoding(error.to_string()))?;
    catch(|| again.restored())
        .map_err(|message| Error::ModelPanicked { what: "restored", message })?;
    drop_quietly(again);

    for name in temporaries {
        disk.remove(name).map_err(|error| Error::io(&disk.path().join(name), "remove", error))?;
    }
    let mut id = [0; 16];
    getrandom::fill(&mut id)
        .map_err(|error| Error::io(disk.path(), "draw a random id for", error.into()))?;
    let contents = snapshot::write::Contents {
        store: StoreId(id),
        model: M::NAME,
        seq: 0,
        time_us: 0,
        body: &body,
    };
    snapshot::write::write(disk, &contents)
        .and_then(|snapshot| snapshot.publish(Position::default()))
        .map_err(|failure| failure.at(disk))?;
    Ok(())
}
