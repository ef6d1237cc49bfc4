//! The models of the golden stores: something of everything that the format knows.
//!
//! **What is here stays as it is**: it is the program that wrote the files.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use prevalent::{Key, TxContext, data, prevalent};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::ByteBuf;

/// An enum with a variant of each kind.
#[data]
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Unit.
    Point,
    /// Newtype.
    Circle(f64),
    /// Tuple.
    Line(i32, i32),
    /// Struct.
    Rectangle {
        /// A field.
        width: u32,
        /// A field that may be missing.
        height: Option<u32>,
    },
}

/// A newtype.
#[data]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Meters(pub u64);

/// A struct without fields.
#[data]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Marker;

/// A tuple with a name.
#[data]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair(pub i8, pub char);

/// No value has this type.
#[data]
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nothing {}

/// A type that contains itself.
#[data]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// What it is called.
    pub name: String,
    /// What is below.
    pub children: Vec<Tree>,
}

/// All numbers.
#[data]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Numbers {
    /// Signed.
    pub signed: (i8, i16, i32, i64, i128),
    /// Unsigned.
    pub unsigned: (u8, u16, u32, u64, u128),
    /// With a point.
    pub floats: (f32, f64),
}

impl Numbers {
    /// The smallest ones.
    #[must_use]
    pub fn least() -> Self {
        Numbers {
            signed: (i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN),
            unsigned: (0, 0, 0, 0, 0),
            floats: (f32::MIN, f64::NEG_INFINITY),
        }
    }

    /// The largest ones.
    #[must_use]
    pub fn most() -> Self {
        Numbers {
            signed: (i8::MAX, i16::MAX, i32::MAX, i64::MAX, i128::MAX),
            unsigned: (u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX),
            floats: (f32::MAX, f64::MIN_POSITIVE),
        }
    }
}

/// A text that no sample fits, so that nothing is known of what holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Code(pub String);

const CODE: &str = "golden code ";

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.starts_with(CODE) {
            Ok(Code(text))
        } else {
            Err(serde::de::Error::custom("this is no code"))
        }
    }
}

impl Code {
    /// One that is accepted.
    #[must_use]
    pub fn new(number: u32) -> Self {
        Code(format!("{CODE}{number}"))
    }
}

/// Where this variable is set, [`Golden::pill`] ends the process.
pub const DEADLY: &str = "PREVALENT_GOLDEN_DEADLY";

/// The model of most stores.
#[prevalent(name = "golden")]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Golden {
    /// What was recorded.
    pub shapes: BTreeMap<String, Shape>,
    /// The last numbers.
    pub numbers: Numbers,
    /// The last small things.
    pub small: (bool, char, (), Marker, Pair, Option<Meters>),
    /// The last bytes.
    pub bytes: ByteBuf,
    /// A tree.
    pub tree: Tree,
    /// With an encoding of its own.
    #[serde(with = "prevalent::opaque")]
    pub opaque: Pair,
    /// What was drawn and when, in microseconds since 1970.
    pub drawn: Vec<(u64, u64)>,
    /// How much was paid.
    pub paid: u64,
    /// How many were refused.
    pub refused: u64,
    /// What was untraced.
    pub codes: Vec<String>,
}

#[prevalent]
impl Golden {
    /// Maps, enums, options.
    #[tx]
    pub fn record(&mut self, name: &str, shape: Option<Shape>) -> usize {
        match shape {
            Some(shape) => drop(self.shapes.insert(name.to_owned(), shape)),
            None => drop(self.shapes.remove(name)),
        }
        self.shapes.len()
    }

    /// Numbers.
    #[tx]
    pub fn measure(&mut self, numbers: Numbers) {
        self.numbers = numbers;
    }

    /// All that is small; a value of the last type can't be given.
    #[tx(name = "smalls")]
    #[expect(clippy::too_many_arguments, reason = "one of each")]
    pub fn keep_small(
        &mut self,
        is: bool,
        letter: char,
        unit: (),
        marker: Marker,
        pair: Pair,
        meters: Option<Meters>,
        nothing: Option<Nothing>,
    ) -> bool {
        self.small = (is, letter, unit, marker, pair, meters);
        self.opaque = pair;
        nothing.is_none()
    }

