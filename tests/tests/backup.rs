//! A backup holds what the store held, and a restore gives it back: all of it, or as it was at a point.

use std::thread;
use std::time::{Duration, SystemTime};

use prevalent::testing::{Fault, Loss, SimDisk};
use prevalent::{
    BackupKind, Durability, Error, OriginKind, Point, Seq, Target, export, fork, import, restore,
};
use prevalent_tests::backups::{
    add, back_up, ledger, ledger_at, open, pieces, restored, restored_at, setup,
};
use prevalent_tests::disk::{Call, Watched};
use prevalent_tests::hooked::Gate;
use prevalent_tests::ledger::{LedgerStore, hush};
use prevalent_tests::models::{Tally, TallyStore};
use prevalent_tests::record::Setup;
use prevalent_tests::waiting::until;

/// A store with two snapshots, several sessions and segments, and voids, that is open.
fn store() -> (SimDisk, LedgerStore) {
    hush();
    let disk = SimDisk::new();
    for round in 0..3 {
        let store = open(&disk);
        add(&store, 4);
        assert!(store.explode().wait().is_err());
        if round > 0 {
            store.snapshot().wait().expect("a snapshot");
        }
        add(&store, 2);
        store.close().wait().expect("it closes");
    }
    let store = open(&disk);
    add(&store, 3);
    assert!(store.explode().wait().is_err());
    add(&store, 1);
    (disk, store)
}

#[test]
fn what_is_backed_up_and_restored_is_the_same_and_goes_on() {
    let (disk, store) = store();
    let target = SimDisk::new();
    let done = back_up(&store, &target).unwrap();
    assert_eq!(done.kind, BackupKind::Full);
    assert_eq!((done.seq, done.snapshot_seq), (store.stats().seq, done.oldest_seq));
    assert_eq!(done.pieces, pieces(&target).len());
    let bytes: usize = pieces(&target).iter().map(|name| target.file(name).unwrap().len()).sum();
    assert_eq!(done.bytes, bytes as u64);
    assert!(done.damaged.is_empty());
    let (expected, seq) = (store.read(Clone::clone), store.stats().seq);

    let (copy, told) = restored(&target).unwrap();
    assert_eq!((told.seq, told.snapshot_seq), (seq, done.snapshot_seq));
    assert!(told.dropped_tail.is_none() && told.damaged.is_empty());
    assert_ne!(told.id, store.id());
    // What it has written is durable.
    copy.disconnect();
    for image in copy.images_at(copy.operations().len(), Loss::KeepDropOrGarbage) {
        assert_eq!(ledger(&image), (expected.clone(), seq));
        let again = open(&image);
        assert_eq!(again.id(), told.id);
        let line = again.add("one more".to_owned()).wait().unwrap();
        assert_eq!(line.seq, u64::from(seq) + 1);
        assert!(line.now_us >= expected.lines.last().unwrap().now_us);
        again.close().wait().unwrap();
        let again = open(&image);
        assert_eq!(again.read(|it| it.lines.len()), expected.lines.len() + 1);
    }
    drop((disk, store));
}

#[test]
fn a_backup_taken_while_tasks_commit_is_one_of_the_states_there_were() {
    for durability in
        [Durability::Always, Durability::Every(Duration::from_millis(3)), Durability::Manual]
    {
        hush();
        let disk = SimDisk::new();
        let setup = Setup { snapshot_every_bytes: 4000, ..Setup::new(durability) };
        // So many snapshots that the journal never ends before the backup does.
        let builder = setup.builder(disk.clone()).keep_snapshots(1000);
        let store = builder.open().wait().unwrap();
        let committing: Vec<_> = (0..4)
            .map(|task| {
                let store = store.clone();
                std::thread::spawn(move || {
                    for line in 0..60 {
                        if line % 20 == 7 {
                            assert!(store.explode().wait().is_err());
                        }
                        store.add(format!("{task}.{line}")).wait().unwrap();
                    }
                })
            })
            .collect();
        let target = SimDisk::new();
        let mut backups = Vec::new();
        while backups.len() < 8 {
            let ordered = store.stats().ordered_seq;
            let done = back_up(&store, &target).unwrap();
            assert!(done.seq >= ordered, "all that was ordered before the call");
            let (copy, told) = restored(&target).unwrap();
            assert_eq!(told.seq, done.seq);
            backups.push(ledger(&copy));
        }
        for task in committing {
            task.join().unwrap();
        }
        back_up(&store, &target).unwrap();
        let (last, told) = restored(&target).unwrap();
        let (expected, seq) = (store.read(Clone::clone), store.stats().seq);
        assert_eq!(told.seq, seq, "{durability:?}");
        assert_eq!(ledger(&last).0, expected);
        for (ledger, _) in backups {
            assert!(expected.lines.starts_with(&ledger.lines), "{durability:?}");
        }
    }
}

