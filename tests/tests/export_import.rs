//! A store as lines of JSON, and back: the same store; or none, where the lines are wrong or the import is interrupted.

use prevalent::testing::{Disk as _, Fault, Loss, OperationKind, SimDisk};
use prevalent::{Durability, Error, Seq, export, import};
use prevalent_tests::disk::journal_bytes;
use prevalent_tests::ledger::{Ledger, LedgerStore, hush};
use prevalent_tests::models::{Tally, TallyStore};
use prevalent_tests::record::Setup;

fn setup() -> Setup {
    Setup { snapshot_on_close: false, ..Setup::new(Durability::Always) }
}

fn open(disk: &SimDisk) -> Result<LedgerStore, Error> {
    setup().builder(disk.clone()).open().wait()
}

/// A store with two snapshots, several sessions and segments, and a void; and its state.
fn store() -> (SimDisk, Ledger, Seq) {
    hush();
    let disk = SimDisk::new();
    for round in 0..4 {
        let store = open(&disk).expect("it opens");
        for line in 0..5 {
            store.add(format!("line {round}.{line} \"ä\"")).wait().expect("a line");
        }
        assert!(store.explode().wait().is_err());
        if round % 2 == 1 {
            store.snapshot().wait().expect("a snapshot");
        }
        store.add("another".to_owned()).wait().expect("a line");
        store.close().wait().expect("it closes");
    }
    let store = open(&disk).expect("it opens");
    let (ledger, seq) = (store.read(Clone::clone), store.stats().seq);
    store.close().wait().expect("it closes");
    (disk, ledger, seq)
}

fn exported(disk: &SimDisk) -> String {
    let mut out = Vec::new();
    export("unused").on_disk(disk.clone()).full_history().write_to(&mut out).expect("an export");
    String::from_utf8(out).expect("JSON is UTF-8")
}

#[test]
fn what_is_exported_and_imported_is_the_same_store() {
    let (disk, ledger, seq) = store();
    let files = disk.file_names();
    for is_full in [false, true] {
        let mut out = Vec::new();
        let export = export("unused").on_disk(disk.clone());
        let export = if is_full { export.full_history() } else { export };
        let told = export.write_to(&mut out).expect("an export");
        assert_eq!(told.seq, seq);
        assert_eq!(told.transactions, u64::from(told.seq) - u64::from(told.state_seq));
        assert_eq!(told.transactions, if is_full { 15 } else { 1 });
        assert!(told.dropped_tail.is_none() && told.damaged.is_empty());

        let copy = SimDisk::new();
        // Many segments, of which the secrets are not all their own.
        let import = import("unused").on_disk(copy.clone()).segment_bytes(1);
        let imported = import.read_from(out.as_slice()).expect("an import");
        let segments = copy.file_names().into_iter().filter(|name| name.ends_with(".journal"));
        assert_eq!(segments.count() as u64, told.transactions);
        assert_eq!((imported.state_seq, imported.seq), (told.state_seq, seq));
        assert_eq!(imported.transactions, told.transactions);
        // What it has written is durable.
        copy.disconnect();
        for image in copy.images_at(copy.operations().len(), Loss::KeepDropOrGarbage) {
            let store = open(&image).expect("it opens");
            assert!(!store.recovery().created && store.recovery().closed_cleanly);
            assert!(store.recovery().transactions <= told.transactions);
            assert!(store.read(|it| *it == ledger), "{:?}", store.read(Clone::clone));
            assert_eq!(store.stats().seq, seq);
            // It goes on like any store, with the void where it was.
            let line = store.add("one more".to_owned()).wait().expect("a line");
            assert_eq!(line.seq, u64::from(seq) + 1);
            store.close().wait().expect("it closes");
        }
    }
    assert_eq!(disk.file_names(), files, "an export changes nothing");
}

/// The lines, without the store that they were made from.
fn without_from(lines: &str) -> String {
    let (first, others) = lines.split_once('\n').expect("several lines");
    let mut first: serde_json::Value = serde_json::from_str(first).expect("JSON");
    assert!(first.as_object_mut().expect("an object").remove("from").is_some());
    format!("{first}\n{others}")
}

