//! Operations fail.

use super::stores::{Damaged, apply, for_each_damaged_store, is_guarded, is_told};
use crate::disk::sim::{Fault, Loss, Operation, OperationKind, SimVolume};

for_each_damaged_store! {
    an_operation_that_fails_is_told_and_the_next_repair_goes_on:
        damaged_snapshot_and_mark
        suspect_tail
        damaged_snapshot_and_suspect_tail
        damaged_journal_behind_a_snapshot
        damaged_end_of_the_journal;
    an_operation_of_a_repair_that_goes_on_may_fail_too:
        damaged_journal_behind_a_snapshot
        damaged_end_of_the_journal;
}

/// How an operation can fail.
fn faults(operation: &OperationKind) -> &'static [Fault] {
    match operation {
        OperationKind::Write { .. } => &[
            Fault::Enospc,
            Fault::EioAfterEffect,
            Fault::ShortWrite,
            Fault::ZeroWrite,
            Fault::Interrupted,
        ],
        OperationKind::Sync => &[Fault::Eio, Fault::SyncLosesData, Fault::Interrupted],
        OperationKind::SyncDir => &[Fault::Eio, Fault::Interrupted],
        _ => &[Fault::Enospc, Fault::EioAfterEffect],
    }
}

/// Whether nobody need be told that an operation failed.
fn may_be_kept_quiet(operation: &Operation) -> bool {
    match (&operation.kind, operation.fault) {
        (OperationKind::Write { .. }, Some(Fault::ShortWrite | Fault::Interrupted)) => true,
        // What was being written when something failed is removed, if it can be; so is a mark that counts no more.
        (OperationKind::Remove, _) => {
            operation.file == "store/CLEAN" || operation.file.ends_with("CLEAN.tmp")
        }
        _ => false,
    }
}

/// A repair fails at one operation, and is begun again. Gives how many operations there were to fail.
fn fails_once_and_is_gone_on_with(damaged: &Damaged, begun: &SimVolume) -> usize {
    let unharmed = begun.after_kill();
    apply(&unharmed, "aside again").unwrap();
    let operations = unharmed.disk.operations();
    for (number, operation) in operations.iter().enumerate() {
        for &fault in faults(&operation.kind) {
            let volume = begun.after_kill();
            volume.disk.fail_operation(number, fault);
            let done = apply(&volume, "aside again");
            let failed = &volume.disk.operations()[number];
            let moment = format!("{failed:?}, operation {number}");
            assert_eq!(failed.fault, Some(fault), "{}, {moment}", damaged.name);
            volume.disk.heal();
            match done {
                Ok(_) => {
                    assert!(may_be_kept_quiet(failed), "{}, {moment}", damaged.name);
                    damaged.expect_repaired(&volume, &moment);
                    continue;
                }
                Err(error) => assert!(is_told(&error), "{}, {moment}: {error}", damaged.name),
            }
            damaged.expect_nothing_lost(&volume, &moment);
            let volume = volume.after_kill();
            let repaired = apply(&volume, "aside at last");
            let repaired =
                repaired.unwrap_or_else(|error| panic!("{}, {moment}: {error}", damaged.name));
            let last = volume.disk.operations().len();
            for image in volume.images_at(last, Loss::KeepOrDrop) {
                if repaired.aside.is_some() && damaged.is_ended_by_the_next() {
                    damaged.expect_repaired(&image, &image);
                } else {
                    damaged.expect_nothing_lost(&image, &image);
                    damaged.expect_repairable(&image, &image);
                }
            }
            damaged.expect_repaired(&volume, &moment);
        }
    }
    operations.len()
}

fn an_operation_that_fails_is_told_and_the_next_repair_goes_on(damaged: &Damaged) {
    let operations = fails_once_and_is_gone_on_with(damaged, &damaged.volume());
    assert!(operations > 5, "{operations} operations");
}

fn an_operation_of_a_repair_that_goes_on_may_fail_too(damaged: &Damaged) {
    let killed_after = |operations| {
        let volume = damaged.volume();
        volume.disk.fail_from(operations, Fault::Eio);
        apply(&volume, "aside").err().map(|_| volume.after_kill())
    };
    let all: Vec<SimVolume> = (0..).map_while(killed_after).collect();
    let first = all.iter().position(is_guarded).unwrap();
    let last = all.iter().rposition(is_guarded).unwrap();
    // Before files change places, while they do, and when all have.
    for operations in [first - 1, first, usize::midpoint(first, last), last, last + 1] {
        let failed = fails_once_and_is_gone_on_with(damaged, &all[operations]);
        assert!(failed > 5, "{failed} operations");
    }
}
