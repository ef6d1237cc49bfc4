//! What the engine's files hold, as JSON that people can read and change (feature `json`).
//!
//! [`write`] and [`read`] turn encoded values into JSON and back, by the types that the files hold: the user's own types take
//! no part in it.

mod float;
pub(crate) mod hex;
mod keys;
mod path;
pub(crate) mod read;
pub(crate) mod schema;
#[cfg(feature = "inspect")]
pub(crate) mod select;
mod shape;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub(crate) mod tree;
pub(crate) mod types;
pub(crate) mod write;

/// What a JSON error says, without the line and column that it counts.
pub(crate) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
