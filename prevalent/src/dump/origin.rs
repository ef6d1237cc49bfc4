//! The store that an export was made from, in the first line.

use std::time::SystemTime;

use crate::format::StoreId;
use crate::json::hex::{Hex, read_array};
use crate::json::schema::Entries;
use crate::json::tree::Tree;
use crate::origin::{Origin, OriginKind};

pub(super) fn to_tree(origin: &Origin) -> Tree {
    let chain = Hex(&origin.chain.to_be_bytes()).to_string();
    Tree::Object(vec![
        ("store".to_owned(), Tree::Text(origin.store.to_string())),
        ("seq".to_owned(), Tree::Number(origin.seq.get())),
        ("segment".to_owned(), Tree::Number(origin.segment)),
        ("offset".to_owned(), Tree::Number(origin.offset)),
        ("chain".to_owned(), Tree::Text(chain)),
    ])
}

/// The origin of what is imported now.
pub(super) fn from_tree(tree: &Tree) -> Result<Origin, String> {
    let mut origin = Entries::of(tree, "`from`")?;
    let store = read_array(&origin.text("store")?).ok_or("`store` is 32 hexadecimal digits")?;
    let (seq, segment) = (origin.number("seq")?.into(), origin.number("segment")?);
    let offset = origin.number("offset")?;
    let chain = read_array(&origin.text("chain")?).ok_or("`chain` is 16 hexadecimal digits")?;
    origin.finish()?;
    let (store, chain) = (StoreId(store), u64::from_be_bytes(chain));
    let (how, time) = (OriginKind::Imported, SystemTime::now());
    Ok(Origin { how, store, seq, segment, offset, chain, time })
}
