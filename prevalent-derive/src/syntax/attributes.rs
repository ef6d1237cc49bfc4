//! Which attributes are ours.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token};

/// Which of our two attributes a method carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkerKind {
    Tx,
    Query,
}

impl MarkerKind {
    /// The attribute as it is written.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Tx => "`#[tx]`",
            Self::Query => "`#[query]`",
        }
    }

    /// By the last segment, whatever is before it: `#[tx]`, `#[prevalent::tx]` and the `tx` of a
    /// renamed crate are the same.
    fn of(path: &Path) -> Option<Self> {
        let last = last_segment(path)?;
        if last == "tx" {
            Some(Self::Tx)
        } else if last == "query" {
            Some(Self::Query)
        } else {
            None
        }
    }
}

/// A `#[tx]` or `#[query]`.
pub(crate) struct Marker {
    pub(crate) kind: MarkerKind,
    pub(crate) attribute: Attribute,
}

impl Marker {
    /// Takes our attributes out of a list.
    pub(crate) fn take(attributes: &mut Vec<Attribute>) -> Vec<Self> {
        let mut markers = Vec::new();
        attributes.retain(|attribute| match MarkerKind::of(attribute.path()) {
            Some(kind) => {
                markers.push(Self { kind, attribute: attribute.clone() });
                false
            }
            None => true,
        });
        markers
    }

    /// The tokens between the parentheses, or none; `None` for `#[tx = ..]`.
    pub(crate) fn options(&self) -> Option<TokenStream> {
        match &self.attribute.meta {
            Meta::Path(_) => Some(TokenStream::new()),
            Meta::List(list) => Some(list.tokens.clone()),
            Meta::NameValue(_) => None,
        }
    }
}

/// One of our attributes inside a `#[cfg_attr(condition, ..)]`.
pub(crate) fn marker_inside_cfg_attr(attribute: &Attribute) -> Option<MarkerKind> {
    inside_cfg_attr(attribute).iter().find_map(|meta| MarkerKind::of(meta.path()))
}

/// The attributes inside a `#[cfg_attr(condition, ..)]`.
pub(crate) fn inside_cfg_attr(attribute: &Attribute) -> Vec<Meta> {
    let Meta::List(list) = &attribute.meta else { return Vec::new() };
    if !attribute.path().is_ident("cfg_attr") {
        return Vec::new();
    }
    let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone());
    metas.into_iter().flatten().skip(1).collect()
}

/// Is it `#[cfg(..)]`?
pub(crate) fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
}

/// The last name of a path.
pub(crate) fn last_segment(path: &Path) -> Option<&syn::Ident> {
    path.segments.last().map(|segment| &segment.ident)
}

/// A path as it is written, without the blanks that printing tokens puts in.
pub(crate) fn path_text(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

/// Strips our attributes from the tokens of an item that could not be parsed.
///
/// The item is the user's and goes out again in any case. Left in it, a `#[tx]` would find no
/// `#[prevalent] impl` around it and complain a second time.
pub(crate) fn strip_markers(tokens: TokenStream) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let token = match token {
            TokenTree::Group(group)
                if group.delimiter() == Delimiter::Bracket && is_marker(&group) =>
            {
                if matches!(out.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#') {
                    out.pop();
                    continue;
                }
                TokenTree::Group(group)
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let mut stripped = Group::new(Delimiter::Brace, strip_markers(group.stream()));
                stripped.set_span(group.span());
                TokenTree::Group(stripped)
            }
            token => token,
        };
        out.push(token);
    }
    out.into_iter().collect()
}

fn is_marker(group: &Group) -> bool {
    syn::parse2::<Meta>(group.stream()).is_ok_and(|meta| MarkerKind::of(meta.path()).is_some())
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::parse_quote;

    use super::*;

    #[test]
    fn our_attributes_are_known_under_any_path() {
        let mut attributes: Vec<Attribute> = vec![
            parse_quote!(#[tx]),
            parse_quote!(#[inline]),
            parse_quote!(#[::p::query(method = "x")]),
        ];
        let markers = Marker::take(&mut attributes);
        assert_eq!(markers.len(), 2);
        assert_eq!(attributes.len(), 1);
        assert_eq!(
            markers[1].options().map(|tokens| tokens.to_string()),
            Some("method = \"x\"".into())
        );
    }

    #[test]
    fn a_marker_behind_cfg_attr_is_seen() {
        let attribute: Attribute = parse_quote!(#[cfg_attr(feature = "x", inline, tx(name = "y"))]);
        assert!(matches!(marker_inside_cfg_attr(&attribute), Some(MarkerKind::Tx)));
        let other: Attribute = parse_quote!(#[cfg_attr(tx, inline)]);
        assert!(marker_inside_cfg_attr(&other).is_none());
    }

    #[test]
    fn stripping_leaves_everything_else() {
        let stripped = strip_markers(quote!(impl X { #[tx] #[inline] fn a() { [tx] } }));
        assert_eq!(stripped.to_string(), quote!(impl X { #[inline] fn a() { [tx] } }).to_string());
    }
}
