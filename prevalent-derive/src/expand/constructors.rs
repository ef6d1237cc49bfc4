//! `SessionsStore::open` and its relatives.

use proc_macro2::TokenStream;
use quote::quote;

use super::{lints, local};
use crate::model::Transactions;

pub(super) fn item(all: &Transactions) -> TokenStream {
    let krate = &all.krate;
    let visibility = &all.visibility;
    let (model, store) = (&all.self_type, &all.names.store);
    let lints = lints::of_an_impl();
    let dir = local("dir");
    let open = [
        "Opens the store in a directory, or creates it with the model's `Default` as its first state.",
        "",
        "A model without `Default` is opened with [`builder`](Self::builder) and `initial`.",
    ];
    let in_memory = [
        "A store in memory instead of files, for tests; its first state is the model's `Default`.",
        "",
        "# Panics",
        "",
        "Where the first state panics or cannot be encoded.",
    ];
    // The lifetime keeps the compiler from checking the bound here, where a model without
    // `Default` would fail it: it is checked where the function is called.
    quote! {
        #lints
        impl #store<#krate::Store<#model>> {
            #(#[doc = #open])*
            #visibility fn open<'via>(
                #dir: impl ::core::convert::AsRef<#krate::__private::Path>,
            ) -> #krate::Operation<Self>
            where
                #model: #krate::FirstState<&'via ()>,
            {
                #krate::Builder::<Self>::new(#dir).open()
            }

            /// Everything that can be set before a store in a directory is opened.
            #visibility fn builder(
                #dir: impl ::core::convert::AsRef<#krate::__private::Path>,
            ) -> #krate::Builder<Self> {
                #krate::Builder::new(#dir)
            }

            #(#[doc = #in_memory])*
            #[track_caller]
            #[must_use]
            #visibility fn in_memory<'via>() -> Self
            where
                #model: #krate::FirstState<&'via ()>,
            {
                #krate::__private::opened(#krate::Builder::<Self>::in_memory().open())
            }

            /// Everything that can be set before a store in memory is opened.
            #visibility fn builder_in_memory() -> #krate::Builder<Self> {
                #krate::Builder::in_memory()
            }
        }
    }
}
