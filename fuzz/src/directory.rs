//! Directories and exports that nobody has written: those of a small store, changed as the bytes say.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use prevalent::__fuzz::Seed;
use prevalent::testing::SimDisk;
use prevalent::{Error, Seq, Target, prevalent};

/// A small model with something of everything.
#[prevalent]
#[derive(Clone, Debug, Default)]
struct Shelf {
    books: BTreeMap<String, u32>,
    notes: Vec<Option<String>>,
}

#[prevalent]
impl Shelf {
    #[tx]
    fn put(&mut self, title: &str, copies: u32) -> Option<u32> {
        self.books.insert(title.to_owned(), copies)
    }

    #[tx]
    fn note(&mut self, note: Option<String>) -> Result<usize, String> {
        if note.as_deref() == Some("") {
            return Err("nothing to note".to_owned());
        }
        self.notes.push(note);
        Ok(self.notes.len())
    }

    #[tx]
    fn once(&mut self, key: prevalent::Key) -> usize {
        drop(key);
        self.notes.len()
    }
}

/// The sequence number of the last transaction in the stores.
const LAST: u64 = 14;

fn builder(disk: &SimDisk) -> prevalent::Builder<ShelfStore> {
    ShelfStore::builder("").on_disk(disk.clone()).segment_bytes(400).no_snapshot_on_close()
}

/// A store that was closed, one whose process was killed, and a backup.
fn stores() -> &'static [SimDisk; 3] {
    static STORES: OnceLock<[SimDisk; 3]> = OnceLock::new();
    STORES.get_or_init(|| {
        let disk = SimDisk::new();
        let store = builder(&disk).open().wait().expect("a new store");
        for round in 0..3 {
            store.put(&format!("title {round}"), round).wait().expect("a commit");
            store.note(Some("x".repeat(700))).wait().expect("a commit").expect("a note");
            let _ = store.note(Some(String::new())).wait().expect("a commit");
            store.once(prevalent::Key::from(&round.to_le_bytes()[..])).wait().expect("a commit");
            if round < 2 {
                store.snapshot().wait().expect("a snapshot");
            }
        }
        store.note(None).wait().expect("a commit").expect("a note");
        store.put("last", 1).wait().expect("a commit");
        assert_eq!(u64::from(store.stats().seq), LAST);
        let killed = disk.after_kill();
        let backup = SimDisk::new();
        store.backup(Target::on_disk(backup.clone())).wait().expect("a backup");
        store.close().wait().expect("it closes");
        [disk.deep_clone(), killed, backup]
    })
}

fn files(disk: &SimDisk) -> BTreeMap<String, Vec<u8>> {
    let names = disk.file_names().into_iter();
    names.filter_map(|name| disk.file(&name).map(|content| (name, content))).collect()
}

/// Changes a file's content as eight bytes say: how, with what, where, and the rest.
fn change(content: &mut Vec<u8>, [how, byte, at @ .., more0, more1, more2, more3]: [u8; 8]) {
    let at = usize::from(u16::from_le_bytes(at)) % content.len().max(1);
    let (short, long) = (usize::from(more0), usize::from(u16::from_le_bytes([more0, more1])));
    let rest = &mut content[at..];
    match how % 8 {
        0 | 1 => rest.iter_mut().take(1).for_each(|it| *it ^= byte),
        2 => {
            let with = [more0, more1, more2, more3, byte, byte, byte, byte];
            rest.iter_mut().zip(with).for_each(|(it, to)| *it = to);
        }
        3 => content.truncate(at),
        4 => content.extend(std::iter::repeat_n(byte, long % 2000)),
        5 => rest.iter_mut().take(short).for_each(|it| *it = 0),
        6 => drop(content.splice(at..at, [byte, more0, more1])),
        _ => drop(content.drain(at..(at + short).min(content.len()))),
    }
}

/// Changes the store as the bytes say, ten of them at a time.
fn change_all(disk: &SimDisk, bytes: &[u8]) {
    for edit in bytes.chunks_exact(10).take(20) {
        let names = disk.file_names();
        let [what, which, change_bytes @ ..] = edit else { continue };
        let Some(name) = names.get(usize::from(*which) % names.len().max(1)) else { return };
        let mut content = disk.file(name).unwrap_or_default();
        let mut how = [0; 8];
        how.copy_from_slice(change_bytes);
        match what % 16 {
            12 => disk.remove_file(name),
            13 => {
                let other = &names[usize::from(how[0]) % names.len()];
                disk.set_file(other, content);
            }
            14 => {
                let number = u64::from_le_bytes(how);
                let suffix = if number % 2 == 0 { "journal" } else { "snapshot" };
                disk.set_file(&format!("{:020}.{suffix}", number >> (number % 60)), content);
            }
            seals => {
                change(&mut content, how);
                if seals % 2 == 0 {
                    prevalent::__fuzz::seal(&mut content);
                }
                disk.set_file(name, content);
            }
        }
    }
}

/// A panic on one of the engine's threads comes back as this error. No file is an excuse for one.
fn expect_no_panic(error: &Error) {
    assert!(!matches!(error, Error::Failed { .. }), "{error}");
    assert!(!error.to_string().is_empty());
}

