//! What an attribute stands on.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Token, Visibility};

/// The kind of item under `#[prevalent]`.
pub(crate) enum Placement {
    Data,
    Impl,
    /// Something else, by its keyword: `fn`, `trait`, `union`, …
    Other(TokenTree),
    /// Nothing that has a keyword.
    Unknown,
}

impl Placement {
    /// Finds the keyword that says what the item is.
    pub(crate) fn of(item: &TokenStream) -> Self {
        let mut tokens = item.clone().into_iter().peekable();
        while let Some(token) = tokens.next() {
            match &token {
                // `#[..]`: the group is skipped by the arm below.
                TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => {}
                TokenTree::Ident(word) => match word.to_string().as_str() {
                    "struct" | "enum" => return Self::Data,
                    "impl" => return Self::Impl,
                    "pub" | "crate" | "default" | "extern" | "async" | "unsafe" | "safe"
                    | "auto" => {}
                    "const" if followed_by_item(tokens.peek()) => {}
                    _ => return Self::Other(token),
                },
            }
        }
        Self::Unknown
    }
}

/// Does `const` belong to `const fn`, or is it a constant?
fn followed_by_item(next: Option<&TokenTree>) -> bool {
    matches!(next, Some(TokenTree::Ident(word))
        if ["fn", "unsafe", "extern", "async", "trait", "impl"].iter().any(|known| word == known))
}

/// The head of a struct or enum. Its body stays tokens: the macro has no business in it.
pub(crate) struct Data {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
}

impl Data {
    /// Reads the head out of the item's tokens.
    pub(crate) fn parse(item: &TokenStream) -> syn::Result<Self> {
        syn::parse2(item.clone())
    }
}

impl Parse for Data {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        if input.peek(Token![struct]) {
            input.parse::<Token![struct]>()?;
        } else {
            input.parse::<Token![enum]>()?;
        }
        let ident = input.parse()?;
        let generics = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self { attributes, ident, generics })
    }
}

impl Data {
    /// The whole of the generic parameters, for an error.
    pub(crate) fn generics_tokens(&self) -> Option<TokenStream> {
        self.generics.lt_token.map(|_| self.generics.to_token_stream())
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn the_keyword_tells_what_the_item_is() {
        assert!(matches!(
            Placement::of(&quote!(
                #[a]
                pub(crate) struct X;
            )),
            Placement::Data
        ));
        assert!(matches!(
            Placement::of(&quote!(
                enum X {}
            )),
            Placement::Data
        ));
        assert!(matches!(
            Placement::of(&quote!(
                unsafe impl X for Y {}
            )),
            Placement::Impl
        ));
        for (item, keyword) in [
            (
                quote!(
                    pub const fn f() {}
                ),
                "fn",
            ),
            (
                quote!(
                    const X: u8 = 1;
                ),
                "const",
            ),
            (
                quote!(
                    pub trait T {}
                ),
                "trait",
            ),
            (quote!(union U { a: u8 }), "union"),
            (
                quote!(
                    mod m {}
                ),
                "mod",
            ),
        ] {
            let Placement::Other(found) = Placement::of(&item) else { panic!("{item}") };
            assert_eq!(found.to_string(), keyword);
        }
        assert!(matches!(Placement::of(&quote!()), Placement::Unknown));
    }

    #[test]
    fn a_head_is_read_whatever_its_body_is() {
        let data = Data::parse(&quote!(#[derive(Debug)] pub struct X(u8, half typed);)).unwrap();
        assert_eq!(data.ident, "X");
        assert_eq!(data.attributes.len(), 1);
        assert!(Data::parse(&quote!(struct)).is_err());
    }
}
