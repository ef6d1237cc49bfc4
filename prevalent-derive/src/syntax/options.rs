//! The list inside an attribute: `name = "sessions", tx_derive(Debug, Clone), rollback`.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;

use super::nearest;
use crate::errors::Errors;

/// One option as it was written.
pub(crate) struct RawOption {
    pub(crate) name: Ident,
    pub(crate) value: Value,
}

/// What stands behind an option's name.
pub(crate) enum Value {
    /// Nothing: `rollback`.
    None,
    /// `= tokens`
    Equals(TokenStream),
    /// `(tokens)`
    List(TokenStream),
}

/// The options of one attribute.
///
/// Parsed from plain tokens, not from syn's `Meta`: `crate` and `vis = pub(crate)` are no `Meta`,
/// and one option that is wrong must not hide the others.
pub(crate) struct Options {
    pub(crate) list: Vec<RawOption>,
    /// The attribute, for messages: `` `#[tx]` ``.
    place: &'static str,
    known: &'static [&'static str],
}

/// What people write for an option, where it is not merely misspelt.
const MEANT: &[(&str, &str)] = &[
    ("revision", "rev"),
    ("version", "rev"),
    ("from", "upgrade"),
    ("migrate", "upgrade"),
    ("deprecated", "retired"),
    ("obsolete", "retired"),
    ("rev", "version"),
    ("revision", "version"),
    ("upgrade", "from"),
    ("migrate", "from"),
    ("examples", "samples"),
    ("deleted", "removed"),
    ("reserved", "removed"),
    ("once", "idempotent"),
    ("at_most_once", "idempotent"),
    ("atomic", "rollback"),
    ("transactional", "rollback"),
    ("all_or_nothing", "rollback"),
    ("schema", "lock"),
    ("schema_lock", "lock"),
];

impl Options {
    /// Splits the tokens of an attribute at `place`, whose options are `known`. What is unknown or
    /// given twice is an error and left out.
    pub(crate) fn parse(
        tokens: TokenStream,
        place: &'static str,
        known: &'static [&'static str],
        errors: &mut Errors,
    ) -> Self {
        let mut options = Self { list: Vec::new(), place, known };
        for part in split_at_commas(tokens) {
            match raw_option(part.clone()) {
                Some(option) => options.add(option, errors),
                None => errors.push(
                    part,
                    format_args!("expected an option of {place}"),
                    options.known_text(),
                ),
            }
        }
        options
    }

    fn add(&mut self, option: RawOption, errors: &mut Errors) {
        let word = option.name.to_string();
        if !self.known.contains(&word.as_str()) {
            self.refuse(&option.name, &word, errors);
        } else if self.list.iter().any(|earlier| earlier.name == option.name) {
            errors.push(
                &option.name,
                format_args!("`{word}` is given twice"),
                format_args!("write `{word}` once"),
            );
        } else {
            self.list.push(option);
        }
    }

    fn refuse(&self, name: &Ident, word: &str, errors: &mut Errors) {
        let message = format!("unknown option `{word}` of {}", self.place);
        let help = match (self.meant(word), elsewhere(word), nearest(word, self.known)) {
            (None, Some(home), _) => format!("`{word}` belongs on {home}"),
            (Some(guess), ..) | (None, None, Some(guess)) => format!("did you mean `{guess}`?"),
            (None, None, None) => self.known_text(),
        };
        errors.push(name, message, help);
    }

    /// The option of this place that another word stands for.
    fn meant(&self, word: &str) -> Option<&'static str> {
        let here =
            |(written, option): &&(&str, &str)| *written == word && self.known.contains(option);
        MEANT.iter().find(here).map(|(_, option)| *option)
    }

    /// The option of this name, if it is given.
    pub(crate) fn named(&self, name: &str) -> Option<&RawOption> {
        self.list.iter().find(|option| option.name == name)
    }

    fn known_text(&self) -> String {
        if self.known.is_empty() {
            return format!("{} takes no options", self.place);
        }
        let names: Vec<String> = self.known.iter().map(|name| format!("`{name}`")).collect();
        format!("the options of {} are {}", self.place, names.join(", "))
    }
}

impl RawOption {
    /// The value as a string literal that is not empty.
    pub(crate) fn string(&self, errors: &mut Errors) -> Option<syn::LitStr> {
        let name = &self.name;
        let literal =
            self.parsed::<syn::LitStr>(errors, &format!("write `{name} = \"a_name\"`"))?;
        if literal.value().is_empty() {
            errors.push(
                &literal,
                format_args!("`{name}` is empty"),
                format_args!("write `{name} = \"a_name\"`"),
            );
            return None;
        }
        Some(literal)
    }

