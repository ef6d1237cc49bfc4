//! The store's method for a transaction: it gives a `Commit`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Lifetime, Path};

use super::tx_enum::values;
use super::{reply_enum, stored};
use crate::model::{Transactions, Tx, Value};

pub(super) fn item(all: &Transactions, tx: &Tx) -> TokenStream {
    let krate = &all.krate;
    let method = &tx.method;
    let (visibility, generated, output) = (&method.visibility, &method.generated, &method.output);
    let passed_on = &method.passed_on;
    let default_doc = format!("Commits the transaction `{}`.", method.ident.unraw());
    let doc = (!method.has_docs).then(|| quote!(#[doc = #default_doc]));
    let parameters = values(tx).map(|value| {
        let Value { ident, cfg, written, .. } = value;
        quote!(#(#cfg)* #ident: #written)
    });
    let submitted = if values(tx).any(|value| value.form.is_borrowed()) {
        submit_borrowed(all, tx)
    } else {
        submit_owned(all, tx)
    };
    quote! {
        #doc
        #(#passed_on)*
        #visibility fn #generated(&self, #(#parameters),*) -> #krate::Commit<#output> {
            #submitted
        }
    }
}

/// With owned arguments the transaction is there for the taking.
fn submit_owned(all: &Transactions, tx: &Tx) -> TokenStream {
    let (tx_enum, variant) = (&all.names.tx, &tx.variant);
    let fields: Vec<TokenStream> = values(tx).map(field).collect();
    let fields = (!fields.is_empty()).then(|| quote!({ #(#fields),* }));
    let reply = reply_enum::unwrap(all, tx);
    let submit = submit(all, tx, "submit", "owned");
    quote!(#submit(&self.engine, &#tx_enum::#variant #fields, #reply))
}

/// The engine's function. For a reply that may not be `Send`, it is one that does not tell so a second time.
fn submit(all: &Transactions, tx: &Tx, known: &str, unknown: &str) -> TokenStream {
    let krate = &all.krate;
    let output = &tx.method.output;
    if tx.method.is_output_known {
        let function = format_ident!("{known}");
        quote!(#krate::Store::#function)
    } else {
        let function = format_ident!("{unknown}");
        quote!(#krate::__private::Submit::<#output>::NEW.#function)
    }
}

/// Borrowed arguments are encoded as they are: a tuple or a struct of them has the same encoding as the variant, and nothing has to
/// be cloned to be written down.
fn submit_borrowed(all: &Transactions, tx: &Tx) -> TokenStream {
    let krate = &all.krate;
    let model = &all.self_type;
    let stable = &tx.stable_name;
    let (definition, arguments) =
        if fit_into_a_tuple(tx, krate) { in_a_tuple(tx) } else { in_a_struct(tx, krate) };
    let reply = reply_enum::unwrap(all, tx);
    let submit = submit(all, tx, "submit_args", "args");
    quote! {
        #definition
        const __PREVALENT_TX: ::core::primitive::usize =
            #krate::__private::tx_index(<#model as #krate::Model>::TRANSACTIONS, #stable);
        #submit(&self.engine, __PREVALENT_TX, &#arguments, #reply)
    }
}

/// Whether serde has nothing more to be told of the arguments than what they are. A tuple has a length that serde knows.
fn fit_into_a_tuple(tx: &Tx, krate: &Path) -> bool {
    const LENGTH_MAX: usize = 16;
    values(tx).count() <= LENGTH_MAX
        && values(tx).all(|value| {
            value.cfg.is_empty()
                && value.serde.is_empty()
                && stored::of_the_argument(tx, value, krate).is_none()
        })
}

/// Without a type of their own: each would cost the compiler a derive.
fn in_a_tuple(tx: &Tx) -> (Option<TokenStream>, TokenStream) {
    let arguments = values(tx).map(|value| &value.ident);
    (None, quote!((#(#arguments,)*)))
}

fn in_a_struct(tx: &Tx, krate: &Path) -> (Option<TokenStream>, TokenStream) {
    let serde = super::serde_path(krate);
    let lifetime = Lifetime::new("'args", Span::mixed_site());
    let definitions = values(tx).map(|value| {
        let Value { ident, cfg, serde, written, form, .. } = value;
        let ty = form.with_lifetime(written, &lifetime);
        let ours = stored::of_the_argument(tx, value, krate).map(|stored| stored.attribute);
        quote!(#(#cfg)* #(#serde)* #ours #ident: #ty)
    });
    let functions =
        values(tx).filter_map(|value| Some(stored::of_the_argument(tx, value, krate)?.functions));
    let fields = values(tx).map(field);
    let definition = quote! {
        #(#functions)*
        #[derive(#krate::__private::serde::Serialize)]
        #[serde(crate = #serde)]
        struct __PrevalentArgs<#lifetime> {
            #(#definitions,)*
        }
    };
    (Some(definition), quote!(__PrevalentArgs { #(#fields),* }))
}

fn field(value: &Value) -> TokenStream {
    let Value { ident, cfg, .. } = value;
    quote!(#(#cfg)* #ident)
}
