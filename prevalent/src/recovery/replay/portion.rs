//! What is handed from who reads the journal to who changes the state: decoded transactions, in their order.

use std::sync::Arc;
use std::vec::Drain;

use crate::format::Position;
use crate::format::record::Secret;
use crate::idempotency::Keyed;
use crate::model::Model;
use crate::panic::drop_quietly;
use crate::rollback::Rollback;

/// Some transactions that were committed in one mode, and share secret and dictionary. They are large enough that handing
/// them over costs next to nothing, and small enough to stay in a core's cache.
pub(super) struct Portion<M: Model> {
    steps: Vec<Step<M>>,
    payload_bytes: usize,
    pub(super) common: Common,
}

/// What the transactions of a portion have in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Common {
    pub(super) rollback: Rollback,
    pub(super) secret: Secret,
    /// The stable names, as the dictionary numbers them.
    pub(super) names: Arc<[String]>,
}

/// What is to be done next.
pub(super) enum Step<M: Model> {
    Apply(Decoded<M>),
    /// A transaction without effect.
    Void {
        seq: u64,
        time_us: u64,
    },
    /// A batch has come to its end.
    Batch {
        /// The place behind it.
        journal: Position,
        bytes: u64,
    },
}

/// A transaction that can be applied.
pub(super) struct Decoded<M: Model> {
    pub(super) seq: u64,
    pub(super) time_us: u64,
    pub(super) in_dictionary: usize,
    pub(super) tx: M::Tx,
    /// Boxed: few have one.
    pub(super) keyed: Option<Box<Keyed>>,
}

/// So many steps, or so many bytes of encoded arguments, are enough for a portion; and it takes no more than so many
/// itself.
pub(super) const STEPS_MAX: usize = 1024;
const PAYLOAD_BYTES_FULL: usize = 256 << 10;
const STEPS_BYTES_MAX: usize = 256 << 10;

impl<M: Model> Portion<M> {
    /// Large values make fewer steps.
    const STEPS_FULL: usize = {
        let steps = STEPS_BYTES_MAX / size_of::<Step<M>>();
        if steps == 0 {
            1
        } else if steps < STEPS_MAX {
            steps
        } else {
            STEPS_MAX
        }
    };

    pub(super) fn new(common: Common) -> Self {
        Portion { steps: Vec::new(), payload_bytes: 0, common }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.steps.len() >= Self::STEPS_FULL || self.payload_bytes >= PAYLOAD_BYTES_FULL
    }

    /// Adds a step that took so many bytes of arguments.
    pub(super) fn push(&mut self, step: Step<M>, payload_bytes: usize) {
        self.steps.push(step);
        self.payload_bytes += payload_bytes;
    }

    /// Takes the steps out, in their order. Those that are left when the iterator is dropped go with it.
    pub(super) fn take_steps(&mut self) -> Steps<'_, M> {
        self.payload_bytes = 0;
        Steps(self.steps.drain(..))
    }

    /// Takes all of it out, and leaves an empty one for what has the same in common.
    pub(super) fn take(&mut self) -> Self {
        let mut next = Portion::new(self.common.clone());
        next.steps.reserve_exact(Self::STEPS_FULL);
        std::mem::replace(self, next)
    }
}

/// A portion may never be applied: one before it may have failed.
impl<M: Model> Drop for Portion<M> {
    fn drop(&mut self) {
        drop(self.take_steps());
    }
}

/// Steps of which each is dropped on its own, so that the user's `Drop` may panic as often as it likes.
pub(super) struct Steps<'a, M: Model>(Drain<'a, Step<M>>);

impl<M: Model> Iterator for Steps<'_, M> {
    type Item = Step<M>;

    fn next(&mut self) -> Option<Step<M>> {
        self.0.next()
    }
}

impl<M: Model> Drop for Steps<'_, M> {
    fn drop(&mut self) {
        self.0.by_ref().for_each(drop_quietly);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::Nothing;

    fn steps_until_full(payload_bytes: usize) -> usize {
        let mut portion = Portion::<Nothing>::new(Common::default());
        (1..=2 * STEPS_MAX)
            .find(|&seq| {
                portion.push(Step::Void { seq: seq as u64, time_us: 0 }, payload_bytes);
                portion.is_full()
            })
            .expect("it must be full at some time")
    }

    /// The trail of a replay reckons with no more of them, and nobody reads a whole journal ahead.
    #[test]
    fn a_portion_is_full_of_steps_or_of_bytes() {
        assert!(steps_until_full(0) <= STEPS_MAX);
        assert_eq!(steps_until_full(PAYLOAD_BYTES_FULL / 4), 4);
    }
}
