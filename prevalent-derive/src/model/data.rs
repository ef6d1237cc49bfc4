//! A struct or enum under `#[prevalent]` or `#[prevalent::data]`, checked.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Meta, Path, Token};

use super::version::Version;
use super::{crate_option, default_crate};
use crate::errors::Errors;
use crate::syntax::{Data, Options, RawOption, is_cfg, last_segment};

/// What serde needs on top of what the user wrote.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct SerdeData {
    pub(crate) krate: Path,
    pub(crate) serialize: bool,
    pub(crate) deserialize: bool,
    /// Whether `#[serde(crate = "..")]` is to be added; it must not be there twice.
    pub(crate) crate_attribute: bool,
    /// Whether the user implements both traits by hand.
    pub(crate) manual: bool,
}

/// A model: the data of a `#[prevalent]` struct or enum.
pub(crate) struct DataModel {
    pub(crate) ident: Ident,
    pub(crate) name: LitStr,
    pub(crate) restored: Option<Restored>,
    pub(crate) version: Version,
    /// The option `rollback`, where it is given.
    pub(crate) rollback: Option<Ident>,
    /// Texts that types of the model accept.
    pub(crate) samples: Vec<LitStr>,
    pub(crate) serde: SerdeData,
    pub(crate) cfg: Vec<Attribute>,
}

/// The function of `restored = Self::function`.
pub(crate) struct Restored(pub(crate) Path);

impl SerdeData {
    /// `#[prevalent::data]`
    pub(crate) fn check(options: TokenStream, data: &Data, errors: &mut Errors) -> Self {
        let options = Options::parse(options, "`#[prevalent::data]`", &["crate"], errors);
        let mut krate = default_crate();
        for option in &options.list {
            krate = crate_option(option, errors).unwrap_or(krate);
        }
        Self::new(krate, data)
    }

    fn new(krate: Path, data: &Data) -> Self {
        let derives = |name| data.attributes.iter().any(|attribute| derives(attribute, name));
        let (serialize, deserialize) = (!derives("Serialize"), !derives("Deserialize"));
        let has_crate = data.attributes.iter().any(names_serde_crate);
        Self {
            krate,
            serialize,
            deserialize,
            crate_attribute: (serialize || deserialize) && !has_crate,
            manual: false,
        }
    }

    fn manual(krate: Path) -> Self {
        Self { krate, serialize: false, deserialize: false, crate_attribute: false, manual: true }
    }
}

impl DataModel {
    /// `#[prevalent]` on a struct or enum; `None` where nothing can be generated for it.
    pub(crate) fn check(options: TokenStream, data: &Data, errors: &mut Errors) -> Option<Self> {
        let known =
            &["name", "version", "from", "samples", "rollback", "serde", "restored", "crate"];
        let options = Options::parse(options, "`#[prevalent]` on a struct or enum", known, errors);
        let mut krate = default_crate();
        let mut name = LitStr::new(&data.ident.unraw().to_string(), data.ident.span());
        let mut manual = false;
        let mut restored = None;
        let mut samples = Vec::new();
        let mut rollback = None;
        let version = Version::check(&options, errors);
        for option in &options.list {
            if option.name == "name" {
                name = option.string(errors).unwrap_or(name);
            } else if option.name == "serde" {
                manual = is_manual(option, errors);
            } else if option.name == "restored" {
                restored = option.path(errors).map(Restored);
            } else if option.name == "rollback" {
                rollback = option.is_alone(errors).then(|| option.name.clone());
            } else if option.name == "samples" {
                let help = "write texts that your types accept: `samples(\"DE89370400440532013000\", \"42\")`";
                samples = option.strings(errors, help).unwrap_or_default();
            } else if option.name == "crate" {
                krate = crate_option(option, errors).unwrap_or(krate);
            }
        }
        if let Some(generics) = data.generics_tokens() {
            errors.push(
                generics,
                "a model cannot be generic",
                "name the types in the model, as in `struct Index(Map<String>);`",
            );
            return None;
        }
        let serde = if manual { SerdeData::manual(krate) } else { SerdeData::new(krate, data) };
        let cfg = data.attributes.iter().filter(|attribute| is_cfg(attribute)).cloned().collect();
        let ident = data.ident.clone();
        Some(Self { ident, name, restored, version, rollback, samples, serde, cfg })
    }
}

fn is_manual(option: &RawOption, errors: &mut Errors) -> bool {
    let help = "write `serde = manual` to implement `Serialize` and `Deserialize` by hand";
    // After a mistake the derives are added: their absence would be a second error.
    let Some(value) = option.parsed::<Ident>(errors, help) else { return false };
    if value != "manual" {
        errors.push(&value, format_args!("unknown value `{value}` of `serde`"), help);
    }
    value == "manual"
}

/// Does the attribute derive `name`, under whatever path?
fn derives(attribute: &Attribute, name: &str) -> bool {
    if !attribute.path().is_ident("derive") {
        return false;
    }
    let Meta::List(list) = &attribute.meta else { return false };
    Punctuated::<Path, Token![,]>::parse_terminated.parse2(list.tokens.clone()).is_ok_and(|paths| {
        paths.iter().any(|path| last_segment(path).is_some_and(|last| last == name))
    })
}

/// Is it `#[serde(crate = "..")]`?
fn names_serde_crate(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    attribute.path().is_ident("serde")
        && list
            .tokens
            .clone()
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(word) if word == "crate"))
}

impl ToTokens for Restored {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let path = &self.0;
        tokens.extend(quote!(#path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(options: TokenStream, item: &TokenStream) -> DataModel {
        let mut errors = Errors::default();
        let data = Data::parse(item).unwrap();
        let model = DataModel::check(options, &data, &mut errors).unwrap();
        assert_eq!(errors.into_tokens().to_string(), "");
        model
    }

    #[test]
    fn only_the_derives_that_are_missing_are_added() {
        let serde = model(
            quote!(),
            &quote!(
                #[derive(Debug)]
                struct X;
            ),
        )
        .serde;
        assert!(serde.serialize && serde.deserialize && serde.crate_attribute);
        let serde = model(
            quote!(),
            &quote!(
                #[derive(serde::Serialize, Debug)]
                struct X;
            ),
        )
        .serde;
        assert!(!serde.serialize && serde.deserialize && serde.crate_attribute);
        let item = quote!(
            #[derive(Serialize, Deserialize)]
            #[serde(crate = "s")]
            struct X;
        );
        let serde = model(quote!(), &item).serde;
        assert!(!serde.serialize && !serde.deserialize && !serde.crate_attribute);
        let serde = model(
            quote!(serde = manual),
            &quote!(
                struct X;
            ),
        )
        .serde;
        assert!(!serde.serialize && !serde.deserialize && !serde.crate_attribute);
    }

    #[test]
    fn the_name_is_the_identifier_without_its_raw_prefix() {
        assert_eq!(
            model(
                quote!(),
                &quote!(
                    enum r#struct {
                        A,
                    }
                )
            )
            .name
            .value(),
            "struct"
        );
        assert_eq!(
            model(
                quote!(name = "old"),
                &quote!(
                    struct X;
                )
            )
            .name
            .value(),
            "old"
        );
    }
}
