//! What a crash may leave.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

#[test]
fn a_synced_write_is_never_lost() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, b"hello").unwrap();
    file.sync().unwrap();
    assert_eq!(outcomes(&disk, "a"), contents([b"hello"]));
    assert_eq!(outcomes_with(&disk, "a", Loss::KeepDropOrGarbage), contents([b"hello"]));
}

#[test]
fn an_unsynced_append_may_be_lost_or_kept_with_or_without_its_length() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, b"hello").unwrap();
    assert_eq!(outcomes(&disk, "a"), contents([b"", b"\0\0\0\0\0", b"hello"]));
}

#[test]
fn an_unsynced_overwrite_is_torn_at_sectors_only() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, &two_sectors(b'o')).unwrap();
    file.sync().unwrap();
    file.write_at(0, &two_sectors(b'n')).unwrap();
    let mixtures = [b"oo", b"on", b"no", b"nn"];
    let mixtures = mixtures.map(|[a, b]| Some([[*a; 512], [*b; 512]].concat()));
    assert_eq!(outcomes(&disk, "a"), BTreeSet::from(mixtures));
}

#[test]
fn a_dropped_sector_before_a_kept_one_reads_as_zeros() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, &two_sectors(b'x')).unwrap();
    let torn = [[0; 512], [b'x'; 512]].concat();
    assert!(outcomes(&disk, "a").contains(&Some(torn)));
}

#[test]
fn the_length_may_end_with_the_last_sector_that_was_kept() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, &two_sectors(b'x')).unwrap();
    let lengths: BTreeSet<_> =
        outcomes(&disk, "a").into_iter().map(|content| content.unwrap().len()).collect();
    assert_eq!(lengths, BTreeSet::from([0, 512, 1024]));
}

#[test]
fn a_sector_written_twice_may_hold_the_first_write_alone() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, b"one").unwrap();
    file.write_at(3, b"two").unwrap();
    let found = outcomes(&disk, "a");
    assert!(found.contains(&Some(b"one".to_vec())));
    assert!(found.contains(&Some(b"one\0\0\0".to_vec())));
    assert!(found.contains(&Some(b"onetwo".to_vec())));
    assert!(!found.contains(&Some(b"\0\0\0two".to_vec())), "the cache held both");
}

#[test]
fn garbage_spares_the_synced_bytes_of_its_sector() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, b"synced").unwrap();
    file.sync().unwrap();
    file.write_at(6, b"unsynced").unwrap();
    let found = outcomes_with(&disk, "a", Loss::KeepDropOrGarbage);
    assert!(found.iter().all(|content| content.as_ref().unwrap().starts_with(b"synced")));
    let tame = outcomes(&disk, "a");
    assert!(tame.is_subset(&found));
    assert!(found.difference(&tame).any(|content| content.as_ref().unwrap().len() == 14));
}

#[test]
fn an_unsynced_creation_may_be_lost_though_the_content_was_synced() {
    let disk = SimDisk::new();
    let file = disk.create("a").unwrap();
    file.write_at(0, b"hello").unwrap();
    file.sync().unwrap();
    assert_eq!(outcomes(&disk, "a"), BTreeSet::from([None, Some(b"hello".to_vec())]));
    disk.sync_dir().unwrap();
    assert_eq!(outcomes(&disk, "a"), contents([b"hello"]));
}

#[test]
fn an_unsynced_rename_may_be_lost_but_not_torn() {
    let (disk, old) = disk_with_file("a");
    old.write_at(0, b"old").unwrap();
    old.sync().unwrap();
    let new = disk.create("tmp").unwrap();
    new.write_at(0, b"new").unwrap();
    new.sync().unwrap();
    disk.rename("tmp", "a").unwrap();
    let found: BTreeSet<_> = disk
        .images_at(*disk.crash_points().end(), Loss::KeepOrDrop)
        .map(|image| (image.file("a").unwrap(), image.file("tmp")))
        .collect();
    assert_eq!(
        found,
        BTreeSet::from([
            (b"old".to_vec(), None),
            (b"old".to_vec(), Some(b"new".to_vec())),
            (b"new".to_vec(), None),
        ])
    );
    disk.sync_dir().unwrap();
    assert_eq!(outcomes(&disk, "a"), contents([b"new"]));
}

#[test]
fn a_rename_before_the_sync_of_the_content_may_leave_an_empty_file() {
    let disk = SimDisk::new();
    disk.set_file("a", b"old".to_vec());
    let new = disk.create("tmp").unwrap();
    new.write_at(0, b"new").unwrap();
    disk.rename("tmp", "a").unwrap();
    assert!(outcomes(&disk, "a").contains(&Some(Vec::new())));
}

#[test]
fn an_unsynced_removal_may_be_undone() {
    let disk = SimDisk::new();
    disk.set_file("a", b"hello".to_vec());
    disk.remove("a").unwrap();
    assert_eq!(outcomes(&disk, "a"), BTreeSet::from([None, Some(b"hello".to_vec())]));
    disk.sync_dir().unwrap();
    assert_eq!(outcomes(&disk, "a"), BTreeSet::from([None]));
}

#[test]
fn changes_of_the_directory_are_kept_in_order() {
    let disk = SimDisk::new();
    for name in ["a", "b", "c"] {
        disk.create(name).unwrap();
    }
    let found: Vec<_> =
        disk.images_at(3, Loss::KeepOrDrop).map(|image| image.file_names().concat()).collect();
    assert_eq!(found, ["", "a", "ab", "abc"]);
}

#[test]
fn syncing_one_file_does_not_sync_another() {
    let (disk, a) = disk_with_file("a");
    let b = disk.create("b").unwrap();
    disk.sync_dir().unwrap();
    a.write_at(0, b"a").unwrap();
    b.write_at(0, b"b").unwrap();
    b.sync().unwrap();
    assert!(outcomes(&disk, "a").contains(&Some(Vec::new())));
    assert_eq!(outcomes(&disk, "b"), contents([b"b"]));
}

