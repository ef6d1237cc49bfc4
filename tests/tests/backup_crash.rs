//! A backup that is interrupted leaves the one before or the new one; a restore that is interrupted, the whole store or none.

use prevalent::testing::{Disk as _, Fault, Loss, ReadFault, SimDisk};
use prevalent::{Error, Seq, Target, fork, restore};
use prevalent_tests::backups::{add, back_up, ledger, open, restored, setup};
use prevalent_tests::hooked::{Act, Hooked, Step};
use prevalent_tests::ledger::{Ledger, LedgerStore, hush};

type State = (Ledger, Seq);

/// A store that was backed up, and has gone on; and the two states.
struct History {
    store: LedgerStore,
    disk: SimDisk,
    target: SimDisk,
    before: State,
    now: State,
}

fn history() -> History {
    hush();
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 3);
    store.snapshot().wait().unwrap();
    add(&store, 1);
    let target = SimDisk::new();
    back_up(&store, &target).unwrap();
    let before = state(&store);
    add(&store, 4);
    assert!(store.explode().wait().is_err());
    store.snapshot().wait().unwrap();
    add(&store, 1);
    let now = state(&store);
    History { store, disk, target, before, now }
}

fn state(store: &LedgerStore) -> State {
    (store.read(Clone::clone), store.stats().seq)
}

/// The state that a backup gives.
fn held(target: &SimDisk) -> Option<State> {
    match restored(target) {
        Ok((disk, told)) => {
            assert!(told.damaged.is_empty(), "{target:?}");
            Some(ledger(&disk))
        }
        Err(Error::NoBackup { .. }) => None,
        Err(error) => panic!("{error}: {target:?}"),
    }
}

#[test]
fn a_crash_in_the_middle_of_a_backup_leaves_the_one_before_or_the_new_one() {
    let History { store, target, before, now, .. } = history();
    for earlier in [Some((target.deep_clone(), before)), None] {
        let (target, before) = match earlier {
            Some((target, before)) => (target, Some(before)),
            None => (SimDisk::new(), None),
        };
        back_up(&store, &target).unwrap();
        let (mut old, mut new) = (0, 0);
        let last = *target.crash_points().end();
        for point in target.crash_points() {
            for (index, image) in target.images_at(point, Loss::KeepDropOrGarbage).enumerate() {
                let held = held(&image);
                if held.as_ref() == Some(&now) {
                    new += 1;
                } else {
                    old += 1;
                    assert_eq!(held, before, "{image:?}");
                    assert!(point < last, "the backup was done: {image:?}");
                }
                // The next one goes on from whatever is there.
                if index % 5 == 0 {
                    back_up(&store, &image).unwrap();
                    assert_eq!(self::held(&image).as_ref(), Some(&now), "{image:?}");
                }
            }
        }
        assert!(old > 20 && new > 0, "{old} {new}");
    }
}

#[test]
fn a_failing_or_full_disk_under_the_backup_leaves_the_one_before_or_the_new_one() {
    let History { store, target, before, now, .. } = history();
    let whole = target.deep_clone();
    back_up(&store, &whole).unwrap();
    let operations = whole.operations().len();
    let mut failed = 0;
    for operation in 0..operations {
        for (fault, is_for_good) in [
            (Fault::Eio, false),
            (Fault::EioAfterEffect, false),
            (Fault::SyncLosesData, false),
            (Fault::ShortWrite, false),
            (Fault::Interrupted, false),
            (Fault::Enospc, true),
            (Fault::Eio, true),
        ] {
            let target = target.deep_clone();
            if is_for_good {
                target.fail_from(operation, fault);
            } else {
                target.fail_operation(operation, fault);
            }
            let result = back_up(&store, &target);
            target.heal();
            match &result {
                Ok(_) => assert_eq!(held(&target), Some(now.clone())),
                Err(error) => {
                    failed += 1;
                    assert!(matches!(error, Error::Io { .. }), "{error}");
                    let held = held(&target).expect("a backup");
                    assert!(held == before || held == now, "{operation} {fault:?}");
                }
            }
            // When there is room again, or the disk is well, it is made up for; and it is durable then.
            back_up(&store, &target).unwrap();
            for image in target.images_at(target.operations().len(), Loss::KeepOrDrop) {
                assert_eq!(held(&image), Some(now.clone()), "{operation} {fault:?} {image:?}");
            }
        }
    }
    assert!(failed > 50, "{failed}");
}

