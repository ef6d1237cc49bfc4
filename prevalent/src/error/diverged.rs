//! What a divergence means, in words.

use std::path::Path;

use crate::Seq;

/// Where a divergence is, as far as it is known.
pub(super) struct Place<'a> {
    pub(super) file: &'a Path,
    pub(super) tx: Option<&'a str>,
    pub(super) after: Seq,
    pub(super) through: Seq,
    pub(super) panicked: Option<&'a str>,
}

/// The text of the error: what, where, and what to do.
pub(super) fn text(place: &Place<'_>) -> String {
    let Place { file, tx, after, through, panicked } = place;
    let file = file.display();
    let what = match (tx, panicked) {
        (Some(tx), None) => format!(
            "the transaction `{tx}` (sequence number {through}, in `{file}`) gives another state when it is replayed"
        ),
        (Some(tx), Some(message)) => format!(
            "replaying the transaction `{tx}` (sequence number {through}, in `{file}`) panicked, which it didn't when it was committed: {message}"
        ),
        (None, _) => format!(
            "the journal doesn't give the state that is in memory, or in a snapshot: they part behind sequence number {after}, at {through} at the latest, in `{file}` or later. Replays in this process give the same each time, so look for what is constant in a process (the environment, a thread, code that has changed), or was there before the oldest snapshot"
        ),
    };
    format!(
        "{what}. A transaction may depend on nothing but the state, its arguments and its `TxContext` (docs/determinism.md). After a crash, the state would be another one than it is now; `close` keeps it as it is, in a snapshot"
    )
}
