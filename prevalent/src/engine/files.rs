//! Files that somebody relies on for a while stay where they are.

use super::Shared;
use crate::model::Model;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Whether files of the store are relied on just now.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Shared by who reads, exclusive for who removes.
    use_of_files: RwLock<()>,
    pruning_is_due: AtomicBool,
}

/// While it lives, no file of the store is removed.
pub(super) struct HeldFiles<'a, M: Model> {
    shared: &'a Shared<M>,
    guard: Option<RwLockReadGuard<'a, ()>>,
}

impl<M: Model> Shared<M> {
    /// Keeps all files where they are until the guard is dropped.
    pub(super) fn hold_files(&self) -> HeldFiles<'_, M> {
        HeldFiles { shared: self, guard: Some(self.files.use_of_files.read()) }
    }

    /// The right to remove files; `None` where somebody relies on them, who has it done later.
    pub(super) fn may_remove_files(&self) -> Option<RwLockWriteGuard<'_, ()>> {
        // Before it is tried: who lets go of the files just afterwards must see it.
        self.files.pruning_is_due.store(true, Ordering::SeqCst);
        let guard = self.files.use_of_files.try_write();
        if guard.is_some() {
            self.files.pruning_is_due.store(false, Ordering::SeqCst);
        }
        guard
    }
}

impl<M: Model> Drop for HeldFiles<'_, M> {
    fn drop(&mut self) {
        self.guard = None;
        if self.shared.files.pruning_is_due.swap(false, Ordering::SeqCst) {
            self.shared.snapshots.request_pruning();
        }
    }
}
