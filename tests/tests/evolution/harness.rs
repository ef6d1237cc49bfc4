//! How a case is run, and what becomes of it in the documentation.

use std::fmt::{Debug, Write};

use prevalent::testing::SimDisk;
use prevalent::{Builder, Error, FirstState, Store, StoreHandle};

/// A row of the table.
pub(crate) struct Row {
    title: &'static str,
    outcome: &'static str,
    note: String,
}

/// A part of the table: its title, and its cases.
pub(crate) type Section = (&'static str, &'static [fn() -> Row]);

/// What the old program leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// Its first state and a journal, to be replayed.
    Journal,
    /// A snapshot of all.
    Snapshot,
}

/// What the new program is expected to make of it.
pub(crate) enum Expected<M> {
    /// It opens.
    Silent(fn(&M) -> bool),
    /// It opens by what the user has written for that.
    Upgrade(fn(&M) -> bool),
    /// It opens, and the report tells of other bodies.
    Warned(fn(&M) -> bool),
    /// It doesn't; the error says this.
    Refused(&'static [&'static str]),
}

/// Defines cases: a test for each, and a list of them all, `ALL`.
macro_rules! changes {
    ($(
        fn $name:ident = $title:literal, $leaves:ident;
        old { $($old:tt)* }
        new { $($new:tt)* }
        write |$store:ident| $write:block
        expect $expected:expr;
    )*) => {
        pub(crate) const ALL: &[fn() -> $crate::harness::Row] = &[$(cases::$name),*];

        #[allow(unused_imports)]
        mod cases {
            use std::collections::{BTreeMap, HashMap, HashSet};

            $(pub(crate) fn $name() -> $crate::harness::Row {
                #[allow(dead_code, unused_imports, unreachable_pub, clippy::all, clippy::pedantic)]
                mod old {
                    use std::collections::*;
                    use prevalent::{data, prevalent};
                    $($old)*
                }
                #[allow(dead_code, unused_imports, unreachable_pub, clippy::all, clippy::pedantic)]
                mod new {
                    use std::collections::*;
                    use prevalent::{data, prevalent};
                    $($new)*
                }
                #[allow(unused_imports)]
                use $crate::harness::Expected::{Refused, Silent, Upgrade, Warned};
                let write = |$store: &old::ShopStore| $write;
                $crate::harness::run::<old::ShopStore, new::ShopStore>(
                    $title,
                    $crate::harness::Leaves::$leaves,
                    &write,
                    &$expected,
                )
            })*
        }

        $(#[test]
        fn $name() {
            let _ = cases::$name();
        })*
    };
}

