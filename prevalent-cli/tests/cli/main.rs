//! The command, run against stores that other programs wrote.

mod beside_owner;
mod common;
mod copying;
mod damaged;
mod golden;
mod looking;
#[cfg(target_os = "linux")]
mod memory;
mod odd_input;
mod repairing;
mod transcript;
mod ui;
