//! What a replay that failed means, in words.

use crate::Seq;

/// How the replay of a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReplayEnd {
    /// It panicked, in this open.
    Panic,
    /// The process of an earlier open ended in the middle of it: there was no stack or memory left, a panic aborts the process, or
    /// the transaction does. If somebody killed the process just then, it was by chance: open the store again.
    Process,
}

/// The text of the error: what, which, and what to do.
pub(super) fn text(
    tx: &str,
    seq: Seq,
    acknowledged: bool,
    message: &str,
    end: ReplayEnd,
) -> String {
    let before = if acknowledged { ", which had succeeded when it was committed" } else { "" };
    match end {
        ReplayEnd::Panic => format!(
            "replaying the transaction `{tx}` (sequence number {seq}{before}) panicked: {message}; nothing was changed: open with code that can replay it, or give it up with `builder(..).void_on_replay_panic({seq})`"
        ),
        ReplayEnd::Process => format!(
            "the process of an earlier open ended while it replayed the transaction `{tx}` (sequence number {seq}{before}): no stack or memory was left, or the transaction aborts the process; nothing was changed: the next open tries it again, in case somebody killed the process just then, or the code is another one now; else give it up with `builder(..).void_on_replay_panic({seq})`, or with `prevalent::void` without opening the store"
        ),
    }
}
