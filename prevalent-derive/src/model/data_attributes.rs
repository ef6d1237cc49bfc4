//! The serde attributes of a stored type that make what is written and what is read two things.
//!
//! What is on disk has no names of fields in it, and variants go by their numbers. So an attribute that leaves
//! something out only in one direction, or needs an encoding that describes itself, is refused here: serde would take
//! it, and the store would not open, or read something else.

use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, Item, Meta, Path, Token};

use crate::errors::Errors;
use crate::syntax::inside_cfg_attr;

/// Refuses what cannot be read back. What is no item that syn knows is left to the compiler.
pub(crate) fn check(item: &Item, errors: &mut Errors) {
    match item {
        Item::Struct(item) => {
            container(&item.attrs, errors);
            fields(&item.fields, errors);
        }
        Item::Enum(item) => {
            container(&item.attrs, errors);
            let last_kept = item.variants.iter().rposition(|variant| !is_skipped(&variant.attrs));
            for (at, variant) in item.variants.iter().enumerate() {
                fields(&variant.fields, errors);
                let is_behind = last_kept.is_none_or(|last| last < at);
                each(&variant.attrs, |path| of_a_variant(path, is_behind, errors));
            }
        }
        _ => {}
    }
}

fn container(attributes: &[Attribute], errors: &mut Errors) {
    each(attributes, |path| {
        if let Some(name) = one_of(path, &["untagged", "tag", "content"]) {
            errors.push(
                path,
                format_args!("a stored type cannot be `serde({name})`"),
                "remove it; what JSON needs is done by a second type, with `From`",
            );
        }
    });
}

fn of_a_variant(path: &Path, is_behind: bool, errors: &mut Errors) {
    if let Some(name) = one_of(path, &["untagged"]) {
        errors.push(
            path,
            format_args!("a variant of a stored type cannot be `serde({name})`"),
            "remove it; what JSON needs is done by a second type, with `From`",
        );
    } else if let Some(name) = one_of(path, &["skip_serializing", "skip_deserializing"]) {
        errors.push(
            path,
            format_args!("a stored variant cannot be left out by `serde({name})` alone"),
            "write `skip`, and move the variant behind the others",
        );
    } else if path.is_ident("skip") && !is_behind {
        errors.push(
            path,
            "a variant that is skipped has to stand behind the others",
            "move it to the end: serde counts it when it writes, and not when it reads",
        );
    }
}

fn fields(all: &Fields, errors: &mut Errors) {
    for field in all {
        let both = has(&field.attrs, "skip_serializing") && has(&field.attrs, "skip_deserializing");
        each(&field.attrs, |path| {
            if let Some(name) = one_of(path, &["skip_serializing", "skip_deserializing"])
                && !both
            {
                errors.push(
                    path,
                    format_args!("a stored field cannot be left out by `serde({name})` alone"),
                    "write `skip`, which leaves it out of both",
                );
            } else if path.is_ident("skip_serializing_if") {
                errors.push(
                    path,
                    "a stored field cannot be left out only sometimes",
                    "remove `skip_serializing_if`: a `None` takes one byte; or write `skip`",
                );
            } else if path.is_ident("flatten") {
                errors.push(
                    path,
                    "a stored field cannot be `serde(flatten)`",
                    "remove it: the field is stored as a value of its own type",
                );
            }
        });
    }
}

fn is_skipped(attributes: &[Attribute]) -> bool {
    has(attributes, "skip")
}

/// Is this option in a `#[serde(..)]`?
pub(crate) fn has(attributes: &[Attribute], option: &str) -> bool {
    let mut found = false;
    each(attributes, |path| found |= path.is_ident(option));
    found
}

fn one_of(path: &Path, names: &[&'static str]) -> Option<&'static str> {
    names.iter().find(|name| path.is_ident(name)).copied()
}

/// Each option of each `#[serde(..)]`, be it under a condition.
fn each(attributes: &[Attribute], mut see: impl FnMut(&Path)) {
    for attribute in attributes {
        options(&attribute.meta, &mut see);
        for meta in inside_cfg_attr(attribute) {
            options(&meta, &mut see);
        }
    }
}

fn options(meta: &Meta, see: &mut impl FnMut(&Path)) {
    let Meta::List(list) = meta else { return };
    if !meta.path().is_ident("serde") {
        return;
    }
    let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone());
    for meta in metas.iter().flatten() {
        see(meta.path());
    }
}
