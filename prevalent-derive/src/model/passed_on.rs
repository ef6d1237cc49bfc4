//! The attributes of a method that its generated method carries as well.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta};

use crate::syntax::inside_cfg_attr;

/// What a generated method takes over: docs, `cfg`, `must_use`, `deprecated` and lint levels.
///
/// All others stay on the user's method alone: `#[inline]` or `#[tracing::instrument]` is about
/// its body.
pub(crate) fn passed_on(attributes: &[Attribute]) -> Vec<TokenStream> {
    attributes.iter().filter_map(one).collect()
}

fn one(attribute: &Attribute) -> Option<TokenStream> {
    if attribute.path().is_ident("expect") {
        // What was expected in the user's body does not happen in ours; allowing it is enough.
        let Meta::List(list) = &attribute.meta else { return None };
        let lints = &list.tokens;
        return Some(quote!(#[allow(#lints)]));
    }
    let passes = passes(&attribute.meta) || conditional(attribute);
    passes.then(|| quote!(#attribute))
}

fn passes(meta: &Meta) -> bool {
    ["doc", "cfg", "must_use", "deprecated", "allow"].iter().any(|name| meta.path().is_ident(name))
}

/// `#[cfg_attr(condition, ..)]` with nothing but what is passed on.
fn conditional(attribute: &Attribute) -> bool {
    let metas = inside_cfg_attr(attribute);
    !metas.is_empty() && metas.iter().all(passes)
}

/// Is there a doc comment?
pub(crate) fn has_docs(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("doc") && matches!(attribute.meta, Meta::NameValue(_))
    })
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn only_what_concerns_the_caller_is_passed_on() {
        let attributes: Vec<Attribute> = vec![
            parse_quote!(#[doc = "Docs."]),
            parse_quote!(#[inline]),
            parse_quote!(#[expect(clippy::unused_self, reason = "x")]),
            parse_quote!(#[cfg_attr(docsrs, doc(hidden))]),
            parse_quote!(#[cfg_attr(test, inline)]),
        ];
        let passed: Vec<String> = passed_on(&attributes).iter().map(ToString::to_string).collect();
        assert_eq!(passed.len(), 3);
        assert!(passed[1].contains("allow"));
        assert!(has_docs(&attributes));
    }
}
