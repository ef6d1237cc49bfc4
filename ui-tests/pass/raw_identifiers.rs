//! Raw identifiers everywhere.
#![deny(warnings)]

use prevalent::{prevalent, ModelData};

#[prevalent]
#[derive(Debug, Default)]
#[allow(non_camel_case_types)]
pub struct r#struct {
    r#type: u8,
}

#[prevalent(store = Store, tx = Tx, reply = Reply)]
impl r#struct {
    #[tx]
    pub fn r#move(&mut self, r#type: u8, mut r#in: u8) -> u8 {
        r#in += r#type;
        self.r#type = r#in;
        self.r#type
    }

    #[tx]
    pub fn r#use(&mut self, r#as: &str) -> usize {
        r#as.len()
    }

    #[query]
    pub fn r#where(&self, r#else: u8) -> u8 {
        self.r#type + r#else
    }
}

fn main() {
    let store = Store::in_memory();
    assert_eq!(store.r#move(1, 2).wait().unwrap(), 3);
    assert_eq!(store.r#use("abc").wait().unwrap(), 3);
    assert_eq!(store.r#where(1), 4);
    assert_eq!(r#struct::NAME, "struct");
    let Reply::Move(n) = store.commit(Tx::Move { r#type: 1, r#in: 1 }).wait().unwrap() else { panic!() };
    assert_eq!(n, 2);
}
