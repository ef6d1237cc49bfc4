//! An operation of the disk that fails is told as just that, with its file, by whatever needed it: as no success, and as no
//! damage that is found later.

use std::any::Any;

use prevalent::testing::{Fault, Operation, OperationKind, ReadFault, SimDisk};
use prevalent::{Error, Seq, Store, Target, fork, restore, void};
use prevalent_tests::backups::{add, back_up, open, setup};
use prevalent_tests::ledger::hush;
use prevalent_tests::record::Setup;

/// What is done to a disk, and gives what must not end before the operations are counted.
type Work = Box<dyn FnOnce() -> Result<Box<dyn Any>, Error>>;

fn work<T: 'static>(work: impl FnOnce() -> Result<T, Error> + 'static) -> Work {
    Box::new(|| work().map(|kept| Box::new(kept) as Box<dyn Any>))
}

/// Does the work once for each operation that it is made of, with that one failing.
#[track_caller]
fn assert_told(prepare: impl Fn() -> (SimDisk, Work), is_told: impl Fn(&Operation) -> bool) {
    hush();
    let (disk, work) = prepare();
    let before = disk.operations().len();
    let kept = work().unwrap();
    let operations = disk.operations().split_off(before);
    drop(kept);
    assert!(operations.iter().any(&is_told), "{operations:?}");
    for (index, _) in operations.iter().enumerate().filter(|(_, one)| is_told(one)) {
        let (disk, work) = prepare();
        let index = disk.operations().len() + index;
        disk.fail_operation(index, Fault::Eio);
        let told = work();
        let operation = &disk.operations()[index];
        match told {
            Err(Error::Io { path, source, .. }) => {
                assert_eq!(source.raw_os_error(), Some(5), "{operation:?}: {source}");
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let is_of_directory = operation.kind == OperationKind::SyncDir;
                assert!(is_of_directory || operation.file.starts_with(&*name), "{operation:?}");
            }
            Err(error) => panic!("{operation:?} failed, and this was told: {error}"),
            Ok(_) => panic!("{operation:?} failed, and nothing was told"),
        }
    }
}

fn all(_: &Operation) -> bool {
    true
}

/// A file that is removed only so that it takes no room.
fn all_but_removals(operation: &Operation) -> bool {
    operation.kind != OperationKind::Remove
}

fn try_open(disk: SimDisk, setup: Setup) -> Work {
    work(move || setup.builder(disk).open().wait())
}

/// A store with six lines, and how it was left.
fn six_lines(close: bool) -> SimDisk {
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 6);
    if close {
        store.close().wait().unwrap();
        disk.deep_clone()
    } else {
        disk.after_kill()
    }
}

#[test]
fn by_an_open_that_makes_a_store() {
    assert_told(
        || {
            let disk = SimDisk::new();
            (disk.clone(), try_open(disk, setup()))
        },
        all,
    );
}

#[test]
fn by_an_open_that_begins_again_what_another_one_did_not_end() {
    assert_told(
        || {
            let disk = SimDisk::new();
            disk.fail_from(2, Fault::Eio);
            setup().builder(disk.clone()).open().wait().unwrap_err();
            let disk = disk.after_kill();
            assert!(disk.file_names().iter().any(|name| name.contains(".tmp")), "{disk:?}");
            (disk.clone(), try_open(disk, setup()))
        },
        all,
    );
}

#[test]
fn by_an_open_after_a_kill() {
    assert_told(
        || {
            let disk = six_lines(false);
            (disk.clone(), try_open(disk, setup()))
        },
        all_but_removals,
    );
}

#[test]
fn by_an_open_that_only_confirms_what_a_killed_process_has_written() {
    assert_told(
        || {
            let disk = SimDisk::new();
            let store = open(&disk);
            let killed = disk.after_kill();
            drop(store);
            (killed.clone(), try_open(killed, setup()))
        },
        all_but_removals,
    );
}

