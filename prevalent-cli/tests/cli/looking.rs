//! Commands that look into stores which other programs wrote.

use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::common::damage::{segments, tear};
use crate::common::models::{Odd, Shape, Zoo, ZooStore, closed, create, newer, open};
use crate::common::{Run, Scratch, command, contents, copy, run};
use serde_json::json;

#[allow(unreachable_pub, reason = "the module of a program")]
#[path = "../../../examples/payments/model.rs"]
mod payments;

/// Every command that only looks, with what it needs.
const LOOKING: [(&str, &[&str]); 10] = [
    ("status", &[]),
    ("status", &["--quick", "--json"]),
    ("dump", &[]),
    ("dump", &["--json"]),
    ("state", &[]),
    ("verify", &[]),
    ("schema", &[]),
    ("stats", &[]),
    ("export", &["--full-history"]),
    ("watch", &["--from", "1", "--count", "1"]),
];

#[test]
fn status_tells_what_there_is_and_what_the_next_open_would_do() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let text = run("status", &dir, []).expect(0);
    for part in [
        "model       Sessions, version 1",
        "owner       none is seen",
        "last        #10, ",
        "next open   opens: loads the snapshot of #0, replays 10 transactions",
    ] {
        assert!(text.stdout.contains(part), "{part}: {}", text.stdout);
    }
    assert_eq!(text.stderr, "");
    let status = run("status", &dir, ["--json"]).expect(0).json();
    assert_eq!(status["model"], "Sessions");
    assert_eq!(status["newest"]["seq"], 10);
    assert_eq!(status["owner"], json!({ "running": false }));
    assert!(status["segments"].as_array().unwrap().len() > 2);
    assert_eq!(status["segments"][0]["first_seq"], 1);
    assert_eq!(status["snapshots"].as_array().unwrap().len(), 1);
    assert!(status["closed"].as_str().unwrap().ends_with('Z'));
    assert_eq!(status["next_open"]["transactions"], 10);
    assert_eq!(status["next_open"]["closed_cleanly"], true);
    assert_eq!(
        run("status", &dir, ["--json", "--quick"]).expect(0).json()["next_open"],
        json!(null)
    );
}

#[test]
fn status_of_a_store_that_is_open_names_its_process() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=3);
    let status = run("status", &dir, ["--json"]).expect(0).json();
    assert_eq!(status["owner"], json!({ "running": true, "pid": std::process::id() }));
    assert_eq!(status["closed"], json!(null));
    store.close().wait().unwrap();
    let status = run("status", &dir, ["--json"]).expect(0).json();
    assert_eq!(status["owner"], json!({ "running": false }));
}

