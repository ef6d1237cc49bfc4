//! `struct SessionsStore`: the handle, and what makes it one.

use proc_macro2::TokenStream;
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
    let lints = lints::allowed();
    let doc = format!("A handle to a store of [`{}`]; a clone is the same store.", all.names.model);
    quote! {
        #[doc = #doc]
        #lints
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #visibility struct #store<Engine = #krate::Store<#model>> {
            engine: Engine,
        }
    }
}

fn deref(all: &Transactions) -> TokenStream {
    let store = &all.names.store;
    let lints = lints::allowed();
    quote! {
        #lints
        #[automatically_derived]
        impl<Engine> ::core::ops::Deref for #store<Engine> {
            type Target = Engine;

            fn deref(&self) -> &Engine {
                &self.engine
            }
        }
    }
}

/// For any model, so that a struct that is no model yet is not told so twice.
fn store_handle(all: &Transactions) -> TokenStream {
    let krate = &all.krate;
    let store = &all.names.store;
    let lints = lints::allowed();
    let engine = local("engine");
    quote! {
        #lints
        #[automatically_derived]
        impl<Data: #krate::Model> #krate::StoreHandle for #store<#krate::Store<Data>> {
            type Model = Data;

            fn from_store(#engine: #krate::Store<Data>) -> Self {
                #store { engine: #engine }
            }
        }
    }
}
