//! The third stage: from the checked model to code. A file is a generated item.
//!
//! All paths are absolute, and the locals of generated code have a hygiene of their own, so that
//! nothing the user's module defines can change what is meant.

mod constructors;
mod data;
mod fields;
mod idempotency;
mod lints;
mod model_impl;
mod query_method;
mod refused;
mod reply_enum;
mod schema_lock;
mod sent;
mod store;
mod stored;
mod tx_enum;
mod tx_method;
mod upgrade;

pub(crate) use data::{model_data, serde_data};
pub(crate) use fields::prove;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::LitStr;

use crate::model::{Life, Transactions};

/// All that an impl block generates beside itself.
pub(crate) fn transactions(all: &Transactions) -> TokenStream {
    let mut items = types(all);
    items.extend(store::items(all));
    items.push(constructors::item(all));
    items.push(methods(all));
    items.extend(schema_lock::test(all));
    let cfg = &all.cfg;
    let cfg = quote!(#(#cfg)*);
    quote!(#(#cfg #items)*)
}

/// The two enums and the dispatcher.
fn types(all: &Transactions) -> Vec<TokenStream> {
    let mut items = vec![tx_enum::item(all), reply_enum::item(all), model_impl::item(all)];
    items.extend(tx_enum::functions(all));
    if !all.is_restricted() {
        return items;
    }
    // An associated type must be as visible as the trait and the model are, and the model may be
    // `pub`. So the enums are `pub` where nobody can name them, and are named by aliases.
    let krate = &all.krate;
    let visibility = &all.visibility;
    let (model, tx, reply) = (&all.self_type, &all.names.tx, &all.names.reply);
    let tx_doc = format!("The transactions of `{}`.", all.names.model);
    let reply_doc = format!("The replies of `{}`.", all.names.model);
    let lints = lints::of_a_type();
    vec![
        quote!(const _: () = { #(#items)* };),
        quote!(#[doc = #tx_doc] #lints #visibility type #tx = <#model as #krate::Model>::Tx;),
        quote!(#[doc = #reply_doc] #lints #visibility type #reply = <#model as #krate::Model>::Reply;),
    ]
}

/// A method of the store for each transaction and query.
fn methods(all: &Transactions) -> TokenStream {
    let krate = &all.krate;
    let (model, store) = (&all.self_type, &all.names.store);
    let lints = lints::of_an_impl();
    let live = all.txs.iter().filter(|tx| tx.life == Life::Live);
    let txs = live.map(|tx| tx_method::item(all, tx));
    let queries = all.queries.iter().map(|query| query_method::item(all, query));
    let refused = all.refused.iter().map(|method| refused::item(all, method));
    quote! {
        #lints
        impl #store<#krate::Store<#model>> {
            #(#txs)*
            #(#queries)*
            #(#refused)*
        }
    }
}

/// A name for a local variable that no name of the user's can meet.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The path of serde for serde's own attribute, as text.
fn serde_path(krate: &syn::Path) -> LitStr {
    let text = format!("{}::__private::serde", crate::syntax::path_text(krate));
    LitStr::new(&text, Span::call_site())
}
