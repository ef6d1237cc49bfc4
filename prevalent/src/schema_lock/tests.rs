//! The file from its first day on.

use serde::{Deserialize, Serialize};

use super::*;
use crate::context::TxContext;
use crate::model::{ModelData, TxInfo};
use crate::schema::types::{Type, TypeId};

#[derive(Debug, Default, Serialize, Deserialize)]
struct Counter {
    count: u64,
}

#[derive(Serialize, Deserialize)]
enum Tx {
    Add { number: u64 },
    Clear,
}

impl ModelData for Counter {
    const NAME: &'static str = "Counter";
}

impl Model for Counter {
    type Tx = Tx;
    type Reply = ();
    const TRANSACTIONS: &'static [TxInfo] = &[TxInfo::new("add"), TxInfo::new("clear")];
    const REMOVED: &'static [&'static str] = &["halve"];

    fn apply(&mut self, tx: Tx, _cx: &TxContext) {
        match tx {
            Tx::Add { number } => self.count += number,
            Tx::Clear => self.count = 0,
        }
    }
}

type Change<'a> = &'a dyn Fn(&mut Schema);

/// Released schemas that are today's, but for a change.
fn changed(path: &Path, change: impl FnOnce(&mut Schema)) -> Result<(), String> {
    let mut schema = Schema::of::<Counter>();
    change(&mut schema);
    file::write(path, &[schema]).unwrap();
    check::<Counter>(path, Mode::Check)
}

#[test]
fn a_file_is_blessed_once_and_then_checked() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("counter.schema.json");
    let error = check::<Counter>(&path, Mode::Check).unwrap_err();
    assert!(error.contains("no schema in") && error.contains("PREVALENT_BLESS=1"), "{error}");
    assert!(!path.exists());
    check::<Counter>(&path, Mode::Bless).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    check::<Counter>(&path, Mode::Check).unwrap();
    check::<Counter>(&path, Mode::Bless).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert_eq!(file::read(&path).unwrap().unwrap(), [Schema::of::<Counter>()]);
    assert!(text.lines().count() >= 6, "{text}");
}

#[test]
fn what_is_readable_but_not_in_the_file_yet_is_shown_and_added_behind_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("counter.schema.json");
    // Before `clear`, and with `halve`.
    let error = changed(&path, |schema| schema.transactions[1].name = "halve".into()).unwrap_err();
    assert!(error.contains("\n− halve(") && error.contains("\n+ clear("), "{error}");
    assert!(error.contains("PREVALENT_BLESS=1"), "{error}");
    check::<Counter>(&path, Mode::Bless).unwrap();
    check::<Counter>(&path, Mode::Check).unwrap();
    let names = |schema: &Schema| schema.transactions[1].name.clone();
    let released = file::read(&path).unwrap().unwrap();
    assert_eq!(released.iter().map(names).collect::<Vec<_>>(), ["halve", "clear"]);
}

#[test]
fn what_the_code_can_t_read_is_told_with_what_to_write_and_not_blessed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("counter.schema.json");
    let other = |schema: &mut Schema| -> TypeId {
        let never = schema.types.add(Type::Never);
        schema.types.add(Type::Seq(never))
    };
    let changes: [(Change<'_>, &str); 7] = [
        (&|schema| schema.transactions[1].name = "gone".into(), "the transaction `gone` is gone"),
        (&|schema| schema.transactions[0].revision = 2, "revisions only grow"),
        (&|schema| schema.transactions[0].revision = 0, "`#[tx(rev = 1, upgrade(0 => function))]`"),
        (
            &|schema| schema.transactions[0].arguments = other(schema),
            "`#[tx(rev = 2, upgrade(1 => function))]`",
        ),
        (&|schema| schema.state = other(schema), "`#[prevalent(version = 2, from(OldModel"),
        (&|schema| schema.version = 2, "versions only grow"),
        (&|schema| schema.model = "Count".into(), "`#[prevalent(name = \"Count\")]`"),
    ];
    for (change, why) in changes {
        let error = changed(&path, change).unwrap_err();
        assert!(error.contains(why) && error.contains("Schema 1 of 1"), "{why}: {error}");
        let text = std::fs::read_to_string(&path).unwrap();
        let error = check::<Counter>(&path, Mode::Bless).unwrap_err();
        assert!(error.contains("nothing was written") && error.contains("by hand"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_file_that_is_none_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("counter.schema.json");
    for (text, why) in [
        ("", "EOF"),
        ("[]", "the file is an object"),
        ("{\"schema_lock\": 2, \"released\": []}", "newer version"),
        ("{\"schema_lock\": 1, \"released\": [{}]}", "schema 1: a schema has no `format`"),
        ("{\"schema_lock\": 1, \"released\": []}", "no schema in"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = check::<Counter>(&path, Mode::Check).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
    assert!(check::<Counter>(dir.path(), Mode::Check).unwrap_err().contains("could not read"));
}

#[test]
#[should_panic(expected = "PREVALENT_BLESS=1")]
fn the_generated_test_panics_with_what_was_found() {
    crate::__private::schema_lock::<Counter>("no such directory", "counter.schema.json");
}
