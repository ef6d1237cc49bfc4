//! What a store is copied to while it lives: its archive, and backups. And what its journal says against its state.

use prevalent::testing::{Loss, SimDisk};
use prevalent::{Error, Seq};

use crate::backups::{back_up, restored_at};
use crate::ledger::{LedgerStore, LedgerTx};
use crate::random::Random;
use crate::record::Record;
use crate::waiting::block_on;

/// The backup of a store that goes from crash to crash.
#[derive(Debug, Default)]
pub struct Copies {
    target: SimDisk,
    /// How many operations there had been on the store's disk when the last one was done.
    done_at: usize,
    /// How often there was a backup, and was looked at the past.
    pub made: usize,
}

impl Copies {
    /// Backs up, and looks at what is restored, up to any transaction.
    ///
    /// # Panics
    ///
    /// Where it isn't what was submitted, or an error means something else than a failing disk or a journal that was pruned.
    pub fn back_up(&mut self, record: &mut Record, store: &LedgerStore, random: &mut Random) {
        let ordered = store.stats().ordered_seq;
        let info = match back_up(store, &self.target) {
            Ok(info) => info,
            Err(Error::BackupMismatch { what, .. })
                if record.archive.is_none() && what.contains("go back so far") =>
            {
                self.begin_again();
                return;
            }
            Err(error) => {
                record.note_failure(error);
                return;
            }
        };
        assert!(info.seq >= ordered && info.damaged.is_empty(), "{info:?}, {ordered}");
        self.done_at = record.now();
        self.made += 1;
        let (oldest, newest) = (u64::from(info.oldest_seq), u64::from(info.seq));
        for seq in [newest, oldest + random.next_u64() % (newest - oldest + 1)] {
            let (disk, told) = restored_at(&self.target, Seq::from(seq)).expect("a restore");
            assert_eq!(u64::from(told.seq), seq);
            let restored = record.setup.builder(disk).open().wait().expect("what was restored");
            assert_eq!(u64::from(restored.stats().seq), seq);
            restored
                .read(|ledger| record.check(ledger, seq))
                .unwrap_or_else(|what| panic!("restored at {seq}: {what}; {:?}", record.sim));
        }
    }

    /// The machine crashed at this point: what was backed up behind it may be a history that is not the store's.
    pub fn crashed(&mut self, point: usize) {
        if point < self.done_at {
            self.begin_again();
        }
        self.done_at = 0;
    }

    /// The next backup is a full one.
    pub fn begin_again(&mut self) {
        self.target = SimDisk::new();
        self.done_at = 0;
    }

    /// With an archive, everything that ever was can be seen: each transaction, and the state behind it.
    ///
    /// # Panics
    ///
    /// Where it can't.
    pub fn look_back(&mut self, record: &mut Record, store: &LedgerStore, random: &mut Random) {
        let Some(archive) = record.archive.clone() else { return };
        self.made += 1;
        // The history is that of what is durable.
        record.flush(store);
        let newest: u64 = store.stats().seq.into();
        let mut history = store.history(..=Seq::from(newest));
        for (seq, text, _) in record.expected(newest) {
            let event = block_on(history.next()).expect("an event").expect("its transaction");
            let LedgerTx::Add { text: told } = event.tx else { panic!("a void was told") };
            assert_eq!((u64::from(event.seq), told.as_str()), (seq, text));
        }
        assert!(block_on(history.next()).is_none());
        let seq = random.next_u64() % (newest + 1);
        let builder = record.setup.builder(record.sim.clone()).archive_on_disk(archive);
        let past = builder.open_at(Seq::from(seq)).wait().expect("the state as it was");
        record.check(&past, seq).unwrap_or_else(|what| panic!("the past at {seq}: {what}"));
    }
}

impl Record {
    /// The journal must give the state.
    ///
    /// # Panics
    ///
    /// Where it gives another one, or an error means something else than a failing disk.
    pub fn verify(&mut self, store: &LedgerStore) {
        match store.verify().wait() {
            Ok(verified) => assert!(verified.damaged.is_empty(), "{verified:?}"),
            Err(error) => self.note_failure(error),
        }
    }

    fn note_failure(&mut self, error: Error) {
        match error {
            Error::Io { .. } | Error::Failed { .. } | Error::InDoubt { .. } => {
                self.errors.push(error);
            }
            other => panic!("{other:?}; {:?}", self.sim),
        }
    }

    /// From now on nothing reaches the archive any more: the machine is about to crash, and leaves this of it. What the store
    /// has removed by then is there.
    pub fn cut_archive_off(&mut self, seed: u64, loss: Loss) {
        if let Some(archive) = &mut self.archive {
            archive.disconnect();
            *archive = archive.image_at(archive.operations().len(), seed, loss);
        }
    }
}
