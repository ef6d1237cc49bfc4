//! What is remembered of idempotent transactions, as bytes.

use std::sync::Arc;

use super::ENTRIES_MAX;
use super::bytes::{Reader, put_counted, put_varint};
use super::schema::{id, list, put_id, text};
use crate::Key;
use crate::idempotency::{KnownTx, Remembered};
use crate::schema::types::TypeId;

/// The reply of an executed transaction could not be remembered.
const NO_REPLY: u8 = 0;
const REPLY: u8 = 1;

/// What a snapshot's description says of the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WindowRecord {
    /// Their types are among those of the file.
    pub(crate) transactions: Vec<KnownTx>,
    /// By sequence number.
    pub(crate) keys: Vec<(u64, Remembered)>,
}

impl WindowRecord {
    /// Whether it fits a state with so many types and this sequence number: it refers to nothing that isn't there, and no two
    /// keys are those of one transaction.
    pub(crate) fn is_sound(&self, types: usize, seq: u64) -> bool {
        let exists = |ty: TypeId| (ty.0 as usize) < types;
        let count = self.transactions.len();
        self.transactions.iter().all(|tx| exists(tx.arguments) && exists(tx.reply))
            && self.keys.iter().all(|(_, remembered)| (remembered.tx as usize) < count)
            && self.keys.is_sorted_by(|(earlier, _), (later, _)| earlier < later)
            && self.keys.last().is_none_or(|(last, _)| *last <= seq)
    }
}

pub(super) fn put_window(out: &mut Vec<u8>, window: &WindowRecord) {
    put_varint(out, window.transactions.len() as u64);
    for tx in &window.transactions {
        put_counted(out, tx.name.as_bytes());
        put_varint(out, u64::from(tx.revision));
        put_id(out, tx.arguments);
        put_id(out, tx.reply);
    }
    put_varint(out, window.keys.len() as u64);
    for (seq, remembered) in &window.keys {
        put_varint(out, *seq);
        put_varint(out, u64::from(remembered.tx));
        put_counted(out, remembered.key.as_bytes());
        out.extend_from_slice(&remembered.arguments.to_le_bytes());
        match &remembered.reply {
            Ok(reply) => {
                out.push(REPLY);
                put_counted(out, reply);
            }
            Err(reason) => {
                out.push(NO_REPLY);
                put_counted(out, reason.as_bytes());
            }
        }
    }
}

pub(super) fn read_window(content: &[u8]) -> Option<WindowRecord> {
    let mut content = Reader::new(content);
    let transactions = list(&mut content, ENTRIES_MAX, |bytes| {
        let name = text(bytes)?;
        let revision = u32::try_from(bytes.varint()?).ok()?;
        Some(KnownTx { name, revision, arguments: id(bytes)?, reply: id(bytes)? })
    })?;
    // As many as there are: a window is limited by the bytes that it takes, when it is written.
    let keys = list(&mut content, usize::MAX, |bytes| {
        let seq = bytes.varint()?;
        let tx = u32::try_from(bytes.varint()?).ok()?;
        let key = Key::from(bytes.counted()?);
        let arguments = u128::from_le_bytes(bytes.array()?);
        let reply = match bytes.array()? {
            [REPLY] => Ok(Arc::from(bytes.counted()?)),
            [NO_REPLY] => Err(Arc::from(text(bytes)?)),
            _ => return None,
        };
        Some((seq, Remembered { key, tx, arguments, reply }))
    })?;
    content.is_empty().then_some(WindowRecord { transactions, keys })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> WindowRecord {
        let tx = |name: &str, arguments, reply| KnownTx {
            name: name.to_owned(),
            revision: 3,
            arguments: TypeId(arguments),
            reply: TypeId(reply),
        };
        let key =
            |key: &str, tx, reply| Remembered { key: key.into(), tx, arguments: 7 << 90, reply };
        let reply = Ok(Arc::from([1, 2, 3].as_slice()));
        WindowRecord {
            transactions: vec![tx("open", 0, 1), tx("close", 300, 2)],
            keys: vec![
                (5, key("a", 1, reply)),
                (700, key("b", 0, Err(Arc::from("it was too large")))),
            ],
        }
    }

    #[test]
    fn a_window_reads_back_and_no_part_of_one_is_one() {
        let mut bytes = Vec::new();
        put_window(&mut bytes, &window());
        assert_eq!(read_window(&bytes), Some(window()));
        for end in 0..bytes.len() {
            assert_eq!(read_window(&bytes[..end]), None, "{end}");
        }
        bytes.push(0);
        assert_eq!(read_window(&bytes), None);
    }

    #[test]
    fn more_transactions_than_a_dictionary_has_are_refused() {
        for (more, fits) in [(0, true), (1, false)] {
            let mut window = window();
            window.transactions = vec![window.transactions[0].clone(); ENTRIES_MAX + more];
            let mut bytes = Vec::new();
            put_window(&mut bytes, &window);
            assert_eq!(read_window(&bytes).is_some(), fits);
        }
    }

    #[test]
    fn what_is_neither_a_reply_nor_the_lack_of_one_is_refused() {
        let mut window = window();
        window.keys.truncate(1);
        window.keys[0].1.reply = Ok(Arc::from([]));
        let mut bytes = Vec::new();
        put_window(&mut bytes, &window);
        assert_eq!(read_window(&bytes), Some(window));
        // In front of the length of the reply.
        let kind = bytes.len() - 2;
        bytes[kind] = 7;
        assert_eq!(read_window(&bytes), None);
    }

    #[test]
    fn what_refers_to_nothing_or_comes_twice_is_not_sound() {
        assert!(window().is_sound(301, 700));
        assert!(!window().is_sound(300, 700), "a type");
        assert!(!window().is_sound(301, 699), "a key of a later transaction");
        let mut other = window();
        other.keys[0].1.tx = 2;
        assert!(!other.is_sound(301, 700), "a transaction");
        let mut twice = window();
        twice.keys[1].0 = 5;
        assert!(!twice.is_sound(301, 700), "a sequence number");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let _ = read_window(&bytes);
        }
    }
}
