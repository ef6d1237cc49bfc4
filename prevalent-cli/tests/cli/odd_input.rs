//! What people type by mistake, and stores with odd things in them.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::common::models::{closed, create, open};
use crate::common::{Run, Scratch, command, contents, run};

#[test]
fn a_backup_an_archive_and_a_file_are_told_from_a_store() {
    let scratch = Scratch::new();
    let (dir, backup) = (scratch.path("store"), scratch.path("backup"));
    closed(&dir, 600);
    run("backup", &dir, [backup.to_str().unwrap()]).expect(0);
    for name in ["status", "dump", "state", "verify", "stats", "schema", "watch"] {
        let told = run(name, &backup, []).expect(7);
        assert!(told.stderr.contains("holds a backup"), "{name}: {}", told.stderr);
        let told = run(name, &dir.join("CLEAN"), []).expect(1);
        assert!(told.stderr.contains("CLEAN"), "{name}: {}", told.stderr);
        assert!(told.stderr.to_lowercase().contains("not a directory"), "{name}: {}", told.stderr);
    }
    let told = run("restore", &dir, [scratch.path("new").to_str().unwrap()]);
    assert_eq!(told.code, 7, "{told:?}");
    assert!(!scratch.path("new").exists());
}

#[test]
fn a_store_is_no_place_for_its_own_backup_or_for_another_store() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let before = contents(&dir);
    let itself = dir.to_str().unwrap();
    let told = run("backup", &dir, [itself]).expect(1);
    assert!(told.stderr.contains("a store is there"), "{}", told.stderr);
    for name in ["fork", "restore"] {
        assert_ne!(run(name, &dir, [itself]).code, 0, "{name}");
    }
    assert_ne!(run("import", &dir, ["/dev/null"]).code, 0);
    assert_eq!(contents(&dir), before);
    run("verify", &dir, []).expect(0);
}

#[test]
fn help_of_every_command_has_examples() {
    let all = Run::of(&command().arg("--help").output().unwrap()).expect(0).stdout;
    let (_, commands) = all.split_once("Commands:\n").unwrap();
    let lines = commands.lines().take_while(|line| !line.is_empty());
    // What goes on in the next line stands further right.
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    assert!(names.contains(&"status") && names.contains(&"repair"), "{names:?}");
    for name in names.into_iter().filter(|name| *name != "help") {
        for help in ["--help", "-h"] {
            let text = Run::of(&command().args([name, help]).output().unwrap()).expect(0).stdout;
            assert!(text.contains(&format!("Examples:\n  prevalent {name} ")), "{name}: {text}");
        }
    }
}

#[test]
fn every_command_that_tells_something_tells_it_as_json_too() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let path = |name: &str| scratch.path(name).to_str().unwrap().to_owned();
    let lines = path("lines");
    fs::write(&lines, run("export", &dir, []).expect(0).stdout).unwrap();
    for words in [
        vec!["status".to_owned(), path("store")],
        vec!["dump".to_owned(), path("store")],
        vec!["state".to_owned(), path("store")],
        vec!["verify".to_owned(), path("store")],
        vec!["schema".to_owned(), path("store")],
        vec!["watch".to_owned(), path("store"), "--from=1".to_owned(), "--count=1".to_owned()],
        vec!["stats".to_owned(), path("store")],
        vec!["backup".to_owned(), path("store"), path("backup")],
        vec!["restore".to_owned(), path("backup"), path("restored")],
        vec!["fork".to_owned(), path("store"), path("forked")],
        vec!["export".to_owned(), path("store")],
        vec!["import".to_owned(), path("imported"), lines.clone()],
        vec!["repair".to_owned(), path("store")],
        vec!["void".to_owned(), path("store"), "3".to_owned(), "--reason=why".to_owned()],
    ] {
        let told = Run::of(&command().arg("--json").args(&words).output().unwrap()).expect(0);
        // A schema goes over many lines.
        let values = serde_json::Deserializer::from_str(&told.stdout).into_iter::<Value>();
        let values = values.collect::<Result<Vec<_>, _>>();
        assert!(values.is_ok_and(|values| !values.is_empty()), "{words:?}: {told:?}");
        assert!(!told.stdout.contains('\u{1b}') && !told.stderr.contains('\u{1b}'), "{told:?}");
    }
}

