//! The last keys, and what was replied to them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::Key;
use crate::format::window::WindowRecord;
use crate::schema::same_encoding;
use crate::schema::types::{TypeId, Types};
use crate::sync::Mutex;

/// The window of a state. The state that is live shares it with those who submit.
pub(crate) type SharedWindow = Arc<Mutex<Window>>;

/// What is remembered: the last so many keys, in the order in which they were executed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    keys_max: usize,
    bytes: usize,
    /// All types that the transactions reach.
    types: Types,
    transactions: Vec<KnownTx>,
    /// By sequence number.
    all: BTreeMap<u64, Remembered>,
    seqs: HashMap<Key, u64>,
    /// For each of today's transactions, its place among those that are known, once it has one.
    places: Vec<Option<u32>>,
}

/// A transaction as some version of the program executed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownTx {
    /// The stable name.
    pub(crate) name: String,
    pub(crate) revision: u32,
    pub(crate) arguments: TypeId,
    pub(crate) reply: TypeId,
}

/// What was executed with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) key: Key,
    /// Its place among the transactions.
    pub(crate) tx: u32,
    /// The hash of its encoded arguments.
    pub(crate) arguments: u128,
    /// The encoded reply, or why there is none.
    pub(crate) reply: Result<Arc<[u8]>, Arc<str>>,
}

/// What is known of a key that somebody uses again.
#[derive(Debug)]
pub(crate) enum Known {
    /// It was executed, and this is the reply.
    Executed(Recalled),
    /// Something else was executed with it.
    Other { seq: u64 },
}

/// A remembered reply, and its type.
#[derive(Debug)]
pub(crate) struct Recalled {
    pub(crate) seq: u64,
    pub(crate) reply: Result<Arc<[u8]>, String>,
    pub(crate) types: Types,
    pub(crate) ty: TypeId,
}

/// A transaction as the code has it today.
#[derive(Clone, Copy)]
pub(crate) struct Today<'a> {
    /// Its number.
    pub(crate) variant: usize,
    pub(crate) name: &'a str,
    pub(crate) revision: u32,
    pub(crate) types: &'a Types,
    pub(crate) arguments: TypeId,
    pub(crate) reply: TypeId,
}

/// Keys and replies take no more than this: beyond it the oldest go, however few they are.
const BYTES_MAX: usize = 1 << 30;

impl Window {
    /// An empty one, for so many keys.
    pub(crate) fn new(keys_max: usize) -> Self {
        Window { keys_max, ..Window::default() }
    }

    /// What a snapshot says, for so many keys; it is known to refer to nothing that isn't there.
    pub(crate) fn restored(keys_max: usize, types: &Types, record: WindowRecord) -> Self {
        let mut window = Window::new(keys_max);
        let mut copied = HashMap::new();
        for tx in record.transactions {
            let arguments = window.types.copy(types, tx.arguments, &mut copied);
            let reply = window.types.copy(types, tx.reply, &mut copied);
            window.transactions.push(KnownTx { arguments, reply, ..tx });
        }
        for (seq, remembered) in record.keys {
            window.insert(seq, remembered);
        }
        window
    }

    /// What a snapshot is to say: without transactions of which no key is left. Their types are added to `types`.
    pub(crate) fn described(&self, types: &mut Types) -> WindowRecord {
        let mut record = WindowRecord::default();
        let mut copied = HashMap::new();
        let mut places = HashMap::new();
        for (seq, remembered) in &self.all {
            let Some(known) = self.transactions.get(remembered.tx as usize) else { continue };
            let tx = *places.entry(remembered.tx).or_insert_with(|| {
                let arguments = types.copy(&self.types, known.arguments, &mut copied);
                let reply = types.copy(&self.types, known.reply, &mut copied);
                record.transactions.push(KnownTx { arguments, reply, ..known.clone() });
                u32::try_from(record.transactions.len() - 1).unwrap_or(u32::MAX)
            });
            record.keys.push((*seq, Remembered { tx, ..remembered.clone() }));
        }
        record
    }

    /// Adds the types that [`described`](Window::described) adds.
    pub(crate) fn add_types(&self, types: &mut Types) {
        let mut copied = HashMap::new();
        let used: BTreeSet<u32> = self.all.values().map(|remembered| remembered.tx).collect();
        for known in used.iter().filter_map(|&tx| self.transactions.get(tx as usize)) {
            types.copy(&self.types, known.arguments, &mut copied);
            types.copy(&self.types, known.reply, &mut copied);
        }
    }

