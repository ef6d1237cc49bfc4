//! The schema lock: what was released stays readable, or the test says what breaks.

use std::path::PathBuf;

use prevalent::{Model, Schema, schema_lock};

/// The first release.
mod first {
    #[prevalent::data]
    #[derive(Debug)]
    pub(crate) enum Color {
        Red,
        Blue,
    }

    #[prevalent::prevalent(name = "shop")]
    #[derive(Debug, Default)]
    pub(crate) struct Shop {
        pub(crate) colors: Vec<Color>,
        pub(crate) total: u32,
    }

    #[prevalent::prevalent]
    impl Shop {
        #[tx]
        pub(crate) fn paint(&mut self, color: Color) {
            self.colors.push(color);
        }
        #[tx]
        pub(crate) fn buy(&mut self, price: u32) {
            self.total += price;
        }
    }
}

/// Wider numbers, a field and a variant more, an upgrade.
mod readable {
    #[prevalent::data]
    #[derive(Debug)]
    pub(crate) enum Color {
        Green,
        Red,
        Blue,
    }

    #[prevalent::prevalent(name = "shop")]
    #[derive(Debug, Default)]
    pub(crate) struct Shop {
        #[serde(default)]
        pub(crate) buyers: Vec<String>,
        pub(crate) colors: Vec<Color>,
        pub(crate) total: u64,
    }

    #[prevalent::prevalent]
    impl Shop {
        #[tx]
        pub(crate) fn paint(&mut self, color: Color) {
            self.colors.push(color);
        }
        #[tx(rev = 2, upgrade(1 => anonymous))]
        pub(crate) fn buy(&mut self, buyer: String, price: u64) {
            self.buyers.push(buyer);
            self.total += price;
        }
    }

    fn anonymous((price,): (u32,)) -> (String, u64) {
        (String::new(), price.into())
    }
}

/// A narrower number, a variant less, a transaction less, a model that is another one.
mod broken {
    #[prevalent::data]
    #[derive(Debug)]
    pub(crate) enum Color {
        Red,
    }

    #[prevalent::prevalent(name = "shop")]
    #[derive(Debug, Default)]
    pub(crate) struct Shop {
        pub(crate) colors: Vec<Color>,
        pub(crate) total: u16,
    }

    #[prevalent::prevalent]
    impl Shop {
        #[tx]
        pub(crate) fn paint(&mut self, color: Color) {
            self.colors.push(color);
        }
    }
}

/// The same, with all that makes it readable.
mod mended {
    #[prevalent::data]
    #[derive(Debug)]
    pub(crate) enum Color {
        Red,
        #[serde(other)]
        Another,
    }

    #[prevalent::data]
    pub(crate) struct ShopV1 {
        colors: Vec<Color>,
        total: u32,
    }

    #[prevalent::prevalent(name = "shop", version = 2, from(ShopV1 => Self::from_v1))]
    #[derive(Debug, Default)]
    pub(crate) struct Shop {
        pub(crate) colors: Vec<Color>,
        pub(crate) total: u16,
    }

    impl Shop {
        fn from_v1(old: ShopV1) -> Self {
            Shop { colors: old.colors, total: u16::try_from(old.total).unwrap_or(u16::MAX) }
        }
    }

    #[prevalent::prevalent(removed("buy"))]
    impl Shop {
        #[tx]
        pub(crate) fn paint(&mut self, color: Color) {
            self.colors.push(color);
        }
    }
}

/// A file with the schemas of these releases.
struct Lock {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

impl Lock {
    fn of(released: &[Schema]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("shop.schema.json");
        let schemas: Vec<_> = released.iter().map(Schema::to_json).collect();
        let text = format!("{{\"schema_lock\": 1, \"released\": [\n{}\n]}}\n", schemas.join(",\n"));
        std::fs::write(&path, text).expect("a file");
        Lock { _dir: dir, path }
    }

