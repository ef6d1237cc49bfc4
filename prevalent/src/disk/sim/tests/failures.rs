//! What fails, and how.

use std::io::ErrorKind;

use super::super::{Fault, OperationKind, ReadFault};
use super::*;
use crate::disk::transfer::{read_to_end, write_all_at};

#[test]
fn the_operation_with_the_number_fails_once() {
    let (disk, file) = disk_with_file("a");
    disk.fail_operation(3, Fault::Enospc);
    file.write_at(0, b"one").unwrap();
    let failed = file.write_at(3, b"two").unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::StorageFull);
    #[cfg(unix)]
    assert_eq!(failed.raw_os_error(), Some(28));
    assert_eq!(disk.file("a").unwrap(), b"one");
    file.write_at(3, b"two").unwrap();
    assert_eq!(disk.file("a").unwrap(), b"onetwo");
    let faults: Vec<_> = disk.operations().iter().map(|operation| operation.fault).collect();
    assert_eq!(faults, [None, None, None, Some(Fault::Enospc), None]);
}

#[test]
fn every_kind_of_operation_can_fail_and_then_does_nothing() {
    let disk = SimDisk::new();
    disk.set_file("a", b"hello".to_vec());
    let file = disk.create("b").unwrap();
    disk.fail_from(1, Fault::Eio);
    assert!(disk.create("c").is_err());
    assert!(disk.rename("a", "d").is_err());
    assert!(disk.remove("a").is_err());
    assert!(disk.sync_dir().is_err());
    assert!(file.write_at(0, b"x").is_err());
    assert!(file.sync().is_err());
    assert_eq!(disk.file_names(), ["a", "b"]);
    assert_eq!(disk.operations().len(), 7);
    assert!(disk.images_at(7, Loss::KeepOrDrop).any(|image| image.file_names() == ["a"]));
    disk.heal();
    disk.remove("a").unwrap();
}

#[test]
fn a_failing_operation_may_have_been_done_all_the_same() {
    let disk = SimDisk::new();
    disk.set_file("a", b"hello".to_vec());
    disk.fail_from(0, Fault::EioAfterEffect);
    assert!(disk.create("b").is_err());
    assert!(disk.rename("a", "c").is_err());
    assert_eq!(disk.file_names(), ["b", "c"]);
    assert!(disk.remove("b").is_err());
    assert_eq!(disk.file_names(), ["c"]);
    disk.heal();
    let file = disk.create("d").unwrap();
    disk.fail_from(0, Fault::EioAfterEffect);
    assert!(file.write_at(0, b"half").is_err());
    assert_eq!(disk.file("d").unwrap(), b"ha");
}

#[test]
fn a_short_write_writes_half_and_at_least_a_byte() {
    let (disk, file) = disk_with_file("a");
    disk.fail_from(2, Fault::ShortWrite);
    assert_eq!(file.write_at(0, b"hello").unwrap(), 2);
    assert_eq!(file.write_at(2, b"l").unwrap(), 1);
    assert_eq!(file.write_at(3, b"").unwrap(), 0);
    assert_eq!(disk.file("a").unwrap(), b"hel");
    let asked = OperationKind::Write { offset: 0, len: 5 };
    assert_eq!(disk.operations()[2].kind, asked);
    file.sync().unwrap();
}

#[test]
fn a_zero_write_writes_nothing_and_is_no_error() {
    let (disk, file) = disk_with_file("a");
    disk.fail_operation(2, Fault::ZeroWrite);
    assert_eq!(file.write_at(0, b"hello").unwrap(), 0);
    assert_eq!(disk.file("a").unwrap(), b"");
}

#[test]
fn of_operations_interrupted_from_now_on_every_other_one_is() {
    let (disk, file) = disk_with_file("a");
    disk.fail_from(2, Fault::Interrupted);
    for _ in 0..2 {
        assert_eq!(file.write_at(0, b"x").unwrap_err().kind(), ErrorKind::Interrupted);
        file.write_at(0, b"x").unwrap();
    }
}

