//! Handles work on any executor, and on none.

use std::future::Future;

use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use prevalent::{Commit, Error, Operation};
use prevalent_tests::disk::Watched;
use prevalent_tests::models::{SessionsStore, Tally, TallyStore};

#[tokio::test]
async fn the_program_of_the_design_works() -> Result<(), Error> {
    let dir = tempfile::tempdir().unwrap();
    for round in 1..=3 {
        let store = SessionsStore::open(dir.path()).await?;
        store.create_session("access_token".into(), 1).await?;
        assert_eq!(store.user_of("access_token"), Some(1));
        assert_eq!(store.delete_session("access_token").await?, Some(1));
        assert_eq!(store.delete_session("access_token").await?, None);
        assert_eq!(store.read(|s| s.operations), round * 3);
        store.close().await?;
    }
    Ok(())
}

#[test]
fn without_a_runtime_wait_does() {
    let dir = tempfile::tempdir().unwrap();
    let store = SessionsStore::open(dir.path()).wait().unwrap();
    store.create_session("t".into(), 7).wait().unwrap();
    store.flush().wait().unwrap();
    store.ready().wait().unwrap();
    store.snapshot().wait().unwrap();
    assert_eq!(store.user_of("t"), Some(7));
    store.close().wait().unwrap();
}

async fn a_lot_of_work() {
    let store = TallyStore::builder_in_memory().open().await.unwrap();
    let commits: Vec<_> = (0..2000).map(|number| store.add(number)).collect();
    assert!(commits.is_sorted_by_key(Commit::seq));
    let replies: Vec<_> = join_all(commits).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(replies, (1..=2000).collect::<Vec<_>>(), "ordered as called");
    let unordered: FuturesUnordered<_> = (0..200).map(|number| store.add(number)).collect();
    assert_eq!(unordered.count().await, 200);
    store.flush().await.unwrap();
    store.ready().await.unwrap();
    store.snapshot().await.unwrap();
    let mut subscription = store.subscribe(0);
    assert!(subscription.next().await.unwrap().is_ok());
    store.close().await.unwrap();
    assert_eq!(store.read(|tally| tally.numbers.len()), 2200);
}

#[test]
fn thousands_of_handles_are_in_flight_from_one_task_on_futures_executor() {
    futures_executor::block_on(a_lot_of_work());
}

#[tokio::test]
async fn thousands_of_handles_are_in_flight_from_one_task_on_tokio_s_current_thread() {
    a_lot_of_work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_handles_are_in_flight_from_one_task_on_tokio_s_threads() {
    a_lot_of_work().await;
    tokio::spawn(a_lot_of_work()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_tasks_share_a_store() {
    let store = TallyStore::in_memory();
    let tasks: Vec<_> = (0..300)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store.add(number).await.unwrap();
                store.read(|tally| assert!(tally.numbers.contains(&number)));
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.sum(), (0..300).sum::<u64>());
}

#[tokio::test]
async fn wait_works_inside_a_runtime_too() {
    let store = TallyStore::in_memory();
    assert_eq!(store.add(1).wait().unwrap(), 1);
    assert_eq!(store.add(2).await.unwrap(), 2);
    store.flush().wait().unwrap();
    drop(store);
    // The drop of the last handle blocks, but needs nothing of the runtime.
    TallyStore::builder_in_memory().open().wait().unwrap().close().wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_handle_may_be_awaited_on_another_thread_than_it_was_made_on() {
    let store = TallyStore::in_memory();
    let commit = store.add(1);
    assert_eq!(tokio::spawn(commit).await.unwrap().unwrap(), 1);
    let commit = store.add(2);
    assert_eq!(std::thread::spawn(move || commit.wait()).join().unwrap().unwrap(), 2);
}

#[test]
fn handles_are_send_and_static() {
    fn future<F: Future + Send + 'static>() {}
    fn shared<T: Clone + Send + Sync + 'static>() {}
    fn sent<T: Send + 'static>() {}
    fn error<E: std::error::Error + Send + Sync + 'static>() {}
    future::<Commit<Vec<std::cell::Cell<u8>>>>();
    future::<Operation<()>>();
    future::<Operation<TallyStore>>();
    shared::<TallyStore>();
    shared::<prevalent::Store<Tally>>();
    shared::<Error>();
    error::<Error>();
    sent::<prevalent::Subscription<Tally>>();
    sent::<prevalent::Event<Tally>>();
    sent::<prevalent::Builder<TallyStore>>();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_is_touched_on_an_executor_s_thread() {
    let disk = Watched::new();
    let store =
        TallyStore::builder("").segment_bytes(500).on_disk(disk.clone()).open().await.unwrap();
    let mut subscription = store.subscribe(0);
    for number in 0..30 {
        store.add(number).await.unwrap();
    }
    store.bomb(1).await.unwrap_err();
    subscription.next().await.unwrap().unwrap();
    store.snapshot().await.unwrap();
    store.flush().await.unwrap();
    let _ = store.stats();
    store.close().await.unwrap();
    drop((store, subscription));
    let again = TallyStore::builder("").on_disk(disk.clone()).open().await.unwrap();
    again.add(1).await.unwrap();
    drop(again);
    let threads = disk.threads();
    assert!(threads.len() >= 3, "{threads:?}");
    assert!(threads.iter().all(|name| name.starts_with("prevalent-")), "{threads:?}");
}

#[tokio::test]
async fn a_handle_that_lost_a_race_against_time_has_still_been_committed() {
    let disk = Watched::new();
    let store = TallyStore::builder("").on_disk(disk.clone()).open().await.unwrap();
    store.add(1).await.unwrap();
    disk.hold(prevalent_tests::disk::Call::Sync, ".journal");
    let timeout = tokio::time::timeout(std::time::Duration::from_millis(5), store.add(2)).await;
    assert!(timeout.is_err());
    disk.release();
    store.flush().await.unwrap();
    store.add(3).await.unwrap();
    assert_eq!(store.read(Tally::clone).numbers, [1, 2, 3]);
}
