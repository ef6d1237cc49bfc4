//! What a `#[prevalent]` or `#[prevalent::data]` on a struct or enum adds.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{LitInt, Path};

use super::{local, serde_path, upgrade};
use crate::model::{DataModel, SerdeData, Version};

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
pub(crate) fn model_data(model: &DataModel, declaration: u64) -> TokenStream {
    let DataModel { ident, name, restored, version, rollback, samples, serde, cfg } = model;
    let krate = &serde.krate;
    let function_local = local("restored");
    let restored = restored.as_ref().map(|function| {
        quote! {
            fn restored(&mut self) {
                let #function_local: fn(&mut Self) = #function;
                #function_local(self)
            }
        }
    });
    let number =
        version.number.map(|number| quote!(const VERSION: ::core::primitive::u32 = #number;));
    let samples = (!samples.is_empty()).then(
        || quote!(const SAMPLES: &'static [&'static ::core::primitive::str] = &[#(#samples),*];),
    );
    let rollback = rollback.as_ref().map(|option| self::rollback(krate, option));
    let from_version = from_version(krate, version);
    let declaration = LitInt::new(&format!("{declaration:#018x}"), Span::call_site());
    quote! {
        #(#cfg)*
        #[automatically_derived]
        impl #krate::ModelData for #ident {
            const NAME: &'static ::core::primitive::str = #name;
            const DECLARATION: ::core::primitive::u64 = #declaration;
            #number
            #samples
            #rollback
            #from_version
            #restored
        }
    }
}

/// What clones the model. That it is not `Clone` is said where the option is.
fn rollback(krate: &Path, option: &Ident) -> TokenStream {
    let here = Span::call_site().located_at(option.span());
    let copy = quote_spanned!(here=> <Self as #krate::__private::Rollback>::copy);
    quote! {
        const ROLLBACK: ::core::option::Option<fn(&Self) -> Self> =
            ::core::option::Option::Some(#copy);
    }
}

/// What reads the model as it was in earlier versions.
fn from_version(krate: &Path, version: &Version) -> Option<TokenStream> {
    if version.old.is_empty() {
        return None;
    }
    let [number, stored, old] = ["version", "stored", "old"].map(local);
    let numbers = version.old.iter().map(|version| version.number);
    let arms = version.old.iter().map(|version| {
        let (number, ty) = (version.number, &version.ty);
        let run =
            upgrade::run(krate, &quote!(FromVersion::<#ty, _, Self>), &version.function, &old);
        quote!(#number => <#ty as #krate::__private::OldVersion>::upgrade(#stored, |#old| #run),)
    });
    Some(quote! {
        const OLD_VERSIONS: &'static [::core::primitive::u32] = &[#(#numbers),*];

        #[allow(deprecated, unused_qualifications)]
        fn from_version(
            #number: ::core::primitive::u32,
            #stored: #krate::Stored<'_>,
        ) -> ::core::result::Result<Self, #krate::NotUpgraded> {
            match #number {
                #(#arms)*
                _ => ::core::result::Result::Err(#krate::Stored::refuse(#stored)),
            }
        }
    })
}
