//! `lock = "sessions.schema.json"` on an impl: the file with which the schema is compared in a test.

use syn::LitStr;

use crate::errors::Errors;
use crate::syntax::RawOption;

/// How the name of every lock file ends.
const ENDING: &str = ".schema.json";

/// The path of the lock file, from the crate's own directory.
pub(super) fn check(option: &RawOption, errors: &mut Errors) -> Option<LitStr> {
    let help =
        format!("write `lock = \"model{ENDING}\"`, a path from the directory of `Cargo.toml`");
    let literal: LitStr = option.parsed(errors, &help)?;
    let path = literal.value();
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.strip_suffix(ENDING).is_none_or(str::is_empty) {
        errors.push(&literal, format_args!("a lock file is named `something{ENDING}`"), help);
        return None;
    }
    Some(literal)
}
