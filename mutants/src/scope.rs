//! Which rules count where.

/// What is looked for in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Every place that refuses something, whatever it is; elsewhere only what is durable, bounded or latched.
    pub(crate) checks: Looked,
    /// Functions that tell whether something is so.
    pub(crate) predicates: Looked,
    /// The state of the engine's life.
    pub(crate) engine: Looked,
}

/// Whether a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looked {
    For,
    NotFor,
}

/// What reads what is on disk, and what decides what it means.
const CHECKED: [&str; 14] = [
    "archive.rs",
    "backup/",
    "disk/",
    "encoding/",
    "engine/",
    "format/",
    "idempotency/",
    "inspect/repair/",
    "journal/",
    "recovery/",
    "schema/walk.rs",
    "snapshot/",
    "transplant/",
    "void.rs",
];

const PREDICATES: [&str; 5] =
    ["catalog.rs", "engine/queue.rs", "format/", "idempotency/", "journal/"];

/// What tests the library, or looks for what a model's own code does wrong: how long it looks has limits, but no promise
/// hangs on them.
const LEFT_OUT: [&str; 6] = [
    "disk/conformance.rs",
    "disk/sim/",
    "testing/",
    "schema/check/",
    "schema/trace/",
    "sync/scheduled/",
];

/// What counts in a file below `prevalent/src`; `None` where nothing does.
pub(crate) fn of(file: &str) -> Option<Scope> {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| file.starts_with(prefix));
    let is_test = file.split('/').any(|part| part == "tests" || part == "tests.rs");
    if is_test || begins(&LEFT_OUT) {
        return None;
    }
    let looked = |prefixes: &[&str]| if begins(prefixes) { Looked::For } else { Looked::NotFor };
    Some(Scope {
        checks: looked(&CHECKED),
        predicates: looked(&PREDICATES),
        engine: looked(&["engine/", "journal/writer.rs"]),
    })
}

impl Looked {
    pub(crate) fn is_on(self) -> bool {
        self == Looked::For
    }
}
