// Only queries, and a serde implementation by hand.

#[prevalent(serde = manual)]
pub struct Reader {
    text: String,
}

#[prevalent]
impl Reader {
    #[query(method = "with_prefix")]
    #[deprecated]
    fn lines(&self, prefix: &str, at_most: usize) -> Vec<Line> {
        self.text.lines().filter(|line| line.starts_with(prefix)).take(at_most).map(Line::from).collect()
    }
}
