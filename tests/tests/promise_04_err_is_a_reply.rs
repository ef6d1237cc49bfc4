//! Promise 4: an `Err` is a reply.

use prevalent::testing::SimDisk;
use prevalent::{Error, Seq};
use prevalent_tests::models::{Tally, TallyReply, TallyStore, TallyTx};

fn open(disk: &SimDisk) -> TallyStore {
    TallyStore::builder("").on_disk(disk.clone()).open().wait().unwrap()
}

#[test]
fn an_err_is_journaled_and_what_it_changed_stays_changed() {
    let disk = SimDisk::new();
    let store = open(&disk);
    store.add(1).wait().unwrap();
    let commit = store.add_checked(0);
    assert_eq!(commit.seq(), Some(Seq::from(2)));
    assert_eq!(commit.wait().unwrap(), Err("zero".to_owned()));
    store.add(3).wait().unwrap();
    let live = store.read(Tally::clone);
    assert_eq!(live, Tally { numbers: vec![1, 3], refused: 1 });
    assert_eq!(store.stats().seq, Seq::from(3));
    assert_eq!(store.stats().rebuilds, 0);
    drop(store);
    let store = open(&disk);
    assert_eq!(store.read(Tally::clone), live);
    assert_eq!(store.recovery().transactions, 3);
}

#[test]
fn a_result_is_taken_with_two_question_marks() {
    fn add(store: &TallyStore, number: u64) -> Result<usize, Box<dyn std::error::Error>> {
        Ok(store.add_checked(number).wait()??)
    }
    let store = TallyStore::in_memory();
    assert_eq!(add(&store, 5).unwrap(), 1);
    assert_eq!(add(&store, 0).unwrap_err().to_string(), "zero");
    store.close().wait().unwrap();
    let error = add(&store, 1).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(Error::Closed)), "{error}");
}

#[test]
fn an_err_of_a_transaction_as_a_value_is_in_its_reply() {
    let store = TallyStore::in_memory();
    let reply = store.commit(TallyTx::AddChecked { number: 0 }).wait().unwrap();
    assert_eq!(reply, TallyReply::AddChecked(Err("zero".to_owned())));
}
