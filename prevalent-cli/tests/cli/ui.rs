//! The terminal browser, driven in a real pseudo-terminal.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::common::damage::{flip_in_batch, segments};
use crate::common::models::{SessionsStore, create, nested, open};
use crate::common::{Scratch, contents, run};

/// A terminal with the browser in it.
struct Terminal {
    screen: vt100::Parser,
    output: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    pty: Box<dyn MasterPty + Send>,
}

const WAIT: Duration = Duration::from_secs(20);

impl Terminal {
    fn open(dir: &Path, environment: &[(&str, &str)]) -> Self {
        Self::of_size(30, 110, dir, environment)
    }

    fn of_size(rows: u16, cols: u16, dir: &Path, environment: &[(&str, &str)]) -> Self {
        Self::with("ui", (rows, cols), dir, environment)
    }

    /// A terminal in which this command runs.
    fn with(
        name: &str,
        (rows, cols): (u16, u16),
        dir: &Path,
        environment: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_prevalent"));
        command.arg(name);
        command.arg(dir);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).expect("it runs");
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().expect("a reader");
        let keys = pty.master.take_writer().expect("a writer");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let size = |number| NonZero::new(number).expect("a size");
        let screen = vt100::Parser::new(size(rows), size(cols), 0);
        Terminal { screen, output, keys, child, pty: pty.master }
    }

    fn resize(&mut self, rows: u16, cols: u16) {
        self.pty.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("a size");
        let size = |number| NonZero::new(number).expect("a size");
        self.screen.screen_mut().set_size(size(rows), size(cols));
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a key");
        self.keys.flush().expect("a key");
    }

    /// What is on the screen, when it has this text.
    #[track_caller]
    fn wait_for(&mut self, text: &str) -> String {
        let until = Instant::now() + WAIT;
        loop {
            let shown = self.screen.screen().contents();
            if shown.contains(text) {
                return shown;
            }
            match self.output.recv_timeout(Duration::from_millis(100)) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(RecvTimeoutError::Timeout) if Instant::now() < until => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("`{text}` doesn't appear:\n{shown}")
                }
            }
        }
    }

    /// All that it writes until it ends.
    fn rest(&self) -> String {
        let mut all = Vec::new();
        while let Ok(bytes) = self.output.recv_timeout(WAIT) {
            all.extend(bytes);
        }
        String::from_utf8_lossy(&all).into_owned()
    }

    #[track_caller]
    fn expect_end(mut self) {
        let until = Instant::now() + WAIT;
        loop {
            if let Some(status) = self.child.try_wait().expect("its end") {
                assert!(status.success(), "{status:?}");
                return;
            }
            assert!(Instant::now() < until, "it doesn't end");
            std::thread::sleep(Duration::from_millis(200));
            // A key that comes together with another size is seen with the next one only. It may have ended meanwhile.
            let _ = self.keys.write_all(b"q");
        }
    }
}

const DOWN: &str = "\u{1b}[B";
const END: &str = "\u{1b}[F";

#[test]
fn the_browser_shows_segments_transactions_and_values_and_searches() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=300);
    store.snapshot().wait().unwrap();
    assert!(store.explode("boom".to_owned()).wait().is_err());
    store.delete_session("t7").wait().unwrap();

    let mut terminal = Terminal::open(&dir, &[]);
    let first = terminal.wait_for("#1 create_session");
    for part in [
        "Sessions in",
        "up to #302",
        "open",
        "segment 1",
        "state #0",
        "state #300",
        "\"token\": \"t1\"",
        "\"user_id\": 1",
    ] {
        assert!(first.contains(part), "`{part}`:\n{first}");
    }
    terminal.press(DOWN);
    terminal.wait_for("\"token\": \"t2\"");
    terminal.press(END);
    terminal.wait_for("#302 delete_session");
    terminal.press("k");
    terminal.wait_for("void: boom");
    terminal.press(":250\r");
    terminal.wait_for("\"token\": \"t250\"");
    // A page ends before this one.
    terminal.press(":1\r");
    terminal.wait_for("#1 create_session");
    terminal.press("/t299\r");
    let found = terminal.wait_for("`t299` is in #299");
    assert!(found.contains("\"token\": \"t299\""), "{found}");
    terminal.press("n");
    terminal.wait_for("`t299` is in none from #300 on");
    terminal.press("/delete_session\r");
    terminal.wait_for("#302 delete_session");
    // The files: the second of the two states.
    terminal.press("\t\t");
    terminal.press(END);
    let on_the_way = terminal.wait_for("enter shows the state of #300");
    assert!(!on_the_way.contains("\"tokens\": {"), "{on_the_way}");
    terminal.press("\r");
    terminal.wait_for("\"tokens\": {");
    terminal.press(END);
    terminal.wait_for("\"operations\": 300");
    // What is committed meanwhile is there after a refresh.
    store.create_session("late".to_owned(), 5).wait().unwrap();
    terminal.press("r");
    terminal.wait_for("up to #303");
    terminal.press("q");
    terminal.expect_end();
    run("verify", &dir, []).expect(0);
    store.close().wait().unwrap();
}

