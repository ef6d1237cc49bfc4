//! Histories in which an operation of the disk fails.

use super::case::{Failing, Lasting};
use super::history::History;
use crate::Error;
use crate::disk::sim::{Fault, Operation, OperationKind};

/// All the ways in which the operations can fail that mean something, once and for good.
pub(super) fn all(operations: &[Operation]) -> Vec<Failing> {
    let faults = operations.iter().enumerate().flat_map(|(operation, asked)| {
        faults_of(asked).iter().map(move |&fault| (operation, fault))
    });
    let both = [Lasting::Once, Lasting::ForGood];
    faults
        .flat_map(|(operation, fault)| both.map(|lasting| Failing { operation, fault, lasting }))
        .collect()
}

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
        _ => &[Fault::Eio, Fault::EioAfterEffect, Fault::Enospc, Fault::Interrupted],
    }
}

/// What the store may have told of the failure. The text says what it should not have.
pub(super) fn expect_told(history: &History, failing: Failing) -> Result<(), String> {
    let operations = history.sim.operations();
    let Some(failed) = operations.get(failing.operation) else { return Ok(()) };
    let told = format!("{:?}", history.errors);
    if failing.lasting == Lasting::Once {
        let is_harmless = matches!(failed.kind, OperationKind::Write { .. })
            && matches!(failing.fault, Fault::ShortWrite | Fault::Interrupted);
        if is_harmless && !history.errors.is_empty() {
            return Err(format!("a write that had only to be gone on with led to {told}"));
        }
        let is_of_journal =
            |error: &Error| matches!(error, Error::Failed { .. } | Error::InDoubt { .. });
        let spares_the_journal =
            failed.file.contains(".snapshot") || failed.kind == OperationKind::Remove;
        if spares_the_journal && history.errors.iter().any(is_of_journal) {
            return Err(format!("what the journal does not need led to {told}"));
        }
    }
    Ok(())
}

/// When to crash: right behind the failure, and at the end.
pub(super) fn crash_points(history: &History, failing: Failing) -> Vec<usize> {
    let behind = (1..=3).map(|further| (failing.operation + further).min(history.end));
    let mut points: Vec<usize> = behind.chain([history.end]).collect();
    points.dedup();
    points
}