    /// Bytes.
    #[tx]
    pub fn put(&mut self, bytes: ByteBuf) -> usize {
        self.bytes = bytes;
        self.bytes.len()
    }

    /// A type that contains itself, and a map with keys that are no texts.
    #[tx]
    pub fn plant(&mut self, tree: Tree, heights: &BTreeMap<u16, f32>) -> usize {
        self.tree = tree;
        heights.len()
    }

    /// Bytes that only the program understands.
    #[tx]
    pub fn hide(&mut self, #[serde(with = "prevalent::opaque")] pair: Pair) {
        self.opaque = pair;
    }

    /// Random numbers and time.
    #[tx]
    pub fn draw(&mut self, cx: &TxContext) -> u64 {
        let number = cx.random_u64() ^ cx.rng().below(1000);
        self.drawn.push((number, micros(cx.now())));
        number
    }

    /// Returns an `Err` after a change.
    ///
    /// # Errors
    ///
    /// Always.
    #[tx]
    pub fn refuse(&mut self, why: String) -> Result<u64, String> {
        self.refused += 1;
        Err(why)
    }

    /// Panics after a change.
    ///
    /// # Panics
    ///
    /// Always.
    #[tx]
    pub fn stumble(&mut self, paid: u64) {
        self.paid += paid;
        panic!("stumbled over {paid}");
    }

    /// With a key.
    ///
    /// # Errors
    ///
    /// For nothing.
    #[tx(idempotent)]
    pub fn pay(&mut self, key: &Key, amount: u64) -> Result<u64, String> {
        let _ = key;
        if amount == 0 {
            return Err("nothing".to_owned());
        }
        self.paid += amount;
        Ok(self.paid)
    }

    /// Ends the process, where it is told to.
    #[tx]
    pub fn pill(&mut self) {
        if std::env::var_os(DEADLY).is_some() {
            std::process::abort();
        }
        self.paid += 1;
    }

    /// With an argument of which nothing is known.
    #[tx]
    pub fn code(&mut self, code: Code) {
        self.codes.push(code.0);
    }
}

fn micros(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// A model with rollback.
#[prevalent(name = "careful", rollback)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Careful {
    /// What was added.
    pub numbers: Vec<i64>,
}

#[prevalent]
impl Careful {
    /// Adds a number, and then refuses it where it is negative.
    ///
    /// # Errors
    ///
    /// For a negative number.
    #[tx]
    pub fn add(&mut self, number: i64) -> Result<usize, String> {
        self.numbers.push(number);
        if number < 0 {
            return Err(format!("{number} is negative"));
        }
        Ok(self.numbers.len())
    }
}

/// The first version of a model.
pub mod before {
    use prevalent::prevalent;

    /// What it was.
    #[prevalent(name = "shelf")]
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Shelf {
        /// Titles.
        pub books: Vec<String>,
    }

    #[prevalent]
    impl Shelf {
        /// Puts a book there.
        #[tx]
        pub fn add(&mut self, title: String) {
            self.books.push(title);
        }

        /// Takes all away.
        #[tx]
        pub fn clear(&mut self) {
            self.books.clear();
        }
    }
}

/// The second version of that model.
pub mod after {
    use std::collections::BTreeMap;

    use prevalent::{data, prevalent};

    /// The model of the first version.
    #[data]
    #[derive(Debug)]
    pub struct ShelfV1 {
        books: Vec<String>,
    }

    /// What it has become.
    #[prevalent(name = "shelf", version = 2, from(ShelfV1 => Self::from_v1))]
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Shelf {
        /// How many of each.
        pub copies: BTreeMap<String, u32>,
    }

    impl Shelf {
        /// In revision 1 there was no number.
        fn one_copy((title,): (String,)) -> (String, u32) {
            (title, 1)
        }

        fn from_v1(old: ShelfV1) -> Self {
            let mut shelf = Shelf::default();
            for title in old.books {
                *shelf.copies.entry(title).or_default() += 1;
            }
            shelf
        }
    }

    #[prevalent]
    impl Shelf {
        /// Puts copies there.
        #[tx(rev = 2, upgrade(1 => Self::one_copy))]
        pub fn add(&mut self, title: String, copies: u32) {
            *self.copies.entry(title).or_default() += copies;
        }

        /// Takes all away.
        #[tx]
        pub fn clear(&mut self) {
            self.copies.clear();
        }
    }
}