#[test]
fn the_browser_leaves_the_files_alone_and_needs_a_terminal() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=3);
    store.close().wait().unwrap();
    let before = contents(&dir);
    let mut terminal = Terminal::open(&dir, &[("NO_COLOR", "1")]);
    terminal.wait_for("#1 create_session");
    // What is typed has no effect but on what is sought.
    terminal.press("/q");
    terminal.wait_for("search: q");
    terminal.press("\u{1b}");
    terminal.wait_for("tab pane");
    terminal.press("\t\t\t\u{1b}[5~\u{1b}[6~");
    terminal.wait_for("#3 create_session");
    terminal.press("\u{3}");
    terminal.expect_end();
    assert_eq!(contents(&dir), before);
    let told = run("ui", &dir, []).expect(2);
    assert!(told.stderr.contains("needs a terminal"), "{}", told.stderr);
    run("ui", &scratch.path("nowhere"), []).expect(7);
}

#[test]
fn the_browser_works_in_a_terminal_of_any_size_and_of_one_that_changes() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    create(&store, 1..=50);
    store.close().wait().unwrap();
    let mut terminal = Terminal::of_size(1, 1, &dir, &[]);
    for (rows, cols) in [(2, 2), (3, 7), (5, 20), (200, 3), (1, 200), (7, 40), (2, 1)] {
        terminal.resize(rows, cols);
        terminal.press(&format!("{DOWN}\t:30\r{END}\t/t3\r\u{1b}[5~\tn"));
    }
    terminal.resize(30, 110);
    terminal.press(":7\r");
    let shown = terminal.wait_for("#7 create_session");
    assert!(shown.contains("\"token\": \"t7\"") && shown.contains("Sessions in"), "{shown}");
    terminal.resize(12, 60);
    terminal.press("k");
    terminal.wait_for("#6 create_session");
    terminal.press("q");
    terminal.expect_end();
}

#[test]
fn long_values_are_cut_and_the_terminal_is_given_back_as_it_was() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    store.create_session("x".repeat(3 << 20), 1).wait().unwrap();
    store.snapshot().wait().unwrap();
    store.close().wait().unwrap();
    let mut terminal = Terminal::open(&dir, &[("TERM", "dumb"), ("NO_COLOR", "1")]);
    terminal.wait_for("#1 create_session");
    assert!(terminal.screen.screen().alternate_screen());
    terminal.press("\t");
    terminal.press(END);
    terminal.wait_for("there is more");
    terminal.press("q");
    let until = Instant::now() + WAIT;
    while terminal.screen.screen().alternate_screen() || terminal.screen.screen().hide_cursor() {
        assert!(Instant::now() < until, "the other screen stays, or the cursor is hidden");
        if let Ok(bytes) = terminal.output.recv_timeout(Duration::from_millis(100)) {
            terminal.screen.process(&bytes);
        }
    }
    terminal.expect_end();
}

#[test]
fn a_check_shows_a_bar_with_rate_and_time_left() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = open(&dir);
    for letter in ["x", "y", "z"] {
        store.create_session(letter.repeat(3 << 20), 1).wait().unwrap();
    }
    store.close().wait().unwrap();
    let terminal = Terminal::with("verify", (30, 110), &dir, &[]);
    let shown = terminal.rest();
    let bar = shown.split('\r').find(|line| line.contains("1.journal [="));
    let bar = bar.unwrap_or_else(|| panic!("no bar: {shown:?}"));
    for part in [" MiB of 9", "MiB/s, ", "s left"] {
        assert!(bar.contains(part), "{part}: {bar:?}");
    }
    // When it is done, the bar is gone.
    let mut screen = vt100::Parser::default();
    screen.process(shown.as_bytes());
    let last = screen.screen().contents();
    assert!(last.trim_end().ends_with("clean") && !last.contains(" left"), "{last}");
}

#[test]
fn the_browser_goes_back_over_a_stretch_that_is_damaged() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    let store = SessionsStore::builder(&dir).segment_bytes(8_000).open().wait().unwrap();
    create(&store, 1..=260);
    store.close().wait().unwrap();
    let status = run("status", &dir, ["--json"]).expect(0).json();
    let first = |index: usize| status["segments"][index]["first_seq"].as_u64().unwrap();
    for segment in &segments(&dir)[1..3] {
        flip_in_batch(segment, 1);
    }
    let (before, behind) = (first(1) - 1, first(3));
    assert!(behind - before > 100, "{before}, {behind}");
    for back in ["k", "\u{1b}[5~"] {
        let mut terminal = Terminal::open(&dir, &[]);
        terminal.wait_for("#1 create_session");
        terminal.press(&format!(":{behind}\r"));
        terminal.wait_for(&format!("#{behind} create_session"));
        terminal.press(back);
        terminal.wait_for(&format!("#{before} create_session"));
        // And forth.
        terminal.press(DOWN);
        terminal.wait_for(&format!("#{behind} create_session"));
        terminal.press("q");
        terminal.expect_end();
    }
}

#[test]
fn a_value_that_can_not_be_shown_says_why_and_the_others_are_shown() {
    let scratch = Scratch::new();
    let dir = scratch.path("store");
    nested(&dir);
    let mut terminal = Terminal::open(&dir, &[]);
    terminal.wait_for("#1 put");
    terminal.press(DOWN);
    let shown = terminal.wait_for("#2 put");
    assert!(shown.contains("not shown: more than 120 values"), "{shown}");
    terminal.press("/inside\r");
    terminal.wait_for("`inside` is in #3");
    terminal.press("q");
    terminal.expect_end();
}