#[test]
fn dump_writes_each_transaction_with_what_it_was_given() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=2);
    assert!(store.explode("boom".to_owned()).wait().is_err());
    store.delete_session("t1").wait().unwrap();
    store.close().wait().unwrap();
    let lines = run("dump", &dir, ["--json"]).expect(0).json_lines();
    assert_eq!(lines.len(), 4);
    let without_time = |index: usize| {
        let mut line = lines[index].clone();
        let time = line.as_object_mut().unwrap().remove("time").unwrap();
        assert!(time.as_u64().unwrap() > 1_600_000_000_000_000);
        line
    };
    assert_eq!(
        without_time(0),
        json!({ "seq": 1, "tx": "create_session", "revision": 1, "args": { "token": "t1", "user_id": 1 } })
    );
    assert_eq!(
        without_time(2),
        json!({ "seq": 3, "tx": "explode", "revision": 1, "void": true, "reason": "boom", "args": { "why": "boom" } })
    );
    assert_eq!(
        without_time(3),
        json!({ "seq": 4, "tx": "delete_session", "revision": 1, "args": { "token": "t1" } })
    );
    let text = run("dump", &dir, []).expect(0).stdout;
    let text: Vec<&str> = text.lines().collect();
    assert!(text[1].ends_with(r#"Z  create_session  {"token":"t2","user_id":2}"#), "{}", text[1]);
    assert!(text[2].ends_with(r#"explode  {"why":"boom"}  void: boom"#), "{}", text[2]);
}

#[test]
fn dump_and_stats_take_what_was_asked_for() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=5);
    std::thread::sleep(Duration::from_millis(30));
    let middle = SystemTime::now();
    std::thread::sleep(Duration::from_millis(30));
    for number in 1..=3 {
        store.delete_session(&format!("t{number}")).wait().unwrap();
    }
    store.close().wait().unwrap();
    let seqs = |more: &[&str]| {
        let lines =
            run("dump", &dir, more.iter().copied().chain(["--json"])).expect(0).json_lines();
        lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let middle = middle.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros();
    let middle = jiff_text(middle);
    assert_eq!(seqs(&[]), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(seqs(&["--from", "3", "--to", "6"]), [3, 4, 5, 6]);
    assert_eq!(seqs(&["--tx", "delete_session"]), [6, 7, 8]);
    assert_eq!(
        seqs(&["--tx", "delete_session", "--tx", "create_session", "--to", "6"]),
        [1, 2, 3, 4, 5, 6]
    );
    assert_eq!(seqs(&["--since", &middle]), [6, 7, 8]);
    assert_eq!(seqs(&["--until", &middle]), [1, 2, 3, 4, 5]);
    assert_eq!(seqs(&["--since", "1h", "--from", "7"]), [7, 8]);
    assert_eq!(seqs(&["--from", "9"]), [0; 0]);
    let stats = run("stats", &dir, ["--json"]).expect(0).json();
    assert_eq!(stats["all"]["transactions"], 8);
    assert_eq!(stats["by_name"]["delete_session"]["transactions"], 3);
    assert_eq!(stats["by_name"]["create_session"]["bytes"], 5 * 4);
    let histogram = stats["histogram"]["transactions"].as_array().unwrap();
    assert_eq!(histogram.iter().map(|it| it.as_u64().unwrap()).sum::<u64>(), 8);
    let text = run("stats", &dir, []).expect(0).stdout;
    assert!(text.contains("create_session             5   62.5%"), "{text}");
    assert!(text.contains('█'), "{text}");
}

/// The command takes RFC 3339.
fn jiff_text(us: u128) -> String {
    let output = command_date(us / 1_000_000);
    format!("{output}.{:06}Z", us % 1_000_000)
}

fn command_date(seconds: u128) -> String {
    let date = std::process::Command::new("date")
        .args(["-u", "-d", &format!("@{seconds}"), "+%Y-%m-%dT%H:%M:%S"])
        .output()
        .unwrap();
    String::from_utf8(date.stdout).unwrap().trim().to_owned()
}

#[test]
fn what_json_has_no_room_for_is_text() {
    let scratch = Scratch::new();
    let dir = scratch.path("zoo");
    let store = ZooStore::open(&dir).wait().unwrap();
    for (number, shape) in [
        (f64::NAN, Shape::Empty),
        (f64::NEG_INFINITY, Shape::Round(3)),
        (1.5, Shape::Box { width: 1, height: 2 }),
    ] {
        store.put(Odd::new(number, shape)).wait().unwrap();
    }
    store.close().wait().unwrap();
    let expected = |number: serde_json::Value, shape: serde_json::Value| {
        json!({
            "large": "340282366920938463463374607431768211455",
            "small": "-170141183460469231731687303715884105728",
            "number": number,
            "short": 0.1,
            "bytes": "00ff",
            "by_number": [[7, "seven"]],
            "by_text": { "a.b": true },
            "maybe": { "some": null },
            "letter": "ß",
            "unit": null,
            "pair": [-1, "x\ny\""],
            "shape": shape,
        })
    };
    let all = [
        expected(json!("NaN"), json!("Empty")),
        expected(json!("-inf"), json!({ "Round": 3 })),
        expected(json!(1.5), json!({ "Box": { "width": 1, "height": 2 } })),
    ];
    let lines = run("dump", &dir, ["--json"]).expect(0).json_lines();
    for (line, odd) in lines.iter().zip(&all) {
        assert_eq!(line["args"], json!({ "odd": odd }));
    }
    assert_eq!(run("state", &dir, []).expect(0).json(), json!({ "odd": all, "count": {} }));
    for (path, value) in [
        ("odd[2].shape.Box.height", json!(2)),
        ("odd.1.by_text[\"a.b\"]", json!(true)),
        ("odd[0].by_number.7", json!("seven")),
        ("odd[0].pair[1]", json!("x\ny\"")),
        ("odd[0].large", json!("340282366920938463463374607431768211455")),
    ] {
        assert_eq!(run("state", &dir, ["--path", path]).expect(0).json(), value, "{path}");
    }
    let missing = run("state", &dir, ["--path", "odd[3]"]).expect(7);
    assert_eq!(missing.stderr, "error: `odd` has 3 elements, and no number 3\n");
    assert_eq!(missing.stdout, "");
    run("verify", &dir, []).expect(0);
    drop(Zoo::default());
}

#[test]
fn a_snapshot_is_chosen_by_its_number_and_what_came_since_is_told() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=2);
    store.snapshot().wait().unwrap();
    create(&store, 3..=3);
    store.close().wait().unwrap();
    let newest = run("state", &dir, []).expect(0);
    assert_eq!(newest.json(), json!({ "tokens": { "t1": 1, "t2": 2 }, "operations": 2 }));
    assert!(newest.stderr.contains("the journal has 1 transaction more"), "{}", newest.stderr);
    let first = run("state", &dir, ["--snapshot", "0"]).expect(0);
    assert_eq!(first.json(), json!({ "tokens": {}, "operations": 0 }));
    assert_eq!(first.stderr, "");
    let none = run("state", &dir, ["--snapshot", "1"]).expect(7).stderr;
    let told = "error: there is no snapshot of sequence number 1; there are those of 0, 2\n";
    assert_eq!(none, told);
    run("state", &dir, ["--snapshot", "9"]).expect(7);
    let pretty = run("state", &dir, ["--pretty", "--path", "tokens"]).expect(0);
    assert_eq!(pretty.stdout, "{\n  \"t1\": 1,\n  \"t2\": 2\n}\n");
}

#[test]
fn the_schema_is_shown_and_compared() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=2);
    store.snapshot().wait().unwrap();
    store.close().wait().unwrap();
    let before = run("schema", &dir, []).expect(0).stdout;
    assert!(before.starts_with("model Sessions version 1: Sessions\n"), "{before}");
    assert!(before.contains("create_session(token: String, user_id: u64)\n"), "{before}");
    assert_eq!(before, prevalent::Schema::of::<crate::common::models::Sessions>().to_string());
    let file = scratch.path("released.json");
    std::fs::write(&file, run("schema", &dir, ["--json"]).expect(0).stdout).unwrap();

    let store = newer::SessionsStore::builder(&dir).no_snapshot_on_close().open().wait().unwrap();
    store.rename_session("t1", "t9".to_owned()).wait().unwrap();
    store.close().wait().unwrap();
    let changes = "+ rename_session(token: String, to: String)\n";
    for diff in [["1", "3"], [file.to_str().unwrap(), dir.to_str().unwrap()]] {
        let text = run("schema", &dir, ["--diff", diff[0], diff[1]]).expect(0).stdout;
        assert!(text.contains(changes), "{text}");
        assert!(text.contains("renamed: u64"), "{text}");
        let json = run("schema", &dir, ["--json", "--diff", diff[0], diff[1]]).expect(0).json();
        assert_eq!(json["equal"], false);
    }
    assert_eq!(run("schema", &dir, ["--at", "1"]).expect(0).stdout, before);
    let same = run("schema", &dir, ["--json", "--diff", "3", "3"]).expect(0).json();
    assert_eq!(same, json!({ "equal": true, "removed": [], "added": [] }));
    run("schema", &dir, ["--diff", "3", "nowhere"]).expect(7);
}

