//! `prevalent dump`: the transactions of the journal.

use std::ops::ControlFlow;

use prevalent::Seq;
use prevalent::inspect::{JournalRead, Owner};

use super::line::Lines;
use super::{Form, Outcome, files, transactions};
use crate::args::Dump;
use crate::exit::Exit;
use crate::failure::{Failure, exit_of};
use crate::human;
use crate::output::{data, note};

pub(super) fn run(args: Dump, form: Form) -> Outcome {
    let files = files(&args.look)?;
    // Before anything is read: who ends meanwhile may have been writing.
    let owner = files.owner();
    let from = args.which.from.map_or(Seq::from(1), |seq| seq.max(1.into()));
    let transactions = transactions(&files, args.which);
    let transactions = if args.skip_damage { transactions.skip_damage() } else { transactions };
    let mut lines = Lines::new(data(), form);
    let read = transactions.for_each(|tx| {
        lines.transaction(tx)?;
        Ok::<_, Failure>(ControlFlow::Continue(()))
    });
    // What comes before an error is data all the same.
    lines.flush()?;
    let unshown = lines.unshown();
    unshown.iter().for_each(note);
    let read = read?;
    if let Some(oldest) = read.oldest
        && oldest > from
    {
        note(format_args!(
            "the journal goes back to sequence number {oldest} only; what is older is in a snapshot"
        ));
    }
    Ok(match tell_end(owner, &read) {
        Exit::Done if unshown.is_some() => Exit::Failed,
        exit => exit,
    })
}

/// Says what is wrong with the journal, as far as it was read.
pub(super) fn tell_end(owner: Owner, read: &JournalRead) -> Exit {
    let mut exit = Exit::Done;
    for error in &read.damaged {
        note(format_args!("passed over: {error}"));
        exit = exit_of(error);
    }
    let Some(tail) = &read.tail else { return exit };
    let (file, offset, bytes) = (tail.file.display(), tail.offset, human::bytes(tail.bytes));
    if tail.suspect {
        note(format_args!(
            "the journal's end is bad without a sign of a crash: {bytes} from byte {offset} of `{file}` on; an open refuses it"
        ));
        return if exit == Exit::Done { Exit::SuspectTail } else { exit };
    }
    match owner {
        Owner::Running { .. } => {}
        Owner::Unknown => note(format_args!(
            "the journal's end was torn by a crash, or is being written: {bytes} from byte {offset} of `{file}` on; an open would drop it"
        )),
        _ => note(format_args!(
            "the journal's end was torn by a crash: {bytes} from byte {offset} of `{file}` on; the next open drops it"
        )),
    }
    exit
}
