//! A place in the code that can be taken out.

use std::fmt;

/// What is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Bytes of a file are made durable.
    FileSync,
    /// Names are made durable.
    DirectorySync,
    /// Somebody waits until something is durable.
    DurableWait,
    /// A sync comes before something else.
    Order,
    /// The error of a sync, a write or a renaming is passed over.
    PassedOver,
    /// An end of all writing, and the looks at it.
    Latch,
    /// How far something has come: durable, applied, handed over, closed.
    Progress,
    Checksum,
    /// What a piece follows, and belongs to.
    Chain,
    Bound,
    /// Another check.
    Check,
    /// A predicate that checks are made of.
    Predicate,
    /// A value without which there is no going on: instead of the error there is a panic.
    Needed,
}

impl Kind {
    /// In the order in which they matter.
    pub(crate) const ALL: [Kind; 13] = [
        Kind::FileSync,
        Kind::DirectorySync,
        Kind::DurableWait,
        Kind::Order,
        Kind::PassedOver,
        Kind::Latch,
        Kind::Progress,
        Kind::Checksum,
        Kind::Chain,
        Kind::Bound,
        Kind::Check,
        Kind::Predicate,
        Kind::Needed,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::FileSync => "file sync",
            Kind::DirectorySync => "directory sync",
            Kind::DurableWait => "durable wait",
            Kind::Order => "order",
            Kind::PassedOver => "passed over",
            Kind::Latch => "latch",
            Kind::Progress => "progress",
            Kind::Checksum => "checksum",
            Kind::Chain => "chain",
            Kind::Bound => "bound",
            Kind::Check => "check",
            Kind::Predicate => "predicate",
            Kind::Needed => "needed value",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Names a site for as long as its code stays the same, wherever it moves in its function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    /// Below `prevalent/src`.
    pub(crate) file: String,
    /// With its type.
    pub(crate) function: String,
    /// What is done to which code.
    pub(crate) text: String,
    /// Among those of the function with the same text, from 1.
    pub(crate) ordinal: usize,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key { file, function, text, ordinal } = self;
        write!(f, "{file} {function}: {text}")?;
        if *ordinal > 1 { write!(f, " ({ordinal})") } else { Ok(()) }
    }
}

/// A place in the code.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// By which the copy of the code knows it.
    pub(crate) number: u32,
    pub(crate) key: Key,
    pub(crate) kind: Kind,
    pub(crate) line: usize,
    /// A hash of the function that it is in, as it is now.
    pub(crate) code: u64,
}
