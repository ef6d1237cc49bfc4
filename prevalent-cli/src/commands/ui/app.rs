//! What is shown, and what the keys do.

use prevalent::Seq;
use prevalent::inspect::{Status, StoreFiles, Voids};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyModifiers};

use super::load::{self, PAGE, Row};
use crate::failure::Failure;
use crate::output::Paint;

/// All that is shown.
pub(super) struct App {
    files: StoreFiles,
    pub(super) status: Status,
    voids: Voids,
    pub(super) focus: Pane,
    /// Segments and snapshots.
    pub(super) places: Vec<Place>,
    pub(super) place: usize,
    pub(super) rows: Vec<Row>,
    pub(super) row: usize,
    /// The state of the snapshot that is chosen, if one is.
    pub(super) state: Option<String>,
    /// The first line of the value that is shown.
    pub(super) scroll: u16,
    /// So many transactions fit.
    pub(super) height: usize,
    /// So many lines of the value fit.
    pub(super) value_height: usize,
    pub(super) paint: Paint,
    pub(super) input: Option<Input>,
    sought: String,
    pub(super) message: String,
}

/// The parts of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pane {
    Places,
    Transactions,
    Value,
}

/// A file that can be chosen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Segment { number: u64, first_seq: Option<u64>, bytes: u64 },
    Snapshot { seq: u64, bytes: u64 },
}

/// What is being typed.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) what: Asked,
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Search,
    Seq,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Show,
    Search,
    Quit,
}

/// With these, a key means something else than its letter.
const CHORD: KeyModifiers = KeyModifiers::CONTROL.union(KeyModifiers::ALT);

pub(super) const HELP: &str =
    "tab pane  ↑↓ PgUp PgDn Home End move  / search  n next  : go to number  r refresh  q quit";

impl App {
    pub(super) fn open(files: StoreFiles) -> Result<Self, Failure> {
        let status = files.status()?;
        let voids = files.voids(Seq::ZERO)?;
        let mut app = App {
            files,
            status,
            voids,
            focus: Pane::Transactions,
            places: Vec::new(),
            place: 0,
            rows: Vec::new(),
            row: 0,
            state: None,
            scroll: 0,
            height: 20,
            value_height: 10,
            paint: Paint::of_stdout(),
            input: None,
            sought: String::new(),
            message: HELP.to_owned(),
        };
        app.list_places();
        app.go_to(1)?;
        Ok(app)
    }

    fn list_places(&mut self) {
        let segments = self.status.segments.iter().map(|it| Place::Segment {
            number: it.number,
            first_seq: it.header.as_ref().ok().map(|header| header.first_seq.get()),
            bytes: it.bytes,
        });
        let snapshots = self
            .status
            .snapshots
            .iter()
            .map(|it| Place::Snapshot { seq: it.seq.get(), bytes: it.bytes });
        self.places = segments.chain(snapshots).collect();
        self.place = self.place.min(self.places.len().saturating_sub(1));
    }

    fn refresh(&mut self) -> Result<(), Failure> {
        let seq = self.selected().map_or(1, |row| row.seq);
        self.status = self.files.status()?;
        self.voids = self.files.voids(Seq::ZERO)?;
        self.list_places();
        self.go_to(seq)
    }

    pub(super) fn selected(&self) -> Option<&Row> {
        self.rows.get(self.row)
    }

    /// Goes to this transaction, or to the first one behind it that can be read.
    fn go_to(&mut self, seq: u64) -> Result<(), Failure> {
        self.load_around(seq)?;
        let last = self.rows.len().saturating_sub(1);
        self.row = self.rows.iter().position(|row| row.seq >= seq).unwrap_or(last);
        Ok(())
    }

    /// Goes to this transaction, or to the last one before it that can be read.
    fn go_back_to(&mut self, seq: u64) -> Result<(), Failure> {
        self.load_around(seq)?;
        let before = |rows: &[Row]| rows.iter().rposition(|row| row.seq <= seq);
        if before(&self.rows).is_none()
            && let Some(last) = load::last_before(&self.files, &self.status, &self.voids, seq)?
        {
            self.load_around(last)?;
        }
        self.row = before(&self.rows).unwrap_or(0);
        Ok(())
    }

