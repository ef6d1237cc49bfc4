//! Whether today's code reads what a released version of the program has written, without a store at hand.

use super::Resolver;
use super::model::{ModelReading, reading_of};
use super::reading::{Certainty, Reading, Refusal, of};
use crate::model::Model;
use crate::schema::dictionary::{Dictionary, DictionaryEntry};
use crate::schema::public::Schema;

/// What of it the code can't read, and what to do about it: for the model and for each transaction.
pub(crate) fn breaks<M: Model>(resolver: &Resolver<M>, released: &Schema) -> Vec<String> {
    let mut breaks = Vec::new();
    if released.model != M::NAME {
        breaks.push(format!(
            "the model `{}` is called `{}` now: keep its name with `#[prevalent(name = \"{}\")]`",
            released.model,
            M::NAME,
            released.model
        ));
    }
    breaks.extend(break_of_model(resolver, released));
    let entries = released.transactions.iter().map(|tx| DictionaryEntry {
        name: tx.name.clone(),
        revision: tx.revision,
        arguments: tx.arguments,
        fingerprint: None,
    });
    let dictionary = Dictionary { types: released.types.clone(), entries: entries.collect() };
    for entry in &dictionary.entries {
        let reading = of::<M>(resolver.schema(), &dictionary, entry);
        breaks.extend(break_of_transaction::<M>(reading, entry));
    }
    breaks
}

fn break_of_transaction<M: Model>(reading: Reading, entry: &DictionaryEntry) -> Option<String> {
    let (name, found) = (&entry.name, entry.revision);
    Some(match reading {
        Reading::Exact { .. }
        | Reading::ByName { certainty: Certainty::All, .. }
        | Reading::Upgraded { certainty: Certainty::All } => return None,
        Reading::ByName { certainty: Certainty::Some, .. } => format!(
            "the transaction `{name}`: {SOME}; bring back what is gone, or say what the old arguments become: `#[tx(rev = {}, upgrade({found} => function))]`",
            found.saturating_add(1)
        ),
        Reading::Upgraded { certainty: Certainty::Some } => format!(
            "the transaction `{name}`, revision {found}: {SOME}; the function of its upgrade must take the old types"
        ),
        Reading::Refused(Refusal::Unknown) => {
            if M::REMOVED.contains(&name.as_str()) {
                return None;
            }
            format!(
                "the transaction `{name}` is gone: put the method back (as `#[tx(retired)]`, if it is only to be replayed), or keep the old name on the new one with `#[tx(name = \"{name}\")]`; when no journal holds it any more, name it in `removed(..)` of the `#[prevalent]` on the `impl`"
            )
        }
        Reading::Refused(Refusal::Newer { known }) => format!(
            "the transaction `{name}` had revision {found}, and the code has revision {known}: revisions only grow"
        ),
        Reading::Refused(Refusal::NoUpgrade { known, arguments }) => format!(
            "the transaction `{name}` had revision {found}, with the arguments `{arguments}`: say how its arguments become those of revision {known}: `#[tx(rev = {known}, upgrade({found} => function))]`"
        ),
        Reading::Refused(Refusal::Incompatible(mismatch)) => format!(
            "the transaction `{name}` had the arguments `{}`; {mismatch}; bring the old type back,{} or say what the old arguments become: `#[tx(rev = {}, upgrade({found} => function))]`, where `function` takes the old ones as a tuple and gives the new ones as a tuple",
            mismatch.whole,
            mismatch.hint(),
            mismatch.next
        ),
    })
}

fn break_of_model<M: Model>(resolver: &Resolver<M>, released: &Schema) -> Option<String> {
    let (model, found, known) = (&released.model, released.version, M::VERSION);
    let stored = (&released.types, released.state);
    let mut hint = "";
    let why = match reading_of::<M>(resolver.schema(), stored, found) {
        ModelReading::Exact
        | ModelReading::AsDeclared
        | ModelReading::ByName(Certainty::All)
        | ModelReading::OfOldVersion(Certainty::All) => return None,
        ModelReading::Newer => {
            return Some(format!(
                "the model `{model}` had version {found}, and the code has version {known}: versions only grow"
            ));
        }
        ModelReading::NoWay => {
            return Some(format!(
                "the model `{model}` had version {found}: say how it becomes version {known}: `#[prevalent(version = {known}, from(..))]` names the old struct and a function for each earlier version"
            ));
        }
        ModelReading::ByName(Certainty::Some) | ModelReading::OfOldVersion(Certainty::Some) => {
            SOME.to_owned()
        }
        ModelReading::Incompatible(mismatch) => {
            hint = mismatch.hint();
            mismatch.to_string()
        }
    };
    Some(format!(
        "the model `{model}`: {why}; bring back what is gone,{hint} or keep the old struct under another name and say what becomes of it: `#[prevalent(version = {}, from(OldModel => function))]`",
        known.saturating_add(1)
    ))
}

/// Where it depends on the values.
const SOME: &str =
    "some of its values can't be read, because they hold a variant that the code doesn't have";
