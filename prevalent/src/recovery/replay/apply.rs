//! The side of a replay that has the state: it applies what was decoded.

use super::portion::{Common, Decoded, Portion, Step};
use super::{ReplayError, State};
use crate::context::TxContext;
use crate::model::Model;
use crate::panic::drop_quietly;
use crate::recovery::trail::{Beside, Marked, Trail};
use crate::resolve::Resolver;
use crate::rollback::{self, Rollback};

/// Changes a state, portion by portion.
pub(super) struct Applier<'a, M: Model> {
    pub(super) resolver: &'a Resolver<M>,
    pub(super) state: &'a mut State<M>,
    /// Told, after each batch, how many bytes and transactions it brought.
    pub(super) progress: &'a mut dyn FnMut(u64, u64),
    /// Of the batch that has not come to its end.
    pub(super) applied: u64,
    pub(super) trail: Option<&'a Trail>,
    pub(super) marked: Marked,
    pub(super) beside: Beside,
}

impl<M: Model> Applier<'_, M> {
    /// Applies a portion. After an error, the state is lost.
    pub(super) fn apply(&mut self, portion: &mut Portion<M>) -> Result<(), ReplayError> {
        let common = portion.common.clone();
        let clone = match common.rollback {
            Rollback::Off => None,
            // The survey has seen that there is one, where there is something to replay.
            Rollback::On => M::ROLLBACK,
        };
        self.marked = Marked::Nothing;
        for step in portion.take_steps() {
            match step {
                Step::Apply(decoded) => self.transaction(decoded, clone, &common)?,
                Step::Void { seq, time_us } => {
                    (self.state.seq, self.state.time_us) = (seq, time_us);
                }
                Step::Batch { journal, bytes } => {
                    self.state.journal = journal;
                    (self.progress)(bytes, std::mem::take(&mut self.applied));
                }
            }
        }
        if let Some(trail) = self.trail {
            trail.pass(self.state.seq, &mut self.marked);
        }
        Ok(())
    }

    fn transaction(
        &mut self,
        decoded: Decoded<M>,
        clone: Option<fn(&M) -> M>,
        common: &Common,
    ) -> Result<(), ReplayError> {
        let Decoded { seq, time_us, in_dictionary, tx, keyed } = decoded;
        if let Some(trail) = self.trail {
            trail.reach(seq, self.beside, &mut self.marked);
        }
        let cx = TxContext::new(seq.into(), time_us, common.secret);
        let reply = rollback::apply(&mut self.state.model, clone, tx, &cx).map_err(|message| {
            let tx = common.names.get(in_dictionary).cloned().unwrap_or_default();
            ReplayError::Panicked { seq, tx, message }
        })?;
        if let Some(keyed) = keyed {
            self.resolver.remember(&self.state.window, seq, *keyed, &reply);
        }
        // The reply may panic when it is dropped, as it would live: that harms nobody there, and nobody here.
        drop_quietly(reply);
        (self.state.seq, self.state.time_us) = (seq, time_us);
        self.applied += 1;
        Ok(())
    }
}
