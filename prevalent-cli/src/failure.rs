//! Why a command did not do what it was asked for.

use std::fmt::Display;
use std::io;

use prevalent::Error;

use crate::exit::Exit;
use crate::human::tame;
use crate::output::{Paint, RED, say};

/// What is told on stderr, and the exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    Told {
        exit: Exit,
        text: String,
    },
    /// Whoever reads our output has had enough.
    OutputClosed,
}

impl Failure {
    pub(crate) fn new(exit: Exit, text: impl Display) -> Self {
        Failure::Told { exit, text: text.to_string() }
    }

    pub(crate) fn usage(text: impl Display) -> Self {
        Failure::new(Exit::Usage, text)
    }

    /// Tells the user.
    pub(crate) fn tell(&self) -> Exit {
        match self {
            Failure::OutputClosed => Exit::Done,
            Failure::Told { exit, text } => {
                let word = Paint::of_stderr().show(RED, "error:");
                say(format_args!("{word} {}", tame(text)));
                *exit
            }
        }
    }
}

/// What an error of the library means as an exit code.
pub(crate) fn exit_of(error: &Error) -> Exit {
    match error {
        Error::Locked { .. } => Exit::Locked,
        Error::Corrupt { .. } => Exit::Damaged,
        Error::SuspectTail { .. } => Exit::SuspectTail,
        Error::NoStore { .. }
        | Error::NotAStore { .. }
        | Error::NoBackup { .. }
        | Error::Pruned { .. }
        | Error::NotYet { .. } => Exit::NotThere,
        _ => Exit::Failed,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match &error {
            Error::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => {
                Failure::OutputClosed
            }
            _ => Failure::new(exit_of(&error), &error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::OutputClosed;
        }
        Failure::new(Exit::Failed, error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        io::Error::from(error).into()
    }
}
