//! What a `#[prevalent]` or `#[prevalent::data]` on a struct or enum adds.

use proc_macro2::TokenStream;
use quote::quote;

use super::serde_path;
use crate::model::{DataModel, SerdeData};

/// The derives, above the item.
pub(crate) fn serde_data(serde: &SerdeData) -> TokenStream {
    let krate = &serde.krate;
    let serialize = serde.serialize.then(|| quote!(#[derive(#krate::__private::serde::Serialize)]));
    let deserialize =
        serde.deserialize.then(|| quote!(#[derive(#krate::__private::serde::Deserialize)]));
    let path = serde_path(krate);
    let attribute = serde.crate_attribute.then(|| quote!(#[serde(crate = #path)]));
    quote!(#serialize #deserialize #attribute)
}

/// `impl ModelData for Sessions`, below the item.
pub(crate) fn model_data(model: &DataModel) -> TokenStream {
    let DataModel { ident, name, restored, serde, cfg } = model;
    let krate = &serde.krate;
    let local = super::local("restored");
    let restored = restored.as_ref().map(|function| {
        quote! {
            fn restored(&mut self) {
                let #local: fn(&mut Self) = #function;
                #local(self)
            }
        }
    });
    quote! {
        #(#cfg)*
        #[automatically_derived]
        impl #krate::ModelData for #ident {
            const NAME: &'static ::core::primitive::str = #name;
            #restored
        }
    }
}
