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
/// Whole items, methods and bodies as fragments.
macro_rules! items {
    ($data:item $block:item) => {
        #[prevalent::prevalent]
        $data

        #[prevalent::prevalent(tx_derive(Debug))]
        $block
    };
}

items! {
    #[derive(Debug, Default)]
    pub struct Whole {
        n: u8,
    }

    impl Whole {
        #[tx]
        pub fn add(&mut self, n: u8) -> u8 {
            self.n += n;
            self.n
        }
    }
}

macro_rules! bodies {
    ($name:ident { $($(#[$marker:meta])* fn $method:ident($($arg:ident: $ty:ty),*) $body:block)* }) => {
        #[prevalent::prevalent]
        #[derive(Debug, Default)]
        pub struct $name;

        #[prevalent::prevalent]
        impl $name {
            $($(#[$marker])* pub fn $method(&mut self, $($arg: $ty),*) $body)*
        }
    };
}

bodies!(Bodies {
    #[tx]
    fn one(text: &str) {
        drop(text.to_owned());
    }
    #[tx]
    fn two(step: Option<&(u8, u8)>) {
        let _ = step;
    }
});

macro_rules! changed {
    ($name:ident, $version:literal, $old:ty => $from:path, $rev:expr, $before:literal => $upgrade:path, $gone:literal, $lock:literal) => {
        #[prevalent::prevalent(version = $version, from($old => $from), samples($gone, "1"))]
        #[derive(Debug, Default)]
        pub struct $name(u64);

        impl $name {
            fn from_old(old: $old) -> Self {
                Self(old.into())
            }

            fn upgraded((old,): ($old,)) -> (u64,) {
                (old.into(),)
            }
        }

        #[prevalent::prevalent(removed($gone), lock = $lock)]
        impl $name {
            #[tx(rev = $rev, upgrade($before => $upgrade, 2 => Self::upgraded))]
            pub fn set(&mut self, value: u64) {
                self.0 = value;
            }
        }
    };
}

changed!(Changed, 2, u8 => Changed::from_old, 3, 1 => Changed::upgraded, "gone", "x.schema.json");

model!(Private, number: u64, set(a: u64) -> () {});

fn main() {
    let store = ThingsStore::in_memory();
    assert_eq!(store.set("a", Some("b"), b"c", "d".into(), vec![], 7).wait().unwrap(), Some(1));
    assert!(store.items().is_empty());
    assert_eq!(WholeStore::in_memory().add(3).wait().unwrap(), 3);
    BodiesStore::in_memory().one("x").wait().unwrap();
    BodiesStore::in_memory().two(Some(&(1, 2))).wait().unwrap();
    let info = <Changed as prevalent::Model>::TRANSACTIONS[0];
    assert_eq!((info.revision(), info.old_revisions()), (3, &[1, 2][..]));
    assert_eq!(<Changed as prevalent::ModelData>::OLD_VERSIONS, [1]);
    let store = PrivateStore::in_memory();
    store.set(1, 2).wait().unwrap();
    assert_eq!(store.number(), 0);
}
