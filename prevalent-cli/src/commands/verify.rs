//! `prevalent verify`: checks everything.

use std::io::Write;

use prevalent::inspect::{NextOpen, Verification};
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
    let bar = bytes_bar();
    let verified = files.verify(|progress| {
        bar.set_length(progress.bytes_total);
        bar.set_position(progress.bytes_done);
        bar.set_message(progress.file.trim_start_matches('0').to_owned());
    });
    bar.finish_and_clear();
    let verified = verified?;
    let exit = exit(&verified, files.owner().is_running());
    match form {
        Form::Json => json_line(&json!({
            "result": name(exit),
            "segments": verified.segments,
            "snapshots": verified.snapshots,
            "transactions": verified.transactions,
            "bytes": verified.bytes,
            "damaged": verified.damaged.iter().map(next_open::error).collect::<Vec<_>>(),
            "tail": verified.tail.as_ref().map(next_open::tail),
            "next_open": next_open::json(&verified.next_open),
        }))?,
        Form::Text => text(&verified, exit)?,
    }
    Ok(exit)
}

/// Beside an owner, what looks torn is being written.
fn exit(verified: &Verification, owner_is_running: bool) -> Exit {
    if !verified.damaged.is_empty() {
        return Exit::Damaged;
    }
    match (&verified.tail, &verified.next_open) {
        (Some(tail), _) if tail.suspect => Exit::SuspectTail,
        (Some(_), _) if !owner_is_running => Exit::TornTail,
        (_, NextOpen::Refuses(error)) => exit_of(error),
        _ => Exit::Done,
    }
}

fn name(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "clean",
        Exit::TornTail => "torn_tail",
        Exit::SuspectTail => "suspect_tail",
        Exit::Damaged => "damaged",
        _ => "failed",
    }
}

fn text(verified: &Verification, exit: Exit) -> std::io::Result<()> {
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
    writeln!(out, "{}", paint.show(style, name(exit).replace('_', " ")))?;
    out.flush()
}
