//! What one pass finds out for the next ones.

use std::collections::{HashMap, HashSet};

/// A way of going on, of those that there are where a value is sampled.
pub(super) type Choice = u32;

/// All of this is looked up, and never gone through: the order in which a `HashMap` has its entries has no effect.
#[derive(Default)]
pub(super) struct Memory {
    /// By place: the options, sequences, maps and enums that were come by.
    forks: HashMap<u64, Fork>,
    /// By type: what it accepts where it doesn't accept what is usual, by decision.
    learnt: HashMap<u64, HashMap<u64, Choice>>,
    /// By the names of enums: the numbers by which their variants are read.
    read: HashMap<&'static str, HashSet<u32>>,
    /// Types of which no value was found.
    pub(super) hopeless: HashSet<u64>,
    /// There are options and sequences that are always empty, for what would be in them has no values.
    pub(super) has_void: bool,
}

/// A place where one of a few ways is taken, and others must be taken in other passes.
pub(super) struct Fork {
    ways: Vec<Way>,
    /// The way that came to an end with the fewest steps, and how many.
    shortest: Option<(Choice, usize)>,
    is_enum: bool,
    /// A sequence had elements, though not one.
    is_filled: bool,
    /// The type that refused a way.
    refused_by: Option<String>,
    /// Forks behind here that were not covered when they were looked at last.
    suspects: Vec<u64>,
}

#[derive(Clone, Copy, Default)]
struct Way {
    state: State,
    /// How often it was tried.
    tries: u32,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Not yet gone to its end.
    #[default]
    New,
    /// Gone; and there may be more to be seen on it.
    Made,
    /// There is nothing more on it.
    Exhausted,
    /// There is no such way.
    Closed,
    /// Gone in vain: what is around it didn't accept it.
    Refused,
}

impl Memory {
    pub(super) fn fork(&mut self, place: u64, ways: usize, is_enum: bool) -> &mut Fork {
        self.forks.entry(place).or_insert_with(|| Fork {
            ways: vec![Way::default(); ways],
            shortest: None,
            is_enum,
            is_filled: false,
            refused_by: None,
            suspects: Vec::new(),
        })
    }

    pub(super) fn known_fork(&mut self, place: u64) -> Option<&mut Fork> {
        self.forks.get_mut(&place)
    }

    pub(super) fn is_wanted(&self, place: u64) -> bool {
        self.forks.get(&place).is_some_and(|fork| fork.wanted().is_some())
    }

    pub(super) fn is_open(&self, place: u64, choice: Choice) -> bool {
        self.forks.get(&place).is_none_or(|fork| fork.is_open(choice))
    }

    /// The forks that are not covered, of this one and those behind it.
    pub(super) fn gaps(&self, place: u64) -> Vec<u64> {
        let behind = self.forks.get(&place).map_or(&[][..], |fork| &fork.suspects);
        let all = [place].into_iter().chain(behind.iter().copied());
        all.filter(|place| self.forks.get(place).is_some_and(Fork::is_uncovered)).collect()
    }

    /// The type that refused what is not covered.
    pub(super) fn refused_by(&self, place: u64) -> Option<&String> {
        self.forks.get(&place)?.refused_by.as_ref()
    }

    /// The enum of this name reads a variant by this number.
    pub(super) fn read_variant(&mut self, name: &'static str, index: u32) {
        self.read.entry(name).or_default().insert(index);
    }

    /// Whether an enum of this name is read, and none of its variants by this number.
    pub(super) fn reads_none(&self, name: &str, index: u32) -> bool {
        self.read.get(name).is_some_and(|read| !read.contains(&index))
    }

    pub(super) fn has_learnt(&self, ty: u64) -> bool {
        self.learnt.contains_key(&ty)
    }

    pub(super) fn learnt(&self, ty: u64, decision: u64) -> Option<Choice> {
        self.learnt.get(&ty)?.get(&decision).copied()
    }

    pub(super) fn learn(&mut self, ty: u64, decision: u64, choice: Choice) {
        self.learnt.entry(ty).or_default().insert(decision, choice);
    }

    /// The same, where something else was learnt.
    pub(super) fn relearn(&mut self, ty: u64, decision: u64, choice: Choice) {
        if let Some(old) = self.learnt.get_mut(&ty).and_then(|known| known.get_mut(&decision)) {
            *old = choice;
        }
    }
}

