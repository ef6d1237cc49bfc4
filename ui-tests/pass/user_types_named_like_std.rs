//! The user's types may be called like std's, serde's and ours.
#![allow(dead_code)]

use prevalent::{prevalent, TxContext};

macro_rules! types {
    ($($name:ident),*) => {$(
        #[prevalent::data]
        #[derive(Debug)]
        pub struct $name(pub u8);
    )*};
}

types!(
    Result, Vec, Option, String, Box, Store, Commit, Builder, Operation, Opening, Args, Model, ModelData, Tx, Reply, Serialize,
    Deserialize, Send, Sync, Clone, Copy, Debug, Ok, Err, Some, Path, AsRef, Engine, Error, Seq, TxInfo, Fields
);
mod core {}
mod std {}
mod serde {}

#[prevalent]
#[derive(Debug, Default)]
pub struct World {
    n: u64,
}

#[prevalent(tx_derive(Debug))]
impl World {
    #[tx]
    pub fn owned(&mut self, a: Result, b: Vec, c: Option, d: String, cx: &TxContext) -> Result {
        let _ = (b, c, d, cx);
        a
    }

    #[tx]
    pub fn borrowed(&mut self, a: &Args, b: &Vec, c: &[Option], d: &String, e: Engine) -> Commit {
        let _ = (a, b, c, d, e);
        Commit(1)
    }

    #[tx]
    pub fn more(&mut self, store: Store, model: Model, ok: Ok) -> Option {
        let _ = (store, model, ok);
        Option(1)
    }

    #[query]
    pub fn look(&self, path: Path, error: &Error) -> Vec {
        let _ = (path, error);
        Vec(1)
    }
}

fn main() {
    let store = WorldStore::in_memory();
    let result = store.owned(Result(3), Vec(1), Option(1), String(1)).wait();
    assert_eq!(result.unwrap().0, 3);
    let commit = store.borrowed(&Args(1), &Vec(2), &[Option(1)], &String(1), Engine(1)).wait();
    assert_eq!(commit.unwrap().0, 1);
    assert_eq!(store.look(Path(1), &Error(2)).0, 1);
}
