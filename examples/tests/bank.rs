//! The bank: its rules, and what no crash may do to it.
#![allow(missing_docs, unreachable_pub, reason = "tests")]

mod common;
#[path = "../bank/model.rs"]
mod model;

use common::example;
use model::{Accounts, Bank, BankReply, BankStore, BankTx, Cents, Check, PENALTY, Refusal};
use prevalent::testing::{CrashMatrix, Determinism};
use prevalent::{Model, TxContext, TxRng};
use proptest::prelude::*;
use std::time::SystemTime;

fn accounts(savings: Cents, checking: Cents) -> Accounts {
    Accounts { savings, checking }
}

/// Customers 0 to 3, with 1000 cents in each account.
fn bank() -> Bank {
    let mut bank = Bank::default();
    for customer in 0..4 {
        bank.open_accounts(customer, accounts(1000, 1000)).unwrap();
    }
    bank
}

/// Among customers who exist, and one who doesn't.
fn transaction(choice: u8, one: u32, other: u32, amount: Cents) -> BankTx {
    match choice {
        0 => BankTx::Amalgamate { from: one, to: other },
        1 => BankTx::DepositChecking { customer: one, amount },
        2 => BankTx::SendPayment { from: one, to: other, amount },
        3 => BankTx::TransactSavings { customer: one, amount },
        4 => BankTx::WriteCheck { customer: one, amount },
        _ => BankTx::OpenAccounts { customer: one, new: accounts(amount, 5) },
    }
}

fn random_transaction(rng: &mut TxRng<'_>) -> BankTx {
    let amount = Cents::try_from(rng.below(3000)).unwrap() - 1000;
    let mut below = |n: u32| u32::try_from(rng.below(n.into())).unwrap();
    let choice = u8::try_from(below(6)).unwrap();
    transaction(choice, below(5), below(5), amount)
}

fn is_refused(reply: &BankReply) -> bool {
    match reply {
        BankReply::OpenAccounts(outcome) => outcome.is_err(),
        BankReply::DepositChecking(outcome)
        | BankReply::TransactSavings(outcome)
        | BankReply::Amalgamate(outcome)
        | BankReply::SendPayment(outcome) => outcome.is_err(),
        BankReply::WriteCheck(outcome) => outcome.is_err(),
    }
}

#[test]
fn each_transaction_does_what_smallbank_says() {
    let mut bank = bank();
    assert_eq!(bank.deposit_checking(0, 50), Ok(1050));
    assert_eq!(bank.transact_savings(0, -1000), Ok(0));
    assert_eq!(bank.transact_savings(0, -1), Err(Refusal::Insufficient(0)));
    assert_eq!(bank.send_payment(0, 1, 1050), Ok(0));
    assert_eq!(bank.send_payment(0, 1, 1), Err(Refusal::Insufficient(0)));
    assert_eq!(bank.amalgamate(1, 2), Ok(3050));
    assert_eq!((bank.balance(1), bank.balance(2)), (Ok(0), Ok(5050)));
    assert_eq!(bank.write_check(2, 5050), Ok(Check::Covered));
    assert_eq!(bank.write_check(2, 10), Ok(Check::Uncovered));
    assert_eq!(bank.balance(2), Ok(-10 - PENALTY));
}

#[test]
fn nonsense_is_refused() {
    let mut bank = bank();
    let before = bank.clone();
    assert_eq!(bank.deposit_checking(9, 1), Err(Refusal::Unknown(9)));
    assert_eq!(bank.deposit_checking(0, -1), Err(Refusal::Amount(-1)));
    assert_eq!(bank.deposit_checking(0, Cents::MAX), Err(Refusal::TooMuch));
    assert_eq!(bank.write_check(0, Cents::MAX), Err(Refusal::TooMuch));
    assert_eq!(bank.transact_savings(0, Cents::MIN), Err(Refusal::Insufficient(1000)));
    assert_eq!(bank.send_payment(0, 0, 1), Err(Refusal::ToOneself(0)));
    assert_eq!(bank.amalgamate(0, 0), Err(Refusal::ToOneself(0)));
    assert_eq!(bank.open_accounts(0, accounts(1, 1)), Err(Refusal::Known(0)));
    assert_eq!(bank.open_accounts(9, accounts(-1, 1)), Err(Refusal::Amount(-1)));
    assert_eq!(bank.open_accounts(9, accounts(Cents::MAX, 1)), Err(Refusal::TooMuch));
    assert_eq!(bank, before);
}

proptest! {
    #[test]
    fn money_is_conserved_and_a_refusal_changes_nothing(
        steps in prop::collection::vec(
            (
                0..6_u8,
                0..6_u32,
                0..6_u32,
                prop_oneof![
                    8 => -1000..3000_i64,
                    1 => Just(Cents::MAX),
                    1 => Just(Cents::MIN),
                    1 => Just(Cents::MAX - 1000),
                    1 => any::<Cents>(),
                ],
            ),
            0..60,
        ),
    ) {
        let mut bank = bank();
        for (choice, one, other, amount) in steps {
            let before = bank.clone();
            let tx = transaction(choice, one, other, amount);
            let cx = TxContext::for_test(1, SystemTime::UNIX_EPOCH, 0);
            let reply = bank.apply(tx.clone(), &cx);
            let books = bank.books();
            prop_assert_eq!(books.paid_in, books.there, "after {:?}", tx);
            if is_refused(&reply) {
                prop_assert_eq!(&bank, &before, "{:?} was refused", tx);
            }
        }
    }
}

#[test]
fn the_transactions_are_deterministic() {
    Determinism::new(|| {
        let cx = TxContext::for_test(1, SystemTime::UNIX_EPOCH, 7);
        let mut rng = cx.rng();
        (bank(), (0..200).map(|_| random_transaction(&mut rng)).collect())
    })
    .check()
    .unwrap();
}

#[test]
fn no_crash_and_no_failing_disk_makes_or_loses_money() {
    let report = CrashMatrix::generated(bank(), random_transaction)
        .histories(2)
        .images_max(2000)
        .failures_max(20)
        .check()
        .unwrap();
    assert!(report.images > 500 && report.failures > 10, "{report}");
}

#[test]
fn what_was_answered_is_what_a_replay_gives() {
    let store = BankStore::in_memory();
    let cx = TxContext::for_test(1, SystemTime::UNIX_EPOCH, 11);
    let mut rng = cx.rng();
    for _ in 0..300 {
        store.commit(random_transaction(&mut rng)).wait().unwrap();
    }
    let books = store.books();
    assert_eq!(books.paid_in, books.there);
    store.verify().wait().unwrap();
}

#[test]
fn the_example_balances_its_books_also_in_a_directory_that_was_used_before() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let output = example("bank").arg(dir.path()).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{stdout}{stderr}");
        assert!(stdout.starts_with("64 tellers, "), "{stdout}");
        assert!(stdout.ends_with("every account is the same\n"), "{stdout}");
    }
}
