//! `Model::key` and `Model::replies`: what makes transactions happen at most once.

use proc_macro2::TokenStream;
use quote::quote;

use super::local;
use super::tx_enum::values;
use crate::model::{Occurrence, Transactions, Tx, is_key};

/// Both functions, where there is an idempotent transaction.
pub(super) fn functions(all: &Transactions) -> Option<TokenStream> {
    let once: Vec<&Tx> = all.txs.iter().filter(|tx| tx.occurrence == Occurrence::Once).collect();
    if once.is_empty() {
        return None;
    }
    let krate = &all.krate;
    let (tx_enum, list, tx) = (&all.names.tx, local("all"), local("tx"));
    let keys = once.iter().map(|tx| key(all, tx));
    let replies = once.iter().map(|tx| reply(all, tx));
    Some(quote! {
        fn key(#tx: &#tx_enum) -> ::core::option::Option<&#krate::Key> {
            match #tx {
                #(#keys)*
                _ => ::core::option::Option::None,
            }
        }

        fn replies(#list: &mut #krate::Replies<Self>) {
            #(#replies)*
        }
    })
}

fn key(all: &Transactions, tx: &Tx) -> Option<TokenStream> {
    let krate = &all.krate;
    let (tx_enum, variant, cfg) = (&all.names.tx, &tx.variant, &tx.method.cfg);
    let value = values(tx).find(|value| is_key(value))?;
    let (ident, ty, key) = (&value.ident, value.form.inner(&value.written), local("key"));
    // That it is another type is said where the user wrote it.
    Some(quote! {
        #(#cfg)*
        #tx_enum::#variant { #ident: #key, .. } =>
            ::core::option::Option::Some(<#ty as #krate::__private::IdempotencyKey>::key(#key)),
    })
}

fn reply(all: &Transactions, tx: &Tx) -> TokenStream {
    let krate = &all.krate;
    let (model, reply, variant) = (&all.self_type, &all.names.reply, &tx.variant);
    let (cfg, stable, output) = (&tx.method.cfg, &tx.stable_name, &tx.method.output);
    let (list, value) = (local("all"), local("value"));
    quote! {
        #(#cfg)*
        <#output as #krate::__private::RememberedReply>::remember(
            #list,
            #krate::__private::tx_index(<#model as #krate::Model>::TRANSACTIONS, #stable),
            #reply::#variant,
            |#value| match #value {
                #reply::#variant(#value) => ::core::option::Option::Some(#value),
                _ => ::core::option::Option::None,
            },
        );
    }
}
