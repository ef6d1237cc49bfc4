//! Backups of a store that is open: each on a thread of its own, while commits go on.

use std::sync::Arc;

use super::launch::in_background;
use super::queue::Phase;
use super::{Milestones, Shared, thread};
use crate::backup::take::{Source, take};
use crate::backup::{BackupInfo, Target};
use crate::commit::Operation;
use crate::error::Error;
use crate::model::Model;

impl<M: Model> Shared<M> {
    /// Backs up all that is ordered by now.
    pub(crate) fn backup(self: &Arc<Self>, target: Target) -> Operation<BackupInfo> {
        thread::forbid_inside_transaction(self.key);
        let ordered_seq = self.queue.lock().next_seq() - 1;
        let shared = self.clone();
        in_background("prevalent-backup", self.disk.path(), self.key, move || {
            shared.back_up(&target, ordered_seq)
        })
    }

    fn back_up(&self, target: &Target, ordered_seq: u64) -> Result<BackupInfo, Error> {
        let _turn = self.backing_up.lock();
        self.snapshots.wait_for_prunings();
        let _files = self.hold_files();
        // Before the journal's end: what is in them lies before that, then.
        let snapshots = self.catalog.lock().snapshot_headers();
        let settled = self.settle(ordered_seq)?;
        let source = Source {
            disk: &*self.history,
            store: self.store,
            model: M::NAME,
            snapshots,
            end: settled.durable,
            seq: settled.durable_seq,
            expect_running: &|| self.expect_running(),
        };
        take(&source, target).or_else(|error| {
            // What failed may have failed because the files are another owner's by now.
            self.expect_running()?;
            Err(error)
        })
    }

    /// Blocks until there is a place in the journal, behind `seq`, before which everything is durable, and applied or void.
    fn settle(&self, seq: u64) -> Result<Milestones, Error> {
        let (operation, completer) = Operation::new(thread::StoreKey::new());
        let mut queue = self.queue.lock();
        let Phase::Running = queue.phase else { return Err(Error::Closed) };
        queue.settles.push((seq, completer));
        drop(queue);
        self.work.notify_one();
        operation.wait()
    }
}
