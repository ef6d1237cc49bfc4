//! The same model without `rollback`, and with the map of the standard library instead.

macro_rules! warehouse {
    ($module:ident, $map:ty $(, $rollback:ident)?) => {
        pub mod $module {
            use prevalent::prevalent;

            use crate::model::{Article, Refused};

            #[prevalent($($rollback)?)]
            #[derive(Clone, Debug, Default)]
            pub struct Warehouse {
                articles: $map,
            }

            #[prevalent]
            impl Warehouse {
                #[tx]
                pub fn convert(&mut self, from: u64, to: u64, pieces: u64) -> Result<(), Refused> {
                    let source = self.articles.get_mut(&from).ok_or(Refused::NoSuchArticle)?;
                    source.pieces = source.pieces.checked_sub(pieces).ok_or(Refused::TooFew)?;
                    let target = self.articles.get_mut(&to).ok_or(Refused::NoSuchArticle)?;
                    target.pieces += pieces;
                    Ok(())
                }

                #[query]
                pub fn total(&self) -> u64 {
                    self.articles.values().map(|article| article.pieces).sum()
                }
            }

            impl Warehouse {
                pub fn with(articles: u64) -> Self {
                    let all = (0..articles).map(|number| (number, Article::new(number)));
                    Warehouse { articles: all.collect() }
                }
            }
        }
    };
}

warehouse!(imbl_without, imbl::HashMap<u64, Article>);
warehouse!(std_without, std::collections::HashMap<u64, Article>);
warehouse!(std_with, std::collections::HashMap<u64, Article>, rollback);