    /// The value behind `=`, parsed; `help` says how it looks.
    pub(crate) fn parsed<T: syn::parse::Parse>(
        &self,
        errors: &mut Errors,
        help: &str,
    ) -> Option<T> {
        let name = &self.name;
        let value = match &self.value {
            Value::Equals(tokens) => tokens,
            Value::None | Value::List(_) => {
                errors.push(name, format_args!("`{name}` needs `= value`"), help);
                return None;
            }
        };
        let parsed = syn::parse2(value.clone()).ok();
        if parsed.is_none() {
            let at = if value.is_empty() { name.to_token_stream() } else { value.clone() };
            errors.push(at, format_args!("this is no value for `{name}`"), help);
        }
        parsed
    }

    /// The value as a path, from `crate = ::path`.
    pub(crate) fn path(&self, errors: &mut Errors) -> Option<syn::Path> {
        let help = if self.name == "crate" {
            "write the path of the crate, as in `crate = ::my_reexport::prevalent`"
        } else {
            "write a path, as in `Self::function`"
        };
        // `syn::Path` would take generic arguments without `::` as well; as a module path they are
        // caught by the compiler, on the user's tokens.
        self.parsed(errors, help)
    }
}

/// Where an option that is unknown here is known.
fn elsewhere(word: &str) -> Option<&'static str> {
    match word {
        "serde" | "restored" | "version" | "from" | "samples" | "rollback" => {
            Some("the `#[prevalent]` of the struct")
        }
        "store" | "tx" | "reply" | "vis" | "tx_derive" | "reply_derive" | "removed" | "lock" => {
            Some("the `#[prevalent]` of the impl")
        }
        "rev" | "upgrade" | "retired" | "idempotent" => Some("a `#[tx]`"),
        "name" => Some("the `#[prevalent]` of the struct, or on a `#[tx]`"),
        "method" => Some("`#[tx]` or `#[query]`"),
        "crate" => Some("`#[prevalent]` or `#[prevalent::data]`"),
        _ => None,
    }
}

fn raw_option(tokens: TokenStream) -> Option<RawOption> {
    let mut tokens = tokens.into_iter();
    let TokenTree::Ident(name) = tokens.next()? else { return None };
    let value = match tokens.next() {
        None => Value::None,
        Some(TokenTree::Punct(punct)) if punct.as_char() == '=' => Value::Equals(tokens.collect()),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
            if tokens.next().is_some() {
                return None;
            }
            Value::List(group.stream())
        }
        Some(_) => return None,
    };
    Some(RawOption { name, value })
}

fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut part: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                if part.is_empty() {
                    // An empty place between two commas: the comma itself is what is wrong.
                    parts.push(TokenTree::Punct(punct).into());
                } else {
                    parts.push(part.drain(..).collect());
                }
            }
            token => part.push(token),
        }
    }
    if !part.is_empty() {
        parts.push(part.into_iter().collect());
    }
    parts
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn texts(errors: Errors) -> String {
        errors.into_tokens().to_string()
    }

    #[test]
    fn every_form_of_option_is_read() {
        let mut errors = Errors::default();
        let options = Options::parse(
            quote!(name = "a", crate = ::x::y, vis = pub(crate), tx_derive(Debug, Clone),),
            "`#[prevalent]`",
            &["name", "crate", "vis", "tx_derive"],
            &mut errors,
        );
        assert_eq!(errors.count(), 0);
        let names: Vec<String> =
            options.list.iter().map(|option| option.name.to_string()).collect();
        assert_eq!(names, ["name", "crate", "vis", "tx_derive"]);
        assert_eq!(options.list[0].string(&mut errors).map(|text| text.value()), Some("a".into()));
        assert!(options.list[1].path(&mut errors).is_some());
        assert!(matches!(options.list[3].value, Value::List(_)));
    }

    #[test]
    fn each_wrong_option_is_an_error_of_its_own() {
        let mut errors = Errors::default();
        let options = Options::parse(
            quote!(nmae = "a", name = "b", name = "c", 7, colour, store = X),
            "`#[prevalent]` on a struct",
            &["name", "serde"],
            &mut errors,
        );
        assert_eq!(options.list.len(), 1);
        assert_eq!(errors.count(), 5);
        let text = texts(errors);
        assert!(text.contains("did you mean `name`?"), "{text}");
        assert!(text.contains("`name` is given twice"), "{text}");
        assert!(text.contains("the `#[prevalent]` of the impl"), "{text}");
    }

    #[test]
    fn nothing_in_an_attribute_makes_the_parser_panic() {
        for tokens in
            [quote!(,), quote!(= =), quote!(a b c), quote!(a() b), quote!("x"), quote!(a =,)]
        {
            let mut errors = Errors::default();
            let options = Options::parse(tokens, "`#[tx]`", &["a"], &mut errors);
            for option in &options.list {
                let _ = option.string(&mut errors);
                let _ = option.path(&mut errors);
            }
            assert!(errors.count() > 0);
        }
    }
}
