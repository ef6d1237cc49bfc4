//! `enum SessionsReply`: what each transaction returned.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::lints;
use super::tx_enum::visibility;
use crate::model::{Transactions, Tx};

pub(super) fn item(all: &Transactions) -> TokenStream {
    let reply = &all.names.reply;
    let visibility = visibility(all);
    let lints = lints::of_a_type();
    let derives = &all.reply_derive;
    let doc = format!("The replies of the transactions of `{}`.", all.names.model);
    let variants = all.txs.iter().map(variant);
    quote! {
        #[doc = #doc]
        #(#[derive(#derives)])*
        #lints
        #visibility enum #reply {
            #(#variants,)*
        }
    }
}

fn variant(tx: &Tx) -> TokenStream {
    let name = &tx.variant;
    let cfg = &tx.method.cfg;
    let output = &tx.method.output;
    let doc = format!("What `{}` returned.", tx.method.ident.unraw());
    quote!(#(#cfg)* #[doc = #doc] #name(#output))
}

/// The function that takes a transaction's reply out of the enum.
pub(super) fn unwrap(all: &Transactions, tx: &Tx) -> TokenStream {
    let krate = &all.krate;
    let (reply, variant) = (&all.names.reply, &tx.variant);
    let local = super::local("reply");
    let value = super::local("value");
    quote! {
        |#local| match #local {
            #reply::#variant(#value) => #value,
            _ => #krate::__private::foreign_reply(),
        }
    }
}
