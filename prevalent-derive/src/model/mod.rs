//! The second stage: what was written, checked, in the words of the product.
//!
//! Everything that can be refused is refused here. What comes out is complete and consistent, so
//! that the third stage has no error to report.

mod argument;
mod data;
mod data_attributes;
pub(crate) mod fingerprint;
mod idempotency;
mod lock;
mod method;
mod names;
mod passed_on;
mod removed;
mod revision;
mod scan;
mod self_type;
mod serde_attributes;
mod signature;
mod transactions;
mod version;
mod well_known;

pub(crate) use argument::{Argument, Shape, Value};
pub(crate) use data::{DataModel, SerdeData};
pub(crate) use data_attributes::{check as check_data_attributes, has as has_serde};
pub(crate) use idempotency::{Occurrence, is_key};
pub(crate) use method::{Life, Method, Query, Refused, Tx};
pub(crate) use names::snake_case;
pub(crate) use revision::{Condition, Upgrade, conditions};
pub(crate) use self_type::without_self;
pub(crate) use serde_attributes::names as names_serde;
pub(crate) use transactions::Transactions;
pub(crate) use version::Version;
pub(crate) use well_known::{is_well_known, option_inside};

use proc_macro2::Span;
use syn::{Ident, Path, PathSegment, Token, punctuated::Punctuated};

use crate::errors::Errors;
use crate::syntax::{RawOption, path_text};

/// `::prevalent`
fn default_crate() -> Path {
    let mut segments = Punctuated::new();
    segments.push(PathSegment::from(Ident::new("prevalent", Span::call_site())));
    Path { leading_colon: Some(<Token![::]>::default()), segments }
}

/// The path in `crate = ::path`.
fn crate_option(option: &RawOption, errors: &mut Errors) -> Option<Path> {
    let path = option.path(errors)?;
    if path_text(&path).contains('$') {
        // serde's own `crate = ".."` takes text, in which `$crate` means nothing.
        errors.push(
            &path,
            "`$crate` cannot be used for `crate`",
            "write the path from the root, as in `crate = ::my_reexport::prevalent`",
        );
        return None;
    }
    Some(path)
}
