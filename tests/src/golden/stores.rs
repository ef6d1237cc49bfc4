//! How the golden stores were written. Each is written once, and kept; another is added for what the format has by then.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use prevalent::{Durability, Key, Seq, export, fork, import, restore, void};
use serde_bytes::ByteBuf;

use super::expect::transactions;
use super::model::{
    CarefulStore, Code, DEADLY, GoldenStore, Marker, Meters, Numbers, Pair, Shape, Tree, after,
    before,
};

/// Which program opens a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// That of [`Golden`](super::model::Golden).
    Golden,
    /// That of [`Careful`](super::model::Careful).
    Careful,
    /// The second version of the shelf.
    Shelf,
}

/// A store to be written.
#[derive(Clone, Copy, Debug)]
pub struct Store {
    /// Its directory's name.
    pub name: &'static str,
    /// Who opens it.
    pub program: Program,
    /// Writes it to an empty directory, and what else belongs to it to others, whose names begin with this one's.
    pub write: fn(&Path),
}

/// All of them.
pub const STORES: &[Store] = &[
    Store { name: "empty", program: Program::Golden, write: |dir| close(&open(dir)) },
    Store { name: "closed", program: Program::Golden, write: closed },
    Store { name: "killed", program: Program::Golden, write: killed },
    Store { name: "torn", program: Program::Golden, write: torn },
    Store { name: "suspect", program: Program::Golden, write: suspect },
    Store { name: "dropped", program: Program::Golden, write: dropped },
    Store { name: "carried", program: Program::Golden, write: carried },
    Store { name: "voids", program: Program::Golden, write: voids },
    Store { name: "trail", program: Program::Golden, write: trail },
    Store { name: "trail-told", program: Program::Golden, write: trail_told },
    Store { name: "zeros", program: Program::Golden, write: zeros },
    Store { name: "archived", program: Program::Golden, write: archived },
    Store { name: "backed-up", program: Program::Golden, write: backed_up },
    Store { name: "restored", program: Program::Golden, write: restored },
    Store { name: "forked", program: Program::Golden, write: forked },
    Store { name: "imported", program: Program::Golden, write: imported },
    Store { name: "rollback", program: Program::Careful, write: rollback },
    Store { name: "old-types", program: Program::Shelf, write: old_types },
    Store { name: "two-types", program: Program::Shelf, write: two_types },
];

/// What an open is told to do with all stores of [`Program::Golden`].
pub fn builder(dir: &Path) -> prevalent::Builder<GoldenStore> {
    GoldenStore::builder(dir)
        .segment_bytes(3_000)
        .fill_ahead_bytes(0)
        .keep_snapshots(9)
        .no_snapshot_on_close()
}

fn open(dir: &Path) -> GoldenStore {
    builder(dir).open().wait().expect("it opens")
}

fn close(store: &GoldenStore) {
    store.close().wait().expect("it closes");
}

/// A transaction of each kind.
fn some_of_all(store: &GoldenStore) {
    let rectangle = Shape::Rectangle { width: 300, height: None };
    store.record("a point", Some(Shape::Point)).wait().expect("a commit");
    store.record("a circle", Some(Shape::Circle(-0.5))).wait().expect("a commit");
    store.record("a \"line\"\n", Some(Shape::Line(-1, 70_000))).wait().expect("a commit");
    store.record("a rectangle ▭", Some(rectangle)).wait().expect("a commit");
    store.record("a point", None).wait().expect("a commit");
    store.measure(Numbers::least()).wait().expect("a commit");
    store.measure(Numbers::most()).wait().expect("a commit");
    let unknown = Numbers { floats: (f32::INFINITY, f64::NAN), ..Numbers::most() };
    store.measure(unknown).wait().expect("a commit");
    let pair = Pair(-128, '🦀');
    store
        .keep_small(true, 'ß', (), Marker, pair, Some(Meters(300)), None)
        .wait()
        .expect("a commit");
    store.put(ByteBuf::from([0, 1, 127, 128, 254, 255])).wait().expect("a commit");
    let leaf = |name: &str| Tree { name: name.to_owned(), children: Vec::new() };
    let tree = Tree { name: "root".to_owned(), children: vec![leaf("one"), leaf("two")] };
    store.plant(tree, &BTreeMap::from([(1, 0.5), (500, -2.0)])).wait().expect("a commit");
    store.hide(Pair(1, 'x')).wait().expect("a commit");
    store.draw().wait().expect("a commit");
    store.refuse("no".to_owned()).wait().expect("a commit").expect_err("a refusal");
    store.pay(&Key::from("one"), 10).wait().expect("a commit").expect("a payment");
    store.pay(&Key::from("one"), 10).wait().expect("told again").expect("a payment");
    store.pay(&Key::from("two"), 0).wait().expect("a commit").expect_err("no payment");
    store.code(Code::new(7)).wait().expect("a commit");
}

