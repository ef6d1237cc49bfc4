//! A field needs serde.

use prevalent::prevalent;

#[derive(Debug, Default)]
pub struct Step(u64);

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    step: Step,
}

fn main() {}