#[test]
fn by_a_snapshot() {
    assert_told(
        || {
            let disk = SimDisk::new();
            let store = open(&disk);
            add(&store, 3);
            (disk, work(move || store.snapshot().wait().map(|_| store)))
        },
        all,
    );
}

#[test]
fn by_a_close_with_a_snapshot_and_by_one_with_a_mark() {
    for snapshot_on_close in [true, false] {
        assert_told(
            || {
                let disk = SimDisk::new();
                let setup = Setup { snapshot_on_close, ..setup() };
                let store = setup.builder(disk.clone()).open().wait().unwrap();
                add(&store, 3);
                (disk, work(move || Store::close(&store).wait()))
            },
            all,
        );
    }
}

#[test]
fn by_a_fork_and_by_a_restore() {
    for at in [0, 4, 6] {
        assert_told(
            || {
                let (from, to) = (six_lines(true), SimDisk::new());
                let fork = fork("unused").from_disk(from).on_disk(to.clone()).at(Seq::from(at));
                (to, work(move || fork.to("unused").wait()))
            },
            all,
        );
        assert_told(
            || {
                let (target, to) = (SimDisk::new(), SimDisk::new());
                back_up(&open(&six_lines(true)), &target).unwrap();
                let restore = restore(Target::on_disk(target)).at(Seq::from(at));
                let restore = restore.on_disk(to.clone());
                (to, work(move || restore.to("unused").wait()))
            },
            all,
        );
    }
}

#[test]
fn by_a_backup() {
    assert_told(
        || {
            let (disk, target) = (SimDisk::new(), SimDisk::new());
            let store = open(&disk);
            add(&store, 6);
            let to = target.clone();
            (target, work(move || back_up(&store, &to)))
        },
        all,
    );
}

#[test]
fn by_a_void() {
    for close in [false, true] {
        assert_told(
            || {
                let disk = six_lines(close);
                let void = void("unused", 3).on_disk(disk.clone());
                (disk, work(move || void.write().wait()))
            },
            all_but_removals,
        );
    }
}

/// Whatever place of a file can't be read, the work tells that, and changes nothing on the disk.
#[track_caller]
fn assert_reads_told<T>(disk: &SimDisk, work: impl Fn(SimDisk) -> Result<T, Error>) {
    work(disk.deep_clone()).map(drop).unwrap();
    for name in disk.file_names() {
        let len = disk.file(&name).unwrap_or_default().len() as u64;
        for place in (0..len).step_by(100).chain([len - 1]) {
            let disk = disk.deep_clone();
            disk.fail_reads(&name, ReadFault::EioFrom(place));
            match work(disk.clone()).map(drop) {
                Err(Error::Io { path, source, .. }) => {
                    assert_eq!(source.raw_os_error(), Some(5), "{name} from {place} on: {source}");
                    let file = path.file_name().unwrap_or_default().to_string_lossy();
                    assert!(name.starts_with(&*file), "{name} from {place} on: {file}");
                }
                other => panic!("{name} is bad from {place} on, and this was told: {other:?}"),
            }
            assert!(disk.operations().is_empty(), "{name} from {place} on");
        }
    }
}

#[test]
fn by_what_reads_a_store_that_is_closed() {
    hush();
    for close in [true, false] {
        let disk = six_lines(close).deep_clone();
        assert_reads_told(&disk, |disk| setup().builder(disk).open().wait());
        assert_reads_told(&disk, |disk| setup().builder(disk).open_at(Seq::from(6)).wait());
        assert_reads_told(&disk, |disk| void("unused", 3).on_disk(disk).write().wait());
        assert_reads_told(&disk, |disk| {
            fork("unused").from_disk(disk).on_disk(SimDisk::new()).to("unused").wait()
        });
    }
}

#[test]
fn by_a_restore() {
    let target = SimDisk::new();
    back_up(&open(&six_lines(true)), &target).unwrap();
    assert_reads_told(&target.deep_clone(), |target| {
        restore(Target::on_disk(target)).on_disk(SimDisk::new()).to("unused").wait()
    });
}