#[test]
fn numbers_that_are_too_large_and_texts_that_are_too_long_are_no_surprise() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    store.create_session("x".repeat(1 << 20), u64::MAX).wait().unwrap();
    store.create_session("a\nb\u{1b}[31m\u{0}".to_owned(), 0).wait().unwrap();
    store.snapshot().wait().unwrap();
    store.close().wait().unwrap();
    let text = run("dump", &dir, []).expect(0).stdout;
    assert_eq!(text.lines().count(), 2);
    assert!(
        text.ends_with("{\"token\":\"a\\nb\\u001b[31m\\u0000\",\"user_id\":0}\n"),
        "{text:.80}"
    );
    assert!(text.contains("\"user_id\":18446744073709551615"));
    let by_name = run("state", &dir, ["--path", r#"tokens["a\nb\u001b[31m\u0000"]"#]).expect(0);
    assert_eq!(by_name.stdout, "0\n");
    let max = u64::MAX.to_string();
    assert_eq!(run("dump", &dir, ["--from", &max]).expect(0).stdout, "");
    assert_eq!(run("dump", &dir, ["--to", &max]).expect(0).stdout, text);
    for more in [["--from", "18446744073709551616"], ["--from", "-1"], ["--since", "99999999999d"]]
    {
        let told = run("dump", &dir, more).expect(2);
        assert!(told.stderr.starts_with("error: "), "{told:?}");
    }
    run("state", &dir, ["--snapshot", &max]).expect(7);
    run("stats", &dir, ["--since", "1s", "--until", "1970-01-01"]).expect(0);
    run("watch", &dir, ["--count", "0"]).expect(0);
    for path in ["", "tokens", "operations"] {
        run("state", &dir, ["--path", path]).expect(0);
    }
    for path in [".", "tokens[", "tokens..a", "operations.x", "nothing", "tokens.nobody"] {
        let told = run("state", &dir, ["--path", path]).expect(7);
        assert_eq!(told.stdout, "", "{path}");
        assert_eq!(told.stderr.lines().count(), 1, "{path}: {}", told.stderr);
    }
}

#[test]
fn whoever_reads_a_line_or_two_is_given_them_and_nothing_is_said() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=3);
    for number in 0..300 {
        store.create_session(format!("{number:0>9000}"), number).detach();
    }
    store.flush().wait().unwrap();
    store.snapshot().wait().unwrap();
    store.close().wait().unwrap();
    for words in [
        &["dump"][..],
        &["dump", "--json"],
        &["state"],
        &["state", "--pretty"],
        &["export", "--full-history"],
        &["watch", "--from", "1"],
        &["stats", "--json"],
        &["status"],
    ] {
        let mut child = command()
            .args(words)
            .arg(&dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 20];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let ended = Run::of(&child.wait_with_output().unwrap());
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{words:?}");
    }
}

#[test]
fn names_that_would_steer_a_terminal_are_shown_without_that() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 1 << 20);
    let lines = run("export", &dir, ["--full-history"]).expect(0).stdout;
    let evil = lines.replace("create_session", "create\\u001b]0;evil\\u0007\\nsession");
    fs::write(scratch.path("lines"), evil).unwrap();
    let copy = scratch.path("copy");
    let file = scratch.path("lines");
    run("import", &copy, [file.to_str().unwrap()]).expect(0);
    for words in [&["dump"][..], &["stats"], &["schema"], &["status"]] {
        let text = run(words[0], &copy, words[1..].iter().copied()).expect(0).stdout;
        assert!(!text.contains(['\u{1b}', '\u{7}']), "{words:?}: {text:?}");
    }
    assert_eq!(run("dump", &copy, []).stdout.lines().count(), 10);
    let json = run("stats", &copy, ["--json"]).expect(0).json();
    assert_eq!(json["by_name"]["create\u{1b}]0;evil\u{7}\nsession"]["transactions"], json!(10));
}
