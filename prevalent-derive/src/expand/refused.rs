//! The store's method for a method with a mistake, which is only there to be found by its callers.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{FnArg, ReturnType, Type};

use crate::model::{Argument, Refused, Transactions, without_self};
use crate::syntax::MarkerKind;

pub(super) fn item(all: &Transactions, method: &Refused) -> TokenStream {
    let krate = &all.krate;
    let Refused { kind, generated, visibility, cfg, signature } = method;
    let parameters = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) if !Argument::is_context(&input.ty) => {
            let ty = without_self(&input.ty, &all.self_type);
            Some(quote!(_: #ty))
        }
        FnArg::Typed(_) | FnArg::Receiver(_) => None,
    });
    let output = match &signature.output {
        ReturnType::Type(_, ty) if is_plain(ty) => without_self(ty, &all.self_type),
        ReturnType::Type(..) | ReturnType::Default => quote!(()),
    };
    let output = match kind {
        MarkerKind::Tx => quote!(#krate::Commit<#output>),
        MarkerKind::Query => output,
    };
    let generics = &signature.generics;
    let clause = &generics.where_clause;
    let doc = "Has a mistake that the macro has told.";
    quote! {
        #[doc = #doc]
        #(#cfg)*
        #visibility fn #generated #generics (&self, #(#parameters),*) -> #output #clause {
            #krate::__private::refused()
        }
    }
}

/// `impl Trait` has no value here, and `!` is no type.
fn is_plain(ty: &Type) -> bool {
    !matches!(ty, Type::ImplTrait(_) | Type::Never(_))
}
