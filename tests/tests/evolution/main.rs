//! What a change of the program does to what an earlier version has stored: an old program writes, a new one opens.
//!
//! Each case is a row of the table in `docs/evolution.md`, which is made from here:
//! `UPDATE_EXPECT=1 cargo test -p prevalent-tests --test evolution` writes it anew.

#[macro_use]
mod harness;

mod arguments;
mod bodies;
mod model;
mod rollback;
mod transactions;
mod types;

use harness::Section;

/// All cases, in the order of the table.
fn all() -> Vec<Section> {
    vec![
        ("Transactions", transactions::ALL),
        ("Arguments", arguments::ALL),
        ("Types inside arguments and models", types::ALL),
        ("The model", model::ALL),
        ("Bodies", bodies::ALL),
        ("Roll-back", rollback::ALL),
    ]
}

#[test]
fn the_table_in_the_documentation_is_what_the_cases_say() {
    harness::expect_table(&all());
}
