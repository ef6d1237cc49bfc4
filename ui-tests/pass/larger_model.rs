//! A domain laid out over files: one block of transactions, which only says what there is.

#[path = "shop/accounts.rs"]
mod accounts;
#[path = "shop/orders.rs"]
mod orders;

use accounts::Accounts;
use orders::{Order, Orders, OrdersStore};
use prevalent::prevalent;

/// The shop: a part for each file.
#[prevalent]
#[derive(Debug, Default)]
pub struct Shop {
    accounts: Accounts,
    orders: Orders,
}

#[prevalent(tx_derive(Debug))]
impl Shop {
    /// Opens an account.
    #[tx]
    pub fn open_account(&mut self, name: String) {
        self.accounts.open(name);
    }

    /// Puts money on an account.
    #[tx]
    pub fn deposit(&mut self, name: &str, amount: u64) -> Option<u64> {
        self.accounts.deposit(name, amount)
    }

    /// Orders, if there is money for it: one transaction over two parts.
    #[tx]
    pub fn order(&mut self, order: Order) -> Option<usize> {
        self.accounts.take(&order.by, order.price).then(|| self.orders.place(order))
    }

    /// How many orders are there?
    #[query]
    pub fn orders(&self) -> usize {
        self.orders.count()
    }
}

fn main() {
    let shop = ShopStore::in_memory();
    shop.open_account("ann".into()).wait().unwrap();
    assert_eq!(shop.deposit("ann", 5).wait().unwrap(), Some(5));
    let order = Order { by: "ann".into(), price: 4 };
    assert_eq!(shop.order(order.clone()).wait().unwrap(), Some(1));
    assert_eq!(shop.order(order.clone()).wait().unwrap(), None);
    assert_eq!(shop.orders(), 1);

    // A part that is a model has a store of its own where it is wanted.
    let orders = OrdersStore::in_memory();
    assert_eq!(orders.place(order).wait().unwrap(), 1);
}
