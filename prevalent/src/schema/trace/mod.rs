//! Finds out what the code writes, from nothing but the types' ordinary serde impls.
//!
//! Values of a type are made up ([`sampler`]): its `Deserialize` is given what it asks for, and what it refuses is
//! replaced by something else ([`search`]). So many are made that each variant of each enum was there ([`coverage`]).
//! Each is then serialized, and what serde is told of it is noted ([`recorder`]) and put together ([`graph`]) to types,
//! each of which is kept once ([`canonical`]).
//!
//! Where that doesn't succeed in full, the type is [`Type::Untraced`]: a schema that doesn't hold would be worse than
//! none. What was made is at last held against the schema, as a proof.

mod canonical;
mod coverage;
mod fault;
mod graph;
mod memory;
mod names;
mod recorder;
mod sampler;
mod sampling;
mod search;
mod shape;
#[cfg(test)]
mod tests;

use std::any::type_name;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::coverage::Seen;
use self::fault::Fault;
use self::graph::Graph;
use self::recorder::record;
use self::sampler::sample;
use self::sampling::{Sampling, Stop};
use self::shape::{Part, Place, Shape};
use super::candidates::Candidates;
use super::types::{Type, TypeId, Types};
use super::untraced;
use super::walk::walk;
use super::{Misread, Schema};
use crate::encoding::{encode_tx, encode_value};
use crate::idempotency::Replies;
use crate::model::Model;
use crate::panic::catch;

/// What the code writes now: the types of the model and of each transaction's arguments.
pub(crate) fn trace_model<M: Model>() -> Schema {
    let candidates = Candidates::new(M::SAMPLES);
    let mut tracer = Tracer::new(&candidates);
    tracer.trace(names::short(type_name::<M>()), M::DECLARATION, make_value::<M>);
    for (index, tx) in M::TRANSACTIONS.iter().enumerate() {
        let make = |sampling: &mut _| make_tx::<M::Tx>(index, sampling);
        tracer.trace(tx.name().to_owned(), tx.declaration(), make);
    }
    let remembered: Vec<Option<Maker>> = Replies::<M>::of_model().makers().collect();
    for (tx, maker) in M::TRANSACTIONS.iter().zip(&remembered) {
        if let Some(Maker(make)) = maker {
            tracer.trace(format!("reply of {}", tx.name()), 0, make);
        }
    }
    let mut types = Types::default();
    let (roots, misread) = tracer.finish(&mut types);
    let (mut roots, mut misread) = (roots.into_iter(), misread.into_iter());
    // The model was traced, so that there is one.
    let model = roots.next().unwrap_or(TypeId(0));
    let count = M::TRANSACTIONS.len();
    let arguments = roots.by_ref().take(count).collect();
    let replies = remembered.iter().map(|maker| maker.as_ref().and_then(|_| roots.next()));
    let replies = replies.collect();
    let misread_model = misread.next().flatten();
    let mut misread_tx: Vec<_> = misread.by_ref().take(count).collect();
    for (maker, reason) in remembered.iter().zip(&mut misread_tx) {
        let of_reply = maker.as_ref().and_then(|_| misread.next().flatten());
        *reason = reason.take().or(of_reply.map(|reason| format!("its reply: {reason}")));
    }
    let misread = Misread { model: misread_model, arguments: misread_tx };
    Schema { types, model, arguments, replies, misread }
}

