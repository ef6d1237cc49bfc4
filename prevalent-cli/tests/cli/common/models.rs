//! Programs whose stores the command looks into, without knowing of them.
#![allow(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    clippy::option_option,
    reason = "models as they come"
)]

use std::collections::{BTreeMap, HashMap};

use prevalent::{Durability, prevalent};

use std::path::Path;

/// Who is logged in.
#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    tokens: BTreeMap<String, u64>,
    operations: u64,
}

#[prevalent]
impl Sessions {
    /// Opens a session.
    #[tx]
    pub fn create_session(&mut self, token: String, user_id: u64) {
        self.operations += 1;
        self.tokens.insert(token, user_id);
    }

    /// Ends a session and tells whose it was.
    #[tx]
    pub fn delete_session(&mut self, token: &str) -> Option<u64> {
        self.operations += 1;
        self.tokens.remove(token)
    }

    /// Harms only itself.
    #[tx]
    pub fn explode(&mut self, why: String) {
        panic!("{why}");
    }

    #[query]
    pub fn operations(&self) -> u64 {
        self.operations
    }
}

/// The same name, with other types.
pub mod newer {
    use super::{BTreeMap, prevalent};

    #[prevalent]
    #[derive(Debug, Default)]
    pub struct Sessions {
        tokens: BTreeMap<String, u64>,
        operations: u64,
        #[serde(default)]
        renamed: u64,
    }

    #[prevalent]
    impl Sessions {
        #[tx]
        pub fn create_session(&mut self, token: String, user_id: u64) {
            self.operations += 1;
            self.tokens.insert(token, user_id);
        }

        #[tx]
        pub fn delete_session(&mut self, token: &str) -> Option<u64> {
            self.operations += 1;
            self.tokens.remove(token)
        }

        #[tx]
        pub fn rename_session(&mut self, token: &str, to: String) {
            self.renamed += 1;
            if let Some(user) = self.tokens.remove(token) {
                self.tokens.insert(to, user);
            }
        }

        #[tx]
        pub fn explode(&mut self, why: String) {
            panic!("{why}");
        }
    }
}

/// A value for each thing that JSON has no room for.
#[prevalent::data]
#[derive(Clone, Debug)]
pub struct Odd {
    pub large: u128,
    pub small: i128,
    pub number: f64,
    pub short: f32,
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    pub by_number: BTreeMap<u8, String>,
    pub by_text: BTreeMap<String, bool>,
    pub maybe: Option<Option<u8>>,
    pub letter: char,
    pub unit: (),
    pub pair: (i8, String),
    pub shape: Shape,
}

#[prevalent::data]
#[derive(Clone, Debug)]
pub enum Shape {
    Empty,
    Round(u32),
    Box { width: u32, height: u32 },
}

impl Odd {
    pub fn new(number: f64, shape: Shape) -> Self {
        Odd {
            large: u128::MAX,
            small: i128::MIN,
            number,
            short: 0.1,
            bytes: vec![0, 255],
            by_number: BTreeMap::from([(7, "seven".to_owned())]),
            by_text: BTreeMap::from([("a.b".to_owned(), true)]),
            maybe: Some(None),
            letter: 'ß',
            unit: (),
            pair: (-1, "x\ny\"".to_owned()),
            shape,
        }
    }
}

#[prevalent]
#[derive(Debug, Default)]
pub struct Zoo {
    pub odd: Vec<Odd>,
    pub count: HashMap<String, u64>,
}

#[prevalent]
impl Zoo {
    #[tx]
    pub fn put(&mut self, odd: Odd) {
        self.odd.push(odd);
    }

    #[tx]
    pub fn clear(&mut self) {
        self.odd.clear();
    }
}

/// A value that may lie in as many others as one likes.
#[prevalent::data]
#[derive(Clone, Debug)]
pub struct Nest {
    pub inside: Option<Box<Nest>>,
}

impl Nest {
    pub fn of_depth(depth: u32) -> Self {
        (0..depth).fold(Nest { inside: None }, |nest, _| Nest { inside: Some(Box::new(nest)) })
    }
}

#[prevalent]
#[derive(Debug, Default)]
pub struct Nests {
    count: u64,
}

#[prevalent]
impl Nests {
    #[tx]
    pub fn put(&mut self, nest: Nest) {
        self.count += u64::from(nest.inside.is_some());
    }
}

/// Three transactions, of which JSON has no room for the second one.
pub fn nested(dir: &Path) {
    let store = NestsStore::open(dir).wait().expect("it opens");
    for depth in [1, 200, 2] {
        store.put(Nest::of_depth(depth)).wait().expect("a commit");
    }
    store.close().wait().expect("it closes");
}

/// A store that stays open: each transaction is a batch of its own.
pub fn open(dir: &Path) -> SessionsStore {
    hush();
    SessionsStore::builder(dir)
        .durability(Durability::Always)
        .no_snapshot_on_close()
        .open()
        .wait()
        .expect("it opens")
}

/// Sessions `t1`, `t2`, … of the users 1, 2, …, each in a batch of its own.
pub fn create(store: &SessionsStore, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        store.create_session(format!("t{number}"), number).wait().expect("a commit");
    }
}

/// A store that was closed: ten sessions, in so many segments as this limit makes.
pub fn closed(dir: &Path, segment_bytes: u64) {
    let store = SessionsStore::builder(dir)
        .segment_bytes(segment_bytes)
        .no_snapshot_on_close()
        .open()
        .wait()
        .expect("it opens");
    create(&store, 1..=10);
    store.close().wait().expect("it closes");
}

/// Panics of transactions are what is tested here, not what is to be read.
pub fn hush() {
    std::panic::set_hook(Box::new(|info| {
        if info.payload_as_str() != Some("boom") {
            eprintln!("{info}");
        }
    }));
}
