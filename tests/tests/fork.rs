//! A fork is another store, as the one was at a point, and leaves that one alone.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use prevalent::testing::{Disk, DiskFile, DiskLock, SimDisk};
use prevalent::{BackupKind, Durability, Error, NewStore, OriginKind, Seq, Target, fork};
use prevalent_tests::backups::{add, ledger, ledger_at, open, restored, restored_at};
use prevalent_tests::disk::journal_bytes;
use prevalent_tests::ledger::{LedgerStore, hush};
use prevalent_tests::record::Setup;

fn forked(disk: impl Disk, at: Option<Seq>) -> Result<(SimDisk, NewStore), Error> {
    let other = SimDisk::new();
    let fork = fork("unused").from_disk(disk).on_disk(other.clone());
    let fork = if let Some(seq) = at { fork.at(seq) } else { fork };
    let told = fork.to("unused").wait()?;
    Ok((other, told))
}

#[test]
fn a_fork_of_a_store_that_is_open_goes_its_own_way() {
    hush();
    for durability in [Durability::Always, Durability::Manual] {
        let disk = SimDisk::new();
        let setup = Setup { snapshot_on_close: false, ..Setup::new(durability) };
        let store = setup.builder(disk.clone()).open().wait().unwrap();
        for _ in 0..4 {
            add(&store, 3);
            assert!(store.explode().wait().is_err());
        }
        store.snapshot().wait().unwrap();
        add(&store, 4);
        store.flush().wait().unwrap();
        let before = disk.operations().len();
        let newest = store.stats().seq;
        for seq in 0..=newest.get() {
            let (other, told) = forked(disk.clone(), Some(Seq::from(seq))).unwrap();
            assert_eq!((told.origin.how, told.origin.store), (OriginKind::Forked, store.id()));
            assert_eq!((told.origin.seq, told.seq), (Seq::from(seq), Seq::from(seq)));
            assert_eq!(ledger(&other), (ledger_at(&disk, Seq::from(seq)), Seq::from(seq)));
            let forked = open(&other);
            assert_eq!(forked.recovery().origin, Some(told.origin));
            assert_ne!(forked.id(), store.id());
            // Its random numbers are its own.
            let line = forked.add("x".to_owned()).wait().unwrap();
            let same_seq = store.read(|it| it.lines.iter().find(|it| it.seq == line.seq).cloned());
            assert!(same_seq.is_none_or(|other| other.random != line.random));
        }
        assert_eq!(disk.operations().len(), before, "nothing was written");
        let (other, told) = forked(disk.clone(), None).unwrap();
        assert_eq!(told.seq, newest);
        assert_eq!(ledger(&other).0, store.read(Clone::clone));
        let late = forked(disk.clone(), Some(Seq::from(newest.get() + 1))).unwrap_err();
        assert!(matches!(late, Error::NotYet { .. }), "{late}");
    }
}

#[test]
fn forks_while_tasks_commit_are_states_that_there_were() {
    hush();
    let disk = SimDisk::new();
    let setup = Setup { snapshot_every_bytes: 3000, ..Setup::new(Durability::Always) };
    let store = setup.builder(disk.clone()).open().wait().unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let committing = std::thread::spawn({
        let (store, done) = (store.clone(), done.clone());
        move || {
            add(&store, 400);
            done.store(true, Ordering::SeqCst);
        }
    });
    let mut forks = Vec::new();
    while !done.load(Ordering::SeqCst) {
        let before = store.stats().durable_seq;
        let (other, told) = forked(disk.clone(), None).unwrap();
        assert!(told.seq >= before);
        forks.push(ledger(&other).0);
    }
    committing.join().unwrap();
    let lines = store.read(|it| it.lines.clone());
    for fork in forks {
        assert!(lines.starts_with(&fork.lines));
    }
}

#[test]
fn with_the_archive_a_fork_goes_back_as_far_as_that() {
    let (disk, archive) = (SimDisk::new(), SimDisk::new());
    let setup = Setup { snapshot_on_close: false, ..Setup::new(Durability::Always) };
    let builder = setup.builder(disk.clone()).archive_on_disk(archive.clone());
    let store = builder.open().wait().unwrap();
    let (target, early) = (SimDisk::new(), Seq::from(3));
    add(&store, 3);
    let expected = store.read(Clone::clone);
    store.backup(Target::on_disk(target.clone())).wait().unwrap();
    for _ in 0..4 {
        add(&store, 8);
        store.snapshot().wait().unwrap();
    }
    let first = "00000000000000000001.journal";
    prevalent_tests::waiting::until("it is pruned", || disk.file(first).is_none());
    let gone = forked(disk.clone(), Some(early)).unwrap_err();
    assert!(matches!(gone, Error::Pruned { .. }), "{gone}");
    let other = SimDisk::new();
    let fork = fork("unused").from_disk(disk.clone()).archive_on_disk(archive).at(early);
    fork.on_disk(other.clone()).to("unused").wait().unwrap();
    assert_eq!(ledger(&other).0, expected);
    // And a backup goes on, though the store itself has no such journal any more.
    let done = store.backup(Target::on_disk(target.clone())).wait().unwrap();
    assert_eq!((done.kind, done.oldest_seq), (BackupKind::Incremental, Seq::ZERO));
    assert_eq!(ledger(&restored(&target).unwrap().0).0, store.read(Clone::clone));
    assert_eq!(ledger(&restored_at(&target, early).unwrap().0).0, expected);
}

