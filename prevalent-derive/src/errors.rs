//! The errors of one macro call, gathered, so that one compilation tells all of them.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// What the macro found wrong.
///
/// An error is a message in lower case, the tokens that are wrong, and a help that says what to
/// write instead. A macro on a stable compiler has no way to attach a help of its own, so it is a
/// second line of the message, in rustc's own shape.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// An error on `tokens`.
    pub(crate) fn push(
        &mut self,
        tokens: impl ToTokens,
        message: impl Display,
        help: impl Display,
    ) {
        self.0.push(syn::Error::new_spanned(tokens, with_help(message, help)));
    }

    /// An error at `span`, where there are no tokens to point at.
    pub(crate) fn push_at(&mut self, span: Span, message: impl Display, help: impl Display) {
        self.0.push(syn::Error::new(span, with_help(message, help)));
    }

    /// An error of syn's own, about something that is no Rust.
    pub(crate) fn push_syn(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// How many errors there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// A `compile_error!` for each error.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.iter().map(syn::Error::to_compile_error).collect()
    }
}

fn with_help(message: impl Display, help: impl Display) -> String {
    format!("{message}\n= help: {help}")
}
