//! Removes the files that a new snapshot makes superfluous.

use super::Shared;
use crate::error::Error;
use crate::format::names;
use crate::model::Model;

impl<M: Model> Shared<M> {
    /// Removes what nothing needs any more: a failure is only reported, and the next pruning tries again.
    pub(super) fn prune(&self) {
        let Some(_exclusive) = self.may_remove_files() else { return };
        let prunable = self.catalog.lock().prunable(self.snapshots.policy().keep);
        if let Err(error) = self.remove_files(&prunable.snapshots, &prunable.segments) {
            tracing::warn!(%error, "old files could not be removed; it will be tried again");
        }
    }

    fn remove_files(&self, snapshots: &[u64], segments: &[u64]) -> Result<(), Error> {
        let remove = |name: String| match self.disk.remove(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io(&self.disk.path().join(name), "remove", error))
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
            self.catalog.lock().forget_segment(number);
        }
        if snapshots.is_empty() && segments.is_empty() { Ok(()) } else { sync() }
    }
}
