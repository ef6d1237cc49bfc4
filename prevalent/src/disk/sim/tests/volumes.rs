//! What a crash leaves of several directories.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::super::volume::Volume;
use super::super::{Loss, SimVolume};

fn path(name: &str) -> PathBuf {
    Path::new(SimVolume::ROOT).join(name)
}

/// Two directories, durable; in the first one, `files` are, too.
fn two(files: &[&str]) -> SimVolume {
    let volume = SimVolume::new();
    for name in ["a/", "b/"].iter().chain(files) {
        volume.disk.set_file(name, Vec::new());
    }
    volume
}

fn sync(volume: &SimVolume, directory: &Path) {
    volume.directory(directory).unwrap().sync_dir().unwrap();
}

/// All that a crash may leave now: the names of the files.
fn left(volume: &SimVolume) -> BTreeSet<String> {
    let images = volume.images_at(volume.disk.operations().len(), Loss::KeepOrDrop);
    let names = images.map(|image| {
        let files = image.disk.file_names().into_iter().filter(|name| !name.ends_with('/'));
        files.collect::<Vec<_>>().join(" ")
    });
    names.collect()
}

#[test]
fn a_move_is_whole_and_durable_when_both_directories_are_synced() {
    for synced in [[path("a"), path("b")], [path("b"), path("a")]] {
        let volume = two(&["a/x"]);
        volume.move_file("x", &path("a"), &path("b")).unwrap();
        assert_eq!(left(&volume), ["a/x", "b/x"].map(str::to_owned).into());
        sync(&volume, &synced[0]);
        assert_eq!(left(&volume), ["a/x", "b/x"].map(str::to_owned).into());
        sync(&volume, &synced[1]);
        assert_eq!(left(&volume), ["b/x"].map(str::to_owned).into());
    }
}

#[test]
fn of_changes_that_are_not_synced_any_are_kept() {
    let volume = two(&["a/x", "a/y"]);
    let a = volume.directory(&path("a")).unwrap();
    a.remove("x").unwrap();
    a.remove("y").unwrap();
    assert_eq!(left(&volume), ["", "a/x", "a/x a/y", "a/y"].map(str::to_owned).into());
    a.sync_dir().unwrap();
    assert_eq!(left(&volume), [String::new()].into());
}

#[test]
fn of_many_changes_each_is_kept_alone_and_dropped_alone() {
    let names = ["a/1", "a/2", "a/3", "a/4", "a/5", "a/6"];
    let volume = two(&names);
    let a = volume.directory(&path("a")).unwrap();
    for name in names {
        a.remove(name.trim_start_matches("a/")).unwrap();
    }
    let left = left(&volume);
    for name in names {
        let others: Vec<&str> = names.into_iter().filter(|other| *other != name).collect();
        assert!(left.contains(name) && left.contains(&others.join(" ")), "{name}");
    }
    assert!(left.contains("") && left.contains(&names.join(" ")));
}

#[test]
fn what_is_in_a_directory_is_lost_with_its_name() {
    let volume = two(&["a/x"]);
    volume.make_directory(&path("c")).unwrap();
    volume.move_file("x", &path("a"), &path("c")).unwrap();
    sync(&volume, &path("a"));
    sync(&volume, &path("c"));
    assert_eq!(left(&volume), ["", "c/x"].map(str::to_owned).into());
    sync(&volume, Path::new(SimVolume::ROOT));
    assert_eq!(left(&volume), ["c/x"].map(str::to_owned).into());
}
