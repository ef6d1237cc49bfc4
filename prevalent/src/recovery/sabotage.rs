//! A recovery that is broken on purpose, for the test that it is noticed.

use std::cell::Cell;
use std::collections::BTreeSet;

thread_local! {
    static IGNORES_VOIDS: Cell<bool> = const { Cell::new(false) };
}

/// On this thread, recoveries replay what is void.
#[cfg(feature = "testing")]
pub(crate) fn ignore_voids_from_now_on() {
    IGNORES_VOIDS.set(true);
}

pub(super) fn ignore_voids(voids: &mut BTreeSet<u64>) {
    if IGNORES_VOIDS.get() {
        voids.clear();
    }
}