    /// Remembers what was executed.
    pub(crate) fn remember(
        &mut self,
        seq: u64,
        key: Key,
        today: Today<'_>,
        arguments: u128,
        reply: Result<Vec<u8>, String>,
    ) {
        let tx = self.place_of(today);
        let reply = reply.map(Arc::from).map_err(Arc::from);
        self.insert(seq, Remembered { key, tx, arguments, reply });
    }

    fn insert(&mut self, seq: u64, remembered: Remembered) {
        // A key that had gone from a smaller window was executed again: the last time counts.
        if let Some(earlier) = self.seqs.insert(remembered.key.clone(), seq) {
            self.forget(earlier);
        }
        self.bytes += remembered.bytes();
        self.all.insert(seq, remembered);
        while self.all.len() > self.keys_max || self.bytes > BYTES_MAX {
            let Some((&oldest, _)) = self.all.first_key_value() else { break };
            self.forget(oldest);
        }
    }

    fn forget(&mut self, seq: u64) {
        let Some(remembered) = self.all.remove(&seq) else { return };
        self.bytes -= remembered.bytes();
        if self.seqs.get(&remembered.key) == Some(&seq) {
            self.seqs.remove(&remembered.key);
        }
    }

    /// The transaction's number, which it gets where it has none.
    fn place_of(&mut self, today: Today<'_>) -> u32 {
        if let Some(Some(place)) = self.places.get(today.variant) {
            return *place;
        }
        let known = self.transactions.iter().position(|known| {
            known.is_called(today)
                && same_encoding((&self.types, known.arguments), (today.types, today.arguments))
                && same_encoding((&self.types, known.reply), (today.types, today.reply))
        });
        let place = known.unwrap_or_else(|| {
            let mut copied = HashMap::new();
            let arguments = self.types.copy(today.types, today.arguments, &mut copied);
            let reply = self.types.copy(today.types, today.reply, &mut copied);
            let (name, revision) = (today.name.to_owned(), today.revision);
            self.transactions.push(KnownTx { name, revision, arguments, reply });
            self.transactions.len() - 1
        });
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        if self.places.len() <= today.variant {
            self.places.resize(today.variant + 1, None);
        }
        self.places[today.variant] = Some(place);
        place
    }

    /// What is known of this key, when it comes with this transaction and arguments.
    pub(crate) fn find(&self, key: &Key, today: Today<'_>, arguments: u128) -> Option<Known> {
        let seq = *self.seqs.get(key)?;
        let remembered = self.all.get(&seq)?;
        let tx = self.transactions.get(remembered.tx as usize)?;
        // Arguments that were encoded as other types can't be compared: what was executed must not be executed again.
        let is_comparable = tx.revision == today.revision
            && same_encoding((&self.types, tx.arguments), (today.types, today.arguments));
        if tx.name != today.name || (is_comparable && remembered.arguments != arguments) {
            return Some(Known::Other { seq });
        }
        let reply = remembered.reply.clone().map_err(|reason| reason.to_string());
        let mut types = Types::default();
        let ty = types.copy(&self.types, tx.reply, &mut HashMap::new());
        Some(Known::Executed(Recalled { seq, reply, types, ty }))
    }
}

impl KnownTx {
    fn is_called(&self, today: Today<'_>) -> bool {
        self.name == today.name && self.revision == today.revision
    }
}

impl Remembered {
    fn bytes(&self) -> usize {
        let reply = self.reply.as_ref().map_or_else(|reason| reason.len(), |reply| reply.len());
        self.key.as_bytes().len() + reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(key: &str) -> Remembered {
        Remembered { key: key.into(), tx: 0, arguments: 0, reply: Err("none".into()) }
    }

    #[test]
    fn the_oldest_keys_go_where_there_are_too_many_or_too_many_bytes() {
        let mut window = Window::new(2);
        for (seq, key) in [(1, "a"), (2, "b"), (3, "c")] {
            window.insert(seq, remembered(key));
        }
        assert_eq!(window.all.keys().copied().collect::<Vec<_>>(), [2, 3]);
        assert_eq!(window.seqs.len(), 2);
        window.keys_max = 10;
        // As if one of them were as long as all may be.
        window.bytes = BYTES_MAX;
        window.insert(4, remembered("d"));
        assert!(!window.all.contains_key(&2) && !window.seqs.contains_key(&"b".into()));
    }

    #[test]
    fn a_transaction_of_another_revision_is_another_one() {
        let (arguments, reply) = (TypeId(0), TypeId(0));
        let known = KnownTx { name: "a".to_owned(), revision: 1, arguments, reply };
        let types = Types::default();
        let today =
            |name, revision| Today { variant: 0, name, revision, types: &types, arguments, reply };
        assert!(known.is_called(today("a", 1)));
        assert!(!known.is_called(today("a", 2)));
        assert!(!known.is_called(today("b", 1)));
    }
}
