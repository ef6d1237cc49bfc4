//! `prevalent void`.

use std::io::Write;

use serde_json::json;

use super::{Form, Outcome, next_open};
use crate::args::Void;
use crate::exit::Exit;
use crate::human;
use crate::output::{data, json_line, note};

pub(super) fn run(args: &Void, form: Form) -> Outcome {
    let void = prevalent::void(&args.dir, args.seq).reason(&args.reason);
    let voided = void.write().wait()?;
    for error in &voided.damaged {
        note(format_args!("passed over: {error}"));
    }
    if let Some(tail) = &voided.dropped_tail {
        let bytes = human::bytes(tail.bytes);
        note(format_args!("left out: {bytes} at the journal's end, which a crash has torn"));
    }
    if form == Form::Json {
        json_line(&json!({
            "seq": voided.seq,
            "tx": voided.tx,
            "time": human::timestamp(voided.time),
            "acknowledged": voided.acknowledged,
            "dropped_tail": voided.dropped_tail.as_ref().map(next_open::tail),
            "damaged": voided.damaged.iter().map(next_open::error).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Done);
    }
    let mut out = data();
    let told = if voided.acknowledged { "; it had succeeded when it was committed" } else { "" };
    let (seq, tx, time) = (voided.seq, human::tame_line(&voided.tx), human::time(voided.time));
    writeln!(out, "#{seq} ({tx}, {time}) has no effect any more{told}")?;
    out.flush()?;
    Ok(Exit::Done)
}
