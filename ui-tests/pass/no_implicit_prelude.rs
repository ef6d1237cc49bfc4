//! Nothing that is generated counts on the prelude.
#![no_implicit_prelude]

#[::prevalent::prevalent(version = 2, from(Kind => Self::from_kind), samples("1"))]
#[derive(::std::fmt::Debug, ::std::default::Default)]
pub struct Sessions {
    tokens: ::std::vec::Vec<::std::string::String>,
}

impl Sessions {
    fn from_kind(_: Kind) -> Self {
        ::std::default::Default::default()
    }
}

#[::prevalent::data]
#[derive(::std::fmt::Debug)]
pub enum Kind {
    A,
    B { x: u8 },
}

#[::prevalent::prevalent(
    tx_derive(::std::fmt::Debug),
    reply_derive(::std::fmt::Debug),
    removed("old"),
    lock = "sessions.schema.json"
)]
impl Sessions {
    #[::prevalent::tx]
    pub fn add(&mut self, token: &str, kind: &Kind, more: ::std::option::Option<&[u8]>, n: u8) -> u8 {
        let _ = (kind, more);
        self.tokens.push(::std::borrow::ToOwned::to_owned(token));
        n
    }

    #[::prevalent::tx(retired, rev = 2, upgrade(1 => Self::list))]
    fn extend(&mut self, tokens: &[::std::string::String], by: ::std::option::Option<&str>) {
        let _ = by;
        self.tokens.extend_from_slice(tokens);
    }

    fn list(
        (token,): (::std::string::String,),
    ) -> (::std::vec::Vec<::std::string::String>, ::std::option::Option<::std::string::String>) {
        (::std::vec![token], ::std::option::Option::None)
    }

    #[::prevalent::tx]
    pub fn clear(&mut self, cx: &::prevalent::TxContext) {
        let _ = cx;
        self.tokens.clear();
    }

    #[::prevalent::query]
    pub fn count(&self) -> usize {
        self.tokens.len()
    }
}

fn main() {
    let store = SessionsStore::in_memory();
    ::std::assert_eq!(store.add("a", &Kind::A, ::std::option::Option::None, 3).wait().unwrap(), 3);
    ::std::assert_eq!(store.count(), 1);
    store.clear().detach();
}
