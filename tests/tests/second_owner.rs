//! When the lock is free, the store's threads are done with its files: another owner may open it at once.

use std::sync::{Arc, Mutex};
use std::thread;

use prevalent::testing::SimDisk;
use prevalent::{Durability, Error, SnapshotMethod, Target};
use prevalent_tests::hooked::{Act, Hooked, Step};
use prevalent_tests::ledger::hush;
use prevalent_tests::record::Setup;
use prevalent_tests::waiting::within_limit;

/// How an owner goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Close,
    Drop,
}

/// A disk that notes what is changed when `gone` says that its owner has gone.
fn watched(sim: &SimDisk, gone: &Arc<Mutex<bool>>, late: &Arc<Mutex<Vec<String>>>) -> Hooked {
    let (gone, late) = (gone.clone(), late.clone());
    Hooked::new(sim, move |step: &Step<'_>| {
        if *gone.lock().unwrap() {
            let name = thread::current().name().unwrap_or_default().to_owned();
            late.lock().unwrap().push(format!("{name}: {step:?}"));
        }
        Act::Do
    })
}

#[test]
fn an_old_owner_s_threads_change_nothing_when_the_lock_is_free() {
    hush();
    let methods = [SnapshotMethod::rebuilt(), SnapshotMethod::locked(), SnapshotMethod::cloned()];
    let modes = [Durability::Always, Durability::Manual];
    let (sim, archive, target) = (SimDisk::new(), SimDisk::new(), SimDisk::new());
    let late = Arc::new(Mutex::new(Vec::new()));
    let mut lines = 0;
    for round in 0..60 {
        let setup = Setup {
            segment_bytes: 400,
            snapshot_every_bytes: 500,
            snapshot_on_close: round % 2 == 0,
            snapshot_method: methods[round % 3],
            keep_snapshots: 1 + round % 2,
            ..Setup::new(modes[round / 2 % 2])
        };
        let gone = Arc::new(Mutex::new(false));
        let builder = setup.builder(watched(&sim, &gone, &late));
        let builder = builder.archive_on_disk(watched(&archive, &gone, &late)).verify_every(1);
        // At once: the one before has gone.
        let store = within_limit(move || builder.open().wait()).unwrap();
        assert_eq!(store.read(|ledger| ledger.lines.len()), lines, "{round}");
        for line in 0..6 {
            store.add(format!("{round}.{line}")).wait().unwrap();
        }
        lines += 6;
        // All of it is under way, and goes on for a while.
        let verified = store.verify();
        let backup = store.backup(Target::on_disk(target.clone()));
        let snapshot = store.snapshot();
        let exploded = (round % 3 == 0).then(|| store.explode());
        for line in 0..round % 4 {
            store.add(format!("{round}, too: {line}")).detach();
        }
        lines += round % 4;
        let how = if round % 5 < 3 { End::Close } else { End::Drop };
        let (flag, last) = (gone.clone(), store.clone());
        drop(store);
        within_limit(move || {
            if how == End::Close {
                last.close().wait().unwrap();
                *flag.lock().unwrap() = true;
            } else {
                drop(last);
                *flag.lock().unwrap() = true;
            }
        });
        let results = within_limit(move || {
            (snapshot.wait(), verified.wait(), backup.wait(), exploded.map(prevalent::Commit::wait))
        });
        let (snapshot, verified, backup, exploded) = results;
        assert!(matches!(snapshot, Ok(_) | Err(Error::Closed)), "{snapshot:?}");
        assert!(matches!(verified, Ok(_) | Err(Error::Closed)), "{verified:?}");
        assert!(matches!(backup, Ok(_) | Err(Error::Closed)), "{backup:?}");
        assert!(matches!(exploded, None | Some(Err(Error::TxPanicked { .. }))), "{exploded:?}");
    }
    assert!(late.lock().unwrap().is_empty(), "{:?}", late.lock().unwrap());
}
