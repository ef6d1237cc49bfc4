//! `prevalent export`: the lines are the data, with or without `--json`.

use serde_json::json;

use super::{Form, Outcome, next_open};
use crate::args;
use crate::exit::Exit;
use crate::human;
use crate::output::{data, note, say};

pub(super) fn run(args: &args::Export, form: Form) -> Outcome {
    let mut export = prevalent::export(&args.dir).beside_owner();
    if args.full_history {
        export = export.full_history();
    }
    if args.drop_suspect_tail {
        export = export.drop_suspect_tail();
    }
    let exported = export.write_to(data())?;
    for error in &exported.damaged {
        note(format_args!("passed over: {error}"));
    }
    if let Some(tail) = &exported.dropped_tail {
        note(format_args!("left out: {} at the journal's end", human::bytes(tail.bytes)));
    }
    if form == Form::Json {
        // The lines have been written to stdout: this is about them.
        let about = json!({
            "state_seq": exported.state_seq,
            "seq": exported.seq,
            "transactions": exported.transactions,
            "dropped_tail": exported.dropped_tail.as_ref().map(next_open::tail),
            "damaged": exported.damaged.iter().map(next_open::error).collect::<Vec<_>>(),
        });
        say(human::tame_json(&about.to_string()));
    }
    Ok(Exit::Done)
}
