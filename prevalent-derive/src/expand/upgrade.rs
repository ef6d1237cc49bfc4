//! `Model::upgrade`: a transaction from the arguments that it had in an earlier revision.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use super::local;
use super::tx_enum::values;
use crate::model::{Condition, Transactions, Tx, Upgrade, conditions};

/// Nothing, where no transaction has an upgrade: the trait's own function refuses all.
pub(super) fn function(all: &Transactions) -> Option<TokenStream> {
    let arms: Vec<TokenStream> = all.txs.iter().flat_map(|tx| arms(all, tx)).collect();
    if arms.is_empty() {
        return None;
    }
    let krate = &all.krate;
    let tx_enum = &all.names.tx;
    let [tx, revision, arguments] = ["tx", "revision", "arguments"].map(local);
    Some(quote! {
        fn upgrade(
            #tx: &::core::primitive::str,
            #revision: ::core::primitive::u32,
            #arguments: #krate::Stored<'_>,
        ) -> ::core::result::Result<#tx_enum, #krate::NotUpgraded> {
            match (#tx, #revision) {
                #(#arms)*
                _ => ::core::result::Result::Err(#krate::Stored::refuse(#arguments)),
            }
        }
    })
}

fn arms(all: &Transactions, tx: &Tx) -> Vec<TokenStream> {
    let upgrades = &tx.revision.upgrades;
    if upgrades.is_empty() {
        return Vec::new();
    }
    let conditions = conditions(&tx.method.arguments);
    upgrades
        .iter()
        .flat_map(|upgrade| subsets(&conditions).map(move |met| (upgrade, met)))
        .map(|(upgrade, met)| arm(all, tx, upgrade, &conditions, met))
        .collect()
}

/// Which of the conditions are met, as the bits of a number. A tuple can't leave out an element under a condition: so
/// there is an arm for each case.
fn subsets(conditions: &[Condition<'_>]) -> impl Iterator<Item = usize> + use<> {
    0..1 << conditions.len()
}

fn arm(
    all: &Transactions,
    tx: &Tx,
    upgrade: &Upgrade,
    conditions: &[Condition<'_>],
    met: usize,
) -> TokenStream {
    let krate = &all.krate;
    let (tx_enum, variant, stable) = (&all.names.tx, &tx.variant, &tx.stable_name);
    let is_met = |place: usize| met & (1 << place) != 0;
    let cases = conditions.iter().enumerate().map(|(place, condition)| {
        if is_met(place) { condition.is_met() } else { condition.is_not_met() }
    });
    let (mut types, mut fields, mut bound) = (Vec::new(), Vec::new(), Vec::new());
    for value in values(tx) {
        let place = conditions.iter().position(|condition| condition.is_of(value));
        if !place.is_none_or(is_met) {
            continue;
        }
        let ident = &value.ident;
        let mut name = ident.clone();
        name.set_span(Span::mixed_site().located_at(ident.span()));
        types.push(value.form.owned(&value.written, krate));
        fields.push(quote!(#ident: #name));
        bound.push(name);
    }
    let new = quote!((#(#types,)*));
    let fields = (!fields.is_empty()).then(|| quote!({ #(#fields),* }));
    let cfg = &tx.method.cfg;
    let (from, function) = (upgrade.from, &upgrade.function);
    let [arguments, old] = ["arguments", "old"].map(local);
    let run = run(krate, &quote!(Upgrade::<_, _, #new>), function, &old);
    quote! {
        #(#cfg)*
        #(#cases)*
        (#stable, #from) => ::core::result::Result::map(
            #krate::Stored::upgrade::<_, #new>(#arguments, |#old| #run),
            |(#(#bound,)*)| #tx_enum::#variant #fields,
        ),
    }
}

/// A call of the user's function through a trait of ours, which says in our words what is wrong with it.
pub(super) fn run(
    krate: &syn::Path,
    of_the_trait: &TokenStream,
    function: &syn::Path,
    old: &syn::Ident,
) -> TokenStream {
    let call = quote!(#krate::__private::#of_the_trait::run);
    // The compiler shows the call beside the function. At the same place, it takes up no line of its own.
    let place = function.to_token_stream().into_iter().next();
    let place = place.map_or_else(Span::call_site, |token| token.span());
    let call: TokenStream = call
        .into_iter()
        .map(|mut token| {
            token.set_span(token.span().located_at(place));
            token
        })
        .collect();
    quote!(#call(#function, #old))
}
