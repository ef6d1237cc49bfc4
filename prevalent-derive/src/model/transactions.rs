//! The `#[prevalent] impl` block, checked.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Path, PathArguments, Token, Type, Visibility};

use super::lock;
use super::method::{Checked, Query, Refused, Tx, check_item};
use super::names::refuse_clashes;
use super::removed::Removed;
use super::scan::bare;
use super::{crate_option, default_crate};
use crate::errors::Errors;
use crate::syntax::{Block, Options, RawOption, Value, is_cfg, last_segment};

/// The names of what is generated.
pub(crate) struct Names {
    pub(crate) model: Ident,
    pub(crate) store: Ident,
    pub(crate) tx: Ident,
    pub(crate) reply: Ident,
}

/// All that is known about a model's transactions and queries.
pub(crate) struct Transactions {
    pub(crate) krate: Path,
    pub(crate) names: Names,
    /// The model's type as it stands behind `impl`.
    pub(crate) self_type: TokenStream,
    pub(crate) visibility: Visibility,
    pub(crate) tx_derive: Vec<Path>,
    pub(crate) reply_derive: Vec<Path>,
    pub(crate) removed: Removed,
    /// The path of the schema lock file.
    pub(crate) lock: Option<LitStr>,
    pub(crate) cfg: Vec<Attribute>,
    pub(crate) txs: Vec<Tx>,
    pub(crate) queries: Vec<Query>,
    pub(crate) refused: Vec<Refused>,
}

impl Transactions {
    /// Checks the block and strips our attributes from it. `None` where not even the names of what
    /// would be generated are known; with errors, the methods that have none are in it.
    pub(crate) fn check(
        options: TokenStream,
        block: &mut Block,
        errors: &mut Errors,
    ) -> Option<Self> {
        let plain = plain_model(block, errors);
        // The model's own name will do where there is none: the methods are still checked.
        let self_type = plain
            .as_ref()
            .map_or_else(|| block.self_type.to_token_stream(), ToTokens::to_token_stream);
        let mut txs = Vec::new();
        let mut queries = Vec::new();
        let mut refused = Vec::new();
        let is_of_trait = block.of_trait.is_some();
        let mut ignored = Errors::default();
        for item in &mut block.items {
            // A trait's methods have the trait's signatures; one message about the trait is enough.
            let errors = if is_of_trait { &mut ignored } else { &mut *errors };
            match check_item(item, &self_type, errors) {
                Checked::Tx(tx) => txs.push(tx),
                Checked::Query(query) => queries.push(query),
                Checked::Refused(method) => refused.push(*method),
                Checked::Neither => {}
            }
        }
        let found = plain.as_ref().and_then(last_segment);
        let model = found.cloned().unwrap_or_else(|| format_ident!("Model"));
        let mut all = Self {
            krate: default_crate(),
            names: Names::of(&model),
            self_type,
            visibility: Visibility::Public(<Token![pub]>::default()),
            tx_derive: Vec::new(),
            reply_derive: Vec::new(),
            removed: Removed::default(),
            lock: None,
            cfg: block.attributes.iter().filter(|attribute| is_cfg(attribute)).cloned().collect(),
            txs,
            queries,
            refused,
        };
        all.options(options, errors);
        all.names.refuse_clashes(errors);
        let clashing =
            refuse_clashes(&all.names.tx, &all.removed, &mut all.txs, &mut all.queries, errors);
        all.refused.extend(clashing);
        found.is_some().then_some(all)
    }

    fn options(&mut self, options: TokenStream, errors: &mut Errors) {
        let known = &[
            "store",
            "tx",
            "reply",
            "vis",
            "tx_derive",
            "reply_derive",
            "removed",
            "lock",
            "crate",
        ];
        let options = Options::parse(options, "`#[prevalent]` on an impl", known, errors);
        for option in &options.list {
            let name = option.name.to_string();
            match name.as_str() {
                "store" => ident(option, &mut self.names.store, errors),
                "tx" => ident(option, &mut self.names.tx, errors),
                "reply" => ident(option, &mut self.names.reply, errors),
                "vis" => set(&mut self.visibility, visibility(option, errors)),
                "tx_derive" => {
                    self.tx_derive = derives(option, &["Serialize", "Deserialize"], errors);
                }
                "reply_derive" => self.reply_derive = derives(option, &[], errors),
                "removed" => self.removed = Removed::check(option, errors),
                "lock" => self.lock = lock::check(option, errors),
                _ => set(&mut self.krate, crate_option(option, errors)),
            }
        }
    }