#[test]
fn an_incremental_backup_copies_what_is_new_and_nothing_else() {
    let (_disk, store) = store();
    let target = SimDisk::new();
    let full = back_up(&store, &target).unwrap();
    let before = pieces(&target);
    let contents: Vec<_> = before.iter().map(|name| target.file(name)).collect();

    let nothing = back_up(&store, &target).unwrap();
    assert_eq!(nothing.kind, BackupKind::Incremental);
    assert_eq!((nothing.pieces, nothing.bytes, nothing.seq), (0, 0, full.seq));
    assert_eq!(pieces(&target), before);

    // In the same segment.
    let journal_bytes = store.stats().journal_bytes;
    store.add("x".to_owned()).wait().unwrap();
    let one = back_up(&store, &target).unwrap();
    assert_eq!(u64::from(one.seq), u64::from(full.seq) + 1);
    assert_eq!(one.bytes, store.stats().journal_bytes - journal_bytes);

    // In new segments, with a snapshot.
    add(&store, 9);
    let snapshot = store.snapshot().wait().unwrap();
    store.add("x".to_owned()).wait().unwrap();
    let more = back_up(&store, &target).unwrap();
    assert_eq!((more.snapshot_seq, more.oldest_seq), (snapshot.seq, full.oldest_seq));
    assert!(more.pieces > 3, "{more:?}");
    for (name, content) in before.iter().zip(contents) {
        assert_eq!(target.file(name), content, "a piece is never written again");
    }
    let (copy, told) = restored(&target).unwrap();
    assert_eq!(told.snapshot_seq, snapshot.seq);
    assert_eq!(ledger(&copy), (store.read(Clone::clone), store.stats().seq));
}

#[test]
fn it_is_restored_as_it_was_behind_each_transaction_and_at_each_time() {
    let (disk, store) = store();
    let target = SimDisk::new();
    let mut infos = vec![back_up(&store, &target).unwrap()];
    add(&store, 3);
    assert!(store.explode().wait().is_err());
    store.snapshot().wait().unwrap();
    infos.push(back_up(&store, &target).unwrap());
    add(&store, 2);
    infos.push(back_up(&store, &target).unwrap());
    assert_eq!(infos[2].snapshot_seq, infos[1].snapshot_seq);
    let (oldest, newest) = (u64::from(infos[0].oldest_seq), u64::from(infos[2].seq));
    assert!(oldest > 0 && newest > oldest + 8);

    let mut times = Vec::new();
    for seq in oldest..=newest {
        let (copy, told) = restored_at(&target, Seq::from(seq)).unwrap();
        assert_eq!(u64::from(told.seq), seq);
        let snapshot = infos.iter().map(|info| u64::from(info.snapshot_seq));
        let snapshot = snapshot.filter(|snapshot| *snapshot <= seq).max();
        assert_eq!(Some(u64::from(told.snapshot_seq)), snapshot.max(Some(oldest)));
        let expected = ledger_at(&disk, Seq::from(seq));
        assert_eq!(ledger(&copy), (expected, Seq::from(seq)), "{seq}");
        let past = LedgerStore::builder("unused").on_disk(disk.clone()).open_at(Seq::from(seq));
        times.push((seq, past.wait().unwrap().time()));
        // It goes on from there, with other transactions behind the point.
        let again = open(&copy);
        assert!(again.explode().wait().is_err());
        let line = again.add("another way".to_owned()).wait().unwrap();
        assert_eq!(line.seq, seq + 2);
        let now = again.read(Clone::clone);
        drop(again);
        let again = open(&copy);
        assert_eq!(again.read(Clone::clone), now);
    }
    for (_, time) in &times {
        let (copy, told) = restored_at(&target, *time).unwrap();
        let last = times.iter().filter(|(_, other)| other <= time).map(|(seq, _)| *seq).max();
        assert_eq!(Some(u64::from(told.seq)), last);
        assert_eq!(ledger(&copy).0, ledger_at(&disk, told.seq));
    }
    let future = SystemTime::now() + Duration::from_hours(1);
    assert_eq!(u64::from(restored_at(&target, future).unwrap().1.seq), newest);
}