/// Some in one batch.
fn a_batch(store: &GoldenStore, number: u64) {
    let commits: Vec<_> =
        (0..5).map(|i| store.record(&format!("{number}.{i}"), Some(Shape::Point))).collect();
    for commit in commits {
        commit.wait().expect("a commit");
    }
}

fn snapshot(store: &GoldenStore) {
    store.snapshot().wait().expect("a snapshot");
}

/// All kinds of everything, three snapshots, several segments, and a clean mark.
fn closed(dir: &Path) {
    let store = open(dir);
    some_of_all(&store);
    snapshot(&store);
    a_batch(&store, 1);
    some_of_all(&store);
    snapshot(&store);
    store.pay(&Key::from("three"), 5).wait().expect("a commit").expect("a payment");
    a_batch(&store, 2);
    close(&store);
}

/// Copies the files of a directory as they are.
///
/// # Panics
///
/// Where they can't be copied.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

/// No clean mark, zeros ahead, and a snapshot that was being written.
fn killed(dir: &Path) {
    let scratch = tempfile::tempdir().expect("a directory");
    let store = builder(scratch.path()).fill_ahead_bytes(2_000).open().wait().expect("it opens");
    some_of_all(&store);
    snapshot(&store);
    store.draw().wait().expect("a commit");
    store.draw().wait().expect("a commit");
    copy(scratch.path(), dir);
    close(&store);
    let half = fs::read(dir.join("00000000000000000000.snapshot")).expect("a snapshot");
    fs::write(dir.join("00000000000000000099.snapshot.tmp"), &half[..150]).expect("written");
}

/// Changes the last batch of a killed store, from this many bytes before its end on.
fn with_a_bad_end(dir: &Path, bytes: usize, change: fn(&mut Vec<u8>, usize)) {
    killed(dir);
    let newest = newest_segment(dir);
    let mut content = fs::read(&newest).expect("a segment");
    let end = content.iter().rposition(|byte| *byte != 0).expect("a batch") + 1;
    change(&mut content, end - bytes);
    fs::write(&newest, content).expect("written");
}

fn newest_segment(dir: &Path) -> std::path::PathBuf {
    let files =
        fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    files
        .filter(|path| path.extension().is_some_and(|it| it == "journal"))
        .max()
        .expect("a segment")
}

/// The last batch was cut off.
fn torn(dir: &Path) {
    with_a_bad_end(dir, 20, |content, at| content[at..].fill(0));
}

/// The last batch has a wrong byte, and no sign of a tear.
fn suspect(dir: &Path) {
    with_a_bad_end(dir, 3, |content, at| content[at] ^= 0x55);
}

/// A torn end was left behind, in a segment that has a successor.
fn dropped(dir: &Path) {
    torn(dir);
    let store = open(dir);
    assert!(store.recovery().dropped_tail.is_some(), "the tail was dropped");
    a_batch(&store, 3);
    close(&store);
}

/// Batches for which nothing vouched were copied to another segment.
fn carried(dir: &Path) {
    let scratch = tempfile::tempdir().expect("a directory");
    let store =
        builder(scratch.path()).durability(Durability::Manual).open().wait().expect("it opens");
    a_batch(&store, 1);
    store.draw().wait().expect("a commit");
    // They are in the file when somebody else's turn has come, and nobody has asked for it to be synced.
    while transactions(scratch.path()).map_or(0, |lines| lines.lines().count()) < 6 {
        std::thread::yield_now();
    }
    copy(scratch.path(), dir);
    close(&store);
    let store = open(dir);
    store.draw().wait().expect("a commit");
    close(&store);
}

/// Transactions without an effect: one that has panicked, and one that somebody gave up.
fn voids(dir: &Path) {
    let store = open(dir);
    a_batch(&store, 1);
    store.stumble(7).wait().expect_err("a panic");
    a_batch(&store, 2);
    close(&store);
    void(dir, Seq::from(3)).reason("it was a mistake").write().wait().expect("it is void");
    let store = open(dir);
    a_batch(&store, 3);
    close(&store);
}

/// A replay has ended with its process.
fn trail(dir: &Path) {
    let store = open(dir);
    a_batch(&store, 1);
    store.pill().wait().expect("a commit");
    store.draw().wait().expect("a commit");
    close(&store);
    let this = std::env::current_exe().expect("a program");
    let mut child = Command::new(this);
    child.arg("open").arg(dir).env(DEADLY, "1").stderr(Stdio::null());
    assert!(!child.status().expect("a process").success(), "it has ended");
}

