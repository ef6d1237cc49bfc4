//! What is said about a store that was made.

use std::io::Write;
use std::path::Path;

use prevalent::{NewStore, OriginKind};
use serde_json::json;

use super::{Form, Outcome, next_open};
use crate::exit::Exit;
use crate::human;
use crate::output::{data, json_line, note, path};

pub(super) fn tell(made: &NewStore, dir: &Path, form: Form) -> Outcome {
    for error in &made.damaged {
        note(format_args!("passed over: {error}"));
    }
    if let Some(tail) = &made.dropped_tail {
        let bytes = human::bytes(tail.bytes);
        note(format_args!("left out: {bytes} at the journal's end, which a crash has torn"));
    }
    if form == Form::Json {
        json_line(&json!({
            "dir": path(dir),
            "store": made.id.to_string(),
            "seq": made.seq,
            "snapshot_seq": made.snapshot_seq,
            "from": made.origin.store.to_string(),
            "dropped_tail": made.dropped_tail.as_ref().map(next_open::tail),
            "damaged": made.damaged.iter().map(next_open::error).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Done);
    }
    let how = match made.origin.how {
        OriginKind::Restored => "restored",
        OriginKind::Forked => "forked",
        _ => "made",
    };
    let mut out = data();
    writeln!(out, "{how} `{}` up to #{}: store {}", dir.display(), made.seq, made.id)?;
    out.flush()?;
    Ok(Exit::Done)
}
