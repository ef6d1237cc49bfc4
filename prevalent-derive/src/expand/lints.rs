//! The lints that generated code leaves to the user's own code.
//!
//! Short lists, because an `allow` of what the crate *forbids* is an error: whatever can be
//! satisfied (`missing_docs`) is satisfied instead.

use proc_macro2::TokenStream;
use quote::quote;

/// For a type: it may not be used, and what it derives is the user's choice.
pub(super) fn of_a_type() -> TokenStream {
    quote! {
        #[allow(
            dead_code,
            deprecated,
            missing_copy_implementations,
            missing_debug_implementations,
            private_bounds,
            private_interfaces,
            unreachable_pub,
            clippy::all,
            clippy::nursery,
            clippy::pedantic
        )]
    }
}

/// For an impl: its signatures are the user's, and so is what they were told about them.
pub(super) fn of_an_impl() -> TokenStream {
    quote! {
        #[allow(
            dead_code,
            deprecated,
            elided_lifetimes_in_paths,
            private_bounds,
            private_interfaces,
            unreachable_code,
            unreachable_patterns,
            unreachable_pub,
            unused_qualifications,
            clippy::all,
            clippy::nursery,
            clippy::pedantic,
            rustdoc::broken_intra_doc_links,
            rustdoc::private_intra_doc_links
        )]
    }
}