#[test]
fn an_import_exports_as_the_same_lines() {
    let (disk, _, _) = store();
    let lines = exported(&disk);
    let copy = SimDisk::new();
    import("unused").on_disk(copy.clone()).read_from(lines.as_bytes()).expect("an import");
    assert_eq!(without_from(&exported(&copy)), without_from(&lines));
    assert_eq!(lines.matches("\"void\":true,\"reason\":").count(), 2);
    assert!(lines.contains("an explosion"), "the reason of a void is told");
}

/// However long the journal is, its batches are not.
#[test]
fn an_import_is_written_in_pieces() {
    hush();
    let disk = SimDisk::new();
    let store = open(&disk).expect("it opens");
    for _ in 0..4 {
        store.add("x".repeat(700 << 10)).wait().expect("a line");
    }
    store.close().wait().expect("it closes");
    let copy = SimDisk::new();
    let lines = exported(&disk);
    import("unused").on_disk(copy.clone()).read_from(lines.as_bytes()).expect("an import");
    let longest = copy.operations().into_iter().filter_map(|operation| match operation.kind {
        OperationKind::Write { len, .. } => Some(len),
        _ => None,
    });
    assert!(longest.max() < Some(2 << 20));
}

#[test]
fn a_store_without_transactions_and_one_in_a_real_directory_make_the_way_too() {
    let dir = tempfile::tempdir().expect("a directory");
    let (here, there) = (dir.path().join("here"), dir.path().join("a/there"));
    let missing = export(&here).write_to(Vec::new()).unwrap_err();
    assert!(matches!(missing, Error::NoStore { .. }), "{missing}");
    assert!(!here.exists());
    std::fs::create_dir(&here).expect("a directory");
    let empty = export(&here).write_to(Vec::new()).unwrap_err();
    assert!(matches!(empty, Error::NoStore { .. }), "{empty}");

    let store = TallyStore::builder(&here).initial(Tally::with_a_seven).open().wait().unwrap();
    let locked = export(&here).write_to(Vec::new()).unwrap_err();
    assert!(matches!(locked, Error::Locked { .. }), "{locked}");
    store.close().wait().unwrap();
    let mut lines = Vec::new();
    let told = export(&here).write_to(&mut lines).unwrap();
    assert_eq!((told.seq, told.transactions), (Seq::ZERO, 0));
    let imported = import(&there).read_from(lines.as_slice()).unwrap();
    assert_eq!((imported.seq, imported.transactions), (Seq::ZERO, 0));
    let store = TallyStore::open(&there).wait().unwrap();
    assert!(store.recovery().closed_cleanly && !store.recovery().created);
    assert_eq!(store.sum(), 7);
    let locked = import(&there).read_from(lines.as_slice()).unwrap_err();
    assert!(matches!(locked, Error::Locked { .. }), "{locked}");
    store.close().wait().unwrap();
    let taken = import(&there).read_from(lines.as_slice()).unwrap_err();
    assert!(matches!(taken, Error::StoreExists { .. }), "{taken}");
    let other = prevalent_tests::models::SessionsStore::open(&there).wait().unwrap_err();
    assert!(matches!(other, Error::WrongModel { .. }), "{other}");
}

/// Where something of a store is, whatever it is, there can be no import.
#[test]
fn no_import_into_a_directory_with_a_part_of_a_store() {
    let (disk, _, _) = store();
    let lines = exported(&disk);
    for name in disk.file_names() {
        let other = SimDisk::new();
        other.set_file(&name, disk.file(&name).expect("it is there"));
        let refused = import("unused").on_disk(other.clone()).read_from(lines.as_bytes());
        assert!(matches!(refused, Err(Error::StoreExists { .. })), "{refused:?}");
        assert_eq!(other.file_names(), [name]);
    }
    let other = SimDisk::new();
    other.set_file("00000000000000000001.journal.tmp", b"half a".to_vec());
    import("unused").on_disk(other.clone()).read_from(lines.as_bytes()).expect("an import");
}