#[test]
fn the_schema_is_the_same_after_a_segment_that_no_program_has_committed_to() {
    let scratch = Scratch::new();
    let (dir, crashed) = (scratch.path("store"), scratch.path("crashed"));
    let store = open(&dir);
    create(&store, 1..=4);
    copy(&dir, &crashed);
    store.close().wait().unwrap();
    let before = run("schema", &dir, []).expect(0).stdout;
    assert!(before.contains("create_session("), "{before}");
    run("void", &dir, ["3", "--reason", "why"]).expect(0);
    assert_eq!(run("schema", &dir, []).expect(0).stdout, before);
    assert_eq!(run("schema", &dir, ["--at", "4"]).expect(0).stdout, before);

    tear(&crashed);
    let number = segments(&crashed).len();
    open(&crashed).close().wait().unwrap();
    assert!(segments(&crashed).len() > number);
    assert_eq!(run("schema", &crashed, []).expect(0).stdout, before);
}

#[test]
fn from_the_beginning_is_from_the_beginning() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let all = run("dump", &dir, []).expect(0).stdout;
    let from_zero = run("dump", &dir, ["--from", "0"]).expect(0);
    assert_eq!((from_zero.stdout, from_zero.stderr.as_str()), (all, ""));
}

#[test]
fn a_store_of_an_example_is_read_without_its_code() {
    let scratch = Scratch::new();
    let dir = scratch.path("bank");
    let bank = payments::BankStore::open(&dir).wait().unwrap();
    bank.deposit("alice".to_owned(), 100).wait().unwrap();
    let key = prevalent::Key::from("k1");
    bank.pay(&key, "alice", "bob".to_owned(), 30).wait().unwrap().unwrap();
    bank.pay(&prevalent::Key::from("k2"), "bob", "eve".to_owned(), 300)
        .wait()
        .unwrap()
        .unwrap_err();
    bank.close().wait().unwrap();
    let lines = run("dump", &dir, ["--json"]).expect(0).json_lines();
    assert_eq!(
        lines[1]["args"],
        json!({ "key": "6b31", "from": "alice", "to": "bob", "amount": 30 })
    );
    assert_eq!(lines.len(), 3);
    assert_eq!(run("state", &dir, ["--path", "accounts.alice"]).expect(0).stdout, "70\n");
    run("verify", &dir, []).expect(0);
    assert_eq!(bank_balance(&dir), 30);
}

