//! How the transactions of a dictionary's entry are read.

use std::path::Path;

use crate::encoding::{DecodeFault, decode_tx_as};
use crate::error::{Mismatch, SchemaError};
use crate::model::{Model, ModelData, TxInfo};
use crate::panic::{catch, drop_quietly};
use crate::schema::check::{Verdict, check};
use crate::schema::dictionary::{Dictionary, DictionaryEntry};
use crate::schema::{Schema, same_encoding};
use crate::stored::{NotUpgraded, Purpose, Reason, Stored};

/// How an entry is read.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "json"),
    allow(dead_code, reason = "only the schema lock asks how certain it is")
)]
pub(crate) enum Reading {
    /// It is written like this today.
    Exact { variant: usize, body: Body },
    /// By the names of fields and variants.
    ByName { variant: usize, body: Body, certainty: Certainty },
    /// Through a function of the user's.
    Upgraded { certainty: Certainty },
    /// Not at all.
    Refused(Refusal),
}

/// Whether the code that a transaction runs is the code that it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Same,
    Other,
}

/// Whether all that may be stored can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    All,
    /// That depends on the values: some hold a variant that there is no more.
    Some,
}

/// Why an entry can't be read.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// The model has no such transaction.
    Unknown,
    /// A newer version of the program wrote it.
    Newer { known: u32 },
    /// There is no function for its revision.
    NoUpgrade { known: u32, arguments: String },
    /// Its types are not today's.
    Incompatible(Box<Mismatch>),
}

impl Reading {
    /// Whether the transaction is replayed otherwise than it was committed.
    pub(crate) fn is_changed(&self) -> bool {
        self.has_other_body() || self.has_other_arguments()
    }

    /// Whether the arguments are not written today as they are stored.
    pub(crate) fn has_other_arguments(&self) -> bool {
        !matches!(self, Reading::Exact { .. })
    }

    /// Whether the body is another one.
    pub(crate) fn has_other_body(&self) -> bool {
        matches!(
            self,
            Reading::Exact { body: Body::Other, .. } | Reading::ByName { body: Body::Other, .. }
        )
    }

    /// Whether each transaction must be looked at before anything is replayed. What was written as it is today was also
    /// read back then.
    pub(crate) fn is_doubtful(&self) -> bool {
        !matches!(self, Reading::Exact { .. })
    }
}

/// How the transactions of `entry` are read.
pub(super) fn of<M: Model>(
    schema: &Schema,
    dictionary: &Dictionary,
    entry: &DictionaryEntry,
) -> Reading {
    let mut all = M::TRANSACTIONS.iter().zip(&schema.arguments).enumerate();
    let Some((variant, (info, arguments))) = all.find(|(_, (info, _))| info.name() == entry.name)
    else {
        return Reading::Refused(Refusal::Unknown);
    };
    if entry.revision != info.revision() {
        return upgrade::<M>(dictionary, entry, info);
    }
    let body = match (entry.fingerprint, info.fingerprint()) {
        (Some(then), Some(now)) if then != now => Body::Other,
        _ => Body::Same,
    };
    let types = &dictionary.types;
    if same_encoding((types, entry.arguments), (&schema.types, *arguments)) {
        return Reading::Exact { variant, body };
    }
    if types.is_declared_as(entry.arguments, info.declaration()) {
        // Its types are known by now.
        return Reading::Exact { variant, body };
    }
    let mut read = |bytes: &[u8]| {
        decode_tx_as::<M::Tx>(variant, types, entry.arguments, bytes).map(drop_quietly)
    };
    match certainty(check(types, entry.arguments, M::SAMPLES, &mut read)) {
        Ok(certainty) => Reading::ByName { variant, body, certainty },
        Err(fault) => incompatible(dictionary, entry, info, fault),
    }
}

