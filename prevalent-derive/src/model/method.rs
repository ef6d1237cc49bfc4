//! A `#[tx]` or `#[query]` method, checked.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::{Attribute, FnArg, LitStr, Meta, ReturnType, Signature, Visibility};

use super::argument::Argument;
use super::fingerprint;
use super::idempotency::{self, Occurrence};
use super::names::{refuse_reserved, variant_of};
use super::passed_on::{has_docs, passed_on};
use super::revision::Revision;
use super::serde_attributes;
use super::signature::SignatureCheck;
use super::well_known::is_well_known;
use crate::errors::Errors;
use crate::syntax::{
    BlockItem, Marker, MarkerKind, MisspeltMarker, Options, RawMethod, RawOption, is_cfg,
    marker_inside_cfg_attr,
};

/// What a transaction and a query have in common.
pub(crate) struct Method {
    /// The user's method.
    pub(crate) ident: Ident,
    /// The method of the store.
    pub(crate) generated: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) passed_on: Vec<TokenStream>,
    pub(crate) has_docs: bool,
    pub(crate) cfg: Vec<Attribute>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) output: TokenStream,
    /// Whether the return type is one that everybody knows to be `Send`.
    pub(crate) is_output_known: bool,
    /// As it was written.
    signature: Signature,
}

/// A transaction.
pub(crate) struct Tx {
    pub(crate) method: Method,
    pub(crate) variant: Ident,
    /// What it is called in the journal, for ever.
    pub(crate) stable_name: LitStr,
    pub(crate) revision: Revision,
    pub(crate) life: Life,
    pub(crate) occurrence: Occurrence,
    pub(crate) fingerprint: u64,
}

/// What can be done with a transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// It is committed and replayed.
    Live,
    /// It is only replayed.
    Retired,
}

/// A query.
pub(crate) struct Query {
    pub(crate) method: Method,
}

/// A method with a mistake. The store still has a method of its name, so that a call of it is not
/// a second error.
pub(crate) struct Refused {
    pub(crate) kind: MarkerKind,
    pub(crate) generated: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) cfg: Vec<Attribute>,
    pub(crate) signature: Signature,
}

impl Refused {
    fn new(method: &RawMethod, generated: Ident, kind: MarkerKind) -> Self {
        Self {
            kind,
            generated,
            visibility: method.visibility.clone(),
            cfg: cfg_of(&method.attributes),
            signature: method.signature.clone(),
        }
    }

    /// A method that is right, but one too many.
    pub(crate) fn of(method: &Method, kind: MarkerKind) -> Self {
        Self {
            kind,
            generated: method.generated.clone(),
            visibility: method.visibility.clone(),
            cfg: method.cfg.clone(),
            signature: method.signature.clone(),
        }
    }
}

/// What a method of the block is.
pub(crate) enum Checked {
    Tx(Tx),
    Query(Query),
    /// One of ours that has a mistake.
    Refused(Box<Refused>),
    /// A method that is none of ours.
    Neither,
}

/// Checks one item of the block and strips our attributes from it.
pub(crate) fn check_item(
    item: &mut BlockItem,
    self_type: &TokenStream,
    errors: &mut Errors,
) -> Checked {
    match item {
        BlockItem::Method(method) => check_method(method, self_type, errors),
        BlockItem::Other { attributes, .. } => {
            for marker in Marker::take(attributes) {
                errors.push(
                    &marker.attribute,
                    format_args!("{} stands on a method", marker.kind.text()),
                    "move it to a `fn` of this block",
                );
            }
            Checked::Neither
        }
    }
}

fn check_method(method: &mut RawMethod, self_type: &TokenStream, errors: &mut Errors) -> Checked {
    let before = errors.count();
    let mut markers = Marker::take(&mut method.attributes);
    let meant = take_near_misses(&mut method.attributes, errors);
    if markers.is_empty() {
        markers = meant;
    }
    let Some(marker) = one_of(&markers, errors) else { return Checked::Neither };
    let options = MethodOptions::check(marker, errors);
    let mut check = SignatureCheck { kind: marker.kind, self_type, errors };
    let (arguments, output) = check.run(&method.signature);
    options.revision.check_arguments(&arguments, errors);
    if errors.count() == before {
        idempotency::check_key(options.idempotent.as_ref(), &arguments, errors);
    }
    strip_argument_attributes(method);
    let ident = method.signature.ident.clone();
    let generated = options.method.clone().unwrap_or_else(|| ident.clone());
    // What is retired has no method on the store.
    let is_free = options.life == Life::Live
        && refuse_reserved(&generated, options.method.is_some(), marker.kind, errors);
    if errors.count() > before {
        if !is_free {
            return Checked::Neither;
        }
        return Checked::Refused(Box::new(Refused::new(method, generated, marker.kind)));
    }
    let stable_name =
        options.name.unwrap_or_else(|| LitStr::new(&ident.unraw().to_string(), ident.span()));
    let variant = variant_of(&ident);
    let common = Method {
        ident,
        generated,
        visibility: method.visibility.clone(),
        passed_on: passed_on(&method.attributes),
        has_docs: has_docs(&method.attributes),
        cfg: cfg_of(&method.attributes),
        arguments,
        output,
        is_output_known: match &method.signature.output {
            ReturnType::Default => true,
            ReturnType::Type(_, ty) => is_well_known(ty),
        },
        signature: method.signature.clone(),
    };
    if options.idempotent.is_some() {
        idempotency::let_key_be_unused(&mut method.signature);
    }
    match marker.kind {
        MarkerKind::Tx => Checked::Tx(Tx {
            method: common,
            variant,
            stable_name,
            revision: options.revision,
            life: options.life,
            occurrence: match options.idempotent {
                Some(_) => Occurrence::Once,
                None => Occurrence::Any,
            },
            fingerprint: fingerprint::of(method.body()),
        }),
        MarkerKind::Query => Checked::Query(Query { method: common }),
    }
}

