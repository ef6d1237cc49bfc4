// A model with a history: an old version, upgrades, what is retired and what is removed, and the test of its lock file.

#[prevalent(version = 3, from(AccountV2 => Self::from_v2), samples("DE89370400440532013000"))]
#[derive(Debug, Default)]
pub struct Account {
    balance: i64,
}

#[prevalent(removed("audit"), lock = "schemas/account.schema.json")]
impl Account {
    /// Moves money.
    #[tx(rev = 3, upgrade(1 => Self::transfer_v1, 2 => old::transfer_v2))]
    pub fn transfer(&mut self, amount: i64, #[cfg(feature = "notes")] note: &str) {
        self.balance += amount;
    }

    #[tx(retired)]
    fn double(&mut self) {
        self.balance *= 2;
    }
}