#[test]
fn an_earlier_crash_point_knows_nothing_of_what_came_later() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, b"hello").unwrap();
    file.sync().unwrap();
    assert_eq!(disk.crash_points(), 0..=4);
    let found = |point| -> BTreeSet<_> {
        disk.images_at(point, Loss::KeepOrDrop).map(|image| image.file("a")).collect()
    };
    assert_eq!(found(0), BTreeSet::from([None]));
    assert_eq!(found(1), BTreeSet::from([None, Some(Vec::new())]));
    assert_eq!(found(2), contents([b""]));
    assert_eq!(found(3), contents([b"", b"\0\0\0\0\0", b"hello"]));
    assert_eq!(found(4), contents([b"hello"]));
}

#[test]
fn few_images_are_made_each_once() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, &two_sectors(b'x')).unwrap();
    file.sync().unwrap();
    file.write_at(256, &two_sectors(b'y')).unwrap();
    // Both old sectors kept or not; the new one out of reach, zeros up to its end, or kept.
    let images = disk.images_at(4 + 1, Loss::KeepOrDrop);
    assert_eq!(images.len(), 2 * 2 * 3);
    let contents: BTreeSet<_> = images.map(|image| image.file("a")).collect();
    assert_eq!(contents.len(), 2 * 2 * 3);
}

#[test]
fn of_many_images_a_sample_holds_everything_nothing_and_each_sector_alone() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, &vec![b'o'; 100 * 512]).unwrap();
    file.sync().unwrap();
    let first = disk.crash_points().end() + 1;
    file.write_at(0, &vec![b'n'; 100 * 512]).unwrap();
    let mut kept: BTreeMap<usize, usize> = BTreeMap::new();
    let images = disk.images_at(first, Loss::KeepOrDrop);
    assert!((202..1000).contains(&images.len()));
    for image in images {
        let content = image.file("a").unwrap();
        let new = content.chunks(512).filter(|sector| sector[0] == b'n').count();
        *kept.entry(new).or_default() += 1;
    }
    assert_eq!((kept[&0], kept[&100]), (1, 1));
    assert!(kept[&1] >= 100 && kept[&99] >= 100);
    assert!(kept.len() > 20, "and mixtures");
}

#[test]
fn images_are_the_same_each_time() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, &vec![b'x'; 50 * 512]).unwrap();
    let all = || -> Vec<_> {
        let images = disk.images_at(3, Loss::KeepDropOrGarbage);
        images.map(|image| (format!("{image:?}"), image.file("a"))).collect()
    };
    assert_eq!(all(), all());
    let one = |seed| disk.image_at(3, seed, Loss::KeepDropOrGarbage).file("a");
    assert_eq!(one(7), one(7));
    assert!((0..20).any(|seed| one(seed) != one(7)));
}

#[test]
fn an_image_tells_how_it_was_made() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, &two_sectors(b'x')).unwrap();
    disk.create("b").unwrap();
    let image = disk.images_at(4, Loss::KeepOrDrop).nth(2).unwrap();
    assert_eq!(
        format!("{image:?}"),
        "SimDisk { origin: new -> crashed after 4 operations (image 2 of 12, KeepOrDrop: \
         directory changes kept: 0 of 1; `a`, length up to what is kept, \
         sector 0 kept (1 of 1 writes), sector 1 dropped), operations: 0, files: {\"a\": 512}, .. }"
    );
    let again = image.image_at(0, 9, Loss::KeepOrDrop);
    assert!(format!("{again:?}").contains("-> crashed after 0 operations (seed 9"));
}

#[test]
fn an_image_is_a_disk_of_its_own_and_durable() {
    let (disk, file) = disk_with_file("a");
    let _lock = disk.lock().unwrap();
    file.write_at(0, b"hello").unwrap();
    let image = disk.images_at(3, Loss::KeepOrDrop).last().unwrap();
    assert_eq!(image.file("a").unwrap(), b"hello");
    assert_eq!(image.crash_points(), 0..=0);
    assert_eq!(outcomes(&image, "a"), contents([b"hello"]));
    image.lock().unwrap();
    image.remove("a").unwrap();
    assert_eq!(disk.file("a").unwrap(), b"hello");
}

#[test]
#[should_panic(expected = "there were only 2 operations")]
fn there_is_no_crash_in_the_future() {
    let _ = disk_with_file("a").0.images_at(3, Loss::KeepOrDrop);
}

#[test]
fn the_crashes_one_after_the_other_are_those_of_each_point() {
    let (disk, file) = disk_with_file("a");
    file.write_at(0, &[1; 1000]).unwrap();
    disk.rename("a", "b").unwrap();
    file.sync().unwrap();
    disk.create("c").unwrap().write_at(3, b"hello").unwrap();
    disk.sync_dir().unwrap();
    for loss in [Loss::KeepOrDrop, Loss::KeepDropOrGarbage] {
        let told = |image: SimDisk| format!("{image:?}");
        let one_by_one: Vec<(usize, Vec<String>)> = disk
            .crash_points()
            .map(|point| (point, disk.images_at(point, loss).map(told).collect()))
            .collect();
        let in_turn: Vec<(usize, Vec<String>)> =
            disk.crashes(loss).map(|(point, images)| (point, images.map(told).collect())).collect();
        assert_eq!(in_turn, one_by_one);
    }
    // What comes later is in the next ones.
    let crashes = disk.crashes(Loss::KeepOrDrop);
    disk.remove("c").unwrap();
    assert_eq!(crashes.count() + 1, disk.crash_points().count());
}
