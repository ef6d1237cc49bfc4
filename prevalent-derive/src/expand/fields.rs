//! The fields of a model: each says with one message that its type is not serde's.
//!
//! In the way of `stored`: the user's item goes out with a serde attribute more on each field whose type is not known,
//! and the functions that it names are beside it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Field, Fields, Item, Path, parse_quote};

use super::lints;
use super::stored::{Function, text};
use crate::model::{DataModel, has_serde, is_well_known, option_inside};
use crate::syntax::{inside_cfg_attr, is_cfg, path_text};

/// Adds the attributes to the item, and gives the functions.
pub(crate) fn prove(model: &DataModel, item: &mut Item) -> Option<TokenStream> {
    let serde = &model.serde;
    // With derives of the user's own, whatever they are, the attributes may mean nothing.
    if !(serde.serialize && serde.deserialize) {
        return None;
    }
    let attributes = match item {
        Item::Struct(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        _ => return None,
    };
    // With these the fields are not what is stored, or not alone.
    let elsewhere = ["transparent", "from", "try_from", "into", "remote"];
    if elsewhere.iter().any(|option| has_serde(attributes, option)) {
        return None;
    }
    let has_default = has_serde(attributes, "default");
    let mut functions = Vec::new();
    let mut number = 0_usize;
    let mut of = |fields: &mut Fields, cfg: &[Attribute]| {
        for field in fields.iter_mut() {
            functions.extend(one(model, field, number, cfg, has_default));
            number += 1;
        }
    };
    match item {
        Item::Struct(item) => of(&mut item.fields, &[]),
        Item::Enum(item) => {
            for variant in &mut item.variants {
                let cfg: Vec<Attribute> =
                    variant.attrs.iter().filter(|it| is_cfg(it)).cloned().collect();
                of(&mut variant.fields, &cfg);
            }
        }
        _ => {}
    }
    let (ident, cfg) = (&model.ident, &model.cfg);
    let lints = lints::of_an_impl();
    (!functions.is_empty())
        .then(|| quote!(#(#cfg)* #lints #[doc(hidden)] impl #ident { #(#functions)* }))
}

fn one(
    model: &DataModel,
    field: &mut Field,
    number: usize,
    cfg: &[Attribute],
    has_default: bool,
) -> Option<TokenStream> {
    // A field that says something to serde is left to it.
    let says = |attribute: &Attribute| {
        attribute.path().is_ident("serde")
            || inside_cfg_attr(attribute).iter().any(|meta| meta.path().is_ident("serde"))
    };
    if is_well_known(&field.ty) || field.attrs.iter().any(says) {
        return None;
    }
    let krate: &Path = &model.serde.krate;
    let ident = &model.ident;
    let (write, read) =
        (format_ident!("__serialize_{number}"), format_ident!("__deserialize_{number}"));
    let paths = [&write, &read].map(|name| text(&format!("{ident}::{name}")));
    let [write_path, read_path] = paths;
    // What has a name may be left out by an encoding with names; serde's own rule, which it no longer knows.
    let may_be_absent = field.ident.is_some() && !has_default && option_inside(&field.ty).is_some();
    let absent = may_be_absent.then(|| {
        let path = text(&format!("{}::__private::absent", path_text(krate)));
        quote!(default = #path,)
    });
    let own_cfg: Vec<Attribute> = field.attrs.iter().filter(|it| is_cfg(it)).cloned().collect();
    field.attrs.push(parse_quote! {
        #[serde(#absent serialize_with = #write_path, deserialize_with = #read_path)]
    });
    let ty = &field.ty;
    let ty = quote!(#ty);
    let write = Function { name: &write, of_the_trait: ("Field", "serialize"), krate };
    let write = write.serialize(&quote!(&#ty), &ty);
    let read = Function { name: &read, of_the_trait: ("Field", "deserialize"), krate }
        .deserialize(&ty, &ty);
    Some(quote!(#(#cfg)* #(#own_cfg)* #write #(#cfg)* #(#own_cfg)* #read))
}