#[test]
fn a_point_outside_of_the_backup_is_told() {
    let (_disk, store) = store();
    let target = SimDisk::new();
    let done = back_up(&store, &target).unwrap();
    for point in [
        Point::Seq((u64::from(done.oldest_seq) - 1).into()),
        Point::Seq(Seq::ZERO),
        Point::Time(SystemTime::UNIX_EPOCH),
    ] {
        let early = restored_at(&target, point).unwrap_err();
        assert!(
            matches!(early, Error::Pruned { oldest, .. } if oldest == done.oldest_seq),
            "{early}"
        );
    }
    let late = restored_at(&target, Seq::from(u64::from(done.seq) + 1)).unwrap_err();
    assert!(matches!(late, Error::NotYet { newest, .. } if newest == done.seq), "{late}");
    let none = restored(&SimDisk::new()).unwrap_err();
    assert!(matches!(none, Error::NoBackup { .. }), "{none}");
}

/// Behind ever more batches, it would never come to its turn.
#[test]
fn a_backup_comes_before_what_is_ordered_behind_it() {
    // It asks from a thread of its own: there is no telling when it has, only that it has some time.
    let comes_first = |patience| {
        let disk = Watched::new();
        let builder = TallyStore::builder("").durability(Durability::Manual);
        let store = builder.on_disk(disk.clone()).open().wait().unwrap();
        store.add(0).wait().unwrap();
        store.flush().wait().unwrap();
        let before = disk.calls().len();
        disk.hold(Call::Write, ".journal");
        store.add(1).wait().unwrap();
        disk.wait_until_held();
        let backup = store.backup(Target::on_disk(SimDisk::new()));
        thread::sleep(patience);
        store.add(2).wait().unwrap();
        disk.release();
        backup.wait().unwrap();
        store.flush().wait().unwrap();
        let calls = disk.calls();
        let calls = calls[before..].iter().map(|(call, _)| *call);
        let written = calls.filter(|call| matches!(call, Call::Write | Call::Sync));
        written.take(3).eq([Call::Write, Call::Sync, Call::Write])
    };
    let patience = [20, 50, 100, 200, 500, 1_000, 2_000, 5_000].map(Duration::from_millis);
    assert!(patience.into_iter().any(comes_first));
}

/// A store that was killed between the sync of a batch, `explode` and two more lines, and the void of that `explode`; and
/// opened again, with the void in another segment.
fn voided_later() -> (SimDisk, LedgerStore) {
    hush();
    let disk = Watched::new();
    let setup = Setup { segment_bytes: 1 << 20, ..setup() };
    let store = setup.builder(disk.clone()).open().wait().unwrap();
    add(&store, 1);
    disk.hold(Call::Sync, ".journal");
    let held = store.add("held up".to_owned());
    disk.wait_until_held();
    let batch = (store.explode(), store.add("three".to_owned()), store.add("four".to_owned()));
    disk.hold_after(1, Call::Write, ".journal");
    disk.wait_until_held();
    let killed = disk.sim.after_kill();
    disk.sim.disconnect();
    disk.release();
    drop((held, batch, store));
    let builder = setup.builder(killed.clone());
    let error = builder.open().wait().unwrap_err();
    assert!(matches!(error, Error::ReplayPanicked { .. }), "{error}");
    let store = setup.builder(killed.clone()).void_on_replay_panic(3).open().wait().unwrap();
    (killed, store)
}

