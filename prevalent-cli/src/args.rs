//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use prevalent::{Point, Seq};

use crate::exit::HELP;
use crate::point;

/// Looks into the stores of `prevalent`, checks, copies and mends them, without the program that wrote them.
///
/// A store's files carry the names and types of what they hold. A store that is only looked at is never written to, and its lock
/// is never taken: the program may run, or start, meanwhile.
#[derive(Debug, Parser)]
#[command(name = "prevalent", version, after_long_help = HELP, max_term_width = 100)]
pub(crate) struct Cli {
    /// Says what it has to say as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const VERIFY: &str = "Examples:\n  prevalent verify data/sessions\n  prevalent verify data/sessions || echo \"exit code $?\"";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tells what there is: model, journal, snapshots, owner, and what the next open would do
    #[command(
        after_help = "Examples:\n  prevalent status data/sessions\n  prevalent status data/sessions --json | jq .next_open"
    )]
    Status(Status),
    /// Writes the transactions of the journal, one a line
    #[command(
        after_help = "Examples:\n  prevalent dump data/sessions --from 4000 --to 4100\n  prevalent dump data/sessions --since 2h --tx delete_session\n  prevalent dump data/sessions --json | jq -r .tx | sort | uniq -c"
    )]
    Dump(Dump),
    /// Writes the state in a snapshot as JSON
    #[command(
        after_help = "Examples:\n  prevalent state data/sessions\n  prevalent state data/sessions --path tokens.access_token\n  prevalent state data/shop --snapshot 4711 --path 'orders[3].items'"
    )]
    State(State),
    /// Checks all files: checksums, the journal's chain, and that each value is one of its type
    #[command(after_help = VERIFY, after_long_help = format!("{VERIFY}\n\n{HELP}"))]
    Verify(Look),
    /// Shows the types of state and transactions, or what has changed between two of them
    #[command(
        after_help = "Examples:\n  prevalent schema data/sessions\n  prevalent schema data/sessions --diff 4000 9000\n  prevalent schema data/sessions --diff released.json data/sessions"
    )]
    Schema(Schema),
    /// Shows transactions as they are written, like `tail -f`
    #[command(
        after_help = "Examples:\n  prevalent watch data/sessions\n  prevalent watch data/sessions --from 4000 --json"
    )]
    Watch(Watch),
    /// Counts transactions and bytes by name, and shows when they came
    #[command(
        after_help = "Examples:\n  prevalent stats data/sessions\n  prevalent stats data/sessions --since 1d"
    )]
    Stats(Stats),
    /// Shows segments, transactions and values in the terminal
    #[command(after_help = "Examples:\n  prevalent ui data/sessions")]
    Ui(Look),
    /// Copies a store, open or not, to a directory; what is there from an earlier time is gone on with
    #[command(after_help = "Examples:\n  prevalent backup data/sessions backups/sessions")]
    Backup(Backup),
    /// Makes a store of a backup, up to its end, a sequence number or a time
    #[command(
        after_help = "Examples:\n  prevalent restore backups/sessions data/sessions\n  prevalent restore backups/sessions data/yesterday --at 1d\n  prevalent restore backups/sessions data/before --at 4711"
    )]
    Restore(Restore),
    /// Makes another store out of one, which may be open, up to its end, a sequence number or a time
    #[command(after_help = "Examples:\n  prevalent fork data/sessions data/what-if --at 4711")]
    Fork(Fork),
    /// Writes a store as lines of JSON, from which `import` makes one
    #[command(
        after_help = "Examples:\n  prevalent export data/sessions > sessions.jsonl\n  prevalent export data/sessions --full-history | gzip > sessions.jsonl.gz"
    )]
    Export(Export),
    /// Makes a store out of lines of JSON that `export` wrote, or another program
    #[command(
        after_help = "Examples:\n  prevalent import data/copy < sessions.jsonl\n  prevalent import data/copy sessions.jsonl"
    )]
    Import(Import),
    /// Makes a transaction void, for one that no open survives
    #[command(
        after_help = "Examples:\n  prevalent void data/sessions 4711 --reason \"it takes all memory\"\n\nWhat was committed after it is replayed on another state: copy the directory before."
    )]
    Void(Void),
    /// Tells how a store that doesn't open could be made to, and what would be lost; with `--apply`, does it
    #[command(
        after_help = "Examples:\n  prevalent repair data/sessions\n  prevalent repair data/sessions --apply\n\nNothing is deleted: what is replaced is moved into DIR.before-repair-TIME."
    )]
    Repair(Repair),
    /// Writes what a shell needs to complete commands
    #[command(
        after_help = "Examples:\n  prevalent completions bash > /etc/bash_completion.d/prevalent\n  prevalent completions zsh > ~/.zfunc/_prevalent"
    )]
    Completions(Completions),
    /// Writes the manual's pages into a directory
    #[command(after_help = "Examples:\n  prevalent man /usr/local/share/man/man1")]
    Man(Man),
}

