//! The first line: what the values in the others are.

use std::collections::HashMap;

use super::origin;
use crate::json::hex::{Hex, read_array};
use crate::json::schema::{Entries, lines};
use crate::json::tree::Tree;
use crate::json::types::{Reader, Writer};
use crate::origin::Origin;
use crate::schema::dictionary::{Dictionary, DictionaryEntry};
use crate::schema::names::{Names, Root};
use crate::schema::types::{Type, TypeId, Types};

/// What is written, and the newest that is read.
const VERSION: u64 = 1;

/// The types and transactions of an export.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) model: String,
    pub(super) version: u32,
    /// The store that it was made from, as an import is to tell.
    pub(super) origin: Option<Origin>,
    /// The model's type, one of the dictionary's.
    pub(super) state: TypeId,
    pub(super) dictionary: Dictionary,
}

impl Header {
    /// `state` is a type of `types`.
    pub(super) fn new(
        model: String,
        version: u32,
        origin: Origin,
        (types, state): (&Types, TypeId),
        mut dictionary: Dictionary,
    ) -> Self {
        let state = dictionary.types.copy(types, state, &mut HashMap::new());
        Header { model, version, origin: Some(origin), state, dictionary }
    }

    pub(super) fn to_tree(&self) -> Tree {
        let Dictionary { types, entries } = &self.dictionary;
        let mut roots = vec![Root { ty: self.state, name: "" }];
        for DictionaryEntry { name, arguments, .. } in entries {
            roots.push(Root { ty: *arguments, name });
        }
        let names = Names::of(types, &roots);
        let types = Writer { types, names: &names };
        let transactions = entries.iter().map(|entry| {
            let mut tree = vec![
                ("name".to_owned(), Tree::text(&entry.name)),
                ("revision".to_owned(), Tree::Number(entry.revision.into())),
            ];
            if let Some(fingerprint) = entry.fingerprint {
                let hex = Hex(&fingerprint.to_be_bytes()).to_string();
                tree.push(("body".to_owned(), Tree::Text(hex)));
            }
            tree.push(("args".to_owned(), types.used(entry.arguments, &entry.name)));
            Tree::Object(tree)
        });
        let lines = types.lines().map(|(name, tree)| (name.to_owned(), tree));
        let mut header = vec![
            ("export".to_owned(), Tree::Number(VERSION)),
            ("model".to_owned(), Tree::text(&self.model)),
            ("version".to_owned(), Tree::Number(self.version.into())),
        ];
        let origin = self.origin.iter().map(|it| ("from".to_owned(), origin::to_tree(it)));
        header.extend(origin);
        header.extend([
            ("state".to_owned(), types.used(self.state, "")),
            ("transactions".to_owned(), Tree::List(transactions.collect())),
            ("types".to_owned(), Tree::Object(lines.collect())),
        ]);
        Tree::Object(header)
    }

    pub(super) fn from_tree(tree: &Tree) -> Result<Self, String> {
        let mut header = Entries::of(tree, "the first line of an export")?;
        let format = header.number("export")?;
        if format > VERSION {
            return Err(format!("a newer version of prevalent wrote it (export {format})"));
        }
        let mut reader = Reader::default();
        let model = header.text("model")?;
        let version = header.short("version")?;
        let origin = header.find("from").map(origin::from_tree).transpose()?;
        let state = reader.used(header.take("state")?, "")?;
        let Tree::List(transactions) = header.take("transactions")? else {
            return Err("`transactions` is no array".to_owned());
        };
        let entries: Result<Vec<_>, _> =
            transactions.iter().map(|tree| entry(tree, &mut reader)).collect();
        lines(header.take("types")?, &mut reader)?;
        header.finish()?;
        let types = reader.finish()?;
        expect_untraced_on_top(&types)?;
        let dictionary = Dictionary { types, entries: entries? };
        if !dictionary.fits_in_a_segment() {
            return Err(
                "there are more `transactions`, or longer ones, than a store may hold".to_owned()
            );
        }
        Ok(Header { model, version, origin, state, dictionary })
    }

    /// Whether the name and the revision of this entry tell it from all others.
    pub(super) fn is_alone(&self, number: usize) -> bool {
        let entries = &self.dictionary.entries;
        entries.get(number).is_some_and(|one| {
            entries.iter().filter(|it| it.name == one.name && it.revision == one.revision).count()
                == 1
        })
    }

    /// The entry of a transaction's line.
    pub(super) fn find(
        &self,
        name: &str,
        revision: Option<u32>,
        number: Option<usize>,
    ) -> Result<(usize, &DictionaryEntry), String> {
        let mut all = self.dictionary.entries.iter().enumerate().filter(|(index, entry)| {
            entry.name == name
                && revision.is_none_or(|revision| revision == entry.revision)
                && number.is_none_or(|number| number == *index)
        });
        match (all.next(), all.next()) {
            (Some(found), None) => Ok(found),
            (None, _) => {
                Err(format!("the first line has no such transaction as this line's `{name}`"))
            }
            (Some(_), Some(_)) => Err(format!(
                "the first line has `{name}` more than once: `revision`, and `schema` (its place there, from 0) say which one it is"
            )),
        }
    }
}

fn entry(tree: &Tree, reader: &mut Reader) -> Result<DictionaryEntry, String> {
    let mut entry = Entries::of(tree, "a transaction")?;
    let (name, revision) = (entry.text("name")?, entry.short("revision")?);
    let fingerprint = match entry.find("body") {
        None => None,
        Some(tree) => {
            let bytes = tree.as_text().and_then(read_array);
            Some(u64::from_be_bytes(bytes.ok_or("`body` is 16 hexadecimal digits")?))
        }
    };
    let arguments = reader.used(entry.take("args")?, &name)?;
    entry.finish()?;
    // 0 stands for none in the journal.
    let fingerprint = fingerprint.filter(|fingerprint| *fingerprint != 0);
    Ok(DictionaryEntry { name, revision, arguments, fingerprint })
}

/// A value of which nothing is known has no end, so that nothing may follow it.
fn expect_untraced_on_top(types: &Types) -> Result<(), String> {
    let is_untraced = |part: &TypeId| matches!(types.get(*part), Type::Untraced { .. });
    if types.all().iter().any(|ty| ty.parts().iter().any(is_untraced)) {
        return Err("an untraced type is inside another one".to_owned());
    }
    Ok(())
}
