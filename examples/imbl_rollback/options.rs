//! The command line.

use std::ffi::OsString;

/// What `--help` says.
pub const HELP: &str = "\
Measures what `rollback` costs: the time of a transaction with and without it, on a
persistent map (`imbl`), small and large, and on that of the standard library.

Usage: cargo run --release --example imbl_rollback -- [OPTIONS]

  --objects N        articles in the large model; default: 1000000
  --transactions N   transactions in each of six runs; default: 20000
  --help             this text
";

/// What the user wants.
#[derive(Debug)]
pub struct Options {
    /// How large the large model is.
    pub objects: u32,
    /// How much is measured.
    pub transactions: u32,
}

impl Options {
    /// Reads the arguments; `None` asks for help.
    pub fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        let mut options = Options { objects: 1_000_000, transactions: 20_000 };
        while let Some(argument) = arguments.next() {
            let mut number = |least: u32| {
                let text = arguments.next().unwrap_or_default();
                let number = text.to_str().and_then(|text| text.parse::<u32>().ok());
                let wanted = || format!("`{}` needs a number, {least} or more", argument.display());
                number.filter(|number| *number >= least).ok_or_else(wanted)
            };
            match argument.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--objects") => options.objects = number(2)?,
                Some("--transactions") => options.transactions = number(1)?,
                _ => {
                    return Err(format!(
                        "there is no option `{}`; see `--help`",
                        argument.display()
                    ));
                }
            }
        }
        Ok(Some(options))
    }
}
