//! `prevalent import`.

use std::fs::File;
use std::io::{BufReader, IsTerminal as _, Write, stdin};

use super::{Form, Outcome};
use crate::args::Import;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::human;
use crate::output::{data, json_line, note, path};

pub(super) fn run(args: &Import, form: Form) -> Outcome {
    let import = prevalent::import(&args.dir);
    let imported = if let Some(path) = &args.file {
        let file = File::open(path).map_err(|error| {
            let text = format!("could not open `{}`: {error}", path.display());
            Failure::new(Exit::Failed, text)
        })?;
        import.read_from(BufReader::new(file))?
    } else {
        if stdin().is_terminal() {
            note("the lines are read from the terminal; ctrl-d ends them");
        }
        import.read_from(stdin().lock())?
    };
    if form == Form::Json {
        json_line(&serde_json::json!({
            "dir": path(&args.dir),
            "state_seq": imported.state_seq,
            "seq": imported.seq,
            "transactions": imported.transactions,
        }))?;
        return Ok(Exit::Done);
    }
    let mut out = data();
    writeln!(
        out,
        "imported `{}` up to #{}: {}",
        args.dir.display(),
        imported.seq,
        human::counted(imported.transactions, "transaction")
    )?;
    out.flush()?;
    Ok(Exit::Done)
}
