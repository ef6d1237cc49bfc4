//! `#[serde(..)]` on an argument, which is for its field of the transaction enum.

use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

use crate::errors::Errors;
use crate::syntax::inside_cfg_attr;

/// What an argument may say to serde. The others are about borrowing, or leave a field out, which
/// an encoding without field names cannot do.
const ALLOWED: &[&str] =
    &["default", "alias", "rename", "with", "serialize_with", "deserialize_with"];

/// Takes the serde attributes out of a list.
pub(crate) fn take(attributes: &mut Vec<Attribute>) -> Vec<Attribute> {
    let (serde, others) = attributes.drain(..).partition(is_serde);
    *attributes = others;
    serde
}

/// Is it `#[serde(..)]`, be it under a condition?
fn is_serde(attribute: &Attribute) -> bool {
    attribute.path().is_ident("serde")
        || inside_cfg_attr(attribute).iter().any(|meta| meta.path().is_ident("serde"))
}

/// Refuses what makes no sense on the field of a transaction.
pub(crate) fn check(attribute: &Attribute, errors: &mut Errors) {
    if attribute.path().is_ident("serde") {
        check_meta(&attribute.meta, errors);
    }
    for meta in inside_cfg_attr(attribute).iter().filter(|meta| meta.path().is_ident("serde")) {
        check_meta(meta, errors);
    }
}

/// Does `#[serde(..)]` have this option?
pub(crate) fn names(meta: &Meta, option: &str) -> bool {
    let Meta::List(list) = meta else { return false };
    let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone());
    meta.path().is_ident("serde") && metas.iter().flatten().any(|meta| meta.path().is_ident(option))
}

fn check_meta(meta: &Meta, errors: &mut Errors) {
    let Meta::List(list) = meta else {
        errors.push(meta, "`#[serde]` needs a list", "write `#[serde(default)]`");
        return;
    };
    let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone());
    // What is no list of metas is left to serde's own message.
    for meta in metas.iter().flatten() {
        let path = meta.path();
        if !ALLOWED.iter().any(|name| path.is_ident(name)) {
            let name = crate::syntax::path_text(path);
            errors.push(
                path,
                format_args!("`serde({name})` cannot be used on an argument"),
                format_args!("an argument takes `{}`", ALLOWED.join("`, `")),
            );
        }
    }
}
