//! The power fails.

use std::collections::BTreeSet;

use super::stores::{Damaged, apply, everything, for_each_damaged_store};
use crate::disk::sim::Loss;

for_each_damaged_store! {
    a_power_cut_at_any_moment_loses_nothing_and_the_next_repair_ends_it:
        damaged_snapshot_and_mark
        suspect_tail
        damaged_snapshot_and_suspect_tail
        damaged_journal_behind_a_snapshot
        damaged_end_of_the_journal;
    what_is_told_to_be_aside_is_aside_after_a_power_cut:
        damaged_snapshot_and_mark
        suspect_tail
        damaged_snapshot_and_suspect_tail
        damaged_journal_behind_a_snapshot
        damaged_end_of_the_journal;
}

fn a_power_cut_at_any_moment_loses_nothing_and_the_next_repair_ends_it(damaged: &Damaged) {
    let volume = damaged.volume();
    apply(&volume, "aside").unwrap();
    let end = volume.disk.operations().len();
    let mut images = BTreeSet::new();
    for point in 0..=end {
        for image in volume.images_at(point, Loss::KeepDropOrGarbage) {
            if point == end {
                damaged.expect_repaired(&image, &image);
            }
            if images.insert(everything(&image)) {
                damaged.expect_nothing_lost(&image, &image);
                damaged.expect_repairable(&image, &image);
            }
        }
    }
    println!("{end} operations, {} images of a power cut", images.len());
    let least = if damaged.is_made_anew() { 100 } else { 5 };
    assert!(images.len() >= least, "{} images", images.len());
}

fn what_is_told_to_be_aside_is_aside_after_a_power_cut(damaged: &Damaged) {
    let volume = damaged.volume();
    let before = everything(&volume);
    apply(&volume, "aside").unwrap();
    let now = everything(&volume);
    // The segment with a bad tail stays as well.
    let has_bad_tail =
        |name: &str| damaged.name.ends_with("drop the tail") && name.ends_with(".journal");
    let is_replaced = |(name, bytes): &(String, _)| {
        has_bad_tail(name) || !now.contains(&(name.clone(), Option::clone(bytes)))
    };
    let replaced: Vec<_> = before.iter().filter(|file| is_replaced(file)).collect();
    assert!(!replaced.is_empty());
    for image in volume.images_at(volume.disk.operations().len(), Loss::KeepDropOrGarbage) {
        for (name, content) in &replaced {
            let aside = image.disk.file(&name.replace("store/", "aside/"));
            assert!(aside == *content, "{name} of {image:?}");
        }
    }
}
