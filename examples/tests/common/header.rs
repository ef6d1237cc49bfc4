//! What the header of an example says that it prints.

/// The first block of text in the header of an example's `main.rs`.
pub fn promised_output(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let block =
        lines.skip_while(|line| *line != " ```text").skip(1).take_while(|line| *line != " ```");
    block.flat_map(|line| [line.strip_prefix(' ').unwrap_or(line), "\n"]).collect()
}
