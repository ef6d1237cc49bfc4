//! `#[tx(idempotent)]`: it has a key.

use syn::ext::IdentExt;
use syn::{FnArg, Ident, Pat, Signature, parse_quote};

use super::argument::{Argument, Shape, Value};
use super::scan::bare;
use super::well_known::is_well_known;
use crate::errors::Errors;
use crate::syntax::{Options, last_segment};

/// How often a transaction may happen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occurrence {
    /// As often as it is submitted.
    Any,
    /// Once for each key.
    Once,
}

const HELP: &str = "write `key: prevalent::Key` or `key: &prevalent::Key`";

/// The option `idempotent`, where it is given.
pub(super) fn option(options: &Options, errors: &mut Errors) -> Option<Ident> {
    let option = options.named("idempotent")?;
    option.is_alone(errors).then(|| option.name.clone())
}

/// Refuses what is no key for `idempotent`.
pub(super) fn check_key(option: Option<&Ident>, arguments: &[Argument], errors: &mut Errors) {
    let Some(option) = option else { return };
    let values = || arguments.iter().filter_map(Argument::value);
    let mut keys = values().filter(|value| is_key(value));
    let Some(key) = keys.next() else {
        match values().find(|value| has_type_of_a_key(value)) {
            Some(other) => errors.push(
                &other.ident,
                "the key of an idempotent transaction is called `key`",
                "rename the argument",
            ),
            None => errors.push(
                option,
                "an idempotent transaction needs a key",
                "add the argument `key: prevalent::Key`, which its callers choose",
            ),
        }
        return;
    };
    if let Some(second) = keys.next() {
        errors.push(
            &second.ident,
            "an idempotent transaction has one key",
            "remove the others; what comes under conditions cannot be the key",
        );
    } else if let Some(cfg) = key.cfg.first() {
        errors.push(
            cfg,
            "the key of an idempotent transaction cannot be left out",
            "remove the condition, or put it on the method",
        );
    } else if !matches!(key.form.shape(), Shape::Owned | Shape::Ref) || is_well_known(&key.ty) {
        errors.push(
            &key.ty,
            "the key of an idempotent transaction is a `prevalent::Key`",
            format_args!("{HELP}; it comes `From` texts, numbers and `[u8; 16]`"),
        );
    }
}

/// The key is the engine's: that the user's method does nothing with it is no oversight.
pub(super) fn let_key_be_unused(signature: &mut Signature) {
    for input in &mut signature.inputs {
        if let FnArg::Typed(input) = input
            && let Pat::Ident(name) = &*input.pat
            && name.ident.unraw() == "key"
        {
            input.attrs.push(parse_quote!(#[allow(unused_variables)]));
        }
    }
}

/// Is it the argument `key`?
pub(crate) fn is_key(value: &Value) -> bool {
    value.ident.unraw() == "key"
}

fn has_type_of_a_key(value: &Value) -> bool {
    let ty = match bare(&value.ty) {
        syn::Type::Reference(reference) => bare(&reference.elem),
        ty => ty,
    };
    let syn::Type::Path(path) = ty else { return false };
    last_segment(&path.path).is_some_and(|last| last == "Key")
}