/// A model whose one transaction `take` shows what it was given.
macro_rules! takes {
    ($($(#[$attribute:meta])* $argument:ident: $ty:ty),* $(,)?) => {
        #[prevalent(name = "shop")]
        #[derive(Debug, Default)]
        pub struct Shop {
            pub seen: Vec<String>,
        }
        #[prevalent]
        impl Shop {
            #[tx]
            pub fn take(&mut self, $($(#[$attribute])* $argument: $ty),*) {
                let shown: Vec<String> = vec![$(format!("{:?}", $argument)),*];
                self.seen.push(shown.join(" "));
            }
        }
    };
}

/// A number that accepts so few values that none is found.
macro_rules! luhn {
    () => {
        #[prevalent::data]
        #[derive(Clone, Copy, Debug)]
        #[serde(try_from = "u32", into = "u32")]
        pub struct Luhn(pub u32);
        impl TryFrom<u32> for Luhn {
            type Error = &'static str;
            fn try_from(n: u32) -> Result<Self, Self::Error> {
                if n > 1_000_000 && n % 9973 == 17 { Ok(Luhn(n)) } else { Err("wrong check digit") }
            }
        }
        impl From<Luhn> for u32 {
            fn from(luhn: Luhn) -> u32 {
                luhn.0
            }
        }
    };
}

/// A model of these fields, the first state given.
macro_rules! holds {
    ($($(#[$attribute:meta])* $field:ident: $ty:ty $(= $value:expr)?),* $(,)?) => {
        #[prevalent(name = "shop")]
        #[derive(Debug)]
        pub struct Shop {
            $($(#[$attribute])* pub $field: $ty),*
        }
        impl Default for Shop {
            fn default() -> Self {
                Shop { $($field: holds!(@ $($value)?)),* }
            }
        }
        #[prevalent]
        impl Shop {
            #[tx]
            pub fn touch(&mut self) {}
        }
    };
    (@) => { ::core::default::Default::default() };
    (@ $value:expr) => { $value };
}

/// Lets the old program write and the new one open, and checks all that holds for every change.
pub(crate) fn run<'via, Old, New>(
    title: &'static str,
    leaves: Leaves,
    write: &dyn Fn(&Old),
    expected: &Expected<New::Model>,
) -> Row
where
    Old: StoreHandle + std::ops::Deref<Target = Store<Old::Model>>,
    New: StoreHandle + std::ops::Deref<Target = Store<New::Model>>,
    Old::Model: FirstState<&'via ()>,
    New::Model: FirstState<&'via ()> + Debug,
{
    let disk = SimDisk::new();
    let old = Builder::<Old>::new("").on_disk(disk.clone()).open().wait().expect("the old store");
    write(&old);
    let seq = old.stats().seq;
    match leaves {
        Leaves::Journal => drop(old),
        Leaves::Snapshot => Store::close(&old).wait().expect("a close"),
    }
    let before = files(&disk);
    let opened = Builder::<New>::new("").on_disk(disk.clone()).open().wait();
    let (outcome, check) = match *expected {
        Expected::Silent(check) => ("opens", check),
        Expected::Upgrade(check) => ("opens, by what you wrote", check),
        Expected::Warned(check) => ("opens, with a warning", check),
        Expected::Refused(parts) => {
            let error = opened.err().unwrap_or_else(|| panic!("{title}: opened"));
            let text = error.to_string();
            for part in parts {
                assert!(text.contains(part), "{title}: `{part}` is not in: {text}");
            }
            assert!(
                matches!(error, Error::Schema(_) | Error::WrongModel { .. }),
                "{title}: {text}"
            );
            assert!(files(&disk) == before, "{title}: something was written");
            let again = Builder::<Old>::new("").on_disk(disk).open().wait();
            assert_eq!(again.expect("the old program again").stats().seq, seq, "{title}");
            return Row { title, outcome: "refused", note: essence(&text) };
        }
    };
    let new = opened.unwrap_or_else(|error| panic!("{title}: {error}"));
    let recovery = new.recovery().clone();
    let is_right = |store: &New| store.read(check);
    assert!(is_right(&new), "{title}: {}", new.read(|model| format!("{model:?}")));
    let other = !recovery.changed_bodies.is_empty();
    // Where a change touches a method's body, the open warns of that as well; most cases are not about it.
    assert!(other || outcome != "opens, with a warning", "{title}: {recovery:?}");
    let changed = other || !recovery.converted.is_empty() || recovery.model_converted;
    // Promise 11: history is not rewritten twice.
    let snapshot = new.stats().last_snapshot.expect("a snapshot");
    assert!(!changed || snapshot.seq == seq, "{title}: {recovery:?}, {snapshot:?}");
    drop(new);
    let again = Builder::<New>::new("").on_disk(disk).open().wait().expect("the second open");
    assert!(is_right(&again), "{title}: the second open");
    if changed {
        let recovery = again.recovery();
        assert_eq!(recovery.transactions, 0, "{title}: {recovery:?}");
        assert!(!recovery.model_converted, "{title}: {recovery:?}");
    }
    Row { title, outcome, note: String::new() }
}

fn files(disk: &SimDisk) -> Vec<(String, Option<Vec<u8>>)> {
    let names = disk.file_names().into_iter();
    names.map(|name| (name.clone(), disk.file(&name))).collect()
}

/// What the message says: without the file, the sequence number, and what it proposes.
fn essence(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(start) = text.find(" (sequence number ") {
        let end = text[start..].find(')').map_or(text.len(), |end| start + end + 1);
        text.replace_range(start..end, "");
    }
    let behind_file = text.find(".journal` ").or_else(|| text.find(".snapshot` "));
    let start = behind_file.map_or(0, |end| end + text[end..].find(' ').unwrap_or(0) + 1);
    let text = &text[start..];
    let what_differs = text.split_once("; bring the old type").map(|(before, _)| before);
    let what_differs = what_differs.and_then(|before| Some(before.split_once("; ")?.1));
    what_differs.or_else(|| text.split("; ").next()).unwrap_or(text).to_owned()
}

const BEGIN: &str = "<!-- The table is made by `tests/tests/evolution`. -->\n";
const END: &str = "<!-- End of the table. -->\n";

/// Compares the table with the one in the documentation, or writes it there.
pub(crate) fn expect_table(sections: &[Section]) {
    let mut table = String::new();
    let mut count = 0;
    for (section, cases) in sections {
        let _ = writeln!(table, "\n### {section}\n\n| change | what an open does |\n|---|---|");
        for case in *cases {
            let Row { title, outcome, note } = case();
            let note = note.replace('|', "\\|");
            let note = if note.is_empty() { note } else { format!(": {note}") };
            let _ = writeln!(table, "| {title} | **{outcome}**{note} |");
            count += 1;
        }
    }
    assert!(count >= 40, "{count} changes are too few");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/evolution.md");
    let page = std::fs::read_to_string(path).expect("docs/evolution.md");
    let (before, rest) = page.split_once(BEGIN).expect("the table's beginning");
    let (found, after) = rest.split_once(END).expect("the table's end");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{table}\n{END}{after}")).expect("a write");
    } else {
        assert_eq!(found.trim(), table.trim(), "UPDATE_EXPECT=1 writes it anew");
    }
}
