//! Backups in an object store (feature `object_store`): the crate's own in memory, and its local files.

use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt as _};
use prevalent::testing::SimDisk;
use prevalent::{BackupKind, BackupTarget as _, Error, ObjectStoreTarget, restore};
use prevalent_tests::backups::{add, ledger, open};

fn round_trip(objects: &Arc<dyn ObjectStore>) {
    let disk = SimDisk::new();
    let store = open(&disk);
    add(&store, 5);
    let target = Arc::new(ObjectStoreTarget::new(objects.clone(), "backups/ledger").unwrap());
    let none = restore(target.clone()).to("unused").wait().unwrap_err();
    assert!(matches!(none, Error::NoBackup { .. }), "{none}");
    assert!(none.to_string().contains("backups/ledger"), "{none}");
    let full = store.backup(target.clone()).wait().unwrap();
    assert_eq!((full.kind, u64::from(full.seq)), (BackupKind::Full, 5));
    add(&store, 3);
    let more = store.backup(target.clone()).wait().unwrap();
    assert_eq!((more.kind, u64::from(more.seq)), (BackupKind::Incremental, 8));
    // Whoever comes later finds it by its place.
    let target = ObjectStoreTarget::new(objects.clone(), "backups/ledger/").unwrap();
    let copy = SimDisk::new();
    restore(target).on_disk(copy.clone()).to("unused").wait().unwrap();
    assert_eq!(ledger(&copy), (store.read(Clone::clone), store.stats().seq));

    // Another store has its own place beside it.
    let other = open(&SimDisk::new());
    let taken = ObjectStoreTarget::new(objects.clone(), "backups/ledger").unwrap();
    let refused = other.backup(taken).wait().unwrap_err();
    assert!(matches!(refused, Error::BackupMismatch { .. }), "{refused}");
    let beside = ObjectStoreTarget::new(objects.clone(), "backups/other").unwrap();
    other.backup(beside).wait().unwrap();
}

#[test]
fn a_backup_in_memory_makes_the_round_trip() {
    round_trip(&(Arc::new(InMemory::new()) as Arc<dyn ObjectStore>));
}

#[test]
fn a_backup_in_local_files_makes_the_round_trip() {
    let dir = tempfile::tempdir().unwrap();
    let files = LocalFileSystem::new_with_prefix(dir.path()).unwrap().with_fsync(true);
    round_trip(&(Arc::new(files) as Arc<dyn ObjectStore>));
    assert!(dir.path().join("backups/ledger/BACKUP").is_file());
    // The pieces are those of a directory: it can be restored from there, too.
    let copy = SimDisk::new();
    let place = dir.path().join("backups/ledger");
    let told = restore(&place).on_disk(copy).to("unused").wait().unwrap();
    assert_eq!(u64::from(told.seq), 8);
}

#[tokio::test]
async fn it_works_and_is_dropped_inside_another_executor() {
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let store = open(&SimDisk::new());
    store.add("x".to_owned()).await.unwrap();
    drop(ObjectStoreTarget::new(objects.clone(), "unused").unwrap());
    let target = Arc::new(ObjectStoreTarget::new(objects.clone(), "").unwrap());
    store.backup(target.clone()).await.unwrap();
    let copy = SimDisk::new();
    restore(target).on_disk(copy.clone()).to("unused").await.unwrap();
    assert_eq!(ledger(&copy).0.lines.len(), 1);
    assert!(objects.head(&"BACKUP".into()).await.is_ok());
}

#[test]
fn what_is_missing_is_told_as_not_found() {
    let target = ObjectStoreTarget::new(Arc::new(InMemory::new()), "a").unwrap();
    assert_eq!(target.get("b").unwrap_err().kind(), std::io::ErrorKind::NotFound);
    target.put("b", b"c").unwrap();
    target.put("b", b"d").unwrap();
    assert_eq!(target.get("b").unwrap(), b"d");
    assert!(target.describe().ends_with("/a"), "{}", target.describe());
}
