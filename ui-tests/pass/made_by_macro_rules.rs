//! A model that a `macro_rules!` writes.
#![deny(warnings)]

macro_rules! model {
    ($(#[$meta:meta])* $vis:vis $name:ident, $field:ident: $ty:ty, $method:ident($($arg:ident: $arg_ty:ty),*) -> $out:ty $body:block) => {
        #[prevalent::prevalent]
        #[derive(Debug, Default)]
        $(#[$meta])*
        $vis struct $name {
            $field: $ty,
        }

        #[prevalent::prevalent]
        impl $name {
            #[tx]
            $vis fn $method(&mut self, $($arg: $arg_ty,)* own: u8) -> $out {
                self.$field = Default::default();
                let _ = ($(&$arg,)* own);
                $body
            }

            #[query]
            $vis fn $field(&self) -> $ty {
                self.$field.clone()
            }
        }
    };
}

model!(
    /// Documented.
    pub Things,
    items: Vec<String>,
    set(a: &str, b: Option<&str>, c: &[u8], d: String, e: Vec<(u8, String)>) -> Option<u8> { Some(1) }
);
model!(Private, number: u64, set(a: u64) -> () {});

fn main() {
    let store = ThingsStore::in_memory();
    assert_eq!(store.set("a", Some("b"), b"c", "d".into(), vec![], 7).wait().unwrap(), Some(1));
    assert!(store.items().is_empty());
    let store = PrivateStore::in_memory();
    store.set(1, 2).wait().unwrap();
    assert_eq!(store.number(), 0);
}
