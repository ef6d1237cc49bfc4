//! `prevalent state`: the state in a snapshot, as JSON.

use std::io::{IsTerminal, Write};

use prevalent::Error;
use prevalent::inspect::StoreFiles;

use super::{Form, Outcome, files};
use crate::args::State;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::human;
use crate::output::{data, note};

pub(super) fn run(args: &State, form: Form) -> Outcome {
    let files = files(&args.look)?;
    let state = files.snapshot(args.snapshot).map_err(|error| not_there(&files, args, error))?;
    for error in state.damaged() {
        note(format_args!("passed over: {error}"));
    }
    let value = match &args.path {
        Some(path) => state.value_at(path)?.map_err(|what| Failure::new(Exit::NotThere, what))?,
        None => state.value(),
    };
    let mut out = data();
    let is_pretty = args.pretty || form == Form::Text && std::io::stdout().is_terminal();
    if is_pretty {
        value.write_json_pretty(&mut out)?;
    } else {
        value.write_json(&mut out)?;
    }
    out.write_all(b"\n")?;
    out.flush()?;
    if args.snapshot.is_none()
        && let Ok(status) = files.status()
        && let Some((newest, _)) = status.newest
        && newest > state.seq()
    {
        let behind = human::counted(newest.get() - state.seq().get(), "transaction");
        note(format_args!(
            "this is the snapshot of sequence number {}; the journal has {behind} more",
            state.seq()
        ));
    }
    Ok(Exit::Done)
}

/// Who names a snapshot wants to know which ones there are.
fn not_there(files: &StoreFiles, args: &State, error: Error) -> Failure {
    match (&error, args.snapshot, files.status()) {
        (Error::Pruned { .. } | Error::NotYet { .. }, Some(seq), Ok(status)) => {
            let known: Vec<String> =
                status.snapshots.iter().map(|snapshot| snapshot.seq.to_string()).collect();
            let known = known.join(", ");
            let text = format!(
                "there is no snapshot of sequence number {seq}; there are those of {known}"
            );
            Failure::new(Exit::NotThere, text)
        }
        _ => error.into(),
    }
}