/// Makes values of one type up.
#[derive(Debug)]
pub(crate) struct Maker(fn(&mut Sampling<'_>) -> Attempt);

impl Maker {
    /// Of a `T`.
    pub(crate) fn of<T: Serialize + DeserializeOwned>() -> Self {
        Maker(make_value::<T>)
    }
}

/// Adds what the code writes for a `T`. Of `samples`, types in it may accept one if they refuse what is usual.
#[cfg(any(test, feature = "__fuzz"))]
pub(crate) fn trace_type<T: Serialize + DeserializeOwned>(
    types: &mut Types,
    samples: &[&str],
) -> TypeId {
    let candidates = Candidates::new(samples);
    let mut tracer = Tracer::new(&candidates);
    tracer.trace(names::short(type_name::<T>()), 0, make_value::<T>);
    tracer.finish(types).0.first().copied().unwrap_or(TypeId(0))
}

/// So many values of one root are made at the most,
const VALUES_MAX: usize = 20_000;
/// and so many in a row that show nothing new.
const STALE_MAX: usize = 16;
/// So many times a value must be given up for its depth: in each, other variants are tried to come to an end.
const TOO_DEEP_MAX: usize = 64;
/// So many values are made that are as different as can be: one may be written in another way.
const VARIATIONS: u32 = 6;
/// A made up value with more bytes is given up.
const BYTES_MAX: usize = 1 << 24;

/// What became of one value.
enum Attempt {
    Made(Made),
    /// Its `Deserialize` refused it.
    Refused(Fault),
    Unwritable(Fault),
    Panicked(String),
}

/// A value that was made, and written.
struct Made {
    part: Part,
    bytes: Vec<u8>,
}

/// Why a root is not traced.
#[derive(Clone, Debug)]
struct Problem {
    /// The type that it comes from.
    at: Option<String>,
    reason: String,
}

/// Traces types that share what is found out on the way.
struct Tracer<'a> {
    sampling: Sampling<'a>,
    graph: Graph,
    roots: Vec<Root>,
}

struct Root {
    name: String,
    /// Tells what can't be traced from what it is when it is declared otherwise.
    declaration: u64,
    /// Its node, or `None` where it can have no value.
    node: Result<Option<usize>, Problem>,
    /// The encodings of the values that were made.
    samples: Vec<Vec<u8>>,
}

impl<'a> Tracer<'a> {
    fn new(candidates: &'a Candidates<'a>) -> Self {
        Tracer { sampling: Sampling::new(candidates), graph: Graph::default(), roots: Vec::new() }
    }

    /// Traces one root: `make` makes a value of it.
    fn trace(
        &mut self,
        name: String,
        declaration: u64,
        mut make: impl FnMut(&mut Sampling<'a>) -> Attempt,
    ) {
        let mut samples = Vec::new();
        let node = self.make_all(&mut make, &mut samples);
        self.roots.push(Root { name, declaration, node, samples });
    }

    /// Makes values until all is seen.
    fn make_all(
        &mut self,
        make: &mut dyn FnMut(&mut Sampling<'a>) -> Attempt,
        samples: &mut Vec<Vec<u8>>,
    ) -> Result<Option<usize>, Problem> {
        let mut seen = Seen::default();
        let mut node = None;
        let mut stale = 0;
        let mut too_deep = 0;
        for _ in 0..VALUES_MAX {
            self.sampling.begin();
            match make(&mut self.sampling) {
                Attempt::Made(value) => {
                    self.add(value, &mut node, samples)?;
                    let progress = self.sampling.cover(&mut seen);
                    stale = if progress.is_news { 0 } else { stale + 1 };
                    if !progress.is_more || stale > STALE_MAX {
                        break;
                    }
                }
                Attempt::Refused(fault) => match self.sampling.pass.stop {
                    Some(Stop::Retry) => {}
                    Some(Stop::TooDeep) if too_deep < TOO_DEEP_MAX => too_deep += 1,
                    Some(Stop::TooDeep) => {
                        return Err(Problem { at: None, reason: fault.message });
                    }
                    Some(Stop::Impossible) => return Ok(None),
                    Some(Stop::Unfit { frame }) => {
                        let at = frame.and_then(|frame| self.sampling.pass.type_name(frame));
                        return Err(Problem { at, reason: fault.message });
                    }
                    None => search::search(&mut self.sampling, make, &fault.message)?,
                },
                Attempt::Unwritable(fault) => return Err(Problem::of(&fault)),
                Attempt::Panicked(reason) => return Err(self.sampling.panicked(&reason)),
            }
        }
        self.vary(make, &mut node, samples)?;
        match self.sampling.gap_in(&seen) {
            Some(gap) => Err(gap),
            None if node.is_none() => {
                Err(Problem { at: None, reason: "no value of it was found".to_owned() })
            }
            None => Ok(node),
        }
    }

    /// Makes values that are different from each other wherever they can be.
    fn vary(
        &mut self,
        make: &mut dyn FnMut(&mut Sampling<'a>) -> Attempt,
        node: &mut Option<usize>,
        samples: &mut Vec<Vec<u8>>,
    ) -> Result<(), Problem> {
        for variation in 1..=VARIATIONS {
            self.sampling.begin_variation(variation);
            match make(&mut self.sampling) {
                Attempt::Made(value) => self.add(value, node, samples)?,
                Attempt::Refused(_) => {}
                Attempt::Unwritable(fault) => return Err(Problem::of(&fault)),
                Attempt::Panicked(reason) => return Err(self.sampling.panicked(&reason)),
            }
        }
        Ok(())
    }

    /// Adds what a value of the root shows.
    fn add(
        &mut self,
        made: Made,
        node: &mut Option<usize>,
        samples: &mut Vec<Vec<u8>>,
    ) -> Result<(), Problem> {
        let added = self.graph.add(&made.part).map_err(|fault| Problem::of(&fault))?;
        samples.push(made.bytes);
        if *node.get_or_insert(added) == added {
            Ok(())
        } else {
            Err(Problem::of(&graph::contradiction(made.part.place.name)))
        }
    }

    /// Adds the roots to `types`, and tells of each why it would be misread, if it would.
    fn finish(mut self, types: &mut Types) -> (Vec<TypeId>, Vec<Option<String>>) {
        let mut misread = Vec::new();
        for root in &mut self.roots {
            let Ok(Some(node)) = root.node else {
                misread.push(None);
                continue;
            };
            let is_unread = |name: &str, index| self.sampling.memory.reads_none(name, index);
            let unread = self.graph.unread_in(node, is_unread);
            misread.push(unread.map(numbered_twice));
            if let Some(name) = unread {
                root.node = Err(Problem::of(&Fault::new(numbered_twice(name)).or_at(name)));
                continue;
            }
            if let Some(name) = self.graph.contradicted_in(node) {
                root.node = Err(Problem::of(&graph::contradiction(name)));
            } else if let (Some(name), false) =
                (self.graph.empty_in(node), self.sampling.memory.has_void)
            {
                let fault = Fault::new("nothing was seen of what is in it").or_at(name);
                root.node = Err(Problem::of(&fault));
            }
        }
        self.check(types);
        for Root { name, node, .. } in &self.roots {
            if let Err(Problem { at, reason }) = node {
                let at = at.as_deref().unwrap_or(name);
                tracing::warn!(
                    of = %name, %at, %reason,
                    "the types could not be found out; what is stored of them will be read by these very types only"
                );
            }
        }
        (self.assemble(types), misread)
    }

    /// Holds the values that were made against the schema.
    fn check(&mut self, types: &Types) {
        let mut types = types.clone();
        let ids = self.assemble(&mut types);
        for (root, ty) in self.roots.iter_mut().zip(ids) {
            let failed = root.samples.iter().find_map(|bytes| walk(&types, ty, bytes).err());
            if let (Some(reason), true) = (failed, root.node.is_ok()) {
                root.node = Err(Problem { at: None, reason });
            }
        }
    }

    fn assemble(&self, types: &mut Types) -> Vec<TypeId> {
        let id = |place: usize| TypeId(u32::try_from(place).unwrap_or(u32::MAX));
        let mut more = self.graph.types(types.len());
        let mut roots = Vec::new();
        for root in &self.roots {
            let ty = match &root.node {
                Ok(Some(node)) => {
                    roots.push(id(types.len() + node));
                    continue;
                }
                Ok(None) => Type::Never,
                Err(problem) => {
                    let name = problem.name_in(&root.name);
                    Type::Untraced { name: untraced::marked(name, root.declaration) }
                }
            };
            roots.push(id(types.len() + more.len()));
            more.push(ty);
        }
        canonical::absorb(types, &more, &roots)
    }
}

impl Problem {
    fn of(fault: &Fault) -> Self {
        Problem { at: fault.at.map(names::short), reason: fault.message.clone() }
    }

    /// What stands for the root in the schema.
    fn name_in(&self, root: &str) -> String {
        match &self.at {
            Some(at) if at != root => format!("{at} in {root}"),
            _ => root.to_owned(),
        }
    }
}

fn make_value<T: Serialize + DeserializeOwned>(sampling: &mut Sampling<'_>) -> Attempt {
    attempt(|| {
        let value: T = sample(sampling, None).map_err(Attempt::Refused)?;
        let part = record(Place::of::<T>(), &value).map_err(Attempt::Unwritable)?;
        let mut bytes = Vec::new();
        encode_value(&value, &mut bytes, Some(BYTES_MAX))
            .map_err(|error| unwritable(error.to_string()))?;
        Ok(Made { part, bytes })
    })
}

/// A transaction of the enum's variant `index`; what is recorded and encoded are its arguments.
fn make_tx<T: Serialize + DeserializeOwned>(index: usize, sampling: &mut Sampling<'_>) -> Attempt {
    attempt(|| {
        let variant = u32::try_from(index).map_err(|_| unwritable("there are too many"))?;
        let tx: T = sample(sampling, Some(variant)).map_err(Attempt::Refused)?;
        let part = record(Place::of::<T>(), &tx).map_err(Attempt::Unwritable)?;
        let Shape::Variant { contents, .. } = part.shape else {
            return Err(unwritable("a transaction must be an enum"));
        };
        let mut bytes = Vec::new();
        let written = encode_tx(&tx, &mut bytes, Some(BYTES_MAX))
            .map_err(|e| unwritable(e.error.to_string()))?;
        if written != index {
            return Err(unwritable("a transaction's index is not the one that it is read by"));
        }
        Ok(Made { part: *contents, bytes })
    })
}

/// Runs the user's code: all that it makes is dropped in there as well.
fn attempt(make: impl FnOnce() -> Result<Made, Attempt>) -> Attempt {
    match catch(make) {
        Ok(Ok(value)) => Attempt::Made(value),
        Ok(Err(other)) => other,
        Err(panic) => Attempt::Panicked(panic),
    }
}

/// serde counts the variants that are skipped when it writes, and not when it reads.
fn numbered_twice(name: &str) -> String {
    format!(
        "the enum `{name}` numbers its variants in one way when it is written, and in another when it is read: a variant that is skipped has to stand behind the others"
    )
}

fn unwritable(reason: impl Into<String>) -> Attempt {
    Attempt::Unwritable(Fault::new(reason))
}