/// And an open has said so.
fn trail_told(dir: &Path) {
    trail(dir);
    builder(dir).open().wait().expect_err("it names the transaction");
}

/// Payloads with whole sectors of zeros, and zeros ahead. The last one was not synced, as far as the journal tells.
fn zeros(dir: &Path) {
    let scratch = tempfile::tempdir().expect("a directory");
    let store = builder(scratch.path()).segment_bytes(1 << 20).fill_ahead_bytes(4_000);
    let store = store.open().wait().expect("it opens");
    for bytes in [700, 2_000, 511, 1_600] {
        store.put(ByteBuf::from(vec![0; bytes])).wait().expect("a commit");
    }
    copy(scratch.path(), dir);
    close(&store);
}

/// Its oldest segments and a snapshot are in an archive.
fn archived(dir: &Path) {
    let archive = beside(dir, "archive");
    let store =
        builder(dir).keep_snapshots(1).archive_to(&archive).open().wait().expect("it opens");
    some_of_all(&store);
    snapshot(&store);
    some_of_all(&store);
    snapshot(&store);
    a_batch(&store, 1);
    close(&store);
}

/// The directory of this name that belongs to the store's.
fn beside(dir: &Path, what: &str) -> std::path::PathBuf {
    dir.with_extension(what)
}

/// A store, and its backup, which was continued once.
fn backed_up(dir: &Path) {
    let backup = beside(dir, "backup");
    let store = open(dir);
    some_of_all(&store);
    store.backup(backup.as_path()).wait().expect("a backup");
    snapshot(&store);
    a_batch(&store, 1);
    store.backup(backup.as_path()).wait().expect("a backup");
    close(&store);
}

/// Made from a backup, up to some transaction, and continued.
fn restored(dir: &Path) {
    let scratch = tempfile::tempdir().expect("a directory");
    let store = scratch.path().join("store");
    backed_up(&store);
    let backup = beside(&store, "backup");
    restore(backup.as_path()).at(Seq::from(12)).to(dir).wait().expect("it is restored");
    go_on(dir);
}

fn go_on(dir: &Path) {
    let store = open(dir);
    assert!(store.recovery().origin.is_some(), "it knows where it is from");
    store.draw().wait().expect("a commit");
    snapshot(&store);
    store.draw().wait().expect("a commit");
    close(&store);
}

/// Made from another store, and continued.
fn forked(dir: &Path) {
    let scratch = tempfile::tempdir().expect("a directory");
    voids(scratch.path());
    fork(scratch.path()).at(Seq::from(9)).to(dir).wait().expect("it is forked");
    go_on(dir);
}

/// Made from lines of JSON, which are kept, and continued.
fn imported(dir: &Path) {
    let scratch = tempfile::tempdir().expect("a directory");
    closed(scratch.path());
    let mut lines = Vec::new();
    export(scratch.path()).full_history().write_to(&mut lines).expect("it is exported");
    fs::write(beside(dir, "jsonl"), &lines).expect("written");
    import(dir).segment_bytes(3_000).read_from(lines.as_slice()).expect("it is imported");
    go_on(dir);
}

/// Transactions that had no effect since they returned an `Err`.
fn rollback(dir: &Path) {
    let store = CarefulStore::builder(dir).no_snapshot_on_close().open().wait().expect("it opens");
    store.add(3).wait().expect("a commit").expect("added");
    store.add(-3).wait().expect("a commit").expect_err("refused");
    store.add(4).wait().expect("a commit").expect("added");
    store.close().wait().expect("it closes");
}

/// Written by the first version.
fn old_types(dir: &Path) {
    let store =
        before::ShelfStore::builder(dir).no_snapshot_on_close().open().wait().expect("it opens");
    store.add("Emma".to_owned()).wait().expect("a commit");
    store.snapshot().wait().expect("a snapshot");
    store.clear().wait().expect("a commit");
    store.add("Persuasion".to_owned()).wait().expect("a commit");
    store.add("Persuasion".to_owned()).wait().expect("a commit");
    store.close().wait().expect("it closes");
}

/// Written by the first version, and then by the second.
fn two_types(dir: &Path) {
    old_types(dir);
    let builder = after::ShelfStore::builder(dir).no_snapshot_on_close().keep_snapshots(9);
    let store = builder.open().wait().expect("it opens");
    store.add("Emma".to_owned(), 3).wait().expect("a commit");
    store.close().wait().expect("it closes");
}
