//! How what was written, by whatever version of the program, becomes values of today's types.
//!
//! Decided before anything is replayed or written, for each entry of a dictionary and for the model of a snapshot:
//! written just as today, it is read by plain postcard; else by the names of fields and variants; else through a
//! function of the user's; else it is an error that says what to write.

pub(crate) mod accepting;
mod keys;
mod model;
mod reading;
#[cfg(feature = "json")]
pub(crate) mod released;

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

pub(crate) use self::model::{LoadFailure, LoadedModel};
pub(crate) use self::reading::Reading;
use self::reading::would_read;
use crate::encoding::{self, decode_tx_as};
use crate::error::{Error, SchemaError};
use crate::idempotency::Replies;
use crate::journal::entries::Entry;
use crate::model::Model;
use crate::panic::catch;
use crate::rollback::Rollback;
use crate::schema::dictionary::{Dictionary, DictionaryEntry};
use crate::schema::{Schema, schema_of};
use crate::stored::{NotUpgraded, Purpose, Reason, Stored};

/// Knows today's types, and reads what is stored into them.
#[derive(Debug)]
pub(crate) struct Resolver<M: Model> {
    schema: Arc<Schema>,
    /// What was found out about the dictionaries that were met: as a rule, all segments of a session have the same.
    known: Mutex<Vec<(Dictionary, Arc<[Reading]>)>>,
    replies: Replies<M>,
    keys_max: usize,
}

/// So many dictionaries are remembered.
const KNOWN_MAX: usize = 8;

impl<M: Model> Resolver<M> {
    /// Finds out what the code writes now. So many keys are remembered.
    pub(crate) fn new(keys_max: usize) -> Self {
        let (schema, replies) = (schema_of::<M>(), Replies::of_model());
        Resolver { schema, known: Mutex::default(), replies, keys_max }
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }
}

/// Why there is no transaction of a journal's entry.
#[derive(Debug)]
pub(crate) enum Undecoded {
    /// What is stored does not fit today's types: `Schema`.
    Error(Error),
    /// The function that upgrades it panicked: the error, and the panic's message.
    Panicked(Error, String),
}

impl From<Error> for Undecoded {
    fn from(error: Error) -> Self {
        Undecoded::Error(error)
    }
}

impl From<Undecoded> for Error {
    fn from(undecoded: Undecoded) -> Self {
        match undecoded {
            Undecoded::Error(error) | Undecoded::Panicked(error, _) => error,
        }
    }
}

/// The transaction of a journal's entry.
pub(crate) fn decode<M: Model>(
    reading: &Reading,
    dictionary: &Dictionary,
    entry: &Entry<'_>,
    file: &Path,
) -> Result<M::Tx, Undecoded> {
    let stored = stored_as(dictionary, entry)?;
    let undecodable = |reason: String| undecodable(stored, entry, file, reason);
    let (types, arguments, bytes) = (&dictionary.types, stored.arguments, entry.payload);
    match reading {
        Reading::Exact { variant, .. } => {
            Ok(encoding::decode_tx(*variant, bytes)
                .map_err(|error| undecodable(error.to_string()))?)
        }
        Reading::ByName { variant, .. } => Ok(decode_tx_as(*variant, types, arguments, bytes)
            .map_err(|fault| undecodable(fault.to_string()))?),
        Reading::Upgraded { .. } => {
            let old = Stored::arguments((types, arguments), bytes, Purpose::Run);
            let not_upgraded = match catch(|| M::upgrade(&stored.name, stored.revision, old)) {
                Ok(Ok(tx)) => return Ok(tx),
                Ok(Err(not_upgraded)) => not_upgraded,
                Err(message) => NotUpgraded::because(Reason::Panicked(message)),
            };
            let (text, reason) = (not_upgraded.to_string(), not_upgraded.into_reason());
            Err(match reason {
                Reason::Panicked(_) => Undecoded::Panicked(undecodable(text.clone()), text),
                _ => undecodable(text).into(),
            })
        }
        Reading::Refused(refusal) => {
            let refusal = refusal.clone().of_transaction::<M>(stored, entry.seq, file);
            Err(Error::from(refusal).into())
        }
    }
}