/// Nobody may see what a transaction did that panicked, though its void lies behind the point.
#[test]
fn a_void_far_behind_the_point_is_kept_and_a_batch_is_cut_inside() {
    let (disk, store) = voided_later();
    add(&store, 3);
    let target = SimDisk::new();
    back_up(&store, &target).unwrap();
    for seq in 0..=8 {
        let (copy, told) = restored_at(&target, Seq::from(seq)).unwrap();
        assert_eq!(u64::from(told.seq), seq);
        assert_eq!(ledger(&copy), (ledger_at(&disk, Seq::from(seq)), Seq::from(seq)));
        let forked = SimDisk::new();
        let fork = fork("unused").from_disk(disk.clone()).at(Seq::from(seq));
        let told = fork.on_disk(forked.clone()).to("unused").wait().unwrap();
        assert_eq!((u64::from(told.seq), told.origin.how), (seq, OriginKind::Forked));
        assert_eq!(ledger(&forked), ledger(&copy));
        // What is restored at a point can be restored again at all before it.
        let (target, store) = (SimDisk::new(), open(&copy));
        back_up(&store, &target).unwrap();
        for earlier in 0..=seq {
            let (again, _) = restored_at(&target, Seq::from(earlier)).unwrap();
            assert_eq!(ledger(&again).0, ledger_at(&disk, Seq::from(earlier)));
        }
    }
}

#[test]
fn a_store_without_transactions_and_one_in_real_directories_make_the_way_too() {
    let dir = tempfile::tempdir().unwrap();
    let (here, backups) = (dir.path().join("here"), dir.path().join("a/backups"));
    let store = TallyStore::builder(&here).initial(Tally::with_a_seven).open().wait().unwrap();
    let done = store.backup(&backups).wait().unwrap();
    assert_eq!((done.seq, done.snapshot_seq, done.pieces), (Seq::ZERO, Seq::ZERO, 1));
    let there = dir.path().join("b/there");
    let told = restore(&backups).to(&there).wait().unwrap();
    assert_eq!(told.seq, Seq::ZERO);
    let copy = TallyStore::open(&there).wait().unwrap();
    assert!(copy.recovery().closed_cleanly && !copy.recovery().created);
    assert_eq!(copy.sum(), 7);
    copy.add(1).wait().unwrap();
    copy.close().wait().unwrap();

    store.add(30).wait().unwrap();
    let done = store.backup(backups.display().to_string()).wait().unwrap();
    assert_eq!((u64::from(done.seq), done.kind), (1, BackupKind::Incremental));
    let taken = restore(&backups).to(&there).wait().unwrap_err();
    assert!(matches!(taken, Error::StoreExists { .. }), "{taken}");
    let taken = restore(&backups).to(&here).wait().unwrap_err();
    assert!(matches!(taken, Error::Locked { .. }), "{taken}");
    let again = dir.path().join("again");
    restore(backups.as_path()).to(&again).wait().unwrap();
    assert_eq!(TallyStore::open(&again).wait().unwrap().sum(), 37);

    let memory = TallyStore::in_memory();
    memory.add(5).wait().unwrap();
    memory.backup(dir.path().join("memory")).wait().unwrap();
    restore(dir.path().join("memory")).to(dir.path().join("file")).wait().unwrap();
    assert_eq!(TallyStore::open(dir.path().join("file")).wait().unwrap().sum(), 5);
}

