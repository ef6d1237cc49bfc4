//! The ledger of the sessions example must be able to find something: a proof that can't fail is none.
#![allow(missing_docs, unreachable_pub, dead_code, reason = "tests, and modules of a program")]

#[path = "../sessions/ledger.rs"]
mod ledger;
#[path = "../sessions/pipe.rs"]
mod pipe;
#[path = "../sessions/plain.rs"]
mod plain;
#[path = "../sessions/script.rs"]
mod script;

use ledger::{Findings, Round, check};
use pipe::Acknowledged;
use plain::SessionsStore;
use script::{Action, Task};

/// What the ledger says where one task of one round did `done` steps, those excepted that are `forgotten`, and `acknowledged`
/// of them were acknowledged.
fn findings(acknowledged: u32, done: u32, forgotten: &[u32]) -> Findings {
    let store = SessionsStore::in_memory();
    let task = Task { round: 0, number: 0 };
    for step in (0..done).filter(|step| !forgotten.contains(step)) {
        match task.action(step) {
            Action::LogIn(session) => {
                store.create_session(session.to_string(), session.user_id()).wait().unwrap();
            }
            Action::LogOut(session) => {
                store.delete_session(&session.to_string()).wait().unwrap();
            }
        }
    }
    store.read(|state| check(&[told(acknowledged)], state))
}

fn told(acknowledged: u32) -> Round {
    let mut round = Round::new(1);
    round.note((0..acknowledged).map(|step| Acknowledged { task: 0, step }).collect()).unwrap();
    round
}

#[test]
fn all_is_well_wherever_the_kill_hits() {
    for done in 0..12 {
        for acknowledged in 0..=done {
            let findings = findings(acknowledged, done, &[]);
            assert_eq!(findings.lost(), 0, "{acknowledged} of {done}");
            assert!(findings.wrong.is_empty(), "{:?}", findings.wrong);
            assert_eq!(findings.rounds[0].recovered, u64::from(done));
        }
    }
}

#[test]
fn a_lost_end_is_counted() {
    for done in 0..12 {
        for acknowledged in done + 1..=12 {
            let findings = findings(acknowledged, done, &[]);
            assert_eq!(findings.lost(), u64::from(acknowledged - done), "{acknowledged} of {done}");
        }
    }
}

#[test]
fn a_single_forgotten_step_is_noticed() {
    for forgotten in 0..12 {
        let findings = findings(12, 12, &[forgotten]);
        assert!(findings.lost() > 0 || !findings.wrong.is_empty(), "step {forgotten}");
    }
}

#[test]
fn a_session_that_nobody_opened_is_noticed() {
    for token in ["0-0-2", "0-0-03", "0-1-0", "1-0-0", "somebody"] {
        let store = SessionsStore::in_memory();
        store.create_session(token.to_owned(), 0).wait().unwrap();
        let findings = store.read(|state| check(&[told(0)], state));
        assert_eq!(findings.wrong.len(), 1, "{token}");
    }
}

#[test]
fn a_step_out_of_order_is_refused() {
    let mut round = Round::new(1);
    assert!(round.note(vec![Acknowledged { task: 0, step: 1 }]).is_err());
    assert!(round.note(vec![Acknowledged { task: 1, step: 0 }]).is_err());
}
