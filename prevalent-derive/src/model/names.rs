//! Names that are made, and names that must not meet.

use proc_macro2::Ident;
use quote::format_ident;
use syn::ext::IdentExt;

use super::removed::Removed;
use super::{Life, Method, Query, Refused, Tx};
use crate::errors::Errors;
use crate::syntax::MarkerKind;

/// The constructors of a generated store.
pub(crate) const RESERVED: &[&str] = &["open", "builder", "in_memory", "builder_in_memory"];

/// `create_session` → `CreateSession`, at the same place in the source.
pub(crate) fn variant_of(method: &Ident) -> Ident {
    let mut name = String::new();
    for word in method.unraw().to_string().split('_') {
        let mut letters = word.chars();
        name.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        name.extend(letters);
    }
    // `_1` and `self_` would give what is no identifier.
    if syn::parse_str::<Ident>(&name).is_err() {
        return format_ident!("Tx{}", name, span = method.span());
    }
    Ident::new(&name, method.span())
}

/// `UserSessions` → `user_sessions`
pub(crate) fn snake_case(model: &Ident) -> String {
    let letters: Vec<char> = model.unraw().to_string().chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let next_is_small = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let begins_word = letter.is_uppercase()
            && at > 0
            && letters[at - 1] != '_'
            && (!letters[at - 1].is_uppercase() || next_is_small);
        if begins_word {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// Refuses a generated method with the name of a constructor; whether the name is free.
pub(crate) fn refuse_reserved(
    name: &Ident,
    is_chosen: bool,
    kind: MarkerKind,
    errors: &mut Errors,
) -> bool {
    let word = name.unraw().to_string();
    if !RESERVED.contains(&word.as_str()) {
        return true;
    }
    let marker = kind.text().trim_matches(['`', ']']);
    let help = if is_chosen {
        format!("choose another name, as in `{marker}(method = \"{word}_it\")]`")
    } else {
        format!("give the generated method another name: `{marker}(method = \"{word}_it\")]`")
    };
    errors.push(name, format_args!("`{word}` is a constructor of the generated store"), help);
    false
}

/// Refuses two transactions or queries that would be one, and one that would be taken for what is gone. The first stays; the others are given
/// back, where the store's method would not be one that is there already.
pub(crate) fn refuse_clashes(
    tx_enum: &Ident,
    removed: &Removed,
    txs: &mut Vec<Tx>,
    queries: &mut Vec<Query>,
    errors: &mut Errors,
) -> Vec<Refused> {
    let mut clashes = Clashes { tx_enum, removed, seen: Vec::new(), refused: Vec::new(), errors };
    txs.retain(|tx| clashes.admit(Taken::tx(tx), &tx.method, MarkerKind::Tx));
    queries.retain(|query| clashes.admit(Taken::query(query), &query.method, MarkerKind::Query));
    clashes.refused
}

struct Clashes<'a> {
    tx_enum: &'a Ident,
    removed: &'a Removed,
    seen: Vec<Taken>,
    refused: Vec<Refused>,
    errors: &'a mut Errors,
}

impl Clashes<'_> {
    fn admit(&mut self, taken: Taken, method: &Method, kind: MarkerKind) -> bool {
        let clash = taken
            .was_removed(self.removed)
            .or_else(|| self.seen.iter().find_map(|earlier| taken.clash(earlier, self.tx_enum)));
        let is_free = taken.generated.is_some()
            && self.seen.iter().all(|earlier| earlier.generated != taken.generated);
        self.seen.push(taken);
        let Some((message, help)) = clash else { return true };
        self.errors.push(&method.ident, message, help);
        if is_free {
            self.refused.push(Refused::of(method, kind));
        }
        false
    }
}

/// The names that a method takes up.
struct Taken {
    method: String,
    /// What is retired has none.
    generated: Option<String>,
    variant: Option<String>,
    stable: Option<String>,
    has_cfg: bool,
}

impl Taken {
    fn tx(tx: &Tx) -> Self {
        let method = Self::method(&tx.method);
        Self {
            variant: Some(tx.variant.to_string()),
            stable: Some(tx.stable_name.value()),
            generated: method.generated.filter(|_| tx.life == Life::Live),
            ..method
        }
    }

    fn query(query: &Query) -> Self {
        Self::method(&query.method)
    }

    fn method(method: &Method) -> Self {
        Self {
            method: method.ident.to_string(),
            generated: Some(method.generated.unraw().to_string()),
            variant: None,
            stable: None,
            has_cfg: !method.cfg.is_empty(),
        }
    }

    /// The message and help, where old journals hold another transaction of this name.
    fn was_removed(&self, removed: &Removed) -> Option<(String, String)> {
        let stable = self.stable.as_ref().filter(|stable| removed.contains(stable))?;
        Some((
            format!("the transaction name `{stable}` is in `removed`: old journals may hold it"),
            format!(
                "give `{}` another name with `#[tx(name = \"..\")]`, or take `{stable}` out of `removed` if it is the same transaction again",
                self.method
            ),
        ))
    }

    /// The message and help, where `self` meets what came `earlier`.
    fn clash(&self, earlier: &Self, tx_enum: &Ident) -> Option<(String, String)> {
        // Two that are compiled under conditions are usually one or the other; where they are not,
        // the compiler finds the generated names twice.
        if self.has_cfg && earlier.has_cfg {
            return None;
        }
        let other = &earlier.method;
        if let (Some(stable), true) = (&self.stable, self.stable == earlier.stable) {
            return Some((
                format!("the transaction name `{stable}` is taken by `{other}`"),
                "give each transaction a name of its own with `#[tx(name = \"..\")]`".to_owned(),
            ));
        }
        if let (Some(variant), true) = (&self.variant, self.variant == earlier.variant) {
            return Some((
                format!("`{}` and `{other}` would both be `{tx_enum}::{variant}`", self.method),
                "rename one of the methods; `#[tx(name = \"..\")]` keeps its stable name"
                    .to_owned(),
            ));
        }
        let generated = self.generated.as_ref()?;
        (self.generated == earlier.generated).then(|| {
            (
                format!("the store's method `{generated}` is generated for `{other}` already"),
                "choose another name with `method = \"..\"`".to_owned(),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn the_test_of_a_lock_is_in_snake_case() {
        let names: Vec<Ident> = vec![
            parse_quote!(Sessions),
            parse_quote!(UserSessions2),
            parse_quote!(HTTPServer),
            parse_quote!(Old_Name),
            parse_quote!(r#type),
        ];
        let names: Vec<String> = names.iter().map(snake_case).collect();
        assert_eq!(names, ["sessions", "user_sessions2", "http_server", "old_name", "type"]);
    }

    #[test]
    fn variants_are_in_upper_camel_case() {
        let names: Vec<Ident> = vec![
            parse_quote!(create_session),
            parse_quote!(r#type),
            parse_quote!(_leading),
            parse_quote!(_1),
            parse_quote!(self_),
            parse_quote!(__),
            parse_quote!(übung_a),
        ];
        let variants: Vec<String> = names.iter().map(|name| variant_of(name).to_string()).collect();
        assert_eq!(variants, ["CreateSession", "Type", "Leading", "Tx1", "TxSelf", "Tx", "ÜbungA"]);
    }
}