#[test]
fn the_origin_is_told_and_survives_snapshots_and_reopenings() {
    let (_disk, store) = store();
    assert_eq!(store.recovery().origin, None);
    let target = SimDisk::new();
    back_up(&store, &target).unwrap();
    let before = SystemTime::now() - Duration::from_secs(1);
    let (copy, told) = restored_at(&target, Seq::from(u64::from(store.stats().seq) - 1)).unwrap();
    let origin = told.origin.clone();
    assert_eq!((origin.how, origin.store), (OriginKind::Restored, store.id()));
    assert_eq!(origin.seq, told.seq);
    assert!(origin.segment > 0 && origin.offset > 128 && origin.time > before);

    for _ in 0..3 {
        let again = open(&copy);
        assert_eq!(again.recovery().origin.as_ref(), Some(&origin));
        assert_eq!(again.id(), told.id);
        add(&again, 5);
        again.snapshot().wait().unwrap();
        again.close().wait().unwrap();
    }
    // What is made of that one comes from that one.
    let child = open(&copy);
    let second = SimDisk::new();
    back_up(&child, &second).unwrap();
    let (grandchild, told) = restored(&second).unwrap();
    assert_eq!(told.origin.store, child.id());
    assert_eq!(open(&grandchild).recovery().origin, Some(told.origin));

    let mut lines = Vec::new();
    child.close().wait().unwrap();
    export("unused").on_disk(copy).write_to(&mut lines).unwrap();
    let imported = SimDisk::new();
    import("unused").on_disk(imported.clone()).read_from(lines.as_slice()).unwrap();
    let imported = open(&imported);
    let origin = imported.recovery().origin.unwrap();
    assert_eq!((origin.how, origin.store), (OriginKind::Imported, child.id()));
    assert_eq!(origin.seq, imported.stats().seq);
    assert_ne!(imported.id(), child.id());
}

#[test]
fn what_was_restored_is_backed_up_to_a_place_of_its_own() {
    let (_disk, store) = store();
    let target = SimDisk::new();
    back_up(&store, &target).unwrap();
    let (copy, _) = restored(&target).unwrap();
    let copy = open(&copy);
    add(&copy, 2);
    let refused = back_up(&copy, &target).unwrap_err();
    assert!(matches!(refused, Error::BackupMismatch { .. }), "{refused}");
    let own = SimDisk::new();
    for _ in 0..3 {
        add(&copy, 7);
        copy.snapshot().wait().unwrap();
        back_up(&copy, &own).unwrap();
        let (again, _) = restored(&own).unwrap();
        assert_eq!(ledger(&again), (copy.read(Clone::clone), copy.stats().seq));
    }
    back_up(&store, &target).unwrap();
}

/// A kill leaves batches that nothing vouches for; the next open copies them to a new segment. The backup has them in the
/// old one.
#[test]
fn a_backup_goes_on_after_the_store_was_killed() {
    for durability in [Durability::Always, Durability::Manual] {
        hush();
        let setup = Setup { snapshot_on_close: false, ..Setup::new(durability) };
        let (mut disk, target) = (SimDisk::new(), SimDisk::new());
        let mut carried_over = 0;
        for round in 0..12 {
            let store = setup.builder(disk.clone()).open().wait().unwrap();
            if round > 0 {
                assert!(!store.recovery().closed_cleanly);
            }
            add(&store, round % 4);
            if round % 5 == 4 {
                assert!(store.explode().wait().is_err());
            }
            if round % 6 == 5 {
                store.snapshot().wait().unwrap();
            }
            let done = back_up(&store, &target).unwrap();
            carried_over += usize::from(done.pieces == 0);
            add(&store, usize::from(round % 3 == 1));
            let killed = disk.after_kill();
            disk.disconnect();
            disk = killed;
            let (copy, told) = restored(&target).unwrap();
            assert_eq!(told.seq, done.seq);
            assert_eq!(ledger(&copy).0, ledger_at(&disk, done.seq), "{durability:?} {round}");
        }
        assert!(carried_over < 12);
    }
}

/// A transaction that is durable and not applied yet may panic: without its void, nobody could open what is restored.
#[test]
fn a_backup_ends_where_all_is_applied_or_void() {
    hush();
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 2);
    let gate = Gate::new();
    gate.close();
    let reading = std::thread::spawn({
        let (store, gate) = (store.clone(), gate.clone());
        move || store.read(|_| gate.pass())
    });
    assert!(gate.wait_for_somebody());
    // While somebody reads, nothing is applied.
    let exploded = store.explode();
    until("it is durable", || u64::from(store.stats().durable_seq) == 3);
    assert_eq!(u64::from(store.stats().seq), 2);
    let target = SimDisk::new();
    let backup = store.backup(Target::on_disk(target.clone()));
    std::thread::sleep(Duration::from_millis(100));
    gate.open();
    reading.join().unwrap();
    assert_eq!(u64::from(backup.wait().unwrap().seq), 3);
    assert!(exploded.wait().is_err());
    assert_eq!(ledger(&restored(&target).unwrap().0).0, store.read(Clone::clone));
}

