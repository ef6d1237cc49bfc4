//! The transactions that a segment may hold, each with a small number.

use std::collections::HashMap;

use super::types::{TypeId, Types};
use super::{Schema, same_encoding};
use crate::format::{ENTRIES_MAX, NAMES_BYTES_MAX};
use crate::model::TxInfo;

/// What the transactions of a segment refer to by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dictionary {
    /// All types that the entries reach.
    pub(crate) types: Types,
    pub(crate) entries: Vec<DictionaryEntry>,
}

/// A transaction as some version of the program wrote it. The same name may be there more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DictionaryEntry {
    /// The stable name.
    pub(crate) name: String,
    pub(crate) revision: u32,
    /// The type of its arguments.
    pub(crate) arguments: TypeId,
    /// What tells the method's body from another one.
    pub(crate) fingerprint: Option<u64>,
}

impl Dictionary {
    /// Adds the transactions of `schema` that aren't there just like that, and gives the number of each.
    pub(crate) fn include(&mut self, transactions: &[TxInfo], schema: &Schema) -> Vec<u32> {
        let mut copied = HashMap::new();
        let numbers = transactions.iter().zip(&schema.arguments).map(|(info, arguments)| {
            let known = self.entries.iter().position(|entry| {
                entry.name == info.name()
                    && entry.revision == info.revision()
                    && entry.fingerprint == info.fingerprint()
                    && same_encoding((&self.types, entry.arguments), (&schema.types, *arguments))
            });
            let number = known.unwrap_or_else(|| {
                let arguments = self.types.copy(&schema.types, *arguments, &mut copied);
                self.entries.push(DictionaryEntry {
                    name: info.name().to_owned(),
                    revision: info.revision(),
                    arguments,
                    fingerprint: info.fingerprint(),
                });
                self.entries.len() - 1
            });
            u32::try_from(number).unwrap_or(u32::MAX)
        });
        numbers.collect()
    }

    /// The number here of an entry of another dictionary, if it is here just like that.
    pub(crate) fn number_of(&self, other: &Dictionary, entry: &DictionaryEntry) -> Option<usize> {
        self.entries.iter().position(|known| {
            known.name == entry.name
                && known.revision == entry.revision
                && known.fingerprint == entry.fingerprint
                && same_encoding((&self.types, known.arguments), (&other.types, entry.arguments))
        })
    }

    /// Adds the entries of another dictionary that aren't here just like that.
    pub(crate) fn include_all(&mut self, other: &Dictionary) {
        let mut copied = HashMap::new();
        for entry in &other.entries {
            if self.number_of(other, entry).is_none() {
                let arguments = self.types.copy(&other.types, entry.arguments, &mut copied);
                self.entries.push(DictionaryEntry { arguments, ..entry.clone() });
            }
        }
    }

    /// Whether a segment may hold all of it: a reader refuses more.
    pub(crate) fn fits_in_a_segment(&self) -> bool {
        let names_bytes: usize = self.entries.iter().map(|entry| entry.name.len()).sum();
        self.types.fit_in_a_file()
            && self.entries.len() <= ENTRIES_MAX
            && names_bytes <= NAMES_BYTES_MAX
    }

    /// How much there is.
    pub(crate) fn extent(&self) -> (usize, usize) {
        (self.types.len(), self.entries.len())
    }

    /// Forgets what was added since there was so much.
    pub(crate) fn shrink_to(&mut self, (types, entries): (usize, usize)) {
        self.types.truncate(types);
        self.entries.truncate(entries);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Misread;
    use super::super::types::{Field, Scalar, Type};
    use super::*;
    use crate::format::TYPES_MAX;

    fn schema(scalar: Scalar) -> Schema {
        let mut types = Types::default();
        let model = types.add(Type::Unit);
        let number = types.add(Type::Scalar(scalar));
        let fields = vec![Field { name: "n".into(), ty: number }];
        let add = types.add(Type::Struct { name: "add".into(), fields });
        let misread = Misread::default();
        Schema { types, model, arguments: vec![model, add], replies: vec![None; 2], misread }
    }

    #[test]
    fn a_segment_holds_so_many_entries_names_and_types() {
        let entry = |name: usize| DictionaryEntry {
            name: "n".repeat(name),
            revision: 1,
            arguments: TypeId(0),
            fingerprint: None,
        };
        let fits = |entries| Dictionary { types: Types::default(), entries }.fits_in_a_segment();
        for (more, expected) in [(0, true), (1, false)] {
            assert_eq!(fits(vec![entry(0); ENTRIES_MAX + more]), expected);
            assert_eq!(fits(vec![entry(1), entry(NAMES_BYTES_MAX - 1 + more)]), expected);
            let mut dictionary = Dictionary::default();
            for _ in 0..TYPES_MAX + more {
                dictionary.types.add(Type::Unit);
            }
            assert_eq!(dictionary.fits_in_a_segment(), expected);
        }
    }

    #[test]
    fn what_is_there_already_is_not_added_again() {
        let transactions = [TxInfo::new("clear"), TxInfo::new("add").with_fingerprint(7)];
        let mut dictionary = Dictionary::default();
        assert_eq!(dictionary.include(&transactions, &schema(Scalar::U32)), [0, 1]);
        let before = dictionary.clone();
        assert_eq!(dictionary.include(&transactions, &schema(Scalar::U32)), [0, 1]);
        assert_eq!(dictionary, before);

        assert_eq!(dictionary.include(&transactions, &schema(Scalar::U64)), [0, 2]);
        let newer = [TxInfo::new("add").with_fingerprint(8), TxInfo::new("clear").revised(2, &[])];
        let mut schema = schema(Scalar::U64);
        schema.arguments.reverse();
        assert_eq!(dictionary.include(&newer, &schema), [3, 4]);
        assert_eq!(dictionary.include(&transactions, &self::schema(Scalar::U32)), [0, 1]);
    }
}