fn upgrade<M: Model>(dictionary: &Dictionary, entry: &DictionaryEntry, info: &TxInfo) -> Reading {
    if entry.revision > info.revision() {
        return Reading::Refused(Refusal::Newer { known: info.revision() });
    }
    if !info.old_revisions().contains(&entry.revision) {
        let arguments = dictionary.types.describe_arguments(entry.arguments);
        return Reading::Refused(Refusal::NoUpgrade { known: info.revision(), arguments });
    }
    let types = &dictionary.types;
    if types.is_untraced(entry.arguments) {
        // The function says what they were; each value will tell.
        return Reading::Upgraded { certainty: Certainty::All };
    }
    let mut read = |bytes: &[u8]| {
        let stored = Stored::arguments((types, entry.arguments), bytes, Purpose::Check);
        would_read(|| M::upgrade(&entry.name, entry.revision, stored))
    };
    match certainty(check(types, entry.arguments, M::SAMPLES, &mut read)) {
        Ok(certainty) => Reading::Upgraded { certainty },
        Err(fault) => incompatible(dictionary, entry, info, fault),
    }
}

/// What came of a try to upgrade, in which no function was called.
pub(super) fn would_read<T>(
    upgrade: impl FnOnce() -> Result<T, NotUpgraded>,
) -> Result<(), DecodeFault> {
    // The types' own panics are faults already; one that comes through is of code that did not ask for what is stored.
    let Ok(Err(error)) = catch(|| upgrade().map(drop_quietly)) else { return Ok(()) };
    match error.into_reason() {
        Reason::Fault(fault) => Err(fault),
        Reason::Checked | Reason::NoFunction | Reason::Panicked(_) => Ok(()),
    }
}

pub(super) fn certainty(verdict: Verdict) -> Result<Certainty, DecodeFault> {
    match verdict {
        Verdict::Always => Ok(Certainty::All),
        Verdict::Unless(_) => Ok(Certainty::Some),
        Verdict::Never(fault) => Err(fault),
    }
}

fn incompatible(
    dictionary: &Dictionary,
    entry: &DictionaryEntry,
    info: &TxInfo,
    fault: DecodeFault,
) -> Reading {
    let arguments = dictionary.types.describe_arguments(entry.arguments);
    let mismatch = mismatch(fault, arguments, entry.revision, info.revision().saturating_add(1));
    Reading::Refused(Refusal::Incompatible(Box::new(mismatch)))
}

/// Why a type isn't read, for the user.
pub(super) fn mismatch(fault: DecodeFault, whole: String, found: u32, next: u32) -> Mismatch {
    let place = fault.place();
    let DecodeFault { message, stored, wanted, .. } = fault;
    let reason = if message.contains("written as") {
        message
    } else {
        format!("{message}, in what was written as `{stored}`")
    };
    Mismatch { place, stored, wanted: wanted.unwrap_or_default(), reason, whole, found, next }
}

impl Refusal {
    /// The error that it is, for a transaction that is stored.
    pub(super) fn of_transaction<M: Model>(
        self,
        entry: &DictionaryEntry,
        seq: u64,
        file: &Path,
    ) -> SchemaError {
        let (tx, seq, file) = (entry.name.clone(), seq.into(), file.to_owned());
        let stored_revision = entry.revision;
        match self {
            Refusal::Unknown if M::REMOVED.contains(&tx.as_str()) => {
                let model = <M as ModelData>::NAME.to_owned();
                SchemaError::RemovedTransaction { model, tx, seq, file }
            }
            Refusal::Unknown => SchemaError::UnknownTransaction {
                model: <M as ModelData>::NAME.to_owned(),
                tx,
                seq,
                file,
            },
            Refusal::Newer { known } => {
                SchemaError::NewerRevision { tx, found: stored_revision, known, seq, file }
            }
            Refusal::NoUpgrade { known, arguments } => {
                SchemaError::NoUpgrade { tx, found: stored_revision, known, arguments, seq, file }
            }
            Refusal::Incompatible(mismatch) => {
                SchemaError::IncompatibleTransaction { tx, seq, file, mismatch }
            }
        }
    }
}
