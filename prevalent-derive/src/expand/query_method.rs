//! The store's method for a query: a plain read of memory.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::local;
use crate::model::{Argument, Query, Transactions};

pub(super) fn item(all: &Transactions, query: &Query) -> TokenStream {
    let krate = &all.krate;
    let model = &all.self_type;
    let method = &query.method;
    let (visibility, generated, output) = (&method.visibility, &method.generated, &method.output);
    let (passed_on, ident) = (&method.passed_on, &method.ident);
    let default_doc = format!("Answers the query `{}`.", ident.unraw());
    let doc = (!method.has_docs).then(|| quote!(#[doc = #default_doc]));
    let mut parameters = Vec::new();
    let mut arguments = Vec::new();
    for argument in &method.arguments {
        let Argument::Value(value) = argument else { continue };
        let (cfg, ident, written) = (&value.cfg, &value.ident, &value.written);
        parameters.push(quote!(#(#cfg)* #ident: #written));
        arguments.push(quote!(#(#cfg)* #ident));
    }
    let state = local("model");
    quote! {
        #doc
        #(#passed_on)*
        #visibility fn #generated(&self, #(#parameters),*) -> #output {
            #krate::Store::read(&self.engine, |#state| #model::#ident(#state, #(#arguments),*))
        }
    }
}
