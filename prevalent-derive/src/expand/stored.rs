//! The serde attributes of a field that is stored: what is missing on its type is said in our words.
//!
//! serde's derives would say it three to five times, in several places. So they call functions of ours, whose names
//! stand where the user wrote the type; the compiler tells the same error at the same place once.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, LitStr, Path};

use super::tx_enum::values;
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
    // Methods under opposite conditions may share a variant, and share its number.
    let number = all.txs.iter().position(|other| other.variant == tx.variant).unwrap_or_default();
    let of = format!("{number}_{}", place(tx, value));
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
pub(super) fn of_the_argument(tx: &Tx, value: &Value, krate: &Path) -> Option<Stored> {
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
    let name = format_ident!("__serialize_{}", place(tx, value));
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
    let function = Function { name, of_the_trait: ("Argument", serialize), krate };
    let function = function.serialize(this, value.form.inner(&value.written));
    let cfg = &value.cfg;
    quote!(#(#cfg)* #function)
}

fn deserialize_function(
    name: &Ident,
    deserialize: &str,
    output: &TokenStream,
    value: &Value,
    krate: &Path,
) -> TokenStream {
    let function = Function { name, of_the_trait: ("Argument", deserialize), krate };
    let function = function.deserialize(output, value.form.inner(&value.written));
    let cfg = &value.cfg;
    quote!(#(#cfg)* #function)
}

/// A function for `serialize_with` or `deserialize_with`.
pub(super) struct Function<'a> {
    pub(super) name: &'a Ident,
    /// The trait of ours that it asks for, and the function of it that it calls.
    pub(super) of_the_trait: (&'a str, &'a str),
    pub(super) krate: &'a Path,
}

impl Function<'_> {
    /// Encodes a `this`; `inner` has to implement the trait.
    pub(super) fn serialize(&self, this: &TokenStream, inner: &TokenStream) -> TokenStream {
        let (name, call) = (self.name, self.call(inner));
        let krate = self.krate;
        quote! {
            fn #name<Via: #krate::__private::serde::Serializer>(
                value: #this,
                via: Via,
            ) -> ::core::result::Result<Via::Ok, Via::Error> {
                #call(value, via)
            }
        }
    }

    /// Decodes an `output`; `inner` has to implement the trait.
    pub(super) fn deserialize(&self, output: &TokenStream, inner: &TokenStream) -> TokenStream {
        let (name, call) = (self.name, self.call(inner));
        let krate = self.krate;
        quote! {
            fn #name<'de, Via: #krate::__private::serde::Deserializer<'de>>(
                via: Via,
            ) -> ::core::result::Result<#output, Via::Error> {
                #call(via)
            }
        }
    }

    fn call(&self, inner: &TokenStream) -> TokenStream {
        let [the_trait, function] = [self.of_the_trait.0, self.of_the_trait.1]
            .map(|name| Ident::new(name, Span::call_site()));
        let krate = self.krate;
        quote!(<#inner as #krate::__private::#the_trait>::#function)
    }
}

/// Functions are named by numbers: what an argument is called may be no good name for a function.
fn place(tx: &Tx, value: &Value) -> usize {
    values(tx).position(|other| other.ident == value.ident).unwrap_or_default()
}

/// The path of a function as serde wants it.
pub(super) fn text(path: &str) -> LitStr {
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