impl Fork {
    fn way(&self, choice: Choice) -> Option<Way> {
        self.ways.get(choice as usize).copied()
    }

    fn set(&mut self, choice: Choice, state: State) {
        if let Some(way) = self.ways.get_mut(choice as usize) {
            way.state = state;
        }
    }

    /// The way to go next: one that is new; else, of those which may have more to show, the one that was gone least.
    pub(super) fn wanted(&self) -> Option<Choice> {
        let of = |state| {
            let ways = self.ways.iter().enumerate().filter(move |(_, way)| way.state == state);
            ways.min_by_key(|(_, way)| way.tries).map(|(choice, _)| index(choice))
        };
        let new = self.ways.iter().position(|way| way.state == State::New).map(index);
        new.or_else(|| of(State::Made))
    }

    /// The way that should come to an end soonest.
    pub(super) fn quick(&self) -> Option<Choice> {
        // `None`, or no elements.
        let empty = (!self.is_enum).then_some(1).filter(|choice| self.is_open(*choice));
        let shortest = self.shortest.map(|(choice, _)| choice).filter(|way| self.is_open(*way));
        // Whoever leads in circles has been tried often.
        let fresh = || {
            let open = self.ways.iter().enumerate().filter(|(_, way)| way.state != State::Closed);
            open.min_by_key(|(_, way)| way.tries).map(|(choice, _)| index(choice))
        };
        empty.or(shortest).or_else(fresh)
    }

    pub(super) fn is_open(&self, choice: Choice) -> bool {
        // What is not one of the ways is another length of a sequence.
        self.way(choice).is_none_or(|way| way.state != State::Closed)
    }

    /// Whether a value was made that way.
    pub(super) fn is_made(&self, choice: Choice) -> bool {
        self.way(choice).is_some_and(|way| matches!(way.state, State::Made | State::Exhausted))
    }

    pub(super) fn tried(&mut self, choice: Choice) {
        if let Some(way) = self.ways.get_mut(choice as usize) {
            way.tries += 1;
        }
    }

    /// Whether what is left is always empty.
    pub(super) fn close(&mut self, choice: Choice) -> bool {
        self.set(choice, State::Closed);
        !self.is_enum
    }

    /// Gives a way up, unless it has been gone.
    pub(super) fn refuse(&mut self, choice: Choice, by: Option<&str>) {
        if self.way(choice).is_some_and(|way| way.state == State::New) {
            self.set(choice, State::Refused);
            self.refused_by = by.map(str::to_owned);
        }
    }

    /// Notes forks behind here that are not covered.
    pub(super) fn suspect(&mut self, places: Vec<u64>) {
        for place in places {
            if !self.suspects.contains(&place) {
                self.suspects.push(place);
            }
        }
    }

    /// A value was made that way. Whether that is news.
    pub(super) fn made(&mut self, choice: Choice, has_more: bool) -> bool {
        let Some(way) = self.way(choice) else {
            return !std::mem::replace(&mut self.is_filled, true);
        };
        let state = if has_more { State::Made } else { State::Exhausted };
        let is_news = match way.state {
            State::New | State::Refused => true,
            State::Made => !has_more,
            State::Exhausted | State::Closed => return false,
        };
        self.set(choice, state);
        is_news
    }

    /// It came to its end that way, with so many steps.
    pub(super) fn ended(&mut self, choice: Choice, steps: usize) {
        if self.shortest.is_none_or(|(_, least)| steps < least) {
            self.shortest = Some((choice, steps));
        }
    }

    /// Whether there is a way that no value was made on, though there may be some. That something is empty shows nothing.
    pub(super) fn is_uncovered(&self) -> bool {
        let is_missing = |way: &Way| matches!(way.state, State::New | State::Refused);
        let needed = if self.is_enum { &self.ways[..] } else { &self.ways[..1] };
        !self.is_filled && needed.iter().any(is_missing)
    }

    /// A way with much on it, another one in each variation.
    pub(super) fn varied(&self, variation: Choice) -> Option<Choice> {
        let ways = if self.is_enum { index(self.ways.len()) } else { 1 };
        Some(variation % ways.max(1)).filter(|choice| self.is_open(*choice))
    }
}

fn index(choice: usize) -> Choice {
    Choice::try_from(choice).unwrap_or(Choice::MAX)
}