/// The store that is looked at.
#[derive(Debug, Args)]
pub(crate) struct Look {
    /// The store's directory
    pub(crate) dir: PathBuf,
    /// The store's archive: old files there count as if they were still in the store
    #[arg(long, value_name = "DIR")]
    pub(crate) archive: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) look: Look,
    /// Says nothing of the next open, and so reads the newest segment only
    #[arg(long)]
    pub(crate) quick: bool,
}

/// Which transactions.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// From this sequence number on
    #[arg(long, value_name = "SEQ", value_parser = point::seq)]
    pub(crate) from: Option<Seq>,
    /// Up to this sequence number
    #[arg(long, value_name = "SEQ", value_parser = point::seq)]
    pub(crate) to: Option<Seq>,
    /// Not earlier than this: `2026-07-03T10:11:12Z`, `2026-07-03`, or `2h` for two hours ago
    #[arg(long, value_name = "TIME", value_parser = point::time)]
    pub(crate) since: Option<std::time::SystemTime>,
    /// Not later than this
    #[arg(long, value_name = "TIME", value_parser = point::time)]
    pub(crate) until: Option<std::time::SystemTime>,
    /// Those with this name; can be given more than once
    #[arg(long, value_name = "NAME")]
    pub(crate) tx: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Dump {
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) which: Which,
    /// Passes over what is damaged, and goes on with the next segment
    #[arg(long)]
    pub(crate) skip_damage: bool,
}

#[derive(Debug, Args)]
pub(crate) struct State {
    #[command(flatten)]
    pub(crate) look: Look,
    /// The snapshot of this sequence number; otherwise the newest good one
    #[arg(long, value_name = "SEQ", value_parser = point::seq)]
    pub(crate) snapshot: Option<Seq>,
    /// The value there: `orders[3].price`, `tokens.alice`, `tokens["a.b"]`
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// In many lines; the default on a terminal
    #[arg(long)]
    pub(crate) pretty: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    #[command(flatten)]
    pub(crate) look: Look,
    /// As it was at this sequence number
    #[arg(long, value_name = "SEQ", value_parser = point::seq, conflicts_with = "diff")]
    pub(crate) at: Option<Seq>,
    /// What has changed from A to B, each a sequence number of this store, the directory of a store, or a file with a
    /// schema as JSON
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub(crate) diff: Option<Vec<String>>,
}

#[derive(Debug, Args)]
pub(crate) struct Watch {
    #[command(flatten)]
    pub(crate) look: Look,
    /// From this sequence number on; otherwise what comes from now on
    #[arg(long, value_name = "SEQ", value_parser = point::seq)]
    pub(crate) from: Option<Seq>,
    /// How often it looks, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) interval: u64,
    /// Ends after so many transactions
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Stats {
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) which: Which,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    pub(crate) look: Look,
    /// The directory of the backup
    pub(crate) target: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The directory of the backup
    pub(crate) target: PathBuf,
    /// The directory of the new store
    pub(crate) dir: PathBuf,
    /// Up to this sequence number, or to the last transaction that is not later than this time
    #[arg(long, value_name = "SEQ|TIME", value_parser = point::point)]
    pub(crate) at: Option<Point>,
}

#[derive(Debug, Args)]
pub(crate) struct Fork {
    #[command(flatten)]
    pub(crate) look: Look,
    /// The directory of the new store
    pub(crate) to: PathBuf,
    /// Up to this sequence number, or to the last transaction that is not later than this time
    #[arg(long, value_name = "SEQ|TIME", value_parser = point::point)]
    pub(crate) at: Option<Point>,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The store's directory
    pub(crate) dir: PathBuf,
    /// Begins with the oldest snapshot that is kept, with all transactions that are still there
    #[arg(long)]
    pub(crate) full_history: bool,
    /// Leaves out an end of the journal that is bad without a sign of a crash
    #[arg(long)]
    pub(crate) drop_suspect_tail: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The directory of the new store
    pub(crate) dir: PathBuf,
    /// The lines; otherwise they come from stdin
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Void {
    /// The store's directory
    pub(crate) dir: PathBuf,
    /// The transaction's sequence number
    #[arg(value_parser = point::seq)]
    pub(crate) seq: Seq,
    /// Why, for whoever looks at the journal later
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

#[derive(Debug, Args)]
pub(crate) struct Repair {
    /// The store's directory
    pub(crate) dir: PathBuf,
    /// Does it
    #[arg(long)]
    pub(crate) apply: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The directory, which is made where it is missing
    pub(crate) dir: PathBuf,
}
