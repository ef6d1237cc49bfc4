//! The process is killed, and the machine goes on; the power fails when the next one goes on, too.

use std::collections::BTreeSet;

use super::stores::{Damaged, apply, everything, for_each_damaged_store, is_guarded};
use crate::disk::sim::{Fault, Loss, SimVolume};

for_each_damaged_store! {
    what_a_killed_repair_leaves_is_gone_on_with_and_a_power_cut_meanwhile_loses_nothing:
        damaged_snapshot_and_mark
        suspect_tail
        damaged_snapshot_and_suspect_tail
        damaged_journal_behind_a_snapshot
        damaged_end_of_the_journal;
}

/// What a repair leaves that is killed after so many operations; `None` where it has ended before.
fn killed_after(damaged: &Damaged, operations: usize) -> Option<SimVolume> {
    let volume = damaged.volume();
    volume.disk.fail_from(operations, Fault::Eio);
    apply(&volume, "aside").err()?;
    Some(volume.after_kill())
}

fn what_a_killed_repair_leaves_is_gone_on_with_and_a_power_cut_meanwhile_loses_nothing(
    damaged: &Damaged,
) {
    let mut images = BTreeSet::new();
    let mut kills = 0;
    while let Some(killed) = killed_after(damaged, kills) {
        let was_guarded = is_guarded(&killed);
        damaged.expect_nothing_lost(&killed, &killed);
        damaged.expect_repairable(&killed, &killed);
        let end = killed.disk.operations().len();
        // Before files change places, a repair begins again.
        let first = if was_guarded { 0 } else { end };
        for point in first..=end {
            for image in killed.images_at(point, Loss::KeepOrDrop) {
                if point == end && end > 0 && damaged.is_ended_by_the_next() {
                    damaged.expect_repaired(&image, &image);
                }
                if images.insert(everything(&image)) {
                    damaged.expect_nothing_lost(&image, &image);
                    damaged.expect_repairable(&image, &image);
                }
            }
        }
        kills += 1;
    }
    println!("{kills} kills, {} images of a power cut behind one", images.len());
    assert!(kills > 5, "{kills} kills");
}