fn undecodable(stored: &DictionaryEntry, entry: &Entry<'_>, file: &Path, reason: String) -> Error {
    let (what, seq, file) = (stored.name.clone(), entry.seq.into(), file.to_owned());
    SchemaError::Undecodable { what, seq, file, reason }.into()
}

/// What the survey of a journal asks, without knowing the model's type.
pub(crate) trait Judge: Sync {
    /// How each entry of the dictionary is read.
    fn readings(&self, dictionary: &Dictionary) -> Arc<[Reading]>;

    /// Whether what was committed in this mode can be replayed in it.
    fn can_replay(&self, rollback: Rollback) -> bool;

    /// Whether this transaction can be read.
    fn try_decode(
        &self,
        reading: &Reading,
        dictionary: &Dictionary,
        entry: &Entry<'_>,
        file: &Path,
    ) -> Result<(), Error>;
}

impl<M: Model> Judge for Resolver<M> {
    fn readings(&self, dictionary: &Dictionary) -> Arc<[Reading]> {
        let mut known = self.known.lock();
        if let Some((_, readings)) = known.iter().find(|(known, _)| known == dictionary) {
            return readings.clone();
        }
        let readings: Arc<[Reading]> = dictionary
            .entries
            .iter()
            .map(|entry| reading::of::<M>(&self.schema, dictionary, entry))
            .collect();
        if known.len() >= KNOWN_MAX {
            known.remove(0);
        }
        known.push((dictionary.clone(), readings.clone()));
        readings
    }

    fn can_replay(&self, rollback: Rollback) -> bool {
        match rollback {
            Rollback::Off => true,
            Rollback::On => M::ROLLBACK.is_some(),
        }
    }

    fn try_decode(
        &self,
        reading: &Reading,
        dictionary: &Dictionary,
        entry: &Entry<'_>,
        file: &Path,
    ) -> Result<(), Error> {
        if matches!(reading, Reading::Upgraded { .. }) {
            // The function is called when it has its turn: it may not expect to be called for nothing.
            let stored = stored_as(dictionary, entry)?;
            let of = (&dictionary.types, stored.arguments);
            let old = Stored::arguments(of, entry.payload, Purpose::Check);
            let tried = would_read(|| M::upgrade(&stored.name, stored.revision, old));
            return tried.map_err(|fault| undecodable(stored, entry, file, fault.to_string()));
        }
        let tx = decode::<M>(reading, dictionary, entry, file)?;
        crate::panic::drop_quietly(tx);
        Ok(())
    }
}

/// The readings of the segment that is being gone through, whose dictionary may grow.
#[derive(Debug, Default)]
pub(crate) struct SegmentReadings {
    extent: (usize, usize),
    readings: Option<Arc<[Reading]>>,
}

impl SegmentReadings {
    /// How the entry is read.
    pub(crate) fn of(
        &mut self,
        judge: &dyn Judge,
        dictionary: &Dictionary,
        entry_id: usize,
    ) -> Result<&Reading, Error> {
        if self.extent != dictionary.extent() {
            (self.extent, self.readings) = (dictionary.extent(), None);
        }
        let readings = self.readings.get_or_insert_with(|| judge.readings(dictionary));
        readings.get(entry_id).ok_or_else(no_entry)
    }
}

fn stored_as<'a>(
    dictionary: &'a Dictionary,
    entry: &Entry<'_>,
) -> Result<&'a DictionaryEntry, Error> {
    dictionary.entries.get(entry.in_dictionary).ok_or_else(no_entry)
}

/// Whoever walks a batch has checked that there is one.
fn no_entry() -> Error {
    Error::Failed { reason: "a transaction's number is not in the dictionary".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::Nothing;
    use crate::schema::dictionary::DictionaryEntry;
    use crate::schema::types::{Type, Types};

    #[test]
    fn a_long_history_of_programs_is_not_all_remembered() {
        let resolver = Resolver::<Nothing>::new(0);
        for number in 0..3 * KNOWN_MAX {
            let mut types = Types::default();
            let arguments = types.add(Type::Unit);
            let name = format!("do_{number}");
            let entry = DictionaryEntry { name, revision: 1, arguments, fingerprint: None };
            resolver.readings(&Dictionary { types, entries: vec![entry] });
        }
        assert_eq!(resolver.known.lock().len(), KNOWN_MAX);
    }
}
