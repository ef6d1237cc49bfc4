//! The bank of the `SmallBank` benchmark: each customer has a savings and a checking account.
//!
//! Each transaction finds out first whether it can be done, and changes something only then: an `Err` is a reply like any
//! other, and what was changed before it would stay changed. (`#[prevalent(rollback)]` is the other way.)

use std::collections::BTreeMap;

use prevalent::prevalent;

/// An amount of money, in cents.
pub type Cents = i64;

/// The number of a customer.
pub type Customer = u32;

/// What an uncovered check costs.
pub const PENALTY: Cents = 100;

/// All accounts, and what is needed to balance the books.
#[prevalent]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bank {
    accounts: BTreeMap<Customer, Accounts>,
    /// What was paid in, less what was paid out.
    paid_in: Cents,
    /// What the bank has earned.
    penalties: Cents,
}

/// What a customer has.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// Never below zero.
    pub savings: Cents,
    /// May be overdrawn by a check.
    pub checking: Cents,
}

/// Why a transaction changed nothing.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is somebody with this number.
    #[error("customer {0} has accounts already")]
    Known(Customer),
    /// There is nobody with this number.
    #[error("there is no customer {0}")]
    Unknown(Customer),
    /// Who pays would be paid.
    #[error("customer {0} can't pay to the same account")]
    ToOneself(Customer),
    /// An amount that makes no sense here.
    #[error("an amount of {0} cents makes no sense here")]
    Amount(Cents),
    /// There is too little.
    #[error("there are only {0} cents in the account")]
    Insufficient(Cents),
    /// There is too much.
    #[error("the bank can't count so much money")]
    TooMuch,
}

/// What became of a check.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// There was enough for it.
    Covered,
    /// There was not, and so it cost a penalty.
    Uncovered,
}

#[prevalent(tx_derive(Clone, Debug))]
impl Bank {
    /// A new customer pays in.
    #[tx]
    pub fn open_accounts(&mut self, customer: Customer, new: Accounts) -> Result<(), Refusal> {
        not_negative(new.savings)?;
        not_negative(new.checking)?;
        if self.accounts.contains_key(&customer) {
            return Err(Refusal::Known(customer));
        }
        self.paid_in = add(self.paid_in, add(new.savings, new.checking)?)?;
        self.accounts.insert(customer, new);
        Ok(())
    }

    /// A customer pays in; gives what is in the checking account then.
    #[tx]
    pub fn deposit_checking(
        &mut self,
        customer: Customer,
        amount: Cents,
    ) -> Result<Cents, Refusal> {
        not_negative(amount)?;
        let checking = add(self.of(customer)?.checking, amount)?;
        self.paid_in = add(self.paid_in, amount)?;
        self.of_mut(customer)?.checking = checking;
        Ok(checking)
    }

    /// A customer pays into the savings account, or with a negative amount takes out of it; gives what is in it then.
    #[tx]
    pub fn transact_savings(
        &mut self,
        customer: Customer,
        amount: Cents,
    ) -> Result<Cents, Refusal> {
        let there = self.of(customer)?.savings;
        let savings = add(there, amount)?;
        if savings < 0 {
            return Err(Refusal::Insufficient(there));
        }
        self.paid_in = add(self.paid_in, amount)?;
        self.of_mut(customer)?.savings = savings;
        Ok(savings)
    }

    /// All that a customer has goes to another one's checking account; gives how much it was.
    #[tx]
    pub fn amalgamate(&mut self, from: Customer, to: Customer) -> Result<Cents, Refusal> {
        different(from, to)?;
        let all = self.of(from)?.total()?;
        let checking = add(self.of(to)?.checking, all)?;
        *self.of_mut(from)? = Accounts { savings: 0, checking: 0 };
        self.of_mut(to)?.checking = checking;
        Ok(all)
    }

    /// A customer pays with a check, which is honoured even if it isn't covered by both accounts together.
    #[tx]
    pub fn write_check(&mut self, customer: Customer, amount: Cents) -> Result<Check, Refusal> {
        not_negative(amount)?;
        let accounts = self.of(customer)?;
        let (check, penalty) = match accounts.total()? {
            total if total < amount => (Check::Uncovered, PENALTY),
            _ => (Check::Covered, 0),
        };
        let checking = add(accounts.checking, -add(amount, penalty)?)?;
        let penalties = add(self.penalties, penalty)?;
        self.paid_in = add(self.paid_in, -amount)?;
        self.penalties = penalties;
        self.of_mut(customer)?.checking = checking;
        Ok(check)
    }

    /// From one checking account to another; gives what is left in the first.
    #[tx]
    pub fn send_payment(
        &mut self,
        from: Customer,
        to: Customer,
        amount: Cents,
    ) -> Result<Cents, Refusal> {
        not_negative(amount)?;
        different(from, to)?;
        let there = self.of(from)?.checking;
        if there < amount {
            return Err(Refusal::Insufficient(there));
        }
        let received = add(self.of(to)?.checking, amount)?;
        let left = there - amount;
        self.of_mut(from)?.checking = left;
        self.of_mut(to)?.checking = received;
        Ok(left)
    }

    /// What a customer has in both accounts.
    #[query]
    pub fn balance(&self, customer: Customer) -> Result<Cents, Refusal> {
        self.of(customer)?.total()
    }

    /// What was paid in, and what there is: the same, or money was made or lost.
    #[query]
    pub fn books(&self) -> Books {
        let there: i128 = self
            .accounts
            .values()
            .map(|accounts| i128::from(accounts.savings) + i128::from(accounts.checking))
            .sum();
        Books { paid_in: self.paid_in.into(), there: there + i128::from(self.penalties) }
    }
}

/// Both sides of the books, in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Books {
    /// What was paid in, less what was paid out.
    pub paid_in: i128,
    /// What is in all accounts, those of the bank included.
    pub there: i128,
}

impl Bank {
    fn of(&self, customer: Customer) -> Result<Accounts, Refusal> {
        self.accounts.get(&customer).copied().ok_or(Refusal::Unknown(customer))
    }

    fn of_mut(&mut self, customer: Customer) -> Result<&mut Accounts, Refusal> {
        self.accounts.get_mut(&customer).ok_or(Refusal::Unknown(customer))
    }
}

impl Accounts {
    fn total(self) -> Result<Cents, Refusal> {
        add(self.savings, self.checking)
    }
}

fn add(a: Cents, b: Cents) -> Result<Cents, Refusal> {
    a.checked_add(b).ok_or(Refusal::TooMuch)
}

fn not_negative(amount: Cents) -> Result<(), Refusal> {
    if amount < 0 { Err(Refusal::Amount(amount)) } else { Ok(()) }
}

fn different(from: Customer, to: Customer) -> Result<(), Refusal> {
    if from == to { Err(Refusal::ToOneself(from)) } else { Ok(()) }
}
