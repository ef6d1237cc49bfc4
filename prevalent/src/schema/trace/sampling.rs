//! The decisions by which values are made up.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::super::candidates::{Candidates, LENGTHS};
use super::fault::Fault;
use super::memory::{Choice, Memory};
use super::names::{hashed, is_generated, is_wrapper, mixed, refusing, short};

/// From here on, what may be left empty is left empty.
const DEPTH_WANTED: usize = 96;
/// Deeper than this nothing can be that isn't endless.
const DEPTH_MAX: usize = 256;
/// A value of more parts than this is given up.
const FRAMES_MAX: usize = 1 << 18;

// Numbers to begin with, so that one thing is not taken for another.
const DECISION: u64 = 1;
const FRAME: u64 = 2;
const SEALED: u64 = 3;

/// Makes up values: what is known for all of them, and the state of the one that is being made.
pub(super) struct Sampling<'a> {
    pub(super) candidates: &'a Candidates<'a>,
    pub(super) memory: Memory,
    pub(super) pass: Pass,
}

/// One value that is being made.
#[derive(Default)]
pub(super) struct Pass {
    /// All that were opened, in this order.
    pub(super) frames: Vec<Frame>,
    pub(super) decisions: Vec<Decision>,
    pub(super) current: Option<usize>,
    depth: usize,
    /// Forks that were come by.
    visited: HashSet<u64>,
    /// What is decided in advance, by [`Decision::path`]: the first of these comes first.
    overrides: HashMap<u64, Choice>,
    base: Rc<HashMap<u64, Choice>>,
    /// A frame of which is asked whether it comes to a good end, by its path.
    watch: Option<u64>,
    /// Which choice is taken where it doesn't matter; beyond the first, a value is full of others.
    variation: Choice,
    pub(super) is_watched_made: bool,
    /// The innermost frame that failed.
    pub(super) failure: Option<usize>,
    /// Why the pass must fail, whatever is made of the error on the way.
    pub(super) stop: Option<Stop>,
}

/// What no other decision in the frame that failed would help against.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    /// What led here is noted: the next pass goes another way.
    Retry,
    /// What would come to an end was not found; but the next pass tries something else.
    TooDeep,
    /// There is no value of the type.
    Impossible,
    /// It can't be sampled at all.
    Unfit { frame: Option<usize> },
}

/// A value (or what reads one) inside another one.
pub(super) struct Frame {
    pub(super) parent: Option<usize>,
    /// Which one it is in its parent.
    ordinal: u32,
    /// The type, or the type of the visitor.
    pub(super) name: &'static str,
    /// What is learnt of the type goes by this.
    pub(super) key: u64,
    /// The place in its surroundings that the frame stands in, whoever these are in.
    place: u64,
    pub(super) is_reader: bool,
    /// The variant of an enum that is being made, or which of a struct's variants.
    variant: Option<u32>,
    /// The names of a struct's fields.
    pub(super) fields: &'static [&'static str],
    children: u32,
    decisions_made: u32,
    pub(super) decisions_start: usize,
    /// The decision that is a fork.
    pub(super) fork: Option<usize>,
    has_learnt: bool,
    /// Inside of what is opaque nothing needs to be seen but one value.
    is_sealed: bool,
}

/// Which of several ways was taken.
#[derive(Clone)]
pub(super) struct Decision {
    pub(super) frame: usize,
    /// Which one it is in its frame.
    number: u32,
    /// What tells it from others in all passes.
    pub(super) path: u64,
    pub(super) choice: Choice,
    pub(super) choices: Choice,
    /// The place of the fork, if it is one.
    pub(super) fork: Option<u64>,
    /// It was taken to see what is there.
    pub(super) is_wanted: bool,
    /// It was come to from itself.
    pub(super) is_reentry: bool,
    /// Nothing needs to be seen there.
    pub(super) is_sealed: bool,
    /// What was decided up to here was in consequence of it.
    pub(super) decisions_end: usize,
}

/// Where a value stands in the one around it.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// The whole.
    Root,
    /// Of a struct or a tuple.
    Field(u32),
    /// Of a sequence: they are all alike.
    Element,
    Key,
    Value,
    /// What a newtype variant holds.
    Contents,
}

impl Step {
    fn number(self) -> u64 {
        match self {
            Step::Root => 0,
            Step::Element => 1,
            Step::Key => 2,
            Step::Value => 3,
            Step::Contents => 4,
            Step::Field(number) => 5 + u64::from(number),
        }
    }
}

