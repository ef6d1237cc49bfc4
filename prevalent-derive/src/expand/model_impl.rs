//! `impl Model for Sessions`: the names of the transactions, and the one dispatcher.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::LitInt;

use super::tx_enum::values;
use super::{idempotency, lints, local, sent, upgrade};
use crate::model::{Argument, Life, Transactions, Tx, Value, fingerprint};

pub(super) fn item(all: &Transactions) -> TokenStream {
    let krate = &all.krate;
    let (model, tx, reply) = (&all.self_type, &all.names.tx, &all.names.reply);
    let lints = lints::of_an_impl();
    let infos = all.txs.iter().map(|tx| info(all, tx));
    let arms = all.txs.iter().map(|tx| arm(all, tx));
    let (tx_type, reply_type) = sent::names(all);
    let removed = all.removed.names();
    let removed = (!removed.is_empty()).then(
        || quote!(const REMOVED: &'static [&'static ::core::primitive::str] = &[#(#removed),*];),
    );
    let upgrade = upgrade::function(all);
    let is_err = is_err(all);
    let idempotency = idempotency::functions(all);
    let (tx_local, cx_local) = (local("tx"), context(all));
    quote! {
        #lints
        #[automatically_derived]
        impl #krate::Model for #model {
            type Tx = #tx_type;
            type Reply = #reply_type;

            const TRANSACTIONS: &'static [#krate::TxInfo] = &[#(#infos),*];
            #removed

            fn apply(&mut self, #tx_local: #tx, #cx_local: &#krate::TxContext) -> #reply {
                match #tx_local {
                    #(#arms)*
                }
            }

            #is_err

            #idempotency

            #upgrade
        }
    }
}

/// Whether a reply is an `Err`: its type tells that, not how it is written.
fn is_err(all: &Transactions) -> Option<TokenStream> {
    let krate = &all.krate;
    let reply = &all.names.reply;
    let value = local("value");
    let arms: Vec<TokenStream> = all
        .txs
        .iter()
        .filter(|tx| tx.method.output.to_string() != "()")
        .map(|tx| {
            let (cfg, variant) = (&tx.method.cfg, &tx.variant);
            quote! {
                #(#cfg)*
                #reply::#variant(#value) => #krate::__private::Outcome::of(#value).is_err(),
            }
        })
        .collect();
    (!arms.is_empty()).then(|| {
        quote! {
            fn is_err(#value: &#reply) -> ::core::primitive::bool {
                match #value {
                    #(#arms)*
                    _ => false,
                }
            }
        }
    })
}

/// What is known of a transaction beside its type.
fn info(all: &Transactions, tx: &Tx) -> TokenStream {
    let krate = &all.krate;
    let (cfg, stable) = (&tx.method.cfg, &tx.stable_name);
    let revised = tx.revision.number.map(|number| {
        let old = tx.revision.upgrades.iter().map(|upgrade| upgrade.from);
        quote!(.revised(#number, &[#(#old),*]))
    });
    let number = |number: u64| LitInt::new(&format!("{number:#018x}"), Span::call_site());
    let (body, declaration) = (number(tx.fingerprint), number(declaration(tx)));
    let retired = (tx.life == Life::Retired).then(|| quote!(.retired()));
    quote!(#(#cfg)* #krate::TxInfo::new(#stable) #revised.with_fingerprint(#body).with_declaration(#declaration) #retired)
}

/// The fingerprint of the arguments as they are declared.
fn declaration(tx: &Tx) -> u64 {
    let arguments = values(tx).map(
        |Value { ident, cfg, serde, written, .. }| quote!(#(#cfg)* #(#serde)* #ident: #written),
    );
    fingerprint::of(quote!(#(#arguments),*))
}

/// The context's local name; with an underscore where no transaction takes it.
fn context(all: &Transactions) -> proc_macro2::Ident {
    let takes =
        |tx: &Tx| tx.method.arguments.iter().any(|argument| matches!(argument, Argument::Context));
    // A transaction that is compiled under a condition may be the only one that takes it.
    let is_used = all.txs.iter().any(|tx| takes(tx) && tx.method.cfg.is_empty());
    local(if is_used { "cx" } else { "_cx" })
}

fn arm(all: &Transactions, tx: &Tx) -> TokenStream {
    let model = &all.self_type;
    let (tx_enum, reply, variant) = (&all.names.tx, &all.names.reply, &tx.variant);
    let method = &tx.method.ident;
    let cfg = &tx.method.cfg;
    let mut fields = Vec::new();
    let mut arguments = Vec::new();
    for argument in &tx.method.arguments {
        match argument {
            Argument::Context => {
                let cx = context(all);
                arguments.push(quote!(#cx));
            }
            Argument::Value(value) => {
                let (cfg, ident) = (&value.cfg, &value.ident);
                let mut bound = ident.clone();
                bound.set_span(proc_macro2::Span::mixed_site().located_at(ident.span()));
                let lent = value.form.lend(&bound);
                fields.push(quote!(#(#cfg)* #ident: #bound));
                arguments.push(quote!(#(#cfg)* #lent));
            }
        }
    }
    let fields = (!fields.is_empty()).then(|| quote!({ #(#fields),* }));
    // A path of the type, not a method call: a trait's method of the same name is never meant.
    quote! {
        #(#cfg)*
        #tx_enum::#variant #fields => #reply::#variant(#model::#method(self, #(#arguments),*)),
    }
}
