//! The test of `lock = "sessions.schema.json"`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::lints;
use crate::model::{Transactions, snake_case};

/// Beside the impl, and in no module of its own: the model is in scope, whatever it is and wherever it stands. Inside a
/// function, where no test can run, the compiler warns.
pub(super) fn test(all: &Transactions) -> Option<TokenStream> {
    let path = all.lock.as_ref()?;
    let krate = &all.krate;
    let model = &all.self_type;
    let name = format_ident!("{}_schema_lock", snake_case(&all.names.model));
    let lints = lints::of_an_impl();
    Some(quote! {
        #[cfg(test)]
        #lints
        #[::core::prelude::v1::test]
        fn #name() {
            #krate::__private::schema_lock::<#model>(::core::env!("CARGO_MANIFEST_DIR"), #path)
        }
    })
}
