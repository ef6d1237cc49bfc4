//! `Self` in a signature, which means another type in the generated impls.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// Puts the model's type where `Self` was written.
pub(crate) fn without_self(tokens: &impl ToTokens, self_type: &TokenStream) -> TokenStream {
    replace(tokens.to_token_stream(), self_type)
}

fn replace(tokens: TokenStream, self_type: &TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(word) if word == "Self" => self_type.clone(),
            TokenTree::Group(group) => {
                let mut replaced =
                    Group::new(group.delimiter(), replace(group.stream(), self_type));
                replaced.set_span(group.span());
                TokenTree::Group(replaced).into()
            }
            token => quote!(#token),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn self_is_replaced_at_every_depth() {
        let replaced = without_self(&quote!(Option<(Self, [u8; Self::N])>), &quote!(m::X));
        assert_eq!(replaced.to_string(), quote!(Option<(m::X, [u8; m::X::N])>).to_string());
    }
}
