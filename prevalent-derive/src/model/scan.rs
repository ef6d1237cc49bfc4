//! Looking for words inside a type.
//!
//! On tokens and not on syn's tree: a type that came through a `macro_rules!` is wrapped in
//! invisible groups, and these vanish here.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

/// What is inside a type that matters to us.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Scan {
    pub(crate) reference: bool,
    pub(crate) impl_trait: bool,
    pub(crate) dyn_trait: bool,
    pub(crate) never: bool,
    pub(crate) inferred: bool,
    /// A lifetime other than `'static`.
    pub(crate) lifetime: bool,
    pub(crate) static_lifetime: bool,
}

impl Scan {
    pub(crate) fn of(tokens: &impl ToTokens) -> Self {
        let mut scan = Self::default();
        scan.stream(tokens.to_token_stream());
        scan
    }

    fn stream(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        // A reference to something `'static` is as good as an owned value.
        while let Some(token) = tokens.next() {
            match token {
                // Braces in a type are a constant expression, which has its own `&` and `!`.
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {}
                TokenTree::Group(group) => self.stream(group.stream()),
                TokenTree::Ident(word) => {
                    self.impl_trait |= word == "impl";
                    self.dyn_trait |= word == "dyn";
                    self.inferred |= word == "_";
                }
                TokenTree::Punct(punct) => match punct.as_char() {
                    '\'' => match tokens.next() {
                        Some(TokenTree::Ident(word)) if word == "static" => {
                            self.static_lifetime = true;
                        }
                        _ => self.lifetime = true,
                    },
                    '&' => {
                        let named = matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'');
                        self.reference |= !named;
                    }
                    '!' => self.never = true,
                    _ => {}
                },
                TokenTree::Literal(_) => {}
            }
        }
    }

    /// Does it borrow from somewhere?
    pub(crate) fn borrows(&self) -> bool {
        self.reference || self.lifetime
    }
}

/// The type without invisible groups and superfluous parentheses.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn what_is_inside_a_type_is_found() {
        assert!(Scan::of(&quote!(Vec<&str>)).borrows());
        assert!(Scan::of(&quote!(Cow<'_, str>)).borrows());
        assert!(!Scan::of(&quote!(Option<&'static str>)).borrows());
        assert!(Scan::of(&quote!(Option<&'static str>)).static_lifetime);
        assert!(Scan::of(&quote!((u8, impl Fn()))).impl_trait);
        assert!(!Scan::of(&quote!([u8; { A & B }])).borrows());
    }
}
