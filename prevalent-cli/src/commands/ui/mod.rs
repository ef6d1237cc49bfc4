//! `prevalent ui`: segments, transactions and values in the terminal.
//!
//! [`app`] is what is shown and what the keys do, [`load`] reads it from the files, a page at a time, and [`draw`] shows it.

mod app;
mod draw;
mod load;

use std::io::IsTerminal;

use ratatui::crossterm::event::{self, Event, KeyEventKind};

use self::app::{App, Next};
use super::{Outcome, files};
use crate::args::Look;
use crate::exit::Exit;
use crate::failure::Failure;

pub(super) fn run(look: &Look) -> Outcome {
    let files = files(look)?;
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            "`ui` needs a terminal; `dump` and `state` write to files and pipes",
        ));
    }
    let mut app = App::open(files)?;
    let mut terminal = ratatui::try_init()?;
    let mut show = || -> Result<(), Failure> {
        loop {
            terminal.draw(|frame| draw::draw(&mut app, frame))?;
            let Event::Key(key) = event::read()? else { continue };
            if key.kind == KeyEventKind::Release {
                continue;
            }
            match app.key(key)? {
                Next::Show => {}
                Next::Search => {
                    // It may take a while.
                    terminal.draw(|frame| draw::draw(&mut app, frame))?;
                    app.search()?;
                }
                Next::Quit => return Ok(()),
            }
        }
    };
    let shown = show();
    ratatui::try_restore()?;
    shown.map(|()| Exit::Done)
}