#[test]
fn a_store_that_can_not_be_read_leaves_the_backup_as_it_was() {
    let History { store, disk, target, before, now } = history();
    for name in disk.file_names() {
        if name == "CLEAN" {
            continue;
        }
        let target = target.deep_clone();
        disk.fail_reads(&name, ReadFault::Eio);
        if let Err(error) = back_up(&store, &target) {
            assert!(matches!(error, Error::Io { .. }), "{error}");
            assert_eq!(held(&target), Some(before.clone()));
        } else {
            assert_eq!(held(&target), Some(now.clone()));
        }
        disk.heal();
        for fault in [ReadFault::Short, ReadFault::Interrupted] {
            disk.fail_reads(&name, fault);
            let target = target.deep_clone();
            back_up(&store, &target).unwrap();
            assert_eq!(held(&target), Some(now.clone()));
            disk.heal();
        }
    }
}

/// A store, whole; or none.
fn expect_whole_or_none(disk: &SimDisk, expected: &State) -> bool {
    match setup().builder(disk.clone()).open().wait() {
        Ok(store) if store.recovery().created => false,
        Ok(store) => {
            assert_eq!(&state(&store), expected, "{disk:?}");
            assert!(store.recovery().closed_cleanly && store.recovery().origin.is_some());
            true
        }
        Err(Error::Corrupt { what, .. }) if what.contains("no snapshot") => false,
        Err(error) => panic!("{error}; {disk:?}"),
    }
}

#[test]
fn a_restore_or_fork_that_is_interrupted_leaves_the_whole_store_or_none() {
    let History { store, disk, target, before, now } = history();
    back_up(&store, &target).unwrap();
    let run = |at: Option<Seq>, to: &SimDisk| {
        let restore = restore(Target::on_disk(target.clone())).on_disk(to.clone());
        match at {
            Some(seq) => restore.at(seq).to("unused").wait(),
            None => fork("unused").from_disk(disk.clone()).on_disk(to.clone()).to("unused").wait(),
        }
    };
    // To a point in the middle of the journal, and all of it.
    for (at, expected) in [(Some(before.1), &before), (Some(now.1), &now), (None, &now)] {
        let copy = SimDisk::new();
        run(at, &copy).unwrap();
        let operations = copy.operations().len();
        let mut whole = 0;
        for point in copy.crash_points() {
            for image in copy.images_at(point, Loss::KeepDropOrGarbage) {
                let is_whole = expect_whole_or_none(&image, expected);
                whole += usize::from(is_whole);
                assert!(is_whole || point < operations);
            }
        }
        assert!(whole > 0);
        for operation in 0..operations {
            for (fault, is_for_good) in [
                (Fault::Eio, false),
                (Fault::EioAfterEffect, false),
                (Fault::SyncLosesData, false),
                (Fault::ShortWrite, false),
                (Fault::Enospc, true),
                (Fault::Eio, true),
            ] {
                let copy = SimDisk::new();
                if is_for_good {
                    copy.fail_from(operation, fault);
                } else {
                    copy.fail_operation(operation, fault);
                }
                let result = run(at, &copy);
                copy.heal();
                for image in copy.images_at(copy.operations().len(), Loss::KeepOrDrop) {
                    let is_whole = expect_whole_or_none(&image, expected);
                    assert!(is_whole || result.is_err(), "{result:?}");
                }
                if result.is_err() && !is_for_good {
                    assert!(copy.list().unwrap().is_empty(), "{:?}", copy.file_names());
                }
            }
        }
    }
}

#[test]
fn what_the_disk_does_not_keep_is_noticed_before_it_is_a_store() {
    let History { target, .. } = history();
    for part in [".journal", ".snapshot"] {
        let sim = SimDisk::new();
        let lying = Hooked::new(&sim, move |step| match step {
            Step::Write(name) if name.contains(part) => Act::Pretend,
            _ => Act::Do,
        });
        let result = restore(Target::on_disk(target.clone())).on_disk(lying).to("unused").wait();
        assert!(matches!(result, Err(Error::Corrupt { .. })), "{part}: {result:?}");
        assert!(sim.file_names().is_empty(), "{:?}", sim.file_names());
    }
}