#[test]
fn after_a_failed_sync_a_later_one_makes_nothing_durable_that_it_left() {
    for fault in [Fault::Eio, Fault::Enospc, Fault::Interrupted, Fault::EioAfterEffect] {
        let (disk, file) = disk_with_file("a");
        file.write_at(0, b"hello").unwrap();
        disk.fail_operation(3, fault);
        assert!(file.sync().is_err());
        file.sync().unwrap();
        assert_eq!(disk.file("a").unwrap(), b"hello", "until the crash it is read");
        assert_eq!(outcomes(&disk, "a"), contents([b"", b"\0\0\0\0\0", b"hello"]), "{fault:?}");
    }
}

#[test]
fn what_is_written_again_after_a_failed_sync_is_durable_with_the_next() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, &two_sectors(b'x')).unwrap();
    disk.fail_operation(3, Fault::Eio);
    assert!(file.sync().is_err());
    file.write_at(512, &two_sectors(b'y')).unwrap();
    file.sync().unwrap();
    let behind = vec![b'y'; 1024];
    let found = outcomes(&disk, "a");
    let with = |first| Some([vec![first; 512], behind.clone()].concat());
    assert_eq!(found, BTreeSet::from([with(0), with(b'x')]), "only the first sector is open");
}

#[test]
fn a_sync_may_lose_the_data_at_once() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, b"old").unwrap();
    file.sync().unwrap();
    file.write_at(0, b"newer").unwrap();
    disk.fail_operation(5, Fault::SyncLosesData);
    assert!(file.sync().is_err());
    assert_eq!(disk.file("a").unwrap(), b"old\0\0");
    file.sync().unwrap();
    assert_eq!(outcomes(&disk, "a"), contents([b"old", b"old\0\0"]));
}

#[test]
fn after_a_failed_sync_of_the_directory_a_later_one_promises_nothing() {
    for fault in [Fault::Eio, Fault::EioAfterEffect] {
        let disk = SimDisk::new();
        disk.create("a").unwrap();
        disk.fail_operation(1, fault);
        assert!(disk.sync_dir().is_err());
        disk.sync_dir().unwrap();
        assert_eq!(outcomes(&disk, "a"), BTreeSet::from([None, Some(Vec::new())]));
        disk.create("b").unwrap();
        disk.sync_dir().unwrap();
        assert_eq!(outcomes(&disk, "a"), contents([b""]), "changes are kept in order");
    }
}

#[test]
fn reads_and_opens_of_a_file_can_fail() {
    let disk = SimDisk::new();
    disk.set_file("a", b"hello".to_vec());
    disk.set_file("b", b"world".to_vec());
    let file = disk.open("a").unwrap();
    disk.fail_reads("a", ReadFault::Eio);
    assert!(disk.open("a").is_err());
    assert!(file.read_at(0, &mut [0; 5]).is_err());
    assert_eq!(read_to_end(&*disk.open("b").unwrap()).unwrap(), b"world");
    disk.heal();
    assert_eq!(read_to_end(&*file).unwrap(), b"hello");
}

#[test]
fn what_lies_before_a_bad_place_can_be_read() {
    let disk = SimDisk::new();
    disk.set_file("a", b"hello".to_vec());
    let file = disk.open("a").unwrap();
    disk.fail_reads("a", ReadFault::EioFrom(3));
    let mut buffer = [0; 5];
    assert_eq!(file.read_at(1, &mut buffer).unwrap(), 2);
    assert_eq!(&buffer[..2], b"el");
    assert!(file.read_at(3, &mut buffer).is_err() && file.read_at(4, &mut buffer).is_err());
    assert!(read_to_end(&*disk.open("a").unwrap()).is_err());
}

#[test]
fn the_loops_get_past_short_and_interrupted_calls() {
    for fault in [Fault::ShortWrite, Fault::Interrupted] {
        let (disk, file) = disk_with_file("a");
        disk.fail_from(2, fault);
        write_all_at(&*file, 0, b"hello world").unwrap();
        assert_eq!(disk.file("a").unwrap(), b"hello world");
    }
}
