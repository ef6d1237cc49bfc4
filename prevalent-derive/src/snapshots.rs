//! What the macro makes of six models, to be read: `snapshots/*.rs` is what the user wrote, `*.expanded.rs` what comes
//! out. After a change of what is generated they are written anew by
//! `UPDATE_EXPECT=1 cargo test -p prevalent-derive --lib snapshots`, and read before they are committed.

use expect_test::{ExpectFile, expect_file};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, File, Item, Meta};

use crate::macros;

#[test]
fn six_models_expand_to_what_a_reviewer_has_read() {
    let all: [(&str, ExpectFile); 6] = [
        (
            include_str!("../snapshots/sessions.rs"),
            expect_file!["../snapshots/sessions.expanded.rs"],
        ),
        (include_str!("../snapshots/bank.rs"), expect_file!["../snapshots/bank.expanded.rs"]),
        (
            include_str!("../snapshots/private_counter.rs"),
            expect_file!["../snapshots/private_counter.expanded.rs"],
        ),
        (include_str!("../snapshots/light.rs"), expect_file!["../snapshots/light.expanded.rs"]),
        (include_str!("../snapshots/reader.rs"), expect_file!["../snapshots/reader.expanded.rs"]),
        (include_str!("../snapshots/account.rs"), expect_file!["../snapshots/account.expanded.rs"]),
    ];
    for (model, expanded) in all {
        expanded.assert_eq(&expand(model));
    }
}

fn expand(model: &str) -> String {
    let file = syn::parse_file(model).unwrap();
    let expanded: TokenStream = file.items.into_iter().map(expand_item).collect();
    prettyplease::unparse(&syn::parse2::<File>(expanded).unwrap())
}

/// Takes the first attribute `#[prevalent]`, as the compiler does.
fn expand_item(mut item: Item) -> TokenStream {
    let attributes: &mut Vec<Attribute> = match &mut item {
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        _ => panic!("a model is a struct or enum, and an impl"),
    };
    let at = attributes.iter().position(|it| it.path().is_ident("prevalent")).unwrap();
    let options = match attributes.remove(at).meta {
        Meta::List(list) => list.tokens,
        _ => TokenStream::new(),
    };
    macros::prevalent(options, item.to_token_stream())
}
