//! Nothing: the cases are in `pass` and `fail`, and `tests/ui.rs` runs them.
