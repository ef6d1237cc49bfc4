//! Idempotent transactions: whether one that is submitted was executed already, or is just being.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::apply::resolve;
use crate::Key;
use crate::commit::Resolve;
use crate::error::Error;
use crate::idempotency::{Keyed, Known, Recalled, SharedWindow};
use crate::model::Model;
use crate::resolve::Resolver;
use crate::sync::Mutex;

/// The keys of a store that is open.
pub(crate) struct KeyDesk<M: Model> {
    in_flight: Mutex<HashMap<Key, InFlight<M::Reply>>>,
    /// That of the live state.
    window: SharedWindow,
    resolver: Arc<Resolver<M>>,
}

/// A transaction that is ordered, and of which the outcome is not known yet.
struct InFlight<Reply> {
    keyed: Keyed,
    seq: u64,
    /// Who has submitted the same.
    others: Vec<Arc<dyn Resolve<Reply>>>,
}

/// What becomes of a transaction with a key.
pub(super) enum Verdict {
    /// It is to be executed.
    New,
    /// It is just being executed, with this sequence number: whoever asked is told its outcome.
    Joined { seq: u64 },
    /// It was executed.
    Executed(Recalled),
    /// The key belongs to something else.
    Other { seq: u64 },
}

impl<M: Model> KeyDesk<M> {
    pub(super) fn new(window: SharedWindow, resolver: Arc<Resolver<M>>) -> Self {
        KeyDesk { in_flight: Mutex::default(), window, resolver }
    }

    /// The window of the live state.
    pub(super) fn window(&self) -> SharedWindow {
        self.window.clone()
    }

    /// Looks a key up, while the queue is locked: so the answer holds until the transaction is ordered.
    pub(super) fn look_up(&self, keyed: &Keyed, slot: &Arc<dyn Resolve<M::Reply>>) -> Verdict {
        // First what is in flight: what ends meanwhile is in the window before it is no longer here.
        if let Some(in_flight) = self.in_flight.lock().get_mut(&keyed.key) {
            let seq = in_flight.seq;
            if !in_flight.keyed.repeats(keyed) {
                return Verdict::Other { seq };
            }
            if in_flight.others.len() == in_flight.others.capacity() {
                // Those that nobody waits for any more don't pile up.
                in_flight.others.retain(|slot| Arc::strong_count(slot) > 1);
            }
            in_flight.others.push(slot.clone());
            return Verdict::Joined { seq };
        }
        match self.resolver.find(&self.window, keyed) {
            None => Verdict::New,
            Some(Known::Executed(recalled)) => Verdict::Executed(recalled),
            Some(Known::Other { seq }) => Verdict::Other { seq },
        }
    }

    /// A transaction with a key is about to be ordered: gives what its outcome is told to.
    pub(super) fn begin(
        self: &Arc<Self>,
        keyed: &Keyed,
        seq: u64,
        slot: Arc<dyn Resolve<M::Reply>>,
    ) -> Arc<dyn Resolve<M::Reply>> {
        let in_flight = InFlight { keyed: keyed.clone(), seq, others: Vec::new() };
        self.in_flight.lock().insert(keyed.key.clone(), in_flight);
        let (desk, key, variant) = (self.clone(), keyed.key.clone(), keyed.variant);
        Arc::new(Flight { desk, key, variant, seq, slot })
    }

    /// Remembers what was executed. The state's lock is held.
    pub(super) fn executed(&self, keyed: Keyed, seq: u64, reply: &M::Reply) {
        self.resolver.remember(&self.window, seq, keyed, reply);
    }
}

/// A transaction with a key, on its way: its outcome is told to all who have submitted it.
struct Flight<M: Model> {
    desk: Arc<KeyDesk<M>>,
    key: Key,
    variant: usize,
    seq: u64,
    /// The first one's.
    slot: Arc<dyn Resolve<M::Reply>>,
}

impl<M: Model> Flight<M> {
    /// Who else waits. Nobody can join any more.
    fn land(&self) -> Vec<Arc<dyn Resolve<M::Reply>>> {
        let mut in_flight = self.desk.in_flight.lock();
        match in_flight.entry(self.key.clone()) {
            // What is lost after it was told is told once more; the key may be another one's by then.
            Entry::Occupied(entry) if entry.get().seq == self.seq => entry.remove().others,
            _ => Vec::new(),
        }
    }
}

impl<M: Model> Resolve<M::Reply> for Flight<M> {
    fn resolve(&self, result: Result<M::Reply, Error>) {
        for other in self.land() {
            let copy = match &result {
                Ok(reply) => self.desk.resolver.copy((self.variant, self.seq), reply),
                Err(error) => Err(error.clone()),
            };
            resolve(move || other.resolve(copy));
        }
        self.slot.resolve(result);
    }
}