impl<'a> Sampling<'a> {
    pub(super) fn new(candidates: &'a Candidates<'a>) -> Self {
        Sampling { candidates, memory: Memory::default(), pass: Pass::default() }
    }

    /// Begins another value.
    pub(super) fn begin(&mut self) {
        let Pass { mut frames, mut decisions, mut visited, .. } = std::mem::take(&mut self.pass);
        frames.clear();
        decisions.clear();
        visited.clear();
        self.pass = Pass { frames, decisions, visited, ..Pass::default() };
    }

    /// Begins a value that is as full and as different from others as can be.
    pub(super) fn begin_variation(&mut self, variation: Choice) {
        self.begin();
        self.pass.variation = variation;
    }

    /// Begins a value like the one for which `base` was decided, with some of it changed, to see what becomes of the frame
    /// of the path `watch`.
    pub(super) fn begin_again(
        &mut self,
        base: Rc<HashMap<u64, Choice>>,
        overrides: HashMap<u64, Choice>,
        watch: u64,
    ) {
        self.begin();
        self.pass.base = base;
        self.pass.overrides = overrides;
        self.pass.watch = Some(watch);
    }

    /// A value of the type of this name begins.
    pub(super) fn open_value(&mut self, name: &'static str, step: Step) -> Result<(), Fault> {
        let parent = self.parent();
        let key = hashed(name);
        let around = parent.map_or(0, Frame::key_and_variant);
        let place = mixed(mixed(around, step.number()), key);
        // A wrapper's name says nothing of the type in it.
        let key = if is_wrapper(name) { place } else { key };
        self.open(name, key, place, false)
    }

    /// What reads a value begins.
    pub(super) fn open_reader(&mut self, name: &'static str) -> Result<(), Fault> {
        let key = hashed(name);
        let around = match self.parent() {
            Some(value) if !value.is_reader => value.place,
            Some(reader) => reader.key_and_variant(),
            None => 0,
        };
        self.open(name, key, mixed(around, key), true)
    }

    fn parent(&self) -> Option<&Frame> {
        self.pass.frames.get(self.pass.current?)
    }

    fn open(
        &mut self,
        name: &'static str,
        key: u64,
        place: u64,
        is_reader: bool,
    ) -> Result<(), Fault> {
        let pass = &mut self.pass;
        let mut frame = Frame {
            parent: pass.current,
            ordinal: 0,
            name,
            key,
            place,
            is_reader,
            variant: None,
            fields: &[],
            children: 0,
            decisions_made: 0,
            decisions_start: pass.decisions.len(),
            fork: None,
            has_learnt: self.memory.has_learnt(key),
            is_sealed: false,
        };
        if let Some(parent) = pass.current.and_then(|current| pass.frames.get_mut(current)) {
            frame.ordinal = parent.children;
            frame.is_sealed = parent.is_sealed;
            parent.children += 1;
        }
        pass.failure = None;
        pass.current = Some(pass.frames.len());
        pass.depth += 1;
        pass.frames.push(frame);
        if pass.frames.len() > FRAMES_MAX {
            return Err(self.unfit("its values are too large"));
        }
        if pass.depth > DEPTH_MAX {
            pass.stop.get_or_insert(Stop::TooDeep);
            return Err(Fault::new("its values never come to an end"));
        }
        Ok(())
    }

    /// The frame that was opened last, of those that are open, ends.
    pub(super) fn close(&mut self, is_made: bool) {
        let Some(index) = self.pass.current else { return };
        let Some(frame) = self.pass.frames.get(index) else { return };
        if is_made {
            let is_watched =
                self.pass.watch.is_some_and(|watched| watched == self.pass.path_of(index));
            self.pass.is_watched_made |= is_watched;
            self.pass.failure = None;
        } else if self.pass.failure.is_none() {
            self.pass.failure = Some(index);
        }
        let end = self.pass.decisions.len();
        let steps = self.pass.frames.len() - index;
        if let Some(decision) = frame.fork.and_then(|fork| self.pass.decisions.get_mut(fork)) {
            decision.decisions_end = end;
            if is_made
                && let Some(fork) = decision.fork.and_then(|fork| self.memory.known_fork(fork))
            {
                fork.ended(decision.choice, steps);
            }
        }
        self.pass.current = frame.parent;
        self.pass.depth -= 1;
    }

    /// What follows is read as this variant's; it is not decided here.
    pub(super) fn set_variant(&mut self, variant: u32) {
        if let Some(frame) = self.top() {
            frame.variant = Some(variant);
        }
    }

