//! The serde attributes of a field that is stored: what is missing on its type is said in our words.
//!
//! serde's derives would say it three to five times, in several places. So they call functions of ours, whose names
//! stand where the user wrote the type; the compiler tells the same error at the same place once.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, LitStr, Path};

use crate::model::{Shape, Transactions, Tx, Value, is_well_known, names_serde, option_inside};
use crate::syntax::path_text;

/// The serde attribute of a field, and the functions that it names.
pub(super) struct Stored {
    pub(super) attribute: TokenStream,
    pub(super) functions: TokenStream,
}

/// For the field of the transaction; the functions are the enum's.
pub(super) fn of_the_field(all: &Transactions, tx: &Tx, value: &Value) -> Option<Stored> {
    let krate = &all.krate;
    let (serialize, deserialize) = match value.form.shape() {
        Shape::Owned | Shape::Ref => ("serialize", "deserialize"),
        Shape::Slice => ("serialize_vec", "deserialize_vec"),
        Shape::OptionRef => ("serialize_option", "deserialize_option"),
        Shape::Text | Shape::OptionSlice => return None,
    };
    if !needs_proof(value) {
        return None;
    }
    let of = format!("{}_{}", tx.method.ident.unraw(), value.ident.unraw());
    let (write, read) = (format_ident!("__serialize_{of}"), format_ident!("__deserialize_{of}"));
    let ty = value.form.owned(&value.written, krate);
    let owner = &all.names.tx;
    let (write_path, read_path) =
        (text(&format!("{owner}::{write}")), text(&format!("{owner}::{read}")));
    // With a function of ours, serde no longer knows by itself that an option may be left out.
    let is_option =
        matches!(value.form.shape(), Shape::OptionRef) || option_inside(&value.ty).is_some();
    let absent = (is_option && !names(&value.serde, "default")).then(|| {
        let path = text(&format!("{}::__private::absent", path_text(krate)));
        quote!(default = #path,)
    });
    let cfg = &tx.method.cfg;
    let write = serialize_function(&write, serialize, &quote!(&#ty), value, krate);
    let read = deserialize_function(&read, deserialize, &ty, value, krate);
    Some(Stored {
        attribute: quote!(#[serde(#absent serialize_with = #write_path, deserialize_with = #read_path)]),
        functions: quote!(#(#cfg)* #write #(#cfg)* #read),
    })
}

/// For the same argument as it is borrowed; the function is one beside the struct.
pub(super) fn of_the_argument(value: &Value, krate: &Path) -> Option<Stored> {
    let serialize = match value.form.shape() {
        Shape::Owned => "serialize",
        Shape::Slice => "serialize_slice",
        Shape::Ref => "serialize_ref",
        Shape::OptionRef => "serialize_option_ref",
        Shape::Text | Shape::OptionSlice => return None,
    };
    if !needs_proof(value) {
        return None;
    }
    let name = format_ident!("__serialize_{}", value.ident.unraw());
    let written = &value.written;
    let functions = serialize_function(&name, serialize, &quote!(&#written), value, krate);
    let name = text(&name.to_string());
    Some(Stored { attribute: quote!(#[serde(serialize_with = #name)]), functions })
}

fn serialize_function(
    name: &Ident,
    serialize: &str,
    this: &TokenStream,
    value: &Value,
    krate: &Path,
) -> TokenStream {
    let private = quote!(#krate::__private);
    let inner = value.form.inner(&value.written);
    let serialize = Ident::new(serialize, Span::call_site());
    let cfg = &value.cfg;
    quote! {
        #(#cfg)*
        fn #name<Via: #private::serde::Serializer>(
            value: #this,
            via: Via,
        ) -> ::core::result::Result<Via::Ok, Via::Error> {
            <#inner as #private::Argument>::#serialize(value, via)
        }
    }
}

fn deserialize_function(
    name: &Ident,
    deserialize: &str,
    output: &TokenStream,
    value: &Value,
    krate: &Path,
) -> TokenStream {
    let private = quote!(#krate::__private);
    let inner = value.form.inner(&value.written);
    let deserialize = Ident::new(deserialize, Span::call_site());
    let cfg = &value.cfg;
    quote! {
        #(#cfg)*
        fn #name<'de, Via: #private::serde::Deserializer<'de>>(
            via: Via,
        ) -> ::core::result::Result<#output, Via::Error> {
            <#inner as #private::Argument>::#deserialize(via)
        }
    }
}

/// The path of a function as serde wants it.
fn text(path: &str) -> LitStr {
    LitStr::new(path, Span::call_site())
}

/// With a function of the user's own, serde asks nothing of the type; and what most arguments are is known.
fn needs_proof(value: &Value) -> bool {
    let own = ["with", "serialize_with", "deserialize_with"];
    let is_conditional = value.serde.iter().any(|attribute| !attribute.path().is_ident("serde"));
    !is_conditional
        && !own.iter().any(|name| names(&value.serde, name))
        && !is_well_known(&value.ty)
}

fn names(attributes: &[Attribute], option: &str) -> bool {
    attributes.iter().any(|attribute| names_serde(&attribute.meta, option))
}
