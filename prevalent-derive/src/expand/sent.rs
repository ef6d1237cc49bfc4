//! Where the compiler says that an argument or a reply is not `Send`.
//!
//! An auto trait has the compiler's own message, which is told where the model names the enum: at the place of the type,
//! if it is the only one that may be wrong.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;

use super::tx_enum::values;
use crate::model::{Transactions, is_well_known};

/// The enums as the model names them: at the type that may be wrong, where it is only one.
pub(super) fn names(all: &Transactions) -> (Ident, Ident) {
    let place = |name: &Ident, types: &Types| {
        let mut name = name.clone();
        if let [ty] = types.0.as_slice()
            && let Some(first) = ty.clone().into_iter().next()
        {
            name.set_span(name.span().located_at(first.span()));
        }
        name
    };
    (
        place(&all.names.tx, &Types::of_arguments(all)),
        place(&all.names.reply, &Types::of_replies(all)),
    )
}

/// Types that are not known to be `Send`, each once.
struct Types(Vec<TokenStream>);

impl Types {
    fn of_arguments(all: &Transactions) -> Self {
        let mut types = Self(Vec::new());
        // An argument under a condition may have a type that does not exist.
        for tx in all.txs.iter().filter(|tx| tx.method.cfg.is_empty()) {
            for value in values(tx).filter(|value| value.cfg.is_empty()) {
                if !is_well_known(&value.ty) {
                    types.add(value.form.inner(&value.written));
                }
            }
        }
        types
    }

    fn of_replies(all: &Transactions) -> Self {
        let mut types = Self(Vec::new());
        for tx in all.txs.iter().filter(|tx| tx.method.cfg.is_empty()) {
            if !tx.method.is_output_known {
                types.add(&tx.method.output);
            }
        }
        types
    }

    fn add(&mut self, ty: &TokenStream) {
        let is_there = |other: &TokenStream| other.to_string() == ty.to_string();
        if !self.0.iter().any(is_there) {
            self.0.push(ty.to_token_stream());
        }
    }
}