    /// Whether the generated types are less visible than the model may be.
    pub(crate) fn is_restricted(&self) -> bool {
        !matches!(self.visibility, Visibility::Public(_))
    }
}

impl Names {
    fn of(model: &Ident) -> Self {
        Self {
            store: format_ident!("{}Store", model),
            tx: format_ident!("{}Tx", model),
            reply: format_ident!("{}Reply", model),
            model: model.clone(),
        }
    }

    /// Refuses two types of one name, and goes on with the names that they would have by default.
    fn refuse_clashes(&mut self, errors: &mut Errors) {
        let names = [&self.model, &self.store, &self.tx, &self.reply];
        let mut clash = false;
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                clash = true;
                errors.push(
                    name,
                    format_args!("`{name}` would be the name of two types"),
                    "the model, `store`, `tx` and `reply` need names of their own",
                );
            }
        }
        if clash {
            *self = Self::of(&self.model);
        }
    }
}

/// The path of the model, if the block is the inherent impl of a plain type.
fn plain_model(block: &Block, errors: &mut Errors) -> Option<Path> {
    if let Some((path, _)) = &block.of_trait {
        errors.push(
            path,
            "`#[prevalent]` stands on an inherent impl, not on the impl of a trait",
            "move the `#[tx]` and `#[query]` methods into an `impl Model { .. }` of their own",
        );
        return None;
    }
    if let Some(unsafety) = &block.unsafety {
        errors.push(unsafety, "an inherent impl cannot be `unsafe`", "remove `unsafe`");
        return None;
    }
    let help = "name the types in the model, as in `struct Index(Map<String>);`";
    if block.generics.lt_token.is_some() && !block.generics.params.is_empty() {
        let params = syn::Generics { where_clause: None, ..block.generics.clone() };
        errors.push(params, "a model cannot be generic", help);
        return None;
    }
    if let Some(clause) = &block.generics.where_clause {
        errors.push(clause, "the impl of a model cannot have a `where` clause", "remove it");
        return None;
    }
    match bare(&block.self_type) {
        Type::Path(path) if path.qself.is_none() => {
            let with_arguments = path
                .path
                .segments
                .iter()
                .find(|segment| !matches!(segment.arguments, PathArguments::None));
            if let Some(segment) = with_arguments {
                errors.push(&segment.arguments, "a model cannot be generic", help);
                return None;
            }
            Some(path.path.clone())
        }
        other => {
            errors.push(
                other,
                "`#[prevalent]` stands on the impl of a struct or enum",
                "write `impl Model { .. }` with the model's name",
            );
            None
        }
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn ident(option: &RawOption, name: &mut Ident, errors: &mut Errors) {
    let help = format!("write an identifier, as in `{} = MyName`", option.name);
    set(name, option.parsed(errors, &help));
}

fn visibility(option: &RawOption, errors: &mut Errors) -> Option<Visibility> {
    let help = "write `vis = pub`, `vis = pub(crate)` or `vis = pub(self)`";
    let visibility = option.parsed(errors, help)?;
    if matches!(visibility, Visibility::Inherited) {
        errors.push(&option.name, "this is no value for `vis`", help);
        return None;
    }
    Some(visibility)
}

fn derives(option: &RawOption, taken: &[&str], errors: &mut Errors) -> Vec<Path> {
    let name = &option.name;
    let help = format!("write `{name}(Debug, Clone)`");
    let Value::List(list) = &option.value else {
        errors.push(name, format_args!("`{name}` needs a list"), help);
        return Vec::new();
    };
    let parsed = Punctuated::<Path, Token![,]>::parse_terminated.parse2(list.clone());
    let Ok(paths) = parsed else {
        errors.push(list, format_args!("`{name}` needs a list of derives"), help);
        return Vec::new();
    };
    let mut kept = Vec::new();
    for path in paths {
        match taken.iter().find(|taken| last_segment(&path).is_some_and(|last| last == *taken)) {
            Some(word) => errors.push(
                &path,
                format_args!("`{word}` is derived already"),
                format_args!("remove it from `{name}`"),
            ),
            None => kept.push(path),
        }
    }
    kept
}