    #[track_caller]
    fn refuses<M: Model>(&self) -> String {
        schema_lock::<M>(&self.path).expect_err("it was accepted").to_string()
    }
}

#[test]
fn a_release_that_is_in_the_file_passes() {
    let lock = Lock::of(&[Schema::of::<first::Shop>()]);
    schema_lock::<first::Shop>(&lock.path).unwrap();
    let lock = Lock::of(&[Schema::of::<first::Shop>(), Schema::of::<readable::Shop>()]);
    schema_lock::<readable::Shop>(&lock.path).unwrap();
}

#[test]
fn a_change_that_reads_all_that_was_released_has_only_to_be_added() {
    let lock = Lock::of(&[Schema::of::<first::Shop>()]);
    let told = lock.refuses::<readable::Shop>();
    assert!(told.contains("everything that was released can be read"), "{told}");
    assert!(told.contains("PREVALENT_BLESS=1"), "{told}");
    for line in ["− buy(price: u32)", "+ buy(buyer: String, price: u64) rev 2"] {
        assert!(told.contains(line), "{line}: {told}");
    }
}

#[test]
fn what_breaks_is_told_one_by_one_with_what_to_write() {
    let lock = Lock::of(&[Schema::of::<first::Shop>(), Schema::of::<readable::Shop>()]);
    let told = lock.refuses::<broken::Shop>();
    for part in [
        "Schema 1 of 2",
        "Schema 2 of 2",
        "in `total`: what was written as `u32` can't be read as `u16`",
        "in `total`: what was written as `u64` can't be read as `u16`",
        "#[prevalent(version = 2, from(OldModel => function))]",
        "the transaction `buy` is gone",
        "name it in `removed(..)`",
        "the transaction `paint`: some of its values can't be read",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn what_is_declared_does_not_break() {
    let lock = Lock::of(&[Schema::of::<first::Shop>()]);
    let told = lock.refuses::<mended::Shop>();
    assert!(told.contains("everything that was released can be read"), "{told}");
    // The function reads version 1, and what was released later had that version, too.
    let lock = Lock::of(&[Schema::of::<first::Shop>(), Schema::of::<readable::Shop>()]);
    let told = lock.refuses::<mended::Shop>();
    assert!(told.contains("what was written as `u64` can't be read as `u32`"), "{told}");
}

/// A transaction whose arguments have changed places, and then became others.
mod orders {
    macro_rules! program {
        ($version:ident, $($method:tt)*) => {
            pub(crate) mod $version {
                #[prevalent::prevalent(name = "moves")]
                #[derive(Debug, Default)]
                pub(crate) struct Moves {
                    pub(crate) moves: Vec<(u32, u32)>,
                }
                #[prevalent::prevalent]
                impl Moves {
                    $($method)*
                }
            }
        };
    }
    program! { first,
        #[tx]
        pub(crate) fn go(&mut self, from: u32, to: u32) {
            self.moves.push((from, to));
        }
    }
    program! { second,
        #[tx]
        pub(crate) fn go(&mut self, to: u32, from: u32) {
            self.moves.push((from, to));
        }
    }
    program! { third,
        #[tx(rev = 2, upgrade(1 => Self::paired))]
        pub(crate) fn go(&mut self, step: (u32, u32)) {
            self.moves.push(step);
        }
        fn paired(step: (u32, u32)) -> ((u32, u32),) {
            (step,)
        }
    }
}

#[test]
fn an_upgrade_that_can_t_know_the_order_of_the_old_arguments_breaks() {
    use orders::{first, second, third};

    let released = [Schema::of::<first::Moves>(), Schema::of::<second::Moves>()];
    schema_lock::<second::Moves>(&Lock::of(&released).path).unwrap();
    let told = Lock::of(&released).refuses::<third::Moves>();
    assert!(told.contains("in revision 1: (from, to), (to, from)"), "{told}");
    let told = Lock::of(&released[1..]).refuses::<third::Moves>();
    assert!(told.contains("everything that was released can be read"), "{told}");
}

/// The first release, with a transaction switched off.
mod switched_off {
    pub(crate) use super::first::Color;

    #[prevalent::prevalent(name = "shop")]
    #[derive(Debug, Default)]
    pub(crate) struct Shop {
        pub(crate) colors: Vec<Color>,
        pub(crate) total: u32,
    }

    #[prevalent::prevalent]
    impl Shop {
        #[tx]
        pub(crate) fn paint(&mut self, color: Color) {
            self.colors.push(color);
        }
        #[cfg(any())]
        #[tx]
        pub(crate) fn buy(&mut self, price: u32) {
            self.total += price;
        }
    }
}

#[test]
fn a_transaction_that_is_switched_off_is_gone() {
    let lock = Lock::of(&[Schema::of::<first::Shop>()]);
    let told = lock.refuses::<switched_off::Shop>();
    assert!(told.contains("the transaction `buy` is gone"), "{told}");
}
