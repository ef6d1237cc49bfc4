//! The end of all writing: after a failed write or sync of the journal, nothing is accepted until the store is opened again.

use super::Shared;
use super::apply::resolve;
use crate::error::Error;
use crate::model::Model;

impl<M: Model> Shared<M> {
    /// What every later write is told, if one has failed.
    pub(super) fn failure(&self) -> Option<Error> {
        self.failure.get().map(|reason| Error::Failed { reason: reason.clone() })
    }

    /// Ends all writing, for this reason. Only the first one counts.
    pub(super) fn fail(&self, reason: &str) {
        if self.failure.set(reason.to_owned()).is_ok() {
            self.instruments.failed();
            let store = self.disk.path().display();
            resolve(|| tracing::error!(%store, reason, "the store accepts no more writes"));
            // Subscriptions end with it.
            self.feed.notify();
        }
    }
}
