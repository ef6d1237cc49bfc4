//! Where things are written: data to stdout, notes to stderr; in colour where somebody looks.

use std::fmt::Display;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::human::{tame, tame_json};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(crate) const RED: Style = AnsiColor::Red.on_default();
pub(crate) const CYAN: Style = AnsiColor::Cyan.on_default();

/// Whether there is colour. `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM` count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Colour,
}

impl Paint {
    pub(crate) fn of_stdout() -> Self {
        Self::of(AutoStream::choice(&io::stdout()))
    }

    pub(crate) fn of_stderr() -> Self {
        Self::of(AutoStream::choice(&io::stderr()))
    }

    fn of(choice: ColorChoice) -> Self {
        if choice == ColorChoice::Never { Paint::Plain } else { Paint::Colour }
    }

    pub(crate) fn show(self, style: Style, text: impl Display) -> String {
        let text = text.to_string();
        let text = tame(&text);
        match self {
            Paint::Plain => text.into_owned(),
            Paint::Colour => format!("{style}{text}{style:#}"),
        }
    }
}

/// The data, in pieces that are worth a system call.
pub(crate) fn data() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(256 << 10, io::stdout().lock())
}

/// A line of JSON.
pub(crate) fn json_line(value: &serde_json::Value) -> io::Result<()> {
    let mut out = data();
    writeln!(out, "{}", tame_json(&value.to_string()))?;
    out.flush()
}

/// A path in JSON, whose texts are all Unicode: what of the path is not, is shown as such.
pub(crate) fn path(path: &Path) -> String {
    path.display().to_string()
}

/// Something that is no data and no failure.
pub(crate) fn note(text: impl Display) {
    let word = Paint::of_stderr().show(YELLOW, "note:");
    say(format_args!("{word} {}", tame(&text.to_string())));
}

/// A line on stderr. Where that can't be written to, nobody is there to be told.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