#[test]
fn a_torn_tail_is_left_out_and_told_and_damage_is_refused() {
    let (disk, ledger, seq) = store();
    let newest = disk.file_names().into_iter().rfind(|name| name.ends_with(".journal"));
    let newest = newest.expect("a segment");
    let bytes = disk.file(&newest).expect("it is there");
    disk.remove_file("CLEAN");
    disk.set_file(&newest, bytes[..journal_bytes(&bytes) - 3].to_vec());
    let mut out = Vec::new();
    let torn = export("unused").on_disk(disk.deep_clone()).write_to(&mut out);
    match torn {
        Ok(told) => {
            let tail = told.dropped_tail.expect("a dropped tail");
            assert_eq!(u64::from(tail.next_seq), u64::from(told.seq) + 1);
            let copy = SimDisk::new();
            import("unused").on_disk(copy.clone()).read_from(out.as_slice()).expect("an import");
            let store = open(&copy).expect("it opens");
            assert!(ledger.lines.starts_with(&store.read(Clone::clone).lines));
            assert_eq!(u64::from(store.stats().seq), u64::from(seq) - 1);
        }
        Err(error) => panic!("{error}"),
    }
    let mut damaged = bytes.clone();
    damaged[200] ^= 1;
    disk.set_file(&newest, damaged);
    let error = export("unused").on_disk(disk).write_to(Vec::new()).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. } | Error::SuspectTail { .. }), "{error}");
}

#[test]
fn a_suspect_tail_is_left_out_on_demand_only() {
    let (disk, _, seq) = store();
    let newest = disk.file_names().into_iter().rfind(|name| name.ends_with(".journal"));
    let newest = newest.expect("a segment");
    let mut bytes = disk.file(&newest).expect("it is there");
    disk.remove_file("CLEAN");
    let last = journal_bytes(&bytes) - 4;
    bytes[last] ^= 1;
    disk.set_file(&newest, bytes);
    let error = export("unused").on_disk(disk.deep_clone()).write_to(Vec::new()).unwrap_err();
    assert!(matches!(error, Error::SuspectTail { .. }), "{error}");
    let export = export("unused").on_disk(disk).drop_suspect_tail();
    let told = export.write_to(Vec::new()).expect("an export");
    assert!(told.dropped_tail.expect("a tail").suspect && told.seq < seq);
}

#[test]
fn a_damaged_newest_snapshot_is_passed_over_and_told() {
    let (disk, ledger, _) = store();
    let newest = disk.file_names().into_iter().rfind(|name| name.ends_with(".snapshot"));
    let newest = newest.expect("a snapshot");
    let mut bytes = disk.file(&newest).expect("it is there");
    *bytes.last_mut().expect("a body") ^= 1;
    disk.set_file(&newest, bytes);
    let mut out = Vec::new();
    let told = export("unused").on_disk(disk).write_to(&mut out).expect("an export");
    assert_eq!((told.damaged.len(), told.transactions), (1, 15));
    let copy = SimDisk::new();
    import("unused").on_disk(copy.clone()).read_from(out.as_slice()).expect("an import");
    assert!(open(&copy).expect("it opens").read(|it| *it == ledger));
}

/// The line, changed, or left out.
type Edit = fn(&mut serde_json::Value);

