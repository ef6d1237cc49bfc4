//! Removes the files that a new snapshot makes superfluous.

use super::Shared;
use super::apply::resolve;
use crate::catalog::Prunable;
use crate::error::Error;
use crate::format::names;
use crate::model::Model;
use crate::sync::atomic::Ordering;

impl<M: Model> Shared<M> {
    /// Removes what nothing needs any more: a failure is only reported, and the next pruning tries again.
    pub(super) fn prune(&self) {
        let prunable = self.catalog.lock().prunable(self.snapshots.policy().keep);
        if let Err(error) = self.try_prune(&prunable) {
            self.failed_prunings.fetch_add(1, Ordering::Relaxed);
            resolve(
                || tracing::warn!(%error, "old files could not be removed; it will be tried again"),
            );
        }
    }

    fn try_prune(&self, prunable: &Prunable) -> Result<(), Error> {
        // This takes its time, and disturbs nobody.
        if let Some(archive) = &self.archive {
            archive.keep(&*self.disk, prunable)?;
        }
        match self.may_remove_files() {
            Some(_exclusive) => self.remove_files(&prunable.snapshots, &prunable.segments),
            None => Ok(()),
        }
    }

    fn remove_files(&self, snapshots: &[u64], segments: &[u64]) -> Result<(), Error> {
        let remove = |name: String| match self.disk.remove(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io(&self.disk.path_of(&name), "remove", error))
            }
            _ => Ok(()),
        };
        let sync =
            || self.disk.sync_dir().map_err(|error| Error::io(self.disk.path(), "sync", error));
        for &seq in snapshots {
            remove(names::snapshot(seq))?;
            self.catalog.lock().forget_snapshot(seq);
        }
        // A snapshot that is still there must find its journal.
        if !snapshots.is_empty() && !segments.is_empty() {
            sync()?;
        }
        for &number in segments {
            remove(names::segment(number))?;
            let mut catalog = self.catalog.lock();
            match self.archive {
                Some(_) => catalog.archived_segment(number),
                None => catalog.forget_segment(number),
            }
        }
        if snapshots.is_empty() && segments.is_empty() { Ok(()) } else { sync() }
    }
}
