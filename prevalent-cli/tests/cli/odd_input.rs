//! What people type by mistake, and stores with odd things in them.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::common::damage::flip;
use crate::common::models::{SessionsStore, closed, create, nested, open};
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
    let looking = [&["dump"][..], &["stats"], &["schema"], &["status"]];
    for words in looking.into_iter().chain([&["void", "3", "--reason", "x"][..]]) {
        let text = run(words[0], &copy, words[1..].iter().copied()).expect(0).stdout;
        assert!(!text.contains(['\u{1b}', '\u{7}']), "{words:?}: {text:?}");
    }
    assert_eq!(run("dump", &copy, []).stdout.lines().count(), 10);
    let json = run("stats", &copy, ["--json"]).expect(0).json();
    assert_eq!(json["by_name"]["create\u{1b}]0;evil\u{7}\nsession"]["transactions"], json!(10));
}

#[test]
fn values_that_would_steer_a_terminal_are_shown_without_that_and_are_the_same_values() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    let evil = "a\u{9b}31mb\u{7f}\u{85}ä";
    store.create_session(evil.to_owned(), 1).wait().unwrap();
    assert!(store.explode("boom".to_owned()).wait().is_err());
    store.snapshot().wait().unwrap();
    store.close().wait().unwrap();
    let all = [
        &["dump"][..],
        &["dump", "--json"],
        &["state"],
        &["state", "--pretty"],
        &["export", "--full-history"],
        &["watch", "--json", "--from", "1", "--count", "2"],
    ];
    for words in all {
        let told = run(words[0], &dir, words[1..].iter().copied()).expect(0);
        let is_order = |char: char| char.is_control() && char != '\n';
        assert!(!told.stdout.contains(is_order), "{words:?}: {:?}", told.stdout);
    }
    let lines = run("dump", &dir, ["--json"]).expect(0).json_lines();
    assert_eq!(lines[0]["args"]["token"], evil);
    assert_eq!(run("state", &dir, []).expect(0).json()["tokens"][evil], 1);
    let copy = scratch.path("copy");
    fs::write(scratch.path("lines"), run("export", &dir, []).expect(0).stdout).unwrap();
    run("import", &copy, [scratch.path("lines").to_str().unwrap()]).expect(0);
    assert_eq!(run("state", &copy, []).expect(0).json()["tokens"][evil], 1);
}

#[test]
fn what_json_has_no_room_for_takes_nothing_else_with_it() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    nested(&dir);
    for more in [&["--json"][..], &["--json", "--skip-damage"]] {
        let told = run("dump", &dir, more.iter().copied()).expect(1);
        let lines = told.json_lines();
        assert_eq!(lines.len(), 3, "{told:?}");
        assert_eq!(lines[2]["args"]["nest"]["inside"]["inside"]["inside"], Value::Null);
        assert_eq!((&lines[1]["seq"], &lines[1]["tx"]), (&json!(2), &json!("put")));
        assert_eq!(lines[1].get("args"), None);
        let error = lines[1]["error"].as_str().unwrap();
        assert!(error.contains("more than 120 values"), "{error}");
        assert!(lines.iter().all(|line| line["time"].is_u64() && line["revision"] == 1));
        let note = "note: the arguments of 1 transaction are not shown; the first of them: ";
        assert!(told.stderr.starts_with(note), "{}", told.stderr);
    }
    let text = run("dump", &dir, []).expect(1).stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[1].contains("put  not shown: ") && lines[1].contains("more than 120"), "{text}");
    assert!(!lines[1].contains("inside\":"), "no part of it is shown: {text}");
    let watched = run("watch", &dir, ["--json", "--from", "1", "--count", "3"]).expect(0);
    assert_eq!(watched.json_lines().len(), 3, "{watched:?}");
    assert_eq!(run("stats", &dir, ["--json"]).expect(0).json()["all"]["transactions"], 3);
    run("verify", &dir, []).expect(0);
}

