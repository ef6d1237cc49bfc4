//! The command, run against stores that other programs wrote.

mod beside_owner;
mod common;
mod copying;
mod damaged;
mod looking;
mod repairing;
mod ui;
