//! What a recovery takes for itself: a second processor, and memory.

use crate::sync::thread::available_parallelism;

/// Who waits for a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// The store: nothing else goes on meanwhile.
    Awaited,
    /// Nobody who could not wait: processors and memory are for the store that goes on.
    Background,
}

/// With less to do, a second thread would cost more than it gains.
const THREAD_FROM_BYTES: u64 = 1 << 20;

/// So much of the journal is kept in memory between the survey and the replay, as long as somebody waits.
const KEPT_BYTES_MAX: usize = 256 << 20;

impl Urgency {
    /// So many bytes of segments may be kept for the replay; others are read again.
    pub(super) fn kept_bytes_max(self) -> usize {
        match self {
            Urgency::Awaited => KEPT_BYTES_MAX,
            Urgency::Background => 0,
        }
    }

    /// Whether what takes so many bytes is done on a thread of its own.
    pub(super) fn is_worth_a_thread(self, bytes: u64) -> bool {
        self == Urgency::Awaited
            && bytes >= THREAD_FROM_BYTES
            && available_parallelism().is_ok_and(|cores| cores.get() > 1)
    }
}
