//! `prevalent watch`: transactions as they are written.

use std::time::Duration;

use prevalent::inspect::Followed;

use super::line::Lines;
use super::{Form, Outcome, files};
use crate::args::Watch;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::data;

pub(super) fn run(args: &Watch, form: Form) -> Outcome {
    let files = files(&args.look)?;
    let mut follower = files.follow(args.from)?;
    let mut lines = Lines::new(data(), form);
    let mut left = args.count.unwrap_or(u64::MAX);
    loop {
        let polled = follower.poll(|news| match news {
            _ if left == 0 => Err(Stop::Enough),
            Followed::Transaction(tx) => {
                left -= 1;
                Ok(lines.transaction(&tx)?)
            }
            Followed::Void { seq, reason, .. } => Ok(lines.void(seq, reason)?),
            _ => Ok(()),
        });
        lines.flush()?;
        match polled {
            Ok(()) if left > 0 => {}
            Ok(()) | Err(Stop::Enough) => return Ok(Exit::Done),
            Err(Stop::Failed(failure)) => return Err(failure),
        }
        std::thread::sleep(Duration::from_millis(args.interval));
    }
}

/// Why no more is shown.
enum Stop {
    Enough,
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failed(failure)
    }
}

impl From<prevalent::Error> for Stop {
    fn from(error: prevalent::Error) -> Self {
        Stop::Failed(error.into())
    }
}
