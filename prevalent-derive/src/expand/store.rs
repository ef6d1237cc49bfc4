//! `struct SessionsStore`: the handle, and what makes it one.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

use super::{lints, local};
use crate::model::Transactions;

pub(super) fn items(all: &Transactions) -> Vec<TokenStream> {
    vec![handle(all), deref(all), store_handle(all)]
}

/// The parameter keeps the handle open to other engines. It also keeps a private model out of the
/// interface of a public type: a default may be private where a field may not.
fn handle(all: &Transactions) -> TokenStream {
    let krate = &all.krate;
    let visibility = &all.visibility;
    let (model, store) = (&all.self_type, &all.names.store);
    let engine = parameter(all);
    let lints = lints::of_a_type();
    let doc = format!("A handle to a store of `{}`; a clone is the same store.", all.names.model);
    quote! {
        #[doc = #doc]
        #lints
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #visibility struct #store<#engine = #krate::Store<#model>> {
            engine: #engine,
        }
    }
}

fn deref(all: &Transactions) -> TokenStream {
    let store = &all.names.store;
    let engine = parameter(all);
    quote! {
        #[automatically_derived]
        impl<#engine> ::core::ops::Deref for #store<#engine> {
            type Target = #engine;

            fn deref(&self) -> &#engine {
                &self.engine
            }
        }
    }
}

/// For any model, so that a struct that is no model yet is not told so twice.
fn store_handle(all: &Transactions) -> TokenStream {
    let krate = &all.krate;
    let store = &all.names.store;
    let engine = local("engine");
    let model = Ident::new("PrevalentModel", Span::call_site());
    quote! {
        #[automatically_derived]
        impl<#model: #krate::Model> #krate::StoreHandle for #store<#krate::Store<#model>> {
            type Model = #model;

            fn from_store(#engine: #krate::Store<#model>) -> Self {
                #store { engine: #engine }
            }
        }
    }
}

/// The name of the handle's type parameter, which the model or the store may have already.
fn parameter(all: &Transactions) -> Ident {
    let is_taken = |name: &str| {
        all.names.store == name
            || all
                .self_type
                .clone()
                .into_iter()
                .any(|token| matches!(token, TokenTree::Ident(word) if word == name))
    };
    let name = if is_taken("Engine") { "LocalEngine" } else { "Engine" };
    Ident::new(name, Span::call_site())
}
