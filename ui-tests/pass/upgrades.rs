//! Arguments that changed, and the functions that take the old ones.
#![deny(warnings, clippy::pedantic)]
#![allow(missing_docs, unexpected_cfgs, clippy::unused_self)]

use prevalent::{Model, TxContext, prevalent};

#[prevalent::data]
#[derive(Debug, Clone, PartialEq)]
pub struct Item(u64);

/// Functions beside the model.
mod old {
    use super::Item;

    pub(crate) fn order((item, many): (Item, u8)) -> (Option<String>, Vec<Item>) {
        (None, vec![item; many.into()])
    }

    pub(crate) fn generic<T>((): ()) -> (Option<T>, Vec<Item>) {
        (None, Vec::new())
    }

    pub(crate) fn gone(_: Missing) {}

    pub(crate) struct Missing;
}

#[prevalent]
#[derive(Debug, Default)]
pub struct Shop {
    total: u64,
}

#[prevalent(tx_derive(Debug, PartialEq), removed("sell", "no longer an identifier!"))]
impl Shop {
    /// Several upgrades, each to the newest arguments, in any order.
    #[tx(rev = 4, upgrade(3 => old::generic, 1 => Self::first, 2 => self::old::order))]
    pub fn order(&mut self, by: Option<&str>, cx: &TxContext, items: &[Item]) -> usize {
        let _ = (by, cx);
        self.total += items.iter().map(|item| item.0).sum::<u64>();
        items.len()
    }

    fn first((item,): (Item,)) -> (Option<String>, Vec<Item>) {
        (None, vec![item])
    }

    /// One argument, and `Self` in it.
    #[tx(rev = 2, upgrade(1 => Self::none_before), name = "one")]
    pub fn renamed(&mut self, text: &str) -> Option<Self> {
        let _ = text;
        None
    }

    fn none_before((): ()) -> (String,) {
        (String::new(),)
    }

    /// None.
    #[tx(rev = 7, upgrade(6 => Self::dropped))]
    pub fn clear(&mut self) {
        self.total = 0;
    }

    fn dropped((_, ()): (Option<Vec<Item>>, ())) {}

    /// Old ones are refused.
    #[tx(rev = 2)]
    pub fn refused(&mut self, r#type: u8) -> u8 {
        r#type
    }

    /// Under a condition, as a whole.
    #[cfg(no_such_thing)]
    #[tx(rev = 2, upgrade(1 => old::gone))]
    pub fn gone(&mut self, missing: Missing) {}

    /// Arguments under conditions.
    #[tx(rev = 2, upgrade(1 => Self::conditional))]
    pub fn some(
        &mut self,
        #[cfg(no_such_thing)] gone: Missing,
        #[cfg(not(no_such_thing))] here: &Item,
        also: u8,
        #[cfg(not(no_such_thing))] more: u8,
    ) -> u64 {
        here.0 + u64::from(also) + u64::from(more)
    }

    fn conditional((item,): (u64,)) -> (Item, u8, u8) {
        (Item(item), 0, 0)
    }

    /// Exactly as many as serde knows of a tuple.
    #[tx(rev = 2, upgrade(1 => Self::many))]
    pub fn sixteen(&mut self) {}

    #[rustfmt::skip]
    #[allow(clippy::type_complexity)]
    fn many(_: (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, String)) {}
}

fn main() {
    let _ = old::gone;
    let _ = old::Missing;
    let revisions: Vec<_> = Shop::TRANSACTIONS
        .iter()
        .map(|info| (info.name(), info.revision(), info.old_revisions(), info.is_retired()))
        .collect();
    let expected: [(&str, u32, &[u32], bool); 6] = [
        ("order", 4, &[1, 2, 3], false),
        ("one", 2, &[1], false),
        ("clear", 7, &[6], false),
        ("refused", 2, &[], false),
        ("some", 2, &[1], false),
        ("sixteen", 2, &[1], false),
    ];
    assert_eq!(revisions, expected);
    let store = ShopStore::in_memory();
    assert_eq!(store.order(Some("me"), &[Item(3), Item(4)]).wait().unwrap(), 2);
    assert_eq!(store.some(&Item(1), 2, 3).wait().unwrap(), 6);
    assert_eq!(store.read(|shop| shop.total), 7);
}
