//! The lists that some options take: `samples("a", "b")`, `upgrade(1 => Self::from_first)`.

use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{LitStr, Path, Token};

use super::{RawOption, Value};
use crate::errors::Errors;

/// `old => function`
pub(crate) struct Way<Old> {
    pub(crate) old: Old,
    pub(crate) function: Path,
}

impl<Old: Parse> Parse for Way<Old> {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let old = input.parse()?;
        input.parse::<Token![=>]>()?;
        Ok(Self { old, function: input.parse()? })
    }
}

impl<Old: ToTokens> ToTokens for Way<Old> {
    fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
        let Self { old, function } = self;
        tokens.extend(quote::quote!(#old => #function));
    }
}

impl RawOption {
    /// The value as a list in parentheses with something in it; `help` says how it looks.
    pub(crate) fn list_of<T: Parse>(&self, errors: &mut Errors, help: &str) -> Option<Vec<T>> {
        let name = &self.name;
        let Value::List(list) = &self.value else {
            errors.push(name, format_args!("`{name}` needs a list"), help);
            return None;
        };
        if list.is_empty() {
            errors.push(name, format_args!("the list of `{name}` is empty"), help);
            return None;
        }
        let parsed = Punctuated::<T, Token![,]>::parse_terminated.parse2(list.clone()).ok();
        if parsed.is_none() {
            errors.push(list, format_args!("this is no list for `{name}`"), help);
        }
        Some(parsed?.into_iter().collect())
    }

    /// The value as a list of string literals.
    pub(crate) fn strings(&self, errors: &mut Errors, help: &str) -> Option<Vec<LitStr>> {
        self.list_of(errors, help)
    }

    /// Whether the option stands alone, as `retired` does.
    pub(crate) fn is_alone(&self, errors: &mut Errors) -> bool {
        let is_alone = matches!(self.value, Value::None);
        if !is_alone {
            let name = &self.name;
            errors.push(
                name,
                format_args!("`{name}` takes no value"),
                format_args!("write `{name}` alone"),
            );
        }
        is_alone
    }

    /// The value as a number that counts from 1.
    pub(crate) fn count(&self, errors: &mut Errors) -> Option<u32> {
        let name = &self.name;
        let help = format!("write a number from 1, as in `{name} = 2`");
        counted(&self.parsed::<syn::LitInt>(errors, &help)?, &format!("`{name}`"), errors)
    }
}

/// A number from 1 that fits in 32 bits; `what` is it that it counts.
pub(crate) fn counted(literal: &syn::LitInt, what: &str, errors: &mut Errors) -> Option<u32> {
    let number = literal.base10_parse::<u32>().ok();
    let is_plain = ["", "u32"].contains(&literal.suffix());
    let number = number.filter(|number| *number > 0 && is_plain);
    if number.is_none() {
        errors.push(
            literal,
            format_args!("`{literal}` is no value for {what}"),
            format_args!("write a number from 1 to {}", u32::MAX),
        );
    }
    number
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::LitInt;

    use super::super::Options;
    use super::*;

    fn option(tokens: proc_macro2::TokenStream) -> RawOption {
        let mut errors = Errors::default();
        let known = &["upgrade", "samples", "rev", "retired"];
        let mut options = Options::parse(tokens, "`#[tx]`", known, &mut errors);
        assert_eq!(errors.count(), 0);
        options.list.remove(0)
    }

    #[test]
    fn ways_are_read_with_commas_inside_their_types_too() {
        let mut errors = Errors::default();
        let ways = option(quote!(upgrade(Map<A, B> => Self::a, m::C => f::<u8>,)))
            .list_of::<Way<syn::Type>>(&mut errors, "");
        assert_eq!(ways.map(|ways| ways.len()), Some(2));
        assert_eq!(errors.count(), 0);
    }

    #[test]
    fn what_is_no_list_or_no_number_is_one_error_each() {
        let lists = [
            quote!(upgrade),
            quote!(upgrade()),
            quote!(upgrade = 1),
            quote!(upgrade(1)),
            quote!(upgrade(1 => )),
            quote!(upgrade(1 => a b)),
            quote!(upgrade(a => b)),
        ];
        for tokens in lists {
            let mut errors = Errors::default();
            assert!(option(tokens).list_of::<Way<LitInt>>(&mut errors, "").is_none());
            assert_eq!(errors.count(), 1);
        }
        let numbers = [
            quote!(rev = 0),
            quote!(rev = -1),
            quote!(rev = 4_294_967_296),
            quote!(rev = "2"),
            quote!(rev = 2u8),
            quote!(rev),
            quote!(rev(2)),
        ];
        for tokens in numbers {
            let mut errors = Errors::default();
            assert_eq!(option(tokens).count(&mut errors), None);
            assert_eq!(errors.count(), 1);
        }
        assert_eq!(
            option(quote!(rev = 4_294_967_295)).count(&mut Errors::default()),
            Some(u32::MAX)
        );
    }
}