    pub(super) fn set_fields(&mut self, fields: &'static [&'static str]) {
        if let Some(frame) = self.top() {
            frame.fields = fields;
        }
    }

    pub(super) fn seal(&mut self) {
        if let Some(frame) = self.top() {
            frame.is_sealed = true;
        }
    }

    fn top(&mut self) -> Option<&mut Frame> {
        self.pass.current.and_then(|current| self.pass.frames.get_mut(current))
    }

    /// The type asks for what no encoding without names and types can give.
    pub(super) fn unfit(&mut self, message: &str) -> Fault {
        self.pass.stop = Some(Stop::Unfit { frame: self.pass.current });
        Fault::new(message)
    }

    /// Decides between so many choices: the first one, if nothing speaks for another.
    pub(super) fn decide(&mut self, choices: usize) -> Result<usize, Fault> {
        let choices = Choice::try_from(choices).unwrap_or(Choice::MAX);
        if choices == 0 {
            return Err(self.unfit("there is nothing to try"));
        }
        let (path, learnt) = self.look_up();
        let usual = self.pass.variation % choices;
        let choice = self.pass.forced(path).or(learnt).unwrap_or(usual);
        Ok(self.note(path, choice.min(choices - 1), choices, None) as usize)
    }

    /// How many elements a sequence or map has.
    pub(super) fn decide_length(&mut self) -> Result<usize, Fault> {
        let choice = self.decide_fork(2, LENGTHS.len(), false)?;
        Ok(LENGTHS.get(choice).copied().unwrap_or(0))
    }

    /// Whether an `Option` has a value.
    pub(super) fn decide_some(&mut self) -> Result<bool, Fault> {
        Ok(self.decide_fork(2, 2, false)? == 0)
    }

    /// Which of so many variants an enum is.
    pub(super) fn decide_variant(&mut self, variants: usize) -> Result<u32, Fault> {
        let variant = self.decide_fork(variants, variants, true)?;
        let variant = u32::try_from(variant).unwrap_or(u32::MAX);
        self.set_variant(variant);
        Ok(variant)
    }

    /// Decides between choices the first of which must all be taken, in one pass or another.
    fn decide_fork(&mut self, ways: usize, choices: usize, is_enum: bool) -> Result<usize, Fault> {
        let (path, learnt) = self.look_up();
        let Some(current) = self.pass.current else { return Ok(0) };
        let Frame { is_sealed, place, .. } = self.pass.frames[current];
        // What is sealed is not the same place: there one value is enough.
        let place = if is_sealed { mixed(place, SEALED) } else { place };
        let is_reentry = self.is_inside(current, place);
        let is_first = self.pass.visited.insert(place);
        let fork = self.memory.fork(place, ways, is_enum);
        let is_seen = is_first && !is_sealed && !is_reentry && self.pass.depth < DEPTH_WANTED;
        let wanted = match self.pass.variation {
            _ if !is_seen => None,
            0 => fork.wanted(),
            variation => fork.varied(variation),
        };
        let open = |choice: &Choice| fork.is_open(*choice);
        let forced = self.pass.forced(path);
        let choice = forced.or(wanted).or(learnt.filter(open)).or_else(|| fork.quick());
        let Some(choice) = choice else { return Err(self.impossible()) };
        fork.tried(choice);
        let choices = Choice::try_from(choices).unwrap_or(Choice::MAX);
        let choice = self.note(path, choice, choices, Some(place));
        if let Some(decision) = self.pass.decisions.last_mut() {
            decision.is_wanted = wanted == Some(choice);
            decision.is_reentry = is_reentry || is_sealed;
            decision.is_sealed = is_sealed;
        }
        self.pass.frames[current].fork = Some(self.pass.decisions.len() - 1);
        Ok(choice as usize)
    }

    fn note(&mut self, path: u64, choice: Choice, choices: Choice, fork: Option<u64>) -> Choice {
        let Some(frame) = self.pass.current else { return choice };
        let number = self.pass.frames[frame].decisions_made;
        self.pass.frames[frame].decisions_made += 1;
        self.pass.decisions.push(Decision {
            frame,
            number,
            path,
            choice,
            choices,
            fork,
            is_wanted: false,
            is_reentry: false,
            is_sealed: false,
            decisions_end: self.pass.decisions.len() + 1,
        });
        choice
    }

    /// The path of the next decision, and what the outermost type that knows of it has learnt.
    fn look_up(&self) -> (u64, Option<Choice>) {
        let mut learnt = None;
        let mut next = self.pass.current;
        let number = self.parent().map_or(0, |frame| frame.decisions_made);
        let mut path = mixed(DECISION, number);
        while let Some(frame) = next.and_then(|index| self.pass.frames.get(index)) {
            if frame.has_learnt {
                learnt = self.memory.learnt(frame.key, path).or(learnt);
            }
            path = mixed(path, frame.ordinal);
            next = frame.parent;
        }
        (path, learnt)
    }

    /// Whether a fork is on the way to itself.
    fn is_inside(&self, current: usize, place: u64) -> bool {
        let mut next = self.pass.frames[current].parent;
        while let Some(frame) = next.and_then(|index| self.pass.frames.get(index)) {
            let decision = frame.fork.and_then(|fork| self.pass.decisions.get(fork));
            if decision.is_some_and(|decision| decision.fork == Some(place)) {
                return true;
            }
            next = frame.parent;
        }
        false
    }

    /// The enum has no variant of the index that was decided on.
    pub(super) fn no_such_variant(&mut self) -> Fault {
        let fork = self.pass.current.and_then(|current| self.pass.frames[current].fork);
        if let Some(decision) = fork.and_then(|fork| self.pass.decisions.get(fork))
            && let Some(fork) = decision.fork.and_then(|fork| self.memory.known_fork(fork))
        {
            fork.close(decision.choice);
            self.pass.stop.get_or_insert(Stop::Retry);
        }
        Fault::new("there is no such variant")
    }

    /// There is no value of what is being made: the way that led here is none.
    fn impossible(&mut self) -> Fault {
        let mut next = self.pass.current;
        self.pass.stop.get_or_insert(Stop::Impossible);
        while let Some(frame) = next.and_then(|index| self.pass.frames.get(index)) {
            if let Some(decision) = frame.fork.and_then(|fork| self.pass.decisions.get(fork))
                && let Some(fork) = decision.fork.and_then(|fork| self.memory.known_fork(fork))
            {
                self.memory.has_void |= fork.close(decision.choice);
                self.pass.stop = Some(Stop::Retry);
                break;
            }
            next = frame.parent;
        }
        Fault::new("there is no value of it")
    }
}