#[test]
fn every_line_that_is_wrong_is_refused_with_its_number_and_leaves_nothing() {
    let (disk, _, _) = store();
    let good: Vec<String> = exported(&disk).lines().map(str::to_owned).collect();
    // Lines: types, state, secret, transaction, ...
    let edits: &[(usize, Edit, &str)] = &[
        (1, |line| line["export"] = 2.into(), "a newer version of prevalent"),
        (1, |line| line["more"] = 2.into(), "no such thing as `more`"),
        (1, |line| line["state"] = "#Ledgers".into(), "the type `Ledgers` is not there"),
        (1, |line| line["model"] = 7.into(), "`model` is no text"),
        (1, |line| line["transactions"][0]["body"] = "xyz".into(), "16 hexadecimal digits"),
        (1, |line| line["from"]["store"] = "00".into(), "32 hexadecimal digits"),
        (1, |line| line["from"]["chain"] = "00".into(), "16 hexadecimal digits"),
        (1, |line| line["from"]["more"] = 1.into(), "no such thing as `more`"),
        (1, |line| line["from"] = 1.into(), "`from` is an object"),
        (2, |line| line["seq"] = (-1).into(), "invalid value"),
        (2, |line| line["seq"] = u64::MAX.into(), "too large"),
        (2, |line| line["state"] = true.into(), "invalid type: boolean `true`"),
        (2, |line| line["stat"] = true.into(), "a state has no `stat`"),
        (2, |line| drop(line.as_object_mut().unwrap().remove("time")), "missing field `time`"),
        (3, |line| line["secret"] = "00".into(), "64 hexadecimal digits"),
        (3, |line| line["seq"] = 1.into(), "a `secret`, a `rollback`, or the `end`"),
        (4, |line| line["seq"] = 3.into(), "where 14 is expected"),
        (4, |line| line["seq"] = 16.into(), "keep its line and add `\"void\": true`"),
        (4, |line| line["time"] = 3.into(), "is earlier than"),
        (4, |line| line["tx"] = "explode_not".into(), "has no such transaction"),
        (4, |line| line["revision"] = 7.into(), "has no such transaction"),
        (4, |line| line["schema"] = 70.into(), "has no such transaction"),
        (4, |line| line["reason"] = "so".into(), "not `\"void\": true`"),
        (4, |line| line["args"] = true.into(), "the `args` of `add`: invalid type"),
        (4, |line| line["more"] = 1.into(), "unknown field `more`"),
        (4, |line| drop(line.as_object_mut().unwrap().remove("seq")), "`seq` is missing"),
        (4, |line| drop(line.as_object_mut().unwrap().remove("tx")), "`tx` is missing"),
        (good.len(), |line| line["end"] = 27.into(), "lines are missing"),
    ];
    let expect = |lines: &[String], number: usize, why: &str| {
        let disk = SimDisk::new();
        let text = lines.join("\n");
        let error = import("unused").on_disk(disk.clone()).read_from(text.as_bytes()).unwrap_err();
        match &error {
            Error::Json { line, what, .. } => {
                assert_eq!(*line, number as u64, "{error}");
                assert!(what.contains(why), "{why}: {error}");
            }
            _ => panic!("{error}"),
        }
        assert!(disk.file_names().is_empty(), "{:?}", disk.file_names());
    };
    for (number, edit, why) in edits {
        let mut lines = good.clone();
        let mut line = serde_json::from_str(&lines[number - 1]).expect("JSON");
        edit(&mut line);
        lines[number - 1] = line.to_string();
        expect(&lines, *number, why);
    }
    // The most that a store can have come to, and one more.
    let mut lines = good.clone();
    for (number, seq) in [(2, 1_u64 << 62), (4, (1 << 62) + 1)] {
        let mut line: serde_json::Value = serde_json::from_str(&lines[number - 1]).expect("JSON");
        line["seq"] = seq.into();
        lines[number - 1] = line.to_string();
    }
    expect(&lines, 4, "is expected");
    let mut lines = good.clone();
    let mut line: serde_json::Value = serde_json::from_str(&lines[3]).expect("JSON");
    line["args"]["text"] = "x".repeat(17 << 20).into();
    lines[3] = line.to_string();
    expect(&lines, 4, "fit in a transaction");
    for number in 1..=good.len() {
        // Cut off before this line, and inside it.
        let mut lines = good[..number - 1].to_vec();
        expect(&lines, number, "is missing: the text is cut off");
        lines.push(good[number - 1][..good[number - 1].len() - 1].to_owned());
        expect(&lines, number, "EOF");
    }
    let mut lines = good.clone();
    lines.insert(5, "no JSON".to_owned());
    expect(&lines, 6, "expected");
    lines[5] = good[4].clone() + "7";
    expect(&lines, 5 + 1, "");
    let lines = [good.clone(), vec![String::new(), good[3].clone()]].concat();
    expect(&lines, good.len() + 2, "behind the line with `end`");
}

#[test]
fn a_line_that_is_made_void_has_no_effect_and_keys_may_come_in_any_order() {
    let (disk, ledger, seq) = store();
    let exported = exported(&disk);
    let lines = exported.lines().map(|line| {
        // `serde_json` sorts the keys.
        let mut line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        if line["seq"] == 16 && line["tx"] == "add" {
            line["void"] = true.into();
        }
        line.to_string()
    });
    let lines = lines.collect::<Vec<_>>().join("\r\n") + "\r\n\r\n";
    let copy = SimDisk::new();
    import("unused").on_disk(copy.clone()).read_from(lines.as_bytes()).expect("an import");
    let store = open(&copy).expect("it opens");
    let mut expected = ledger;
    expected.lines.retain(|line| line.seq != 16);
    assert!(store.read(|it| *it == expected));
    assert_eq!(store.stats().seq, seq);
}

