//! Each macro as a list of its stages.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;

use crate::errors::Errors;
use crate::expand;
use crate::model::{DataModel, SerdeData, Transactions};
use crate::syntax::{Block, Data, Placement, strip_markers};

/// `#[prevalent]`
pub(crate) fn prevalent(options: TokenStream, item: TokenStream) -> TokenStream {
    match Placement::of(&item) {
        Placement::Data => prevalent_data(options, item),
        Placement::Impl => prevalent_impl(options, item),
        Placement::Other(keyword) => {
            let what = format!("`#[prevalent]` cannot stand on `{keyword}`");
            misplaced(
                &what,
                "it stands on a struct or enum, and on its inherent impl",
                &keyword,
                &item,
            )
        }
        Placement::Unknown => no_item("`#[prevalent]` stands on a struct, enum or impl", item),
    }
}

fn prevalent_data(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(data) = parsed(Data::parse(&item), &mut errors) else {
        return with_errors(errors, item);
    };
    let Some(model) = DataModel::check(options, &data, &mut errors) else {
        return with_errors(errors, item);
    };
    let above = expand::serde_data(&model.serde);
    let below = expand::model_data(&model);
    with_errors(errors, quote!(#above #item #below))
}

fn prevalent_impl(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let block = syn::parse2::<Block>(item.clone());
    let Some(mut block) = parsed(block, &mut errors) else {
        return with_errors(errors, strip_markers(item));
    };
    let transactions = Transactions::check(options, &mut block, &mut errors);
    // With mistakes in some methods the others are generated all the same: what uses them would
    // otherwise be a second error.
    let generated = transactions.as_ref().map(expand::transactions);
    with_errors(errors, quote!(#block #generated))
}

/// `#[prevalent::data]`
pub(crate) fn data(options: TokenStream, item: TokenStream) -> TokenStream {
    match Placement::of(&item) {
        Placement::Data => {}
        Placement::Impl => {
            let help = "write `#[prevalent]` for a model's transactions; `#[prevalent::data]` stands on a struct or enum";
            let at = item.clone().into_iter().next().unwrap_or_else(|| TokenTree::Group(empty()));
            return misplaced("`#[prevalent::data]` cannot stand on `impl`", help, &at, &item);
        }
        Placement::Other(keyword) => {
            let what = format!("`#[prevalent::data]` cannot stand on `{keyword}`");
            return misplaced(&what, "it stands on a struct or enum", &keyword, &item);
        }
        Placement::Unknown => {
            return no_item("`#[prevalent::data]` stands on a struct or enum", item);
        }
    }
    let mut errors = Errors::default();
    let Some(data) = parsed(Data::parse(&item), &mut errors) else {
        return with_errors(errors, item);
    };
    let above = expand::serde_data(&SerdeData::check(options, &data, &mut errors));
    with_errors(errors, quote!(#above #item))
}

/// `#[tx]` and `#[query]` where no `#[prevalent] impl` took them.
pub(crate) fn stray(marker: &str, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    errors.push_at(
        Span::call_site(),
        format_args!("{marker} belongs on a method inside an `#[prevalent] impl` block"),
        "write `#[prevalent]` above the `impl`",
    );
    with_errors(errors, item)
}

fn misplaced(message: &str, help: &str, at: &TokenTree, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    errors.push(at, message, help);
    with_errors(errors, strip_markers(item.clone()))
}

fn no_item(message: &str, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    errors.push_at(Span::call_site(), message, "write it above one of these");
    with_errors(errors, item)
}

fn empty() -> proc_macro2::Group {
    proc_macro2::Group::new(proc_macro2::Delimiter::None, TokenStream::new())
}

fn parsed<T>(result: syn::Result<T>, errors: &mut Errors) -> Option<T> {
    result.map_err(|error| errors.push_syn(error)).ok()
}

fn with_errors(errors: Errors, item: TokenStream) -> TokenStream {
    let errors = errors.into_tokens();
    quote!(#errors #item)
}