#[test]
fn pruning_waits_for_a_backup_and_is_done_after_it() {
    hush();
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 20);
    let target = SimDisk::new();
    let slow = Watched::over(target.clone());
    slow.hold(Call::Create, ".journal");
    let backup = store.backup(Target::on_disk(slow.clone()));
    slow.wait_until_held();
    // Commits, snapshots and reads go on meanwhile.
    for _ in 0..3 {
        add(&store, 10);
        store.snapshot().wait().unwrap();
    }
    let first = "00000000000000000001.journal";
    assert!(disk.file(first).is_some(), "the backup needs it");
    assert!(store.explode().wait().is_err());
    slow.release();
    let done = backup.wait().unwrap();
    let (copy, _) = restored(&target).unwrap();
    assert_eq!(u64::from(done.seq), 20);
    add(&store, 1);
    store.snapshot().wait().unwrap();
    until("it is pruned", || disk.file(first).is_none());
    assert_eq!(ledger(&copy).0.lines.len(), 20);
}

#[test]
fn a_close_ends_a_backup_and_leaves_what_was_there() {
    let (_disk, store) = store();
    let target = SimDisk::new();
    let done = back_up(&store, &target).unwrap();
    add(&store, 20);
    let slow = Watched::over(target.clone());
    slow.hold(Call::Create, ".journal");
    let backup = store.backup(Target::on_disk(slow.clone()));
    slow.wait_until_held();
    let waiting = store.backup(Target::on_disk(SimDisk::new()));
    store.close().wait().unwrap();
    slow.release();
    let ended = backup.wait().unwrap_err();
    assert!(matches!(ended, Error::Closed), "{ended}");
    let ended = waiting.wait().unwrap_err();
    assert!(matches!(ended, Error::Closed), "{ended}");
    let closed = back_up(&store, &SimDisk::new()).unwrap_err();
    assert!(matches!(closed, Error::Closed), "{closed}");
    assert_eq!(restored(&target).unwrap().1.seq, done.seq);
}

#[test]
fn a_backup_that_fails_when_the_store_is_closed_was_ended_by_that() {
    let (_disk, store) = store();
    let target = SimDisk::new();
    let slow = Watched::over(target.clone());
    slow.hold(Call::Create, ".journal");
    let backup = store.backup(Target::on_disk(slow.clone()));
    slow.wait_until_held();
    store.close().wait().unwrap();
    target.fail_from(0, Fault::Eio);
    slow.release();
    let ended = backup.wait().unwrap_err();
    assert!(matches!(ended, Error::Closed), "{ended}");
}

#[test]
fn backups_to_one_place_take_turns_and_none_goes_back() {
    hush();
    let disk = SimDisk::new();
    let store = setup().builder(disk.clone()).open().wait().unwrap();
    let target = SimDisk::new();
    let mut backups = Vec::new();
    for _ in 0..20 {
        add(&store, 2);
        backups.push(store.backup(Target::on_disk(target.clone())));
    }
    let mut highest = Seq::ZERO;
    for (index, backup) in backups.into_iter().enumerate() {
        let done = backup.wait().unwrap();
        assert!(u64::from(done.seq) >= 2 * (index as u64 + 1));
        highest = highest.max(done.seq);
    }
    let (copy, told) = restored(&target).unwrap();
    assert_eq!(told.seq, highest);
    assert_eq!(ledger(&copy).0, ledger_at(&disk, highest));
}

