//! What the macro does at compile time, without a compiler.

use std::fmt::Write;
use std::hint::black_box;

use proc_macro2::TokenStream;

use crate::failure::Result;
use crate::macros;

const METHODS: usize = 100;

/// Expands the block of a model with a hundred methods so many times.
pub(crate) fn expand(operations: u64) -> Result<()> {
    let block: TokenStream = block()?.parse().map_err(|_| "the block isn't Rust")?;
    for _ in 0..operations {
        black_box(macros::prevalent(TokenStream::new(), block.clone()));
    }
    Ok(())
}

/// Half of the arguments are owned, a quarter is borrowed, and a quarter of a type of the user's own.
fn block() -> Result<String> {
    let mut block = "impl Many {\n".to_owned();
    for (number, argument) in (0..METHODS).zip(["String", "&str", "String", "Step"].iter().cycle())
    {
        writeln!(
            block,
            "    #[tx]\n    pub fn add_{number}(&mut self, by: {argument}, times: u64) -> Option<u64> {{\n        \
             self.n += by.amount() * times;\n        Some(self.n)\n    }}"
        )?;
    }
    Ok(block + "}\n")
}
