//! Each macro as a list of its stages.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Item;

use crate::errors::Errors;
use crate::expand;
use crate::model::{DataModel, SerdeData, Transactions, check_data_attributes, fingerprint};
use crate::syntax::{Block, Data, Placement, strip_markers};

/// `#[prevalent]`
pub(crate) fn prevalent(options: TokenStream, item: TokenStream) -> TokenStream {
    let item = visible(item);
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
    let below = expand::model_data(&model, fingerprint::of_inside(&item));
    // What syn cannot read goes out as it came, and the compiler says what is wrong with it.
    let Ok(mut parsed) = syn::parse2::<Item>(item.clone()) else {
        return with_errors(errors, quote!(#above #item #below));
    };
    if !model.serde.manual {
        check_data_attributes(&parsed, &mut errors);
    }
    if errors.count() > 0 {
        return with_errors(errors, quote!(#above #item #below));
    }
    let functions = expand::prove(&model, &mut parsed);
    quote!(#above #parsed #below #functions)
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
    let item = visible(item);
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
    if let Ok(parsed) = syn::parse2(item.clone()) {
        check_data_attributes(&parsed, &mut errors);
    }
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

/// The item without the invisible group in which a `$item:item` comes.
fn visible(item: TokenStream) -> TokenStream {
    let mut tokens = item.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            visible(group.stream())
        }
        _ => item,
    }
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

fn empty() -> Group {
    Group::new(Delimiter::None, TokenStream::new())
}

fn parsed<T>(result: syn::Result<T>, errors: &mut Errors) -> Option<T> {
    result.map_err(|error| errors.push_syn(error)).ok()
}

fn with_errors(errors: Errors, item: impl ToTokens) -> TokenStream {
    let errors = errors.into_tokens();
    quote!(#errors #item)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an editor, a generator or a cat on the keyboard may hand to a macro.
    const ITEMS: &[&str] = &[
        "",
        "struct",
        "struct ;",
        "struct X",
        "enum X<T> where { }",
        "pub struct r#type(u8);",
        "union U { a: u8 }",
        "impl",
        "impl {}",
        "impl X",
        "impl X;",
        "impl X []",
        "impl X {} extra",
        "impl <T",
        "impl<T> X<T> for { }",
        "impl !Send for X {}",
        "impl const A for X {}",
        "impl (A, B) { #[tx] fn f(&mut self) {} }",
        "impl X { #[tx] }",
        "impl X { #[tx] fn }",
        "impl X { #[tx] fn f }",
        "impl X { #[tx] fn f(&mut self); #[tx] fn g(&mut self) -> ; }",
        "impl X { #[tx] fn __(&mut self) {} #[tx] fn _1(&mut self) {} #[tx] fn self_(&mut self) {} }",
        "impl X { #[tx()] fn f(&mut self, self_: u8, r#type: u8, x: ()) { half typed. } }",
        "impl X { #[tx = 1] fn f(&mut self, #[serde] x: u8, #[serde = 1] y: u8, #[serde(1)] z: u8) {} }",
        "impl X { #[tx(name = 1, method = 2, method = \"fn\")] fn f(&mut self) {} #[tx(method = \"a b\")] fn g(&mut self) {} }",
        "impl X { #[tx(rev = 2, upgrade(1 => f, 1 => , => ), retired = 1)] fn f(&mut self) {} #[tx(retired, method = \"a\")] fn g(&mut self) }",
        "impl X { #[tx(rev = 3, upgrade(1 => a::<B>, 2 => Self::c))] fn f(&mut self, #[cfg] x: u8, #[cfg(a)] y: &str, #[cfg = 1] z: u8) { half. } }",
        "impl X { #[tx(retired)] fn open(&mut self) , }",
        "impl X { #[tx(retired, rev = 1)] fn r#fn(&mut self) {} #[tx(name = \"old\")] fn g(&mut self, #) {} }",
        "impl X { #[tx] default fn f(&mut self) {} #[query] safe fn g(&self) {} }",
        "impl X { #[tx] fn f(&mut self, x: Option<>, y: Option<&>, z: m!(a), ...) {} }",
        "impl X { #[tx] fn f(&mut self, &mut TxContext, cx: &&TxContext) {} }",
        "impl X { #[tx] const A: u8 = 1; type B = u8; #[query] m! {} ; }",
        "#![inner] impl X { #![inner] #[cfg_attr] #[cfg_attr()] #[cfg_attr(x)] #[cfg_attr(x, tx =)] fn f(&mut self) {} }",
        "fn f() {}",
        "const X: u8 = 1;",
        "'a 'b 1.0 \"x\"",
        "{ impl X {} }",
    ];

    const OPTIONS: &[&str] = &[
        "",
        ",,,",
        "=",
        "name",
        "name = ",
        "name(x)",
        "vis = , store = 1, tx = a b, reply = \"X\"",
        "crate = crate, restored = Self::f(), serde = manual",
        "tx_derive(), reply_derive(Debug Clone), tx_derive = 1",
        "version = 2, from(u8 => f, u8), samples(1), removed(\"old\", old), lock = \".schema.json\"",
        "version = 4294967295, from(A<B, C> => Self::f), samples(\"\"), removed(\"old\"), lock = \"a.schema.json\"",
        "version = -1, from(=> f), samples = 1, removed, lock(x), rev, retired",
        "vis = pub(in a::b), tx_derive(Debug,), store = A, tx = A, reply = A",
    ];

    #[test]
    fn no_input_makes_a_macro_panic() {
        let parsed = |text: &&str| text.parse::<TokenStream>().ok();
        let mut runs = 0;
        for item in ITEMS.iter().filter_map(parsed) {
            for options in OPTIONS.iter().filter_map(parsed) {
                let _ = prevalent(options.clone(), item.clone());
                let _ = data(options, item.clone());
                let _ = stray("`#[tx]`", item.clone());
                runs += 1;
            }
        }
        assert_eq!(runs, ITEMS.len() * OPTIONS.len(), "every case is a token stream");
    }

    #[test]
    fn a_block_with_mistakes_goes_out_again() {
        let block: TokenStream =
            "impl X { #[tx] async fn f(&mut self) { half. } fn g() {} }".parse().unwrap();
        let out = prevalent(TokenStream::new(), block).to_string();
        assert!(out.contains("compile_error"), "{out}");
        let block = quote!(impl X { async fn f(&mut self) { half. } fn g() {} }).to_string();
        assert!(out.contains(&block), "{out}");
    }
}
