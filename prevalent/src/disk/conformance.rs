//! What every disk must do: the same tests over the real, the one in memory and the simulated one.

use std::io::ErrorKind;

use super::Disk;
use super::transfer::{read_exact_at, read_to_end, write_all_at};

macro_rules! on_every_disk {
    ($($test:ident)*) => {
        mod real {
            $(#[test]
            fn $test() {
                let root = tempfile::tempdir().unwrap();
                super::$test(&crate::disk::real::RealDisk::new(root.path()).unwrap());
            })*
        }
        mod memory {
            $(#[test]
            fn $test() {
                super::$test(&crate::disk::memory::MemoryDisk::new());
            })*
        }
        mod simulated {
            $(#[test]
            fn $test() {
                super::$test(&crate::disk::sim::SimDisk::new());
            })*
        }
    };
}

on_every_disk! {
    what_was_written_is_read_again
    a_read_ends_where_the_file_ends
    a_gap_reads_as_zeros
    an_empty_write_changes_nothing
    a_file_too_large_is_an_error
    a_file_is_created_only_once
    a_file_opened_for_reading_refuses_writes
    a_file_that_is_not_there_cannot_be_opened_renamed_or_removed
    the_list_names_all_files_and_not_the_lock
    a_rename_replaces_the_file_that_had_the_name
    an_open_file_survives_its_removal
    an_open_file_survives_its_rename_and_replacement
    a_file_can_be_synced_through_any_handle
    only_one_can_have_the_lock
    what_the_lock_file_holds_outlives_the_lock
}

fn put(disk: &dyn Disk, name: &str, content: &[u8]) {
    write_all_at(&*disk.create(name).unwrap(), 0, content).unwrap();
}

fn get(disk: &dyn Disk, name: &str) -> Vec<u8> {
    read_to_end(&*disk.open(name).unwrap()).unwrap()
}

fn what_was_written_is_read_again(disk: &dyn Disk) {
    let file = disk.create("a").unwrap();
    assert_eq!(file.len().unwrap(), 0);
    write_all_at(&*file, 0, b"hello world").unwrap();
    write_all_at(&*file, 6, b"there").unwrap();
    file.sync().unwrap();
    disk.sync_dir().unwrap();
    assert_eq!(file.len().unwrap(), 11);
    assert_eq!(get(disk, "a"), b"hello there");
    let mut middle = [0; 3];
    read_exact_at(&*file, 4, &mut middle).unwrap();
    assert_eq!(&middle, b"o t");
}

fn a_read_ends_where_the_file_ends(disk: &dyn Disk) {
    put(disk, "a", b"hello");
    let file = disk.open("a").unwrap();
    let mut buffer = [0; 8];
    assert_eq!(file.read_at(3, &mut buffer).unwrap(), 2);
    assert_eq!(file.read_at(5, &mut buffer).unwrap(), 0);
    assert_eq!(file.read_at(1 << 40, &mut buffer).unwrap(), 0);
    let beyond = read_exact_at(&*file, 3, &mut buffer).unwrap_err();
    assert_eq!(beyond.kind(), ErrorKind::UnexpectedEof);
}

fn a_gap_reads_as_zeros(disk: &dyn Disk) {
    let file = disk.create("a").unwrap();
    write_all_at(&*file, 3, b"x").unwrap();
    assert_eq!(get(disk, "a"), b"\0\0\0x");
}

fn an_empty_write_changes_nothing(disk: &dyn Disk) {
    let file = disk.create("a").unwrap();
    assert_eq!(file.write_at(7, b"").unwrap(), 0);
    assert_eq!(file.len().unwrap(), 0);
}

fn a_file_too_large_is_an_error(disk: &dyn Disk) {
    let file = disk.create("a").unwrap();
    assert!(file.write_at(u64::MAX - 1, b"hello").is_err());
    assert_eq!(file.len().unwrap(), 0);
}

fn a_file_is_created_only_once(disk: &dyn Disk) {
    put(disk, "a", b"first");
    assert_eq!(disk.create("a").unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(get(disk, "a"), b"first");
}

fn a_file_opened_for_reading_refuses_writes(disk: &dyn Disk) {
    put(disk, "a", b"first");
    assert!(disk.open("a").unwrap().write_at(0, b"other").is_err());
    assert_eq!(get(disk, "a"), b"first");
}

fn a_file_that_is_not_there_cannot_be_opened_renamed_or_removed(disk: &dyn Disk) {
    assert_eq!(disk.open("a").unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(disk.rename("a", "b").unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(disk.remove("a").unwrap_err().kind(), ErrorKind::NotFound);
}

fn the_list_names_all_files_and_not_the_lock(disk: &dyn Disk) {
    let _lock = disk.lock().unwrap();
    put(disk, "a", b"");
    put(disk, "b", b"");
    put(disk, "c", b"");
    disk.rename("a", "d").unwrap();
    disk.remove("b").unwrap();
    let mut names = disk.list().unwrap();
    names.sort();
    assert_eq!(names, ["c", "d"]);
}

fn a_rename_replaces_the_file_that_had_the_name(disk: &dyn Disk) {
    put(disk, "a", b"new");
    put(disk, "b", b"old");
    disk.rename("a", "b").unwrap();
    assert_eq!(get(disk, "b"), b"new");
    assert_eq!(disk.list().unwrap(), ["b"]);
    disk.rename("b", "b").unwrap();
    assert_eq!(get(disk, "b"), b"new");
}

fn an_open_file_survives_its_removal(disk: &dyn Disk) {
    let file = disk.create("a").unwrap();
    disk.remove("a").unwrap();
    put(disk, "a", b"another");
    write_all_at(&*file, 0, b"still here").unwrap();
    file.sync().unwrap();
    assert_eq!(read_to_end(&*file).unwrap(), b"still here");
    assert_eq!(get(disk, "a"), b"another");
}

fn an_open_file_survives_its_rename_and_replacement(disk: &dyn Disk) {
    put(disk, "a", b"first");
    put(disk, "b", b"second");
    let (first, second) = (disk.open("a").unwrap(), disk.open("b").unwrap());
    disk.rename("a", "b").unwrap();
    assert_eq!(read_to_end(&*first).unwrap(), b"first");
    assert_eq!(read_to_end(&*second).unwrap(), b"second");
}

fn a_file_can_be_synced_through_any_handle(disk: &dyn Disk) {
    put(disk, "a", b"hello");
    disk.open("a").unwrap().sync().unwrap();
}

fn only_one_can_have_the_lock(disk: &dyn Disk) {
    let lock = disk.lock().unwrap();
    assert_eq!(disk.lock().err().unwrap().kind(), ErrorKind::WouldBlock);
    drop(lock);
    drop(disk.lock().unwrap());
    disk.lock().unwrap();
}

fn what_the_lock_file_holds_outlives_the_lock(disk: &dyn Disk) {
    let lock = disk.lock().unwrap();
    // One in memory ends with its process.
    let Some(file) = disk.lock_file().unwrap() else { return };
    write_all_at(&*file, 0, b"hello world").unwrap();
    write_all_at(&*file, 6, b"there").unwrap();
    drop((file, lock));
    let _lock = disk.lock().unwrap();
    let file = disk.lock_file().unwrap().unwrap();
    assert_eq!(file.len().unwrap(), 11);
    assert_eq!(read_to_end(&*file).unwrap(), b"hello there");
    assert_eq!(disk.list().unwrap(), [""; 0]);
}
