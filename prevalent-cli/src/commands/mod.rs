//! One file for each command.

mod backup;
mod completions;
mod dump;
mod export;
mod fork;
mod import;
mod line;
mod man;
mod new_store;
mod next_open;
mod repair;
mod restore;
mod schema;
mod state;
mod stats;
mod status;
mod ui;
mod verify;
mod void;
mod watch;

use prevalent::inspect::{StoreFiles, Transactions};

use crate::args::{Cli, Command, Look, Which};
use crate::exit::Exit;
use crate::failure::Failure;

/// What a command came to.
pub(crate) type Outcome = Result<Exit, Failure>;

/// In which form it says what it has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Json,
}

/// Does what was typed.
pub(crate) fn run(cli: Cli) -> Outcome {
    let form = if cli.json { Form::Json } else { Form::Text };
    match cli.command {
        Command::Status(args) => status::run(&args, form),
        Command::Dump(args) => dump::run(args, form),
        Command::State(args) => state::run(&args, form),
        Command::Verify(args) => verify::run(&args, form),
        Command::Schema(args) => schema::run(&args, form),
        Command::Watch(args) => watch::run(&args, form),
        Command::Stats(args) => stats::run(args, form),
        Command::Ui(args) => ui::run(&args),
        Command::Backup(args) => backup::run(&args, form),
        Command::Restore(args) => restore::run(&args, form),
        Command::Fork(args) => fork::run(&args, form),
        Command::Export(args) => export::run(&args, form),
        Command::Import(args) => import::run(&args, form),
        Command::Void(args) => void::run(&args, form),
        Command::Repair(args) => repair::run(&args, form),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

fn files(look: &Look) -> Result<StoreFiles, Failure> {
    let files = StoreFiles::at(&look.dir)?;
    match &look.archive {
        Some(archive) => Ok(files.archive(archive)?),
        None => Ok(files),
    }
}

fn transactions(files: &StoreFiles, which: Which) -> Transactions<'_> {
    let Which { from, to, since, until, tx } = which;
    let mut transactions = files.transactions();
    if let Some(seq) = from {
        transactions = transactions.from(seq);
    }
    if let Some(seq) = to {
        transactions = transactions.through(seq);
    }
    if let Some(time) = since {
        transactions = transactions.since(time);
    }
    if let Some(time) = until {
        transactions = transactions.until(time);
    }
    tx.into_iter().fold(transactions, Transactions::named)
}