/// A store, whole; or none.
fn expect_whole_or_none(disk: &SimDisk, ledger: &Ledger) -> bool {
    match open(disk) {
        Ok(store) if store.recovery().created => false,
        Ok(store) => {
            assert!(store.read(|it| it == ledger), "{disk:?}");
            true
        }
        Err(Error::Corrupt { what, .. }) if what.contains("no snapshot") => false,
        Err(error) => panic!("{error}; {disk:?}"),
    }
}

#[test]
fn an_import_that_a_crash_or_a_failing_disk_interrupts_leaves_the_whole_store_or_none() {
    let (disk, ledger, _) = store();
    let lines = exported(&disk);
    // Several segments.
    let run = |disk: &SimDisk| {
        import("unused").on_disk(disk.clone()).segment_bytes(500).read_from(lines.as_bytes())
    };
    let copy = SimDisk::new();
    run(&copy).expect("an import");
    let operations = copy.operations().len();
    let mut whole = 0;
    for point in copy.crash_points() {
        for image in copy.images_at(point, Loss::KeepDropOrGarbage) {
            whole += usize::from(expect_whole_or_none(&image, &ledger));
        }
    }
    assert!(whole > 0);
    for operation in 0..operations {
        for (fault, is_for_good) in [
            (Fault::Eio, false),
            (Fault::Eio, true),
            (Fault::EioAfterEffect, false),
            (Fault::EioAfterEffect, true),
        ] {
            let copy = SimDisk::new();
            if is_for_good {
                copy.fail_from(operation, fault);
            } else {
                copy.fail_operation(operation, fault);
            }
            let result = run(&copy);
            copy.heal();
            for image in copy.images_at(copy.operations().len(), Loss::KeepOrDrop) {
                let is_whole = expect_whole_or_none(&image, &ledger);
                assert!(is_whole || result.is_err(), "{result:?}");
            }
            if result.is_err() && !is_for_good {
                assert!(copy.list().unwrap().is_empty(), "{:?}", copy.file_names());
            }
        }
    }
}

#[test]
fn a_store_of_other_types_than_the_programs_opens_by_names() {
    let lines = r##"{"export": 1, "model": "Tally", "version": 1, "state": "#Tally", "transactions": [{"name": "add", "revision": 1, "args": {"struct": {"number": "u8"}}}, {"name": "add", "revision": 1, "args": {"struct": {"number": "u16"}}}], "types": {"Tally": {"struct": {"refused": "u8", "numbers": {"seq": "u16"}}}}}
{"seq": 4, "time": 5, "state": {"numbers": [1, 300], "refused": 2}}
{"seq": 5, "time": 6, "tx": "add", "schema": 0, "args": {"number": 255}}
{"seq": 6, "time": 6, "tx": "add", "schema": 1, "args": {"number": 256}}
{"end": 6}
"##;
    let disk = SimDisk::new();
    let imported = import("unused").on_disk(disk.clone()).read_from(lines.as_bytes());
    assert_eq!(u64::from(imported.expect("an import").seq), 6);
    let mut out = Vec::new();
    export("unused").on_disk(disk.clone()).write_to(&mut out).expect("an export");
    let out = String::from_utf8(out).expect("JSON is UTF-8");
    assert!(
        out.contains(
            r#"{"seq":6,"time":6,"tx":"add","revision":1,"schema":1,"args":{"number":256}}"#
        ),
        "{out}"
    );
    let store = TallyStore::builder("unused").on_disk(disk).open().wait().expect("it opens");
    assert_eq!(store.read(|it| (it.numbers.clone(), it.refused)), (vec![1, 300, 255, 256], 2));
}

