//! What is done to directories.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::hands::{copy_file, make_directory, move_files};
use crate::disk::Disk;
use crate::disk::sim::{ReadFault, SimVolume};
use crate::disk::volume::Volume;
use crate::format::names;

fn path(name: &str) -> PathBuf {
    Path::new(SimVolume::ROOT).join(name)
}

fn directory(volume: &SimVolume, name: &str) -> Arc<dyn Disk> {
    volume.directory(&path(name)).unwrap()
}

#[test]
fn what_can_not_be_made_moved_or_copied_is_an_error() {
    let volume = SimVolume::new();
    let a = make_directory(&volume, &path("a")).unwrap();
    make_directory(&volume, &path("a")).unwrap_err();
    let b = make_directory(&volume, &path("b")).unwrap();
    volume.disk.set_file("a/CLEAN", b"content".to_vec());
    let nowhere = directory(&volume, "nowhere");
    copy_file(names::CLEAN, &*a, &*nowhere).unwrap_err();
    for (name, to) in [(names::CLEAN, &nowhere), ("missing", &b)] {
        move_files(&volume, &[name.to_owned()], &*a, &**to).unwrap_err();
    }
    volume.disk.fail_reads("a/CLEAN", ReadFault::Eio);
    copy_file(names::CLEAN, &*a, &*b).unwrap_err();
    volume.disk.heal();
    assert_eq!(volume.disk.file("a/CLEAN").unwrap(), b"content");
    assert!(b.list().unwrap().is_empty());
}

#[test]
fn of_what_is_not_there_there_is_no_copy() {
    let volume = SimVolume::new();
    let [a, b] = ["a", "b"].map(|name| make_directory(&volume, &path(name)).unwrap());
    copy_file(names::CLEAN, &*a, &*b).unwrap();
    assert!(b.list().unwrap().is_empty());
}