#[test]
fn what_holds_a_backup_or_an_archive_is_told_by_commands_that_copy_and_write_too() {
    let scratch = Scratch::new();
    let (dir, backup) = (scratch.path("store"), scratch.path("backup"));
    let archive = scratch.path("archive");
    let store =
        SessionsStore::builder(&dir).archive_to(&archive).segment_bytes(400).open().wait().unwrap();
    for round in 0..5 {
        create(&store, round * 4 + 1..=round * 4 + 4);
        store.snapshot().wait().unwrap();
    }
    store.close().wait().unwrap();
    run("backup", &dir, [backup.to_str().unwrap()]).expect(0);
    let new = scratch.path("new");
    let to = new.to_str().unwrap();
    let commands = [
        &["export"][..],
        &["backup", to],
        &["repair"],
        &["repair", "--apply"],
        &["void", "3", "--reason", "x"],
    ];
    for (place, what) in [(&backup, "holds a backup"), (&archive, "holds an archive")] {
        let before = contents(place);
        for words in commands {
            let told = run(words[0], place, words[1..].iter().copied()).expect(7);
            assert!(told.stderr.contains(what), "{words:?}: {}", told.stderr);
            assert!(told.stdout.is_empty() && !new.exists(), "{words:?}");
        }
        assert_eq!(contents(place), before);
    }
    let told = run("fork", &backup, [to]).expect(7);
    assert!(told.stderr.contains("holds a backup"), "{}", told.stderr);
    // Of an archive, that is what can be made.
    run("fork", &archive, [to]).expect(0);
}

#[cfg(target_os = "linux")]
#[test]
fn directories_may_have_names_that_are_no_unicode() {
    use std::ffi::{OsStr, OsString};
    use std::os::unix::ffi::OsStrExt as _;

    let scratch = Scratch::new();
    let path = |name: &str| -> OsString {
        scratch.path("").join(OsStr::from_bytes(&[name.as_bytes(), b"\xff"].concat())).into()
    };
    let dir = std::path::PathBuf::from(path("store"));
    closed(&dir, 600);
    fs::write(path("lines"), run("export", &dir, []).expect(0).stdout).unwrap();
    let word = OsString::from;
    let look = ["status", "dump", "state", "verify", "schema", "stats", "export", "repair"];
    let look = look.map(|name| vec![word(name), path("store")]);
    let others = [
        vec![word("watch"), path("store"), word("--from=1"), word("--count=1")],
        vec![word("backup"), path("store"), path("backup")],
        vec![word("restore"), path("backup"), path("restored")],
        vec![word("fork"), path("store"), path("forked")],
        vec![word("import"), path("imported"), path("lines")],
        vec![word("void"), path("store"), word("3"), word("--reason=why")],
        vec![word("man"), path("man")],
    ];
    for words in look.iter().chain(&others) {
        for json in [&["--json"][..], &[]] {
            let made = words.last().is_some_and(|dir| std::path::Path::new(dir).exists());
            if json.is_empty() && (made || words[0] == "void") && words.len() > 2 {
                continue;
            }
            Run::of(&command().args(json).args(words).output().unwrap()).expect(0);
        }
    }
    flip(&dir.join("CLEAN"), 50);
    for (words, code) in
        [(&["status"][..], 0), (&["verify"], 5), (&["repair"], 0), (&["repair", "--apply"], 0)]
    {
        let told = run(words[0], &dir, words[1..].iter().copied().chain(["--json"])).expect(code);
        assert!(told.stdout.contains("store\u{fffd}"), "{told:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn that_nobody_can_be_told_of_an_error_changes_no_exit_code() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    closed(&dir, 600);
    let code = |words: &[&str], stderr: Stdio| {
        let mut command = command();
        command.args(words).stdout(Stdio::null()).stderr(stderr);
        command.status().unwrap().code()
    };
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let store = dir.to_str().unwrap();
    let nowhere = scratch.path("nowhere");
    assert_eq!(code(&["status", nowhere.to_str().unwrap()], full().into()), Some(7));
    assert_eq!(code(&["export", "--json", store], full().into()), Some(0));
    assert_eq!(code(&["dump", "--nonsense", store], full().into()), Some(2));
    // Whoever listens has gone.
    let mut listener = std::process::Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
    let gone = listener.stdin.take().unwrap();
    listener.wait().unwrap();
    assert_eq!(code(&["status", nowhere.to_str().unwrap()], gone.into()), Some(7));
    // A note.
    fs::remove_file(dir.join("CLEAN")).unwrap();
    crate::common::damage::tear(&dir);
    assert_eq!(code(&["dump", store], full().into()), Some(0));
}
