//! `prevalent verify`: checks everything.

use std::io::Write;

use prevalent::inspect::{NextOpen, Owner, Verification};
use serde_json::json;

use super::{Form, Outcome, files, next_open};
use crate::args::Look;
use crate::exit::Exit;
use crate::failure::exit_of;
use crate::human;
use crate::output::{GREEN, Paint, RED, YELLOW, data, json_line};
use crate::progress::bytes_bar;

pub(super) fn run(look: &Look, form: Form) -> Outcome {
    let files = files(look)?;
    // Before anything is read: who ends meanwhile may have been writing.
    let owner = files.owner();
    let bar = bytes_bar();
    let verified = files.verify(|progress| {
        bar.set_message(without_zeros(progress.file).to_owned());
        bar.set_length(progress.bytes_total);
        bar.set_position(progress.bytes_done);
    });
    bar.finish_and_clear();
    let verified = verified?;
    let exit = exit(&verified, owner);
    match form {
        Form::Json => json_line(&json!({
            "result": exit.name(),
            "segments": verified.segments,
            "snapshots": verified.snapshots,
            "transactions": verified.transactions,
            "bytes": verified.bytes,
            "damaged": verified.damaged.iter().map(next_open::error).collect::<Vec<_>>(),
            "tail": verified.tail.as_ref().map(next_open::tail),
            "next_open": next_open::json(&verified.next_open),
        }))?,
        Form::Text => text(&verified, exit, owner)?,
    }
    Ok(exit)
}

/// `17.journal`, `0.snapshot`.
fn without_zeros(file: &str) -> &str {
    let digits = file.find('.').unwrap_or(0);
    let zeros = file.bytes().take_while(|byte| *byte == b'0').count();
    &file[zeros.min(digits.saturating_sub(1))..]
}

/// Beside an owner, what looks torn is being written. A torn tail is one that the next open drops, and so does open.
fn exit(verified: &Verification, owner: Owner) -> Exit {
    if !verified.damaged.is_empty() {
        return Exit::Damaged;
    }
    match (&verified.tail, &verified.next_open) {
        (Some(tail), _) if tail.suspect => Exit::SuspectTail,
        (_, NextOpen::Refuses(error)) => exit_of(error),
        (Some(_), _) if !owner.is_running() => Exit::TornTail,
        _ => Exit::Done,
    }
}

fn text(verified: &Verification, exit: Exit, owner: Owner) -> std::io::Result<()> {
    let paint = Paint::of_stdout();
    let mut out = data();
    writeln!(
        out,
        "{}, {}, {}, {}",
        human::counted(verified.snapshots as u64, "snapshot"),
        human::counted(verified.segments as u64, "segment"),
        human::counted(verified.transactions, "transaction"),
        human::bytes(verified.bytes)
    )?;
    for error in &verified.damaged {
        let error = error.to_string();
        writeln!(out, "{}: {}", paint.show(RED, "damaged"), human::tame(&error))?;
    }
    writeln!(out, "the next open {}", next_open::text(&verified.next_open, paint))?;
    let style = match exit {
        Exit::Done => GREEN,
        Exit::TornTail => YELLOW,
        _ => RED,
    };
    let word = match (exit, owner) {
        (Exit::TornTail, Owner::Unknown) => "torn tail, or one that is being written".to_owned(),
        _ => exit.name().replace('_', " "),
    };
    writeln!(out, "{}", paint.show(style, word))?;
    out.flush()
}