/// Takes out our attributes where they are misspelt or behind a condition, and gives what they were
/// meant to be. Left in place, each would be a second error of the compiler's.
fn take_near_misses(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Vec<Marker> {
    let mut meant = Vec::new();
    attributes.retain(|attribute| {
        let Some(kind) = near_miss(attribute, errors) else { return true };
        let attribute =
            Attribute { meta: Meta::Path(attribute.path().clone()), ..attribute.clone() };
        meant.push(Marker { kind, attribute });
        false
    });
    meant
}

fn near_miss(attribute: &Attribute, errors: &mut Errors) -> Option<MarkerKind> {
    if let Some(kind) = marker_inside_cfg_attr(attribute) {
        let marker = kind.text();
        errors.push(
            attribute,
            format_args!("{marker} cannot stand inside `#[cfg_attr]`"),
            format_args!("write {marker} and a `#[cfg(..)]` on the method"),
        );
        return Some(kind);
    }
    let word = attribute.path().get_ident()?.to_string();
    let kind = MisspeltMarker::guess(&word)?;
    errors.push(
        attribute,
        format_args!("unknown attribute `#[{word}]` in an `#[prevalent] impl`"),
        format_args!("did you mean {}?", kind.text()),
    );
    Some(kind)
}

fn cfg_of(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| is_cfg(attribute)).cloned().collect()
}

/// The one marker of a method.
fn one_of<'a>(markers: &'a [Marker], errors: &mut Errors) -> Option<&'a Marker> {
    let (first, others) = markers.split_first()?;
    for other in others {
        if other.kind == first.kind {
            let text = first.kind.text();
            errors.push(
                &other.attribute,
                format_args!("{text} is there twice"),
                "remove one of the two",
            );
        } else {
            errors.push(
                &other.attribute,
                "a method is a `#[tx]` or a `#[query]`, not both",
                "keep `#[tx]` where it changes the model, `#[query]` where it only reads",
            );
        }
    }
    Some(first)
}

struct MethodOptions {
    name: Option<LitStr>,
    method: Option<Ident>,
    revision: Revision,
    life: Life,
    /// The option `idempotent`.
    idempotent: Option<Ident>,
}

impl MethodOptions {
    fn check(marker: &Marker, errors: &mut Errors) -> Self {
        let text = marker.kind.text();
        let tokens = marker.options().unwrap_or_else(|| {
            errors.push(
                &marker.attribute,
                format_args!("{text} takes its options in parentheses"),
                "write `#[tx(name = \"stable_name\")]`",
            );
            TokenStream::new()
        });
        let known: &[&str] = match marker.kind {
            MarkerKind::Tx => &["name", "method", "rev", "upgrade", "retired", "idempotent"],
            MarkerKind::Query => &["method"],
        };
        let options = Options::parse(tokens, text, known, errors);
        let retired = options.named("retired").is_some_and(|option| option.is_alone(errors));
        let method = options.named("method");
        if let (Some(option), true) = (method, retired) {
            errors.push(
                &option.name,
                "a retired transaction has no method on the store",
                "remove `method`, or `retired`",
            );
        }
        Self {
            name: options.named("name").and_then(|option| option.string(errors)),
            method: method.filter(|_| !retired).and_then(|option| method_name(option, errors)),
            revision: Revision::check(&options, errors),
            life: if retired { Life::Retired } else { Life::Live },
            idempotent: idempotency::option(&options, errors),
        }
    }
}

/// `method = "open_account"`
fn method_name(option: &RawOption, errors: &mut Errors) -> Option<Ident> {
    let literal = option.string(errors)?;
    let parsed = literal.parse_with(Ident::parse_any).ok();
    let is_plain = literal.parse::<Ident>().is_ok();
    match parsed {
        Some(ident) if is_plain => Some(ident),
        _ => {
            errors.push(
                &literal,
                format_args!("`{}` is no name for a method", literal.value()),
                "write an identifier, as in `method = \"open_account\"`",
            );
            None
        }
    }
}

/// `#[serde(..)]` on an argument went to the transaction's field; the compiler would not know it here.
fn strip_argument_attributes(method: &mut RawMethod) {
    for input in &mut method.signature.inputs {
        if let FnArg::Typed(input) = input {
            serde_attributes::take(&mut input.attrs);
        }
    }
}
