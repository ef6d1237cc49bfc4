//! `removed("old_name")` on an impl: names that old journals may hold, and that no transaction may have again.

use syn::LitStr;

use crate::errors::Errors;
use crate::syntax::RawOption;

/// The names of transactions that are gone.
#[derive(Default)]
pub(crate) struct Removed(Vec<String>);

impl Removed {
    pub(super) fn check(option: &RawOption, errors: &mut Errors) -> Self {
        let help = "write the stable names of transactions that are gone: `removed(\"old_name\")`";
        let mut names: Vec<String> = Vec::new();
        for literal in option.strings(errors, help).unwrap_or_default() {
            match one(&literal, &names) {
                Ok(name) => names.push(name),
                Err((message, help)) => errors.push(&literal, message, help),
            }
        }
        Self(names)
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether no transaction may have this name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|removed| removed == name)
    }
}

fn one(literal: &LitStr, earlier: &[String]) -> Result<String, (String, &'static str)> {
    let name = literal.value();
    if name.is_empty() {
        return Err(("a name in `removed` is empty".to_owned(), "write `removed(\"old_name\")`"));
    }
    if earlier.contains(&name) {
        return Err((format!("`{name}` is in `removed` twice"), "write it once"));
    }
    Ok(name)
}
