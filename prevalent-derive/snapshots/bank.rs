// Types of the user's own as arguments, fields and replies; the context; borrowed arguments of all kinds.

#[prevalent(name = "bank")]
#[derive(Debug, Default)]
pub struct Bank {
    accounts: BTreeMap<String, Account>,
    last: Option<Transfer>,
}

#[prevalent(tx_derive(Debug))]
impl Bank {
    /// Moves money.
    #[tx(name = "transfer_money")]
    #[must_use = "it may be refused"]
    pub fn transfer(&mut self, transfer: Transfer, cx: &TxContext) -> Result<Receipt, Refusal> {
        Receipt::of(&transfer, cx.now())
    }

    #[tx]
    pub fn import(&mut self, transfers: &[Transfer], by: Option<&Clerk>, #[serde(default)] note: Option<Note>) {}
}
