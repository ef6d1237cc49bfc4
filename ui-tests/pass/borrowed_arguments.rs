//! Borrowed arguments of each kind; nothing has to be `Clone`.
#![deny(warnings)]
#![allow(unused_parens)]

use prevalent::{prevalent, TxContext};

/// Neither `Clone` nor `Copy`.
#[prevalent::data]
#[derive(Debug, PartialEq)]
pub struct Item {
    name: String,
    inner: Vec<Item>,
}

#[prevalent]
#[derive(Debug, Default)]
pub struct Shelf {
    items: Vec<Item>,
}

mod upper {
    use prevalent::__private::serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        text.to_uppercase().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer)
    }
}

fn seven() -> u8 {
    7
}

#[prevalent(tx_derive(Debug))]
impl Shelf {
    #[tx]
    #[allow(clippy::too_many_arguments)]
    pub fn put(
        &mut self,
        text: &str,
        bytes: &[u8],
        cx: &TxContext,
        items: &[Item],
        item: &Item,
        pair: &(u8, Item),
        array: &[u8; 3],
        maybe_text: Option<&str>,
        maybe_bytes: Option<&[u8]>,
        maybe_item: Option<&Item>,
        std_option: std::option::Option<&Option<u8>>,
        owned: Item,
        (number): (u64),
    ) -> String {
        let _ = (bytes, items, pair, array, maybe_bytes, maybe_item, std_option, cx.seq());
        self.items.push(owned);
        format!("{text} {} {maybe_text:?} {number}", item.name)
    }

    #[tx]
    pub fn with_serde(
        &mut self,
        #[serde(with = "upper", alias = "old")] text: &str,
        #[serde(default = "seven", rename = "count")] n: u8,
        #[serde(default)] mut rest: Vec<u8>,
        #[cfg_attr(all(), serde(default))] more: Option<&str>,
    ) -> String {
        rest.push(n);
        assert!(more.is_none());
        format!("{text}{}", rest.len())
    }

    #[tx]
    pub fn owned_with_serde(&mut self, #[serde(with = "upper")] text: String) -> String {
        text
    }

    #[query]
    pub fn names(&self, like: &[&str], exactly: Option<&str>, out: &mut Vec<String>) -> usize {
        let _ = (like, exactly);
        out.extend(self.items.iter().map(|item| item.name.clone()));
        out.len()
    }
}

fn item(name: &str) -> Item {
    Item { name: name.to_owned(), inner: Vec::new() }
}

fn main() {
    let store = ShelfStore::in_memory();
    let text = store
        .put(
            "text",
            b"bytes",
            &[item("a")],
            &item("b"),
            &(1, item("c")),
            &[1, 2, 3],
            Some("maybe"),
            Some(b"bytes"),
            Some(&item("d")),
            None,
            item("e"),
            5,
        )
        .wait()
        .unwrap();
    assert_eq!(text, "text b Some(\"maybe\") 5");
    assert_eq!(store.with_serde("low", 1, vec![], None).wait().unwrap(), "LOW1");
    assert_eq!(store.owned_with_serde("low".into()).wait().unwrap(), "LOW");
    let mut out = Vec::new();
    assert_eq!(store.names(&["x"], None, &mut out), 1);
    assert_eq!(out, ["e"]);
}