impl Frame {
    /// What tells what is in it: the type, and the variant if there is one.
    fn key_and_variant(&self) -> u64 {
        self.variant.map_or(self.key, |variant| mixed(self.key, variant))
    }

    /// Whether it reads an enum, the variant of which is decided.
    pub(super) fn is_enum(&self) -> bool {
        self.variant.is_some() && self.fork.is_some()
    }
}

impl Pass {
    fn forced(&self, path: u64) -> Option<Choice> {
        self.overrides.get(&path).or_else(|| self.base.get(&path)).copied()
    }

    /// What tells this frame from others in all passes.
    pub(super) fn path_of(&self, frame: usize) -> u64 {
        let mut path = FRAME;
        let mut next = Some(frame);
        while let Some(frame) = next.and_then(|index| self.frames.get(index)) {
            path = mixed(path, frame.ordinal);
            next = frame.parent;
        }
        path
    }

    /// The frames around a decision, from its own one outwards, each with what it calls the decision.
    pub(super) fn around(&self, decision: &Decision) -> impl Iterator<Item = (usize, u64)> {
        let mut path = mixed(DECISION, decision.number);
        let mut next = Some(decision.frame);
        std::iter::from_fn(move || {
            let index = next?;
            let frame = self.frames.get(index)?;
            let found = (index, path);
            path = mixed(path, frame.ordinal);
            next = frame.parent;
            Some(found)
        })
    }

    /// The decision of this frame that is a fork.
    pub(super) fn fork_of(&self, frame: usize) -> Option<&Decision> {
        self.decisions.get(self.frames.get(frame)?.fork?)
    }

    /// The name of the innermost type that the frame is of, to people who know the types.
    pub(super) fn type_name(&self, frame: usize) -> Option<String> {
        let mut next = Some(frame);
        while let Some(frame) = next.and_then(|index| self.frames.get(index)) {
            if !frame.is_reader && !is_generated(frame.name) {
                return Some(short(refusing(frame.name)));
            }
            if !frame.is_reader && is_wrapper(frame.name) {
                let parent = frame.parent.and_then(|parent| self.frames.get(parent));
                let field = parent.and_then(|parent| parent.fields.get(frame.ordinal as usize));
                if let Some(field) = field {
                    return Some((*field).to_owned());
                }
            }
            next = frame.parent;
        }
        None
    }
}
