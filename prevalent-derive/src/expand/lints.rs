//! The lints that generated code leaves to the user's own code.

use proc_macro2::TokenStream;
use quote::quote;

/// What a user's crate may deny and generated code cannot help.
///
/// Short, because an `allow` of what the crate *forbids* is an error: whatever can be satisfied
/// (`missing_docs`) is satisfied instead.
pub(super) fn allowed() -> TokenStream {
    quote! {
        #[allow(
            dead_code,
            deprecated,
            elided_lifetimes_in_paths,
            missing_copy_implementations,
            missing_debug_implementations,
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
