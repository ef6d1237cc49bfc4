//! What an argument must be, said in our words before serde's derives say it in theirs.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::tx_enum::values;
use crate::model::Transactions;

pub(super) fn items(all: &Transactions) -> Vec<TokenStream> {
    let krate = &all.krate;
    let mut items = Vec::new();
    for tx in &all.txs {
        // With a function of the user's own, serde asks nothing of the type.
        for value in values(tx).filter(|value| value.serde.is_empty()) {
            let ty = value.form.owned(&value.written, krate);
            // What most arguments are needs no proof.
            if value.form.is_text() || is_well_known(&ty) {
                continue;
            }
            let (tx_cfg, cfg) = (&tx.method.cfg, &value.cfg);
            let span = value.span.resolved_at(Span::call_site());
            let check = quote_spanned!(span=> #krate::__private::argument::<#ty>());
            items.push(quote!(#(#tx_cfg)* #(#cfg)* #[allow(deprecated)] const _: () = #check;));
        }
    }
    items
}

/// Types that need no proof.
const KNOWN: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32",
    "u64", "u128", "usize", "String",
];

/// A single word that names a type everybody knows to be serde's.
fn is_well_known(ty: &TokenStream) -> bool {
    let mut tokens = ty.clone().into_iter();
    let (Some(TokenTree::Ident(word)), None) = (tokens.next(), tokens.next()) else { return false };
    KNOWN.iter().any(|known| word == known)
}