fn bank_balance(dir: &Path) -> u64 {
    payments::BankStore::open(dir).wait().unwrap().balance("bob")
}

#[test]
fn nothing_is_ever_written_to_a_store_that_is_looked_at() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    std::fs::remove_file(dir.join("LOCK")).unwrap();
    let before = contents(&dir);
    for (name, more) in LOOKING {
        run(name, &dir, more.iter().copied()).expect(0);
        assert_eq!(contents(&dir), before, "{name}");
    }
    for (name, to) in [("backup", "backup"), ("fork", "fork")] {
        run(name, &dir, [scratch.path(to).to_str().unwrap()]).expect(0);
        assert_eq!(contents(&dir), before, "{name}");
    }
}

#[test]
fn a_directory_that_must_not_be_written_to_is_looked_at_all_the_same() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 1 << 20);
    let mut permissions = std::fs::metadata(&dir).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&dir, permissions).unwrap();
    for (name, more) in LOOKING {
        run(name, &dir, more.iter().copied()).expect(0);
    }
    std::process::Command::new("chmod").arg("u+w").arg(&dir).status().unwrap();
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    for number in 0..2_000 {
        store.create_session(format!("{number:0>500}"), number).detach();
    }
    store.close().wait().unwrap();
    for name in ["dump", "export"] {
        let mut child = command()
            .arg(name)
            .arg(&dir)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = Run::of(&child.wait_with_output().unwrap()).expect(0);
        assert_eq!(ended.stderr, "", "{name}");
    }
}

