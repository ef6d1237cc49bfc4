//! The model: a warehouse whose transactions happen as a whole, or not at all.

use prevalent::prevalent;

/// The articles by their numbers.
///
/// `rollback` has the model cloned before each transaction. A clone of an `imbl::HashMap` shares everything with its
/// original, and a change copies no more than the few nodes on the way to it, however large the map is.
#[prevalent(rollback)]
#[derive(Clone, Debug, Default)]
pub struct Warehouse {
    articles: imbl::HashMap<u64, Article>,
}

/// What is in stock.
#[prevalent::data]
#[derive(Clone, Debug)]
pub struct Article {
    pub name: String,
    pub pieces: u64,
}

/// Why a transaction came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    NoSuchArticle,
    TooFew,
}

#[prevalent]
impl Warehouse {
    /// Makes pieces of one article into pieces of another one.
    ///
    /// With `rollback` it can be written as it comes: what was taken is back if there is no place for it.
    #[tx]
    pub fn convert(&mut self, from: u64, to: u64, pieces: u64) -> Result<(), Refused> {
        let source = self.articles.get_mut(&from).ok_or(Refused::NoSuchArticle)?;
        source.pieces = source.pieces.checked_sub(pieces).ok_or(Refused::TooFew)?;
        let target = self.articles.get_mut(&to).ok_or(Refused::NoSuchArticle)?;
        target.pieces += pieces;
        Ok(())
    }

    /// All pieces of all articles.
    #[query]
    pub fn total(&self) -> u64 {
        self.articles.values().map(|article| article.pieces).sum()
    }
}

impl Article {
    /// The article of this number, at first.
    pub fn new(number: u64) -> Self {
        Article { name: format!("article {number}"), pieces: 1 << 32 }
    }
}

impl Warehouse {
    /// So many articles.
    pub fn with(articles: u64) -> Self {
        Warehouse { articles: (0..articles).map(|number| (number, Article::new(number))).collect() }
    }
}