/// Opens what is left of a store, and whatever else reads its files. Nothing may panic, and what fails may change nothing.
///
/// # Panics
///
/// Where something panics, changes what it must not, or opens and doesn't go on.
pub fn open(bytes: &[u8]) {
    let [which, bytes @ ..] = bytes else { return };
    let disk = stores()[usize::from(*which) % 2].deep_clone();
    change_all(&disk, bytes);
    let before = files(&disk);
    let unchanged = |what: &str, result: Result<(), Error>| {
        if let Err(error) = &result {
            expect_no_panic(error);
        }
        assert!(files(&disk) == before, "{what} has changed something: {result:?}");
    };
    let seq = Seq::from(u64::from(*which) % (LAST + 2));
    unchanged("a look at the past", builder(&disk).open_at(seq).wait().map(drop));
    let fork = prevalent::fork("").from_disk(disk.clone()).on_disk(SimDisk::new());
    unchanged("a fork", fork.at(seq).to("").wait().map(drop));
    unchanged(
        "an export",
        prevalent::export("").on_disk(disk.clone()).write_to(std::io::sink()).map(drop),
    );
    let voided = disk.deep_clone();
    if let Err(error) = prevalent::void("", seq).on_disk(voided.clone()).write().wait() {
        expect_no_panic(&error);
        assert!(files(&voided) == before, "a void that failed has changed something");
    }
    match builder(&disk).open().wait() {
        Err(error) => unchanged("an open", Err(error)),
        Ok(store) => {
            let books = store.read(|shelf| shelf.books.len());
            store.put("one more", 1).wait().expect("a commit");
            store.close().wait().expect("it closes");
            let again = builder(&disk).open().wait().expect("it opens again");
            assert!(again.read(|shelf| shelf.books.len()) >= books);
        }
    }
}

/// Restores what is left of a backup. Nothing may panic, and what fails leaves no store.
///
/// # Panics
///
/// Where something panics, or leaves or changes what it must not.
pub fn restore(bytes: &[u8]) {
    let [which, bytes @ ..] = bytes else { return };
    let backup = stores()[2].deep_clone();
    change_all(&backup, bytes);
    let before = files(&backup);
    let disk = SimDisk::new();
    let restore = prevalent::restore(Target::on_disk(backup.clone())).on_disk(disk.clone());
    let seq = Seq::from(u64::from(*which) % (LAST + 4));
    let restore = if u64::from(seq) > LAST + 1 { restore } else { restore.at(seq) };
    match restore.to("").wait() {
        Ok(_) => drop(builder(&disk).open().wait().expect("what was restored opens")),
        Err(error) => {
            expect_no_panic(&error);
            assert!(disk.file_names().is_empty(), "{error}: {:?}", disk.file_names());
        }
    }
    assert!(files(&backup) == before, "a restore has changed the backup");
}

fn export_lines() -> &'static [u8] {
    static EXPORT: OnceLock<Vec<u8>> = OnceLock::new();
    EXPORT.get_or_init(|| {
        let mut lines = Vec::new();
        let export = prevalent::export("").on_disk(stores()[0].deep_clone());
        export.write_to(&mut lines).expect("an export");
        lines
    })
}

/// Reads lines of JSON as a store: the bytes themselves, or an export that they change.
///
/// # Panics
///
/// Where something panics, or an import that fails leaves something.
pub fn import(bytes: &[u8]) {
    let export = export_lines();
    let lines = match bytes {
        [0xff, edits @ ..] => {
            let mut lines = export.to_vec();
            for edit in edits.chunks_exact(8).take(20) {
                let mut how = [0; 8];
                how.copy_from_slice(edit);
                change(&mut lines, how);
            }
            lines
        }
        lines => lines.to_vec(),
    };
    let disk = SimDisk::new();
    match prevalent::import("").on_disk(disk.clone()).read_from(&*lines) {
        Ok(_) => {
            if let Err(error) = builder(&disk).open().wait() {
                expect_no_panic(&error);
            }
        }
        Err(error) => {
            expect_no_panic(&error);
            assert!(disk.file_names().is_empty(), "{:?}", disk.file_names());
        }
    }
}

/// Bytes from which to begin: what a store has written for the decoders; for a directory, one change of each kind to each file.
///
/// # Panics
///
/// Where there can't be a store.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let contents: Vec<Vec<u8>> =
        stores().iter().flat_map(|disk| files(disk).into_values()).collect();
    let mut seeds = prevalent::__fuzz::seeds(contents.iter().map(Vec::as_slice));
    for (number, disk) in (0..).zip(stores()) {
        let target = if number < 2 { "open" } else { "restore" };
        // As it is, and at its end.
        seeds.push((target, vec![number]));
        seeds.push((target, vec![number + 14]));
        for file in (0..).take(disk.file_names().len()) {
            // Those below 8 are changes of the content, of which each second one makes the checksums right.
            for how in 0..8 {
                seeds.push((target, vec![number, how % 2, file, how, 1, 40, 0, 3, 0, 0, 0]));
            }
            for what in 12..15 {
                seeds.push((target, vec![number, what, file, 2, 0, 0, 0, 0, 0, 0, 0]));
            }
        }
    }
    seeds.push(("import", export_lines().to_vec()));
    seeds.extend((0..8).map(|how| ("import", vec![0xff, how, 1, 40, 0, 3, 0, 0, 0])));
    seeds
}
