//! `#[serde(..)]` on an argument, which is for its field of the transaction enum.

use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

use crate::errors::Errors;

/// What an argument may say to serde. The others are about borrowing, or leave a field out, which
/// an encoding without field names cannot do.
const ALLOWED: &[&str] =
    &["default", "alias", "rename", "with", "serialize_with", "deserialize_with"];

/// Takes the serde attributes out of a list.
pub(crate) fn take(attributes: &mut Vec<Attribute>) -> Vec<Attribute> {
    let mut taken = Vec::new();
    attributes.retain(|attribute| {
        let is_serde = attribute.path().is_ident("serde");
        if is_serde {
            taken.push(attribute.clone());
        }
        !is_serde
    });
    taken
}

/// Refuses what makes no sense on the field of a transaction.
pub(crate) fn check(attribute: &Attribute, errors: &mut Errors) {
    let Meta::List(list) = &attribute.meta else {
        errors.push(attribute, "`#[serde]` needs a list", "write `#[serde(default)]`");
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
