//! The macros of `prevalent`. Use them through that crate, which documents them.
//!
//! The stages, one a folder: `syntax` (what was written), `model` (what it means, checked),
//! `expand` (the code). The user's own item goes out again in every case, so that an editor keeps
//! working on it while something else is wrong.
#![forbid(unsafe_code)]

mod errors;
mod expand;
mod macros;
mod model;
mod syntax;

use proc_macro::TokenStream;

/// Makes a struct or enum the data of a model, and an `impl` its transactions and queries.
///
/// On the struct it stands above the derives, and adds `Serialize` and `Deserialize` unless they
/// are derived below it. Options on a struct or enum: `name = "stable_name"`, `serde = manual`,
/// `restored = Self::function`, `crate = ::path`.
///
/// On the one inherent impl of the model it generates the transaction enum, the reply enum, the
/// dispatcher and the store handle. Options: `store = Ident`, `tx = Ident`, `reply = Ident`,
/// `vis = pub(crate)`, `tx_derive(..)`, `reply_derive(..)`, `crate = ::path`.
#[proc_macro_attribute]
pub fn prevalent(options: TokenStream, item: TokenStream) -> TokenStream {
    macros::prevalent(options.into(), item.into()).into()
}

/// Gives a struct or enum that is part of a model, or an argument, what it needs: serde's
/// `Serialize` and `Deserialize`, without a serde dependency of one's own.
///
/// It stands above the derives. Option: `crate = ::path`.
#[proc_macro_attribute]
pub fn data(options: TokenStream, item: TokenStream) -> TokenStream {
    macros::data(options.into(), item.into()).into()
}

/// Marks a method with `&mut self`, inside an `#[prevalent] impl`, as a transaction.
///
/// Options: `name = "stable_name"` for its name in the journal, `method = "name"` for its name on
/// the store.
#[proc_macro_attribute]
pub fn tx(_options: TokenStream, item: TokenStream) -> TokenStream {
    macros::stray("`#[tx]`", item.into()).into()
}

/// Marks a method with `&self`, inside an `#[prevalent] impl`, as a query.
///
/// Option: `method = "name"` for its name on the store.
#[proc_macro_attribute]
pub fn query(_options: TokenStream, item: TokenStream) -> TokenStream {
    macros::stray("`#[query]`", item.into()).into()
}