    /// Takes a page of transactions into memory, with some before this one.
    fn load_around(&mut self, seq: u64) -> Result<(), Failure> {
        self.state = None;
        self.scroll = 0;
        let from = seq.saturating_sub(PAGE as u64 / 4).max(1);
        self.rows = load::page(&self.files, &self.voids, from)?;
        Ok(())
    }

    /// Shows what there is in the file. A snapshot may be large, and is read when that is asked for.
    fn choose_place(&mut self, how: Chosen) -> Result<(), Failure> {
        match (self.places.get(self.place), how) {
            (Some(Place::Segment { first_seq: Some(seq), .. }), _) => self.go_to(*seq),
            (Some(Place::Snapshot { seq, .. }), Chosen::ToBeShown) => {
                self.scroll = 0;
                self.state = Some(match load::state(&self.files, Seq::from(*seq)) {
                    Ok(state) => state,
                    Err(error) => error.to_string(),
                });
                Ok(())
            }
            (Some(Place::Snapshot { seq, .. }), Chosen::OnTheWay) => {
                self.scroll = 0;
                self.state = None;
                self.message = format!("enter shows the state of #{seq}");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Result<Next, Failure> {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return Ok(Next::Quit);
        }
        let code = match key.code {
            // A line that was typed before the terminal was ours ends so.
            KeyCode::Char('j' | 'm') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                KeyCode::Enter
            }
            KeyCode::Char(_) if key.modifiers.intersects(CHORD) => return Ok(Next::Show),
            code => code,
        };
        if self.input.is_some() {
            return self.type_in(code);
        }
        HELP.clone_into(&mut self.message);
        let page = isize::try_from(self.height).unwrap_or(1).max(1);
        match code {
            KeyCode::Char('q') | KeyCode::Esc => return Ok(Next::Quit),
            KeyCode::Tab | KeyCode::Right | KeyCode::Char('l') => self.focus = self.focus.next(),
            KeyCode::BackTab | KeyCode::Left | KeyCode::Char('h') => {
                self.focus = self.focus.next().next();
            }
            KeyCode::Down | KeyCode::Char('j') => self.step(1)?,
            KeyCode::Up | KeyCode::Char('k') => self.step(-1)?,
            KeyCode::PageDown => self.step(page)?,
            KeyCode::PageUp => self.step(-page)?,
            KeyCode::Home | KeyCode::Char('g') => self.jump(End::First)?,
            KeyCode::End | KeyCode::Char('G') => self.jump(End::Last)?,
            KeyCode::Enter => {
                if self.focus == Pane::Places {
                    self.choose_place(Chosen::ToBeShown)?;
                }
                self.focus = Pane::Value;
            }
            KeyCode::Char('/') => self.ask(Asked::Search),
            KeyCode::Char(':') => self.ask(Asked::Seq),
            KeyCode::Char('n') if !self.sought.is_empty() => return Ok(self.begin_search()),
            KeyCode::Char('r') => {
                self.refresh()?;
                "refreshed".clone_into(&mut self.message);
            }
            _ => {}
        }
        Ok(Next::Show)
    }

    fn ask(&mut self, what: Asked) {
        self.input = Some(Input { what, text: String::new() });
    }

    fn type_in(&mut self, key: KeyCode) -> Result<Next, Failure> {
        let Some(input) = &mut self.input else { return Ok(Next::Show) };
        match key {
            KeyCode::Esc => self.input = None,
            KeyCode::Backspace => drop(input.text.pop()),
            KeyCode::Char(char) => input.text.push(char),
            KeyCode::Enter => {
                let Input { what, text } = input.clone();
                self.input = None;
                match what {
                    Asked::Search if text.is_empty() => {}
                    Asked::Search => {
                        self.sought = text;
                        return Ok(self.begin_search());
                    }
                    Asked::Seq => match text.trim().parse() {
                        Ok(seq) => {
                            self.go_to(seq)?;
                            self.focus = Pane::Transactions;
                        }
                        Err(_) => self.message = format!("`{text}` is no sequence number"),
                    },
                }
            }
            _ => {}
        }
        Ok(Next::Show)
    }

    fn begin_search(&mut self) -> Next {
        self.message = format!("looking for `{}` … (any key ends it)", self.sought);
        Next::Search
    }

    /// Goes to the next transaction that has the text, behind the one that is selected.
    pub(super) fn search(&mut self) -> Result<(), Failure> {
        let from = self.selected().map_or(1, |row| row.seq + 1);
        let mut is_ended = false;
        let found = load::find(&self.files, &self.voids, from, &self.sought, || {
            is_ended |=
                event::poll(std::time::Duration::ZERO)? && matches!(event::read()?, Event::Key(_));
            Ok(is_ended)
        })?;
        self.message = match found {
            Some(seq) => {
                self.go_to(seq)?;
                self.focus = Pane::Transactions;
                format!("`{}` is in #{seq}; n looks for the next one", self.sought)
            }
            None if is_ended => "the search was ended".to_owned(),
            None => format!("`{}` is in none from #{from} on", self.sought),
        };
        Ok(())
    }

    /// Moves by so many lines.
    fn step(&mut self, lines: isize) -> Result<(), Failure> {
        match self.focus {
            Pane::Places => {
                let last = self.places.len().saturating_sub(1);
                self.place = self.place.saturating_add_signed(lines).min(last);
                self.choose_place(Chosen::OnTheWay)?;
            }
            Pane::Value => {
                let lines = i16::try_from(lines).unwrap_or(0);
                let all = self.value().lines().count();
                let last = u16::try_from(all.saturating_sub(1)).unwrap_or(u16::MAX);
                self.scroll = self.scroll.saturating_add_signed(lines).min(last);
            }
            Pane::Transactions => self.step_transactions(lines)?,
        }
        Ok(())
    }

    fn step_transactions(&mut self, lines: isize) -> Result<(), Failure> {
        self.state = None;
        self.scroll = 0;
        let (Some(first), Some(last)) = (self.rows.first(), self.rows.last()) else {
            return Ok(());
        };
        let (first, last) = (first.seq, last.seq);
        let target = self.row.saturating_add_signed(lines);
        if lines > 0 && target >= self.rows.len() {
            let behind = (target - self.rows.len()) as u64;
            self.go_to(last + 1 + behind)?;
        } else if lines < 0 && self.row < lines.unsigned_abs() {
            let before = (lines.unsigned_abs() - self.row) as u64;
            self.go_back_to(first.saturating_sub(before).max(1))?;
        } else {
            self.row = target;
        }
        Ok(())
    }

    fn jump(&mut self, end: End) -> Result<(), Failure> {
        match (self.focus, end) {
            (Pane::Places, End::First) => self.step(isize::MIN / 2),
            (Pane::Places, End::Last) => self.step(isize::MAX / 2),
            (Pane::Value, End::First) => {
                self.scroll = 0;
                Ok(())
            }
            (Pane::Value, End::Last) => {
                let lines = self.value().lines().count().saturating_sub(self.value_height);
                self.scroll = u16::try_from(lines).unwrap_or(u16::MAX);
                Ok(())
            }
            (Pane::Transactions, End::First) => self.go_to(1),
            (Pane::Transactions, End::Last) => {
                let newest = self.status.newest.map_or(1, |(seq, _)| seq.get());
                self.go_to(newest)
            }
        }
    }

    /// What the value pane shows.
    pub(super) fn value(&self) -> &str {
        match (&self.state, self.selected()) {
            (Some(state), _) => state,
            (None, Some(row)) => &row.value,
            (None, None) => "",
        }
    }
}

/// How somebody came to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chosen {
    OnTheWay,
    ToBeShown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    First,
    Last,
}

impl Pane {
    fn next(self) -> Self {
        match self {
            Pane::Places => Pane::Transactions,
            Pane::Transactions => Pane::Value,
            Pane::Value => Pane::Places,
        }
    }
}
