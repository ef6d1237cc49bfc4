//! What goes on while the store is closed.

use prevalent::Error;
use prevalent_interleavings::{TakingTurns, Witness, explore};
use shuttle::thread::spawn;

use crate::{any_durability, join, open};

#[test]
fn who_commits_beside_a_close_is_told_that_it_is_durable_or_closed() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, any_durability());
        let committers = [[1, 2], [3, 4]].map(|numbers| {
            let (store, witness) = (store.clone(), witness.clone());
            spawn(move || {
                numbers.map(|number| match witness.told(number, store.add(number)) {
                    Ok(_) => Some(number),
                    Err(Error::Closed) => None,
                    Err(error) => panic!("{error}"),
                })
            })
        });
        let closers = [(), ()].map(|()| {
            let store = store.clone();
            spawn(move || {
                store.close().wait().unwrap();
                assert!(matches!(store.add(9).wait(), Err(Error::Closed)));
            })
        });
        join(closers);
        // Whoever was told `Ok` before or after: the journal is closed behind it.
        let done = join(committers);
        witness.cannot_be_lost(done.into_iter().flatten().flatten());
        assert_eq!(store.stats().pending_bytes, 0);
        // The lock is free, though there is a handle still.
        witness.finds_all(&disk);
        witness.survives_crashes();
    });
}

#[test]
fn whatever_is_waited_for_beside_a_close_comes_to_an_end() {
    explore(|| {
        let disk = TakingTurns::default();
        let store = open(&disk, any_durability());
        store.add(1).wait().unwrap();
        let is_over = |result: Result<(), Error>| {
            assert!(matches!(result, Ok(()) | Err(Error::Closed)), "{result:?}");
        };
        let waiting = [0, 1, 2, 3].map(|what| {
            let store = store.clone();
            spawn(move || match what {
                0 => is_over(store.flush().wait()),
                1 => is_over(store.ready().wait()),
                2 => is_over(store.snapshot().wait().map(|_| ())),
                _ => is_over(store.verify().wait().map(|_| ())),
            })
        });
        store.close().wait().unwrap();
        join(waiting);
    });
}

#[test]
fn a_close_and_the_drop_of_the_last_handle_beside_it_both_end() {
    explore(|| {
        let disk = TakingTurns::default();
        let witness = Witness::new(&disk);
        let store = open(&disk, any_durability());
        let commit = store.add(1);
        let closing = store.close();
        let dropping = spawn(move || drop(store));
        closing.wait().unwrap();
        join([dropping]);
        witness.told(1, commit).unwrap();
        witness.finds_all(&disk);
    });
}