#[test]
fn what_is_no_store_and_what_is_taken_is_told_and_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let (missing, to) = (dir.path().join("missing"), dir.path().join("to"));
    for from in [&missing, dir.path()] {
        let none = fork(from).to(&to).wait().unwrap_err();
        assert!(matches!(none, Error::NoStore { .. }), "{none}");
    }
    assert!(!missing.exists() && !to.exists());

    let from = dir.path().join("from");
    let store = LedgerStore::open(&from).wait().unwrap();
    add(&store, 2);
    let itself = fork(&from).to(&from).wait().unwrap_err();
    assert!(matches!(itself, Error::Locked { .. }), "{itself}");
    store.close().wait().unwrap();
    let itself = fork(&from).to(&from).wait().unwrap_err();
    assert!(matches!(itself, Error::StoreExists { .. }), "{itself}");
    let told = fork(&from).to(&to).wait().unwrap();
    assert_eq!(u64::from(told.seq), 2);
    let forked = LedgerStore::open(&to).wait().unwrap();
    assert_eq!((forked.id(), forked.stats().seq), (told.id, told.seq));
}

#[test]
fn a_torn_end_is_left_out_and_told_and_damage_is_refused() {
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 8);
    let killed = disk.after_kill();
    let expected = store.read(Clone::clone);
    let newest = killed.file_names().into_iter().rfind(|name| name.ends_with(".journal")).unwrap();
    let bytes = killed.file(&newest).unwrap();
    let torn = killed.deep_clone();
    torn.set_file(&newest, bytes[..journal_bytes(&bytes) - 3].to_vec());
    let (other, told) = forked(torn, None).unwrap();
    assert_eq!(u64::from(told.seq), 7);
    assert_eq!(told.dropped_tail.map(|tail| u64::from(tail.next_seq)), Some(8));
    assert_eq!(ledger(&other).0.lines, expected.lines[..7]);

    let suspect = killed.deep_clone();
    let mut bad = bytes.clone();
    let last = journal_bytes(&bad) - 2;
    bad[last] ^= 1;
    suspect.set_file(&newest, bad);
    let error = forked(suspect, None).unwrap_err();
    assert!(matches!(error, Error::SuspectTail { .. }), "{error}");
    let damaged = killed.deep_clone();
    let mut bad = bytes;
    bad[150] ^= 1;
    damaged.set_file(&newest, bad);
    let error = forked(damaged, None).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
}

/// A store whose owner goes on, and prunes, in the moment in which a file is opened for the `n`th time.
#[derive(Clone, Debug)]
struct GoesOn {
    before: SimDisk,
    after: SimDisk,
    opens: Arc<AtomicUsize>,
    n: usize,
}

impl GoesOn {
    fn now(&self) -> &SimDisk {
        if self.opens.load(Ordering::SeqCst) < self.n { &self.before } else { &self.after }
    }
}

impl Disk for GoesOn {
    fn path(&self) -> &Path {
        self.before.path()
    }
    fn lock(&self) -> io::Result<DiskLock> {
        unreachable!("a fork takes no lock")
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.now().list()
    }
    fn create(&self, _: &str) -> io::Result<Arc<dyn DiskFile>> {
        unreachable!("a fork writes nothing")
    }
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.opens.fetch_add(1, Ordering::SeqCst);
        self.now().open(name)
    }
    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        unreachable!("a fork writes nothing")
    }
    fn remove(&self, _: &str) -> io::Result<()> {
        unreachable!("a fork writes nothing")
    }
    fn sync_dir(&self) -> io::Result<()> {
        unreachable!("a fork writes nothing")
    }
}

#[test]
fn files_that_vanish_meanwhile_are_no_failure() {
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 8);
    store.snapshot().wait().unwrap();
    add(&store, 4);
    let before = disk.deep_clone();
    let first = before.file_names();
    for _ in 0..2 {
        add(&store, 8);
        store.snapshot().wait().unwrap();
    }
    let is_left = |name: &&String| disk.file(name).is_some();
    prevalent_tests::waiting::until("it is pruned", || {
        !first.iter().filter(is_left).any(|name| name.ends_with(".journal"))
    });
    let after = disk.deep_clone();
    let lines = store.read(|it| it.lines.clone());
    for n in 1.. {
        let (before, after) = (before.clone(), after.clone());
        let going_on = GoesOn { before, after, opens: Arc::default(), n };
        let (other, told) = forked(going_on.clone(), None).unwrap();
        let fork = ledger(&other).0.lines;
        assert!(lines.starts_with(&fork) && fork.len() >= 12, "{n}: {told:?}");
        if going_on.opens.load(Ordering::SeqCst) < n {
            assert!(n > 10, "{n}");
            break;
        }
    }
}
