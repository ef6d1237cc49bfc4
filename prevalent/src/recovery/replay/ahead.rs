//! A replay on two threads: one reads and decodes ahead of the one that applies.

use std::sync::mpsc::sync_channel;

use super::apply::Applier;
use super::portion::Portion;
use super::read::{Halt, Stopped, read};
use super::{Differences, Replay};
use crate::engine::thread;
use crate::model::Model;
use crate::recovery::trail::Beside;

/// So many portions are decoded and wait to be applied: enough that neither thread waits for the other's every move.
pub(super) const PORTIONS_AHEAD: usize = 4;

/// What came of the two sides; `None` where there is no second thread to be had, and nothing was done.
pub(super) fn replay<M: Model>(
    replay: &Replay<'_, M>,
    applier: &mut Applier<'_, M>,
) -> Option<Result<Differences, Halt>> {
    let behind = applier.state.seq;
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Portion<M>>(PORTIONS_AHEAD);
        let reader = thread::beside(scope, "prevalent-decode", move || {
            // Who applies says where it is, and that it may be here.
            read(replay, behind, None, |portion| sender.send(portion.take()).map_err(|_| Stopped))
        })?;
        let outcome = receiver.iter().try_for_each(|mut portion| {
            applier.beside = if reader.is_finished() { Beside::Nothing } else { Beside::Decoding };
            applier.apply(&mut portion)
        });
        // The reader may wait for room; it is told that there is no need.
        drop(receiver);
        Some(outcome.map_err(Halt::Failed).and(thread::join(reader)))
    })
}
