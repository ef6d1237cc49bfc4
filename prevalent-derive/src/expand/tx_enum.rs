//! `enum SessionsTx`: a variant a transaction, its arguments owned.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Path, Token, Visibility};

use super::{lints, serde_path, stored};
use crate::model::{Argument, Life, Transactions, Tx, Value};
use crate::syntax::last_segment;

pub(super) fn item(all: &Transactions) -> TokenStream {
    let krate = &all.krate;
    let tx = &all.names.tx;
    let visibility = visibility(all);
    let lints = lints::of_a_type();
    let serde = serde_path(krate);
    let derives = &all.tx_derive;
    let doc = format!("The transactions of `{}`.", all.names.model);
    let variants = all.txs.iter().map(|tx| variant(all, tx));
    quote! {
        #[doc = #doc]
        #[derive(#krate::__private::serde::Serialize, #krate::__private::serde::Deserialize)]
        #(#[derive(#derives)])*
        #[serde(crate = #serde)]
        #lints
        #visibility enum #tx {
            #(#variants,)*
        }
    }
}

/// Inside the block that hides it, a type is `pub`.
pub(super) fn visibility(all: &Transactions) -> Visibility {
    if all.is_restricted() {
        return Visibility::Public(<Token![pub]>::default());
    }
    all.visibility.clone()
}

fn variant(all: &Transactions, tx: &Tx) -> TokenStream {
    let name = &tx.variant;
    let stable = &tx.stable_name;
    let cfg = &tx.method.cfg;
    let doc = format!("The transaction `{}`.", tx.method.ident.unraw());
    let note = format!("`{stable}` is retired: replayed, never committed", stable = stable.value());
    let deprecated = (tx.life == Life::Retired && may_deprecate(&all.tx_derive))
        .then(|| quote!(#[deprecated(note = #note)]));
    let fields: Vec<TokenStream> = values(tx).map(|value| field(all, tx, value)).collect();
    let fields = (!fields.is_empty()).then(|| quote!({ #(#fields,)* }));
    quote! {
        #(#cfg)*
        #[doc = #doc]
        #deprecated
        #[serde(rename = #stable)]
        #name #fields
    }
}

/// Whether no derive of the enum would be warned of what it names. The compiler's own and serde's are not; the code of
/// others stands beside the enum, where no `allow` of ours reaches it.
fn may_deprecate(derives: &[Path]) -> bool {
    const OF_THE_COMPILER: &[&str] =
        &["Debug", "Clone", "Copy", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Default"];
    derives.iter().all(|derive| {
        last_segment(derive).is_some_and(|last| OF_THE_COMPILER.iter().any(|name| last == name))
    })
}

/// The functions that the fields' attributes name.
pub(super) fn functions(all: &Transactions) -> Option<TokenStream> {
    let tx = &all.names.tx;
    let functions: Vec<TokenStream> = all
        .txs
        .iter()
        .flat_map(|tx| {
            values(tx).filter_map(|value| Some(stored::of_the_field(all, tx, value)?.functions))
        })
        .collect();
    let lints = lints::of_an_impl();
    (!functions.is_empty()).then(|| quote!(#lints #[doc(hidden)] impl #tx { #(#functions)* }))
}

fn field(all: &Transactions, tx: &Tx, value: &Value) -> TokenStream {
    let Value { ident, cfg, serde, written, form, .. } = value;
    let ty = form.owned(written, &all.krate);
    let doc = format!("The argument `{}`.", ident.unraw());
    let ours = stored::of_the_field(all, tx, value).map(|stored| stored.attribute);
    quote!(#(#cfg)* #[doc = #doc] #(#serde)* #ours #ident: #ty)
}

/// The arguments that are fields.
pub(super) fn values(tx: &Tx) -> impl Iterator<Item = &Value> {
    tx.method.arguments.iter().filter_map(Argument::value)
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn a_derive_of_somebody_else_is_not_warned_of_what_is_retired() {
        assert!(may_deprecate(&[]));
        assert!(may_deprecate(&[parse_quote!(Debug), parse_quote!(::core::hash::Hash)]));
        assert!(!may_deprecate(&[parse_quote!(Debug), parse_quote!(strum::EnumIter)]));
    }
}
