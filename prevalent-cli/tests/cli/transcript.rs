//! The sessions in `docs/cli.md` are what the command says today.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use expect_test::expect_file;
use prevalent::{Durability, prevalent};

use crate::common::damage::{flip_in_batch, segments};
use crate::common::steady::without_ids_and_times;
use crate::common::{Run, Scratch, command};

/// Who is logged in.
#[prevalent]
#[derive(Debug, Default)]
struct Sessions {
    tokens: BTreeMap<String, u64>,
    operations: u64,
}

#[prevalent(vis = pub(crate))]
impl Sessions {
    #[tx]
    fn create_session(&mut self, token: String, user_id: u64) {
        self.operations += 1;
        self.tokens.insert(token, user_id);
    }

    #[tx]
    fn delete_session(&mut self, token: &str) -> Option<u64> {
        self.operations += 1;
        self.tokens.remove(token)
    }
}

const BEGINNING: &str = "```text\n$ prevalent ";
const END: &str = "```\n";

/// The store of the sessions.
fn store(dir: &Path) {
    // A batch for each transaction, and nothing filled ahead: sizes are the same each time.
    let builder = SessionsStore::builder(dir).durability(Durability::Manual);
    let store = builder.no_snapshot_on_close().open().wait().unwrap();
    store.create_session("alice-1".to_owned(), 17).wait().unwrap();
    store.flush().wait().unwrap();
    store.create_session("bob-1".to_owned(), 4).wait().unwrap();
    store.flush().wait().unwrap();
    store.delete_session("alice-1").wait().unwrap();
    store.close().wait().unwrap();
}

/// Types the commands of a session, and gives it with what they say.
fn typed(session: &str, place: &Path) -> String {
    let mut told = Vec::new();
    for line in session.lines().filter_map(|line| line.strip_prefix("$ prevalent ")) {
        let output = command().args(line.split(' ')).current_dir(place).output().unwrap();
        let Run { code, stdout, stderr } = Run::of(&output);
        let place = std::path::absolute(place).unwrap().join("");
        let said = (stdout + &stderr).replace(place.to_str().unwrap(), "");
        let mut text = format!("$ prevalent {line}\n{said}");
        if code != 0 {
            let _ = writeln!(text, "(exit code {code})");
        }
        told.push(text);
    }
    told.join("\n")
}

#[test]
fn the_sessions_in_the_documentation_are_what_the_command_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let scratch = Scratch::new();
    let dir = scratch.path("data/sessions");
    std::fs::create_dir(scratch.path("data")).unwrap();
    store(&dir);
    let mut today = String::new();
    let mut rest = page.as_str();
    let mut sessions = 0;
    while let Some((before, from)) = rest.split_once(BEGINNING) {
        let (session, behind) = from.split_once(END).unwrap();
        let session = format!("$ prevalent {session}");
        if sessions == 1 {
            flip_in_batch(&segments(&dir)[0], 2);
        }
        let told = typed(&session, &scratch.path(""));
        // What differs in nothing but times stays as it is written there.
        let is_same = without_ids_and_times(&told) == without_ids_and_times(&session);
        let shown = if is_same { session } else { told };
        let _ = write!(today, "{before}```text\n{shown}{END}");
        rest = behind;
        sessions += 1;
    }
    assert_eq!(sessions, 2, "one of a good store, and one of the same with another bit in it");
    expect_file![path].assert_eq(&(today + rest));
}