#[test]
fn what_is_larger_than_a_piece_makes_the_round_trip_too() {
    let (disk, store) = store();
    for piece_bytes in [100, 128, 500] {
        let target = SimDisk::new();
        let place = Target::on_disk(target.clone()).piece_bytes(piece_bytes);
        let first = store.backup(place.clone()).wait().unwrap();
        assert!(first.pieces as u64 >= first.bytes.div_ceil(piece_bytes));
        let lengths = pieces(&target).into_iter().map(|name| target.file(&name).unwrap().len());
        assert_eq!(lengths.max().map(|most| most as u64), Some(piece_bytes));
        add(&store, 3);
        // With pieces of another size from now on.
        store.backup(place.piece_bytes(77)).wait().unwrap();
        add(&store, 1);
        let last = back_up(&store, &target).unwrap();
        for seq in u64::from(last.oldest_seq)..=u64::from(last.seq) {
            let (copy, _) = restored_at(&target, Seq::from(seq)).unwrap();
            assert_eq!(ledger(&copy).0, ledger_at(&disk, Seq::from(seq)));
        }
    }
}

/// The versions of a program.
mod versions {
    pub(super) mod old {
        #[prevalent::prevalent(name = "account")]
        #[derive(Debug, Default)]
        pub(crate) struct Account {
            pub(crate) balance: u32,
        }
        #[prevalent::prevalent]
        impl Account {
            #[tx]
            pub(crate) fn deposit(&mut self, amount: u32) {
                self.balance += amount;
            }
        }
    }

    pub(super) mod new {
        #[prevalent::prevalent(name = "account")]
        #[derive(Debug, Default)]
        pub(crate) struct Account {
            #[serde(default)]
            pub(crate) notes: Vec<String>,
            pub(crate) balance: u64,
        }
        #[prevalent::prevalent]
        impl Account {
            #[tx]
            pub(crate) fn deposit(&mut self, amount: u64) {
                self.balance += amount;
            }
        }
    }
}

#[test]
fn a_newer_program_opens_what_an_older_one_has_backed_up_and_goes_on_in_the_same_backup() {
    let (disk, target) = (SimDisk::new(), SimDisk::new());
    let store = versions::old::AccountStore::builder("unused").on_disk(disk.clone());
    let store = store.no_snapshot_on_close().open().wait().unwrap();
    store.deposit(1).wait().unwrap();
    store.snapshot().wait().unwrap();
    store.deposit(20).wait().unwrap();
    store.backup(Target::on_disk(target.clone())).wait().unwrap();
    store.close().wait().unwrap();

    let open = |disk: &SimDisk| {
        versions::new::AccountStore::builder("unused").on_disk(disk.clone()).open().wait().unwrap()
    };
    let (copy, _) = restored(&target).unwrap();
    let restored_store = open(&copy);
    assert_eq!(restored_store.read(|account| account.balance), 21);
    assert!(restored_store.recovery().model_converted);
    assert!(restored_store.recovery().origin.is_some());

    // The open has left a snapshot of what it has converted, and the backup takes it over.
    let store = open(&disk);
    store.deposit(300).wait().unwrap();
    let done = store.backup(Target::on_disk(target.clone())).wait().unwrap();
    assert_eq!(done.kind, BackupKind::Incremental);
    let (copy, told) = restored(&target).unwrap();
    assert_eq!(told.snapshot_seq, Seq::from(2));
    let restored_store = open(&copy);
    assert_eq!(restored_store.read(|account| account.balance), 321);
    assert!(!restored_store.recovery().model_converted);
}

/// An open that has converted a snapshot puts it in the place of the old one: another file under the same name.
#[test]
fn a_snapshot_that_was_replaced_by_a_converted_one_is_backed_up_anew() {
    let (disk, target) = (SimDisk::new(), SimDisk::new());
    let store = versions::old::AccountStore::builder("unused").on_disk(disk.clone());
    let store = store.open().wait().unwrap();
    store.deposit(1).wait().unwrap();
    store.snapshot().wait().unwrap();
    let before = store.backup(Target::on_disk(target.clone())).wait().unwrap();
    store.close().wait().unwrap();
    let earlier = target.deep_clone();

    let builder = versions::new::AccountStore::builder("unused");
    let store = builder.on_disk(disk.clone()).open().wait().unwrap();
    assert!(store.recovery().model_converted);
    let done = store.backup(Target::on_disk(target.clone())).wait().unwrap();
    assert_eq!((done.snapshot_seq, done.pieces), (before.snapshot_seq, 1));
    // The list before must find what it names, should the new one not have come so far.
    assert!(pieces(&earlier).iter().all(|name| target.file(name) == earlier.file(name)));
    let again = store.backup(Target::on_disk(target.clone())).wait().unwrap();
    assert_eq!(again.pieces, 0);
    let (copy, _) = restored(&target).unwrap();
    let builder = versions::new::AccountStore::builder("unused").on_disk(copy);
    let store = builder.open().wait().unwrap();
    assert!(!store.recovery().model_converted);
    assert_eq!(store.read(|account| (account.balance, account.notes.len())), (1, 0));
}

