//! What is copied to a new store keeps the modes of its segments, and the voids that lie behind the cut.

use prevalent::testing::SimDisk;
use prevalent::{Durability, Seq, Target, fork, restore};

use crate::board::{MODES, assert_panicked, board, off, open, past};

#[test]
fn a_restore_and_a_fork_up_to_any_transaction_have_the_state_of_then() {
    for mode in MODES {
        let (disk, target) = (SimDisk::new(), SimDisk::new());
        let without = off::BoardStore::builder("").on_disk(disk.clone()).no_snapshot_on_close();
        let store = without.open().wait().unwrap();
        store.put("one").wait().unwrap();
        store.refuse("two").wait().unwrap().unwrap_err();
        store.close().wait().unwrap();
        drop(store);
        let store = open(disk.clone(), mode);
        let commits = [store.put("three"), store.put("four")];
        let explosion = store.explode("five");
        let refused = store.refuse("six");
        let last = store.put("seven");
        for commit in commits {
            commit.wait().unwrap();
        }
        assert_panicked(explosion.wait(), 5);
        refused.wait().unwrap().unwrap_err();
        assert_eq!(last.wait().unwrap(), 5);
        assert_panicked(store.explode("eight").wait(), 8);
        store.backup(Target::on_disk(target.clone())).wait().unwrap();
        for seq in 0..=8 {
            let expected = past(disk.clone(), seq);
            let (restored, forked) = (SimDisk::new(), SimDisk::new());
            let restore = restore(Target::on_disk(target.clone())).at(Seq::from(seq));
            restore.on_disk(restored.clone()).to("").wait().unwrap();
            let fork = fork("").from_disk(disk.clone()).at(Seq::from(seq));
            fork.on_disk(forked.clone()).to("").wait().unwrap();
            for copy in [restored, forked] {
                let copy = open(copy, Durability::Always);
                assert_eq!(board(&copy), *expected, "{mode:?}, {seq}");
                copy.refuse("more").wait().unwrap().unwrap_err();
                assert_eq!(board(&copy), *expected);
                assert_eq!(copy.verify().wait().unwrap().seq, Seq::from(seq + 1));
            }
        }
        assert_eq!(board(&store).lines, ["one", "two", "three", "four", "seven"]);
    }
}
