//! What generated code uses. Not for anybody else: it changes without notice.

use crate::commit::Operation;
use crate::model::{Model, TxInfo};

#[path = "private/argument.rs"]
mod argument;
#[path = "private/field.rs"]
mod field;
#[path = "private/outcome.rs"]
mod outcome;
#[path = "private/remembered.rs"]
mod remembered;
#[path = "private/rollback.rs"]
mod rollback;
#[path = "private/submit.rs"]
mod submit;
#[path = "private/upgrade.rs"]
mod upgrade;

pub use argument::{Absent, Argument, absent};
pub use field::Field;
pub use outcome::{NoResult, Outcome};
pub use remembered::{IdempotencyKey, RememberedReply};
pub use rollback::Rollback;
pub use submit::{Submit, SubmitRefused};
pub use upgrade::{FromVersion, Nothing, OldArguments, OldVersion, Same, Upgrade};

pub use serde;
pub use std::option::Option;
pub use std::path::Path;
pub use std::string::String;
pub use std::vec::Vec;

/// The place of a transaction in its model's list.
#[must_use]
pub const fn tx_index(all: &[TxInfo], name: &str) -> usize {
    let mut index = 0;
    while index < all.len() {
        if are_equal(all[index].name().as_bytes(), name.as_bytes()) {
            return index;
        }
        index += 1;
    }
    panic!("no such transaction")
}

const fn are_equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// The store in memory, opened.
///
/// # Panics
///
/// Where it did not open: the first state panicked, or can't be stored.
#[must_use]
#[track_caller]
pub fn opened<H>(opening: Operation<H>) -> H {
    match opening.wait() {
        Ok(handle) => handle,
        Err(error) => panic!("the store in memory did not open: {error}"),
    }
}

/// The body of a method that the macro has refused: there is an error already, and no second one is wanted.
pub fn refused() -> ! {
    panic!("this method does not compile")
}

/// A reply is always that of its own transaction.
#[track_caller]
pub fn foreign_reply() -> ! {
    panic!("the reply of another transaction")
}

/// The test of a model's schema lock, in a file beside its manifest. It panics where the test fails.
///
/// # Panics
///
/// Where the code can't read what was released, or today's schema is not in the file.
#[cfg(feature = "json")]
#[track_caller]
pub fn schema_lock<M: Model>(manifest_dir: &str, path: &str) {
    if let Err(error) = crate::schema_lock::<M>(Path::new(manifest_dir).join(path)) {
        panic!("{error}");
    }
}

/// The test of a model's schema lock needs a feature.
///
/// # Panics
///
/// Always.
#[cfg(not(feature = "json"))]
#[track_caller]
pub fn schema_lock<M: Model>(_manifest_dir: &str, path: &str) {
    panic!(
        "the schema lock `{path}` needs the feature `json`: add `prevalent = {{ version = \"{}\", features = [\"json\"] }}` under `[dev-dependencies]`",
        env!("CARGO_PKG_VERSION")
    );
}