/// A till that takes back what it has done where a transaction fails.
#[prevalent::prevalent(rollback)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Till {
    coins: u64,
}

#[prevalent::prevalent]
impl Till {
    #[tx]
    fn pay(&mut self, coins: u64) -> Result<u64, String> {
        self.coins += coins;
        if coins > 10 { Err("no change".to_owned()) } else { Ok(self.coins) }
    }
}

#[test]
fn what_was_rolled_back_is_rolled_back_in_what_is_restored() {
    let (disk, target) = (SimDisk::new(), SimDisk::new());
    let store = TillStore::builder("unused").on_disk(disk.clone()).open().wait().unwrap();
    for coins in [1, 100, 2] {
        let _ = store.pay(coins).wait().unwrap();
    }
    store.backup(Target::on_disk(target.clone())).wait().unwrap();
    for (seq, coins) in [(1, 1), (2, 1), (3, 3)] {
        let (copy, _) = restored_at(&target, Seq::from(seq)).unwrap();
        let restored = TillStore::builder("unused").on_disk(copy).open().wait().unwrap();
        assert_eq!(u64::from(restored.recovery().snapshot_seq), 0);
        assert_eq!(restored.read(|till| till.coins), coins);
    }
}

#[test]
fn a_place_without_a_store_is_not_backed_up() {
    let target = SimDisk::new();
    let backup = prevalent::backup("unused").from_disk(SimDisk::new());
    let error = backup.to(Target::on_disk(target.clone())).wait().unwrap_err();
    assert!(matches!(error, Error::NoStore { .. }), "{error}");
    assert!(target.file_names().is_empty());
}

/// An older snapshot would do, but only where the newest one is known to be damaged.
#[test]
fn a_backup_does_not_do_without_a_snapshot_that_can_not_be_read_for_once() {
    let (sim, store) = store();
    drop(store);
    let newest = sim.file_names().into_iter().rfind(|name| name.ends_with(".snapshot"));
    let newest: &'static str = newest.unwrap().leak();
    for reads in 0.. {
        let (disk, target) = (Watched::over(sim.clone()), SimDisk::new());
        disk.break_once_after(reads, Call::Read, newest);
        let backup = prevalent::backup("unused").from_disk(disk.clone());
        let backup = backup.to(Target::on_disk(target.clone())).wait();
        if backup.is_ok() {
            assert!(disk.count(Call::Read, newest) <= reads, "{reads}");
            assert!(reads > 1, "its header is read, and its body");
            break;
        }
        let error = backup.unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{reads}: {error}");
    }
}

#[test]
fn a_file_that_goes_while_a_backup_begins_is_not_missed() {
    let (sim, _store) = store();
    let disk = Watched::over(sim.clone());
    let oldest = sim.file_names().into_iter().find(|name| name.ends_with(".snapshot"));
    let oldest: &'static str = oldest.unwrap().leak();
    disk.hold(Call::Open, oldest);
    let target = SimDisk::new();
    let backup = prevalent::backup("unused").from_disk(disk.clone());
    let backup = backup.to(Target::on_disk(target.clone()));
    disk.wait_until_held();
    sim.remove_file(oldest);
    disk.release();
    backup.wait().unwrap();
    restored(&target).unwrap();
}

#[test]
fn a_file_that_can_not_be_opened_is_not_left_out_of_a_backup() {
    let (sim, store) = store();
    drop(store);
    let disk = Watched::over(sim);
    disk.break_once(Call::Open, ".journal");
    let backup = prevalent::backup("unused").from_disk(disk);
    let error = backup.to(Target::on_disk(SimDisk::new())).wait().unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
}
