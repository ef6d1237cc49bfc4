//! `rev = 2, upgrade(1 => Self::from_first)` on a `#[tx]`: how its arguments changed.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, LitInt, Meta, Path};

use super::{Argument, Value};
use crate::errors::Errors;
use crate::syntax::{Options, Way, counted};

/// How often the arguments of a transaction changed, and the ways from what they were.
pub(crate) struct Revision {
    /// Where it is given.
    pub(crate) number: Option<u32>,
    pub(crate) upgrades: Vec<Upgrade>,
}

/// The way from the arguments of an earlier revision to today's.
pub(crate) struct Upgrade {
    pub(crate) from: u32,
    pub(crate) function: Path,
}

/// Each more would double the number of cases.
const CONDITIONS_MAX: usize = 4;

const HELP: &str = "write `rev = 2, upgrade(1 => Self::function)`";

impl Revision {
    /// Takes `rev` and `upgrade` out of the options of a `#[tx]`.
    pub(super) fn check(options: &Options, errors: &mut Errors) -> Self {
        let number = options.named("rev").map(|option| option.count(errors));
        let mut revision = Self { number: number.flatten(), upgrades: Vec::new() };
        let Some(option) = options.named("upgrade") else { return revision };
        let ways = option.list_of::<Way<LitInt>>(errors, HELP).unwrap_or_default();
        match number {
            None => errors.push(&option.name, "`upgrade` needs `rev`", HELP),
            // A number that is none was told already.
            Some(None) => {}
            Some(Some(number)) => {
                for way in ways {
                    revision.add(way, number, errors);
                }
                revision.upgrades.sort_by_key(|upgrade| upgrade.from);
            }
        }
        revision
    }

    fn add(&mut self, way: Way<LitInt>, number: u32, errors: &mut Errors) {
        let Some(from) = counted(&way.old, "a revision", errors) else { return };
        if from >= number {
            errors.push(
                &way.old,
                format_args!("revision {from} is not earlier than `rev = {number}`"),
                format_args!("write `rev = {}`, or an earlier revision", from.saturating_add(1)),
            );
        } else if self.upgrades.iter().any(|earlier| earlier.from == from) {
            errors.push(
                &way.old,
                format_args!("there are two upgrades from revision {from}"),
                "keep one of the two",
            );
        } else {
            self.upgrades.push(Upgrade { from, function: way.function });
        }
    }

    /// Refuses upgrades to arguments under too many conditions.
    pub(super) fn check_arguments(&self, arguments: &[Argument], errors: &mut Errors) {
        let Some(upgrade) = self.upgrades.first() else { return };
        if conditions(arguments).len() > CONDITIONS_MAX {
            errors.push(
                &upgrade.function,
                format_args!(
                    "arguments under more than {CONDITIONS_MAX} different `#[cfg]`s cannot be upgraded"
                ),
                "put what depends on them into a type of its own",
            );
        }
    }
}

/// The `#[cfg(..)]` of an argument, or several of them.
pub(crate) struct Condition<'a>(&'a [Attribute]);

/// The different conditions under which there are arguments.
pub(crate) fn conditions(arguments: &[Argument]) -> Vec<Condition<'_>> {
    let mut conditions: Vec<Condition<'_>> = Vec::new();
    for argument in arguments {
        let Argument::Value(value) = argument else { continue };
        if !value.cfg.is_empty() && !conditions.iter().any(|condition| condition.is_of(value)) {
            conditions.push(Condition(&value.cfg));
        }
    }
    conditions
}

impl Condition<'_> {
    /// Is it the condition of this argument?
    pub(crate) fn is_of(&self, value: &Value) -> bool {
        let text = |attributes: &[Attribute]| quote!(#(#attributes)*).to_string();
        text(self.0) == text(&value.cfg)
    }

    /// The attribute for what is compiled where it is met.
    pub(crate) fn is_met(&self) -> TokenStream {
        let all = self.0;
        quote!(#(#all)*)
    }

    /// The attribute for what is compiled where it is not.
    pub(crate) fn is_not_met(&self) -> TokenStream {
        let inside = self.0.iter().map(|attribute| match &attribute.meta {
            Meta::List(list) => list.tokens.clone(),
            // What is no condition is told by the compiler, at the argument.
            other => other.to_token_stream(),
        });
        quote!(#[cfg(not(all(#(#inside),*)))])
    }
}
