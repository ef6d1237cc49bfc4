//! An impl block, its method bodies left as tokens.
//!
//! The bodies are the user's affair: not parsing them costs nothing, and a half-typed body in an
//! editor does not make the macro give up on the whole block.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Ident, Path, Signature, Token, Type, Visibility};

/// `impl Sessions { .. }`
pub(crate) struct Block {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) unsafety: Option<Token![unsafe]>,
    pub(crate) generics: Generics,
    /// `Trait for`, where it is the impl of a trait.
    pub(crate) of_trait: Option<(Path, Token![for])>,
    pub(crate) self_type: Type,
    /// All before the braces, attributes excluded, as it was written.
    head: TokenStream,
    braces: Group,
    pub(crate) items: Vec<BlockItem>,
}

/// A part of an impl block.
pub(crate) enum BlockItem {
    Method(Box<RawMethod>),
    /// Anything else. It may carry one of our attributes by mistake.
    Other {
        attributes: Vec<Attribute>,
        tokens: TokenStream,
    },
}

/// A method as it was written.
pub(crate) struct RawMethod {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    /// `default`, from specialization; printed again and otherwise ignored.
    defaultness: Option<Ident>,
    pub(crate) signature: Signature,
    /// The braces, or the semicolon of a method without a body.
    body: TokenTree,
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let mut head = TokenStream::new();
        let fork = input.fork();
        let unsafety: Option<Token![unsafe]> = input.parse()?;
        input.parse::<Token![impl]>()?;
        let has_generics = input.peek(Token![<])
            && (input.peek2(Token![>])
                || input.peek2(Token![#])
                || input.peek2(syn::Lifetime)
                || input.peek2(Token![const])
                || (input.peek2(syn::Ident)
                    && ((input.peek3(Token![:]) && !input.peek3(Token![::]))
                        || input.peek3(Token![,])
                        || input.peek3(Token![>]))));
        let mut generics: Generics =
            if has_generics { input.parse()? } else { Generics::default() };
        let first: Type = input.parse()?;
        let (of_trait, self_type) = match input.parse::<Option<Token![for]>>()? {
            Some(for_token) => (Some((trait_path(first)?, for_token)), input.parse()?),
            None => (None, first),
        };
        generics.where_clause = input.parse()?;
        // The head again, token by token: what goes out is what came in.
        let mut rest = fork.parse::<TokenStream>()?.into_iter().peekable();
        let braces = input.parse::<TokenTree>()?;
        let TokenTree::Group(braces) = braces else {
            return Err(syn::Error::new_spanned(braces, "expected the braces of an `impl`"));
        };
        while let Some(token) = rest.next() {
            if rest.peek().is_none() {
                break;
            }
            head.extend([token]);
        }
        if !input.is_empty() {
            return Err(input.error("expected nothing behind the braces of an `impl`"));
        }
        let items = syn::parse::Parser::parse2(parse_items, braces.stream())?;
        Ok(Self { attributes, unsafety, generics, of_trait, self_type, head, braces, items })
    }
}

fn trait_path(ty: Type) -> syn::Result<Path> {
    match ty {
        Type::Path(path) if path.qself.is_none() => Ok(path.path),
        Type::Group(group) => trait_path(*group.elem),
        other => Err(syn::Error::new_spanned(other, "expected the path of a trait")),
    }
}

fn parse_items(input: ParseStream<'_>) -> syn::Result<Vec<BlockItem>> {
    // Attributes inside the braces, `#![allow(..)]`, belong to the block and are kept in place.
    let inner = input.call(Attribute::parse_inner)?;
    let mut items = Vec::new();
    if !inner.is_empty() {
        items.push(BlockItem::Other { attributes: Vec::new(), tokens: quote!(#(#inner)*) });
    }
    while !input.is_empty() {
        items.push(input.parse()?);
    }
    Ok(items)
}

impl Parse for BlockItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        if is_method(&input.fork()) {
            return Ok(Self::Method(Box::new(RawMethod::parse(attributes, input)?)));
        }
        let tokens = input.parse::<syn::ImplItem>()?.to_token_stream();
        Ok(Self::Other { attributes, tokens })
    }
}

fn is_method(fork: ParseStream<'_>) -> bool {
    if fork.parse::<Visibility>().is_err() {
        return false;
    }
    if fork.peek(syn::Ident)
        && !fork.peek2(Token![!])
        && fork.parse::<Ident>().is_ok_and(|word| word != "default")
    {
        return false;
    }
    fork.parse::<Signature>().is_ok()
}

impl RawMethod {
    fn parse(attributes: Vec<Attribute>, input: ParseStream<'_>) -> syn::Result<Self> {
        let visibility = input.parse()?;
        let defaultness = if input.peek(syn::Ident) { Some(input.parse()?) } else { None };
        let signature = input.parse()?;
        let body = input.parse::<TokenTree>()?;
        let complete = match &body {
            // A `$body:block` comes in an invisible group.
            TokenTree::Group(group) => {
                matches!(group.delimiter(), Delimiter::Brace | Delimiter::None)
            }
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        if !complete {
            return Err(syn::Error::new_spanned(body, "expected the body of a method"));
        }
        Ok(Self { attributes, visibility, defaultness, signature, body })
    }
}

impl RawMethod {
    /// The braces with all that is in them, as it was written.
    pub(crate) fn body(&self) -> TokenStream {
        self.body.to_token_stream()
    }
}

impl ToTokens for RawMethod {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attributes, visibility, defaultness, signature, body } = self;
        tokens.extend(quote!(#(#attributes)* #visibility #defaultness #signature #body));
    }
}

impl ToTokens for BlockItem {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Method(method) => method.to_tokens(tokens),
            Self::Other { attributes, tokens: item } => {
                tokens.extend(quote!(#(#attributes)* #item));
            }
        }
    }
}

impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attributes, head, items, .. } = self;
        let mut body = Group::new(Delimiter::Brace, quote!(#(#items)*));
        body.set_span(self.braces.span());
        tokens.extend(quote!(#(#attributes)* #head #body));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn comes_out_as_it_went_in(tokens: &TokenStream) -> Block {
        let block: Block = syn::parse2(tokens.clone()).unwrap();
        assert_eq!(block.to_token_stream().to_string(), tokens.to_string());
        block
    }

    #[test]
    fn a_block_comes_out_as_it_went_in() {
        let block = comes_out_as_it_went_in(&quote! {
            /// Docs.
            impl Sessions {
                const LIMIT: usize = 3;
                /// One.
                #[inline]
                pub(crate) const unsafe extern "C" fn a(&mut self, mut x: u8) -> Option<u8> where u8: Copy { self. }
                some_macro! { anything }
                pub fn b() {}
            }
        });
        assert_eq!(block.items.len(), 4);
    }

    #[test]
    fn generics_and_traits_are_read() {
        assert!(
            comes_out_as_it_went_in(&quote!(
                impl<T> X<T> where T: Y {}
            ))
            .generics
            .lt_token
            .is_some()
        );
        assert!(comes_out_as_it_went_in(&quote!(impl A for B {})).of_trait.is_some());
        assert!(
            comes_out_as_it_went_in(&quote!(
                unsafe impl<'a> A<'a> for B {}
            ))
            .unsafety
            .is_some()
        );
        assert!(
            comes_out_as_it_went_in(&quote!(
                impl <m::X as Y>::Z {}
            ))
            .generics
            .lt_token
            .is_none()
        );
    }
}