#[test]
fn what_is_not_there_and_what_makes_no_sense_have_exit_codes() {
    let scratch = Scratch::new();
    let (nowhere, empty) = (scratch.path("nowhere"), scratch.path("empty"));
    std::fs::create_dir(&empty).unwrap();
    for dir in [&nowhere, &empty] {
        for (name, more) in LOOKING {
            let told = run(name, dir, more.iter().copied()).expect(7);
            assert!(told.stderr.starts_with("error: there is no store in "), "{told:?}");
        }
    }
    assert!(!nowhere.exists() && contents(&empty).is_empty());
    run("dump", &empty, ["--from", "x"]).expect(2);
    run("dump", &empty, ["--since", "sometime"]).expect(2);
    run("nonsense", &empty, []).expect(2);
    let file = scratch.path("file");
    std::fs::write(&file, "x").unwrap();
    run("status", &file, []).expect(1);
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 1 << 20);
    let plain = run("dump", &dir, []).expect(0).stdout;
    assert!(!plain.contains('\u{1b}'));
    let forced = command().env("CLICOLOR_FORCE", "1").arg("dump").arg(&dir).output().unwrap();
    assert!(Run::of(&forced).expect(0).stdout.contains('\u{1b}'));
    let mut both = command();
    both.env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").arg("dump").arg(&dir);
    assert_eq!(Run::of(&both.output().unwrap()).expect(0).stdout, plain);
}

#[test]
fn completions_and_pages_of_the_manual_are_written_and_help_has_examples() {
    let scratch = Scratch::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Run::of(&command().args(["completions", shell]).output().unwrap()).expect(0);
        assert!(script.stdout.contains("prevalent"), "{shell}");
    }
    let pages = scratch.path("man");
    Run::of(&command().arg("man").arg(&pages).output().unwrap()).expect(0);
    let dump = std::fs::read_to_string(pages.join("prevalent-dump.1")).unwrap();
    assert!(dump.contains(".TH prevalent-dump"), "{dump}");
    for name in [
        "status",
        "dump",
        "state",
        "verify",
        "schema",
        "watch",
        "stats",
        "ui",
        "backup",
        "restore",
        "fork",
        "export",
        "import",
        "repair",
        "void",
        "completions",
        "man",
    ] {
        let help = Run::of(&command().args([name, "--help"]).output().unwrap()).expect(0);
        assert!(help.stdout.contains("Examples:\n"), "{name}");
        assert!(pages.join(format!("prevalent-{name}.1")).exists(), "{name}");
    }
    let help = Run::of(&command().arg("--help").output().unwrap()).expect(0).stdout;
    assert!(help.contains("Exit codes:\n  0  done"), "{help}");
}

#[test]
fn a_crashed_stores_copy_is_read_to_its_last_transaction() {
    let scratch = Scratch::new();
    let (dir, crashed) = (scratch.path("store"), scratch.path("crashed"));
    let store = open(&dir);
    create(&store, 1..=4);
    copy(&dir, &crashed);
    let status = run("status", &crashed, ["--json"]).expect(0).json();
    assert_eq!(status["next_open"]["closed_cleanly"], false);
    assert_eq!(status["next_open"]["seq"], 4);
    assert_eq!(status["next_open"]["unconfirmed"], 1);
    assert_eq!(run("dump", &crashed, []).expect(0).stdout.lines().count(), 4);
    assert!(
        run("status", &crashed, [])
            .expect(0)
            .stdout
            .contains("closed      not since it was last written to")
    );
}
