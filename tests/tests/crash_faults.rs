//! Operations that fail: each of a history, in every way, once and from then on.
//!
//! `PREVALENT_CRASH_FAULTS=1` tries all of them in every mode, not only one in so many.

use prevalent::testing::Disk;
use prevalent::testing::{Fault, Loss, Operation, OperationKind, SimDisk};
use prevalent::{Durability, Error};
use prevalent_tests::oracle::{Oracle, knob};
use prevalent_tests::record::{Record, Setup};

/// A history that goes on whatever fails. Gives how far the first session's open came.
fn history(record: &mut Record) {
    for session in 0..2 {
        let Ok(store) = record.open() else { return };
        record.add(&store);
        record.add_batch(&store, 2);
        record.look(&store);
        record.flush(&store);
        record.snapshot(&store);
        record.add(&store);
        if session == 0 {
            record.explode(&store);
        }
        record.add(&store);
        record.snapshot(&store);
        record.look(&store);
        record.close(&store);
        record.look(&store);
    }
}

fn setup(durability: Durability) -> Setup {
    Setup { segment_bytes: 700, ..Setup::new(durability) }
}

/// The ways to fail that mean something for an operation.
fn faults_of(operation: &Operation) -> &'static [Fault] {
    match operation.kind {
        OperationKind::Write { .. } => &[
            Fault::Eio,
            Fault::Enospc,
            Fault::Interrupted,
            Fault::EioAfterEffect,
            Fault::ShortWrite,
            Fault::ZeroWrite,
        ],
        OperationKind::Sync => &[Fault::Eio, Fault::SyncLosesData, Fault::Interrupted],
        _ => &[Fault::Eio, Fault::EioAfterEffect, Fault::Enospc],
    }
}

fn fail(durability: Durability, every: usize, once: bool) {
    let mut record = Record::new(SimDisk::new(), setup(durability));
    history(&mut record);
    assert!(record.errors.is_empty(), "{:?}", record.errors);
    let operations = record.sim.operations();

    let (mut runs, mut images) = (0, 0);
    let cases = operations.iter().enumerate().flat_map(|(number, operation)| {
        faults_of(operation).iter().map(move |fault| (number, *fault))
    });
    for (number, fault) in cases.step_by(every) {
        runs += 1;
        images += fail_at(durability, number, fault, once);
    }
    println!("{durability:?}, once: {once}: {runs} runs, {images} images");
}

fn fail_at(durability: Durability, number: usize, fault: Fault, once: bool) -> usize {
    let mut record = Record::new(SimDisk::new(), setup(durability));
    if once {
        record.sim.fail_operation(number, fault);
    } else {
        record.sim.fail_from(number, fault);
    }
    history(&mut record);
    let operations = record.sim.operations();
    let failed = &operations[number];
    let what = format!("{durability:?}, {fault:?} at {number}, once: {once}: {failed:?}");

    for error in &record.errors {
        assert!(
            matches!(error, Error::Io { .. } | Error::Failed { .. } | Error::InDoubt { .. }),
            "{what}: {error:?}"
        );
    }
    let journal_failed = record
        .errors
        .iter()
        .any(|error| matches!(error, Error::Failed { .. } | Error::InDoubt { .. }));
    if once
        && matches!(failed.kind, OperationKind::Write { .. })
        && matches!(fault, Fault::ShortWrite | Fault::Interrupted)
    {
        assert!(record.errors.is_empty(), "{what}: {:?}", record.errors);
    }
    if once && (failed.file.contains(".snapshot") || failed.kind == OperationKind::Remove) {
        assert!(!journal_failed, "{what}: {:?}", record.errors);
    }
    drop(record.sim.lock().unwrap_or_else(|error| panic!("{what}: the lock is held: {error}")));
    record.sim.heal();

    // A crash of the machine, right behind the failure or later.
    let mut oracle = Oracle::new(&record, Loss::KeepOrDrop, usize::MAX).quick();
    if fault == Fault::ShortWrite {
        oracle = oracle.with_split_writes();
    }
    let end = operations.len();
    for point in [number + 1, number + 2, number + 3, end] {
        oracle.judge_point(point.min(end)).unwrap_or_else(|told| panic!("{what}: {told}"));
    }
    let mut images = oracle.images;

    // The machine lives on, and so does what the system believes to have written. What is shown then stays.
    let mut record = record.kill(None);
    let told = record.errors.len();
    let store = record.open().unwrap_or_else(|error| panic!("{what}: {error}"));
    let mut oracle = Oracle::new(&record, Loss::KeepOrDrop, usize::MAX).quick();
    oracle.judge_point(record.now()).unwrap_or_else(|told| panic!("{what}, reopened: {told}"));
    images += oracle.images;
    record.add(&store);
    record.close(&store);
    assert_eq!(record.errors.len(), told, "{what}: {:?}", record.errors);
    drop(store);
    drop(record.open().unwrap_or_else(|error| panic!("{what}: {error}")));
    images
}

#[test]
fn an_operation_that_fails_once_loses_nothing_that_was_acknowledged() {
    fail(Durability::Always, knob("PREVALENT_CRASH_FAULTS", 5), true);
    fail(Durability::Manual, knob("PREVALENT_CRASH_FAULTS", 5), true);
}

#[test]
fn operations_that_fail_from_some_moment_on_lose_nothing_that_was_acknowledged() {
    fail(Durability::Always, knob("PREVALENT_CRASH_FAULTS", 5), false);
    fail(Durability::Manual, knob("PREVALENT_CRASH_FAULTS", 5), false);
}