#[test]
fn lines_that_were_edited_for_a_program_of_other_names_are_opened_by_it() {
    let disk = SimDisk::new();
    let store = TallyStore::builder("unused").no_snapshot_on_close().on_disk(disk.clone());
    let store = store.open().wait().expect("a store");
    store.add(5).wait().expect("a number");
    drop(store);
    let mut out = Vec::new();
    export("unused").on_disk(disk).write_to(&mut out).expect("an export");
    let lines = String::from_utf8(out).expect("JSON is UTF-8");
    assert!(lines.contains("\"numbers\"") && lines.contains("\"number\""), "{lines}");

    // As `sed` would do it.
    let lines = lines
        .replace("\"model\":\"Tally\"", "\"model\":\"renamed\"")
        .replace("\"numbers\"", "\"values\"")
        .replace("\"number\"", "\"value\"")
        .replace("\"add\"", "\"push\"");
    let disk = SimDisk::new();
    import("unused").on_disk(disk.clone()).read_from(lines.as_bytes()).expect("an import");
    let store = renamed::TallyStore::builder("unused").on_disk(disk).open().wait();
    let store = store.unwrap_or_else(|error| panic!("{error}: {lines}"));
    assert_eq!(store.read(|tally| tally.values.clone()), [5]);
    assert!(store.recovery().converted.is_empty(), "by now they have the same names");
}

/// [`Tally`], with other names and types.
mod renamed {
    #[prevalent::prevalent(name = "renamed")]
    #[derive(Debug, Default)]
    pub(crate) struct Tally {
        pub(crate) values: Vec<u64>,
        #[serde(default)]
        pub(crate) refused: u64,
    }

    #[prevalent::prevalent]
    impl Tally {
        #[tx]
        pub(crate) fn push(&mut self, value: u64) {
            self.values.push(value);
        }
    }
}

/// Some bytes, then an error.
struct Failing(&'static [u8]);

impl std::io::Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(std::io::ErrorKind::ConnectionReset.into()),
            count => Ok(count),
        }
    }
}

impl std::io::Write for Failing {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_the_other_side_of_an_export_or_import_fails_with_is_told() {
    let (disk, _, _) = store();
    let error = export("unused").on_disk(disk).write_to(Failing(b"")).unwrap_err();
    assert!(error.to_string().contains("could not write `(the output)`: "), "{error}");
    for begun in [&b""[..], b"{\"export\": ", b"{}\n"] {
        let copy = SimDisk::new();
        let input = std::io::BufReader::new(Failing(begun));
        let error = import("unused").on_disk(copy.clone()).read_from(input).unwrap_err();
        if begun == b"{}\n" {
            assert!(matches!(error, Error::Json { line: 1, .. }), "{error}");
        } else {
            assert!(error.to_string().contains("could not read `(the input)`: "), "{error}");
        }
        assert!(copy.file_names().is_empty());
    }
}

#[test]
fn lines_with_any_byte_changed_are_imported_or_refused() {
    let (disk, _, _) = store();
    let lines = exported(&disk).into_bytes();
    for place in (0..lines.len()).step_by(3) {
        for byte in [b'"', b'9', b'}', 0xff] {
            let mut lines = lines.clone();
            lines[place] = byte;
            let copy = SimDisk::new();
            match import("unused").on_disk(copy.clone()).read_from(lines.as_slice()) {
                Ok(_) => {
                    // Whatever it is now, it is in order.
                    let again = export("unused").on_disk(copy).write_to(std::io::sink());
                    again.expect("an export");
                }
                Err(Error::Json { .. }) => assert!(copy.file_names().is_empty()),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Subscribers read an imported journal like any other, without what is void.
#[test]
fn the_transactions_of_an_import_are_told_to_subscribers() {
    let (disk, ledger, seq) = store();
    let lines = exported(&disk);
    let copy = SimDisk::new();
    let imported = import("unused").on_disk(copy.clone()).read_from(lines.as_bytes());
    let state_seq = u64::from(imported.expect("an import").state_seq);
    // Not read to its end by the open: that has a snapshot to begin with.
    let store = open(&copy).expect("it opens");
    store.snapshot().wait().expect("a snapshot");
    store.close().wait().expect("it closes");
    let store = open(&copy).expect("it opens");
    let expected: Vec<u64> =
        ledger.lines.iter().map(|line| line.seq).filter(|line| *line > state_seq).collect();
    let mut subscription = store.subscribe(state_seq + 1);
    let mut told = Vec::new();
    while told.len() < expected.len() {
        let event = futures_executor::block_on(subscription.next()).expect("an event");
        told.push(u64::from(event.expect("an event").seq));
    }
    assert_eq!(told, expected);
    assert_eq!(told.last(), Some(&u64::from(seq)));
}
