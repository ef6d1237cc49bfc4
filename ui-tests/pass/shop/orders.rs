//! The orders: a model of its own, which is tested alone, and a part of the shop.

use prevalent::prevalent;

/// All orders.
#[prevalent]
#[derive(Debug, Default)]
pub struct Orders {
    all: Vec<Order>,
}

/// What somebody wants.
#[prevalent::data]
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub by: String,
    pub price: u64,
}

#[prevalent]
impl Orders {
    /// Takes an order in, and numbers it.
    #[tx]
    pub fn place(&mut self, order: Order) -> usize {
        self.all.push(order);
        self.all.len()
    }

    /// How many are there?
    #[query]
    pub fn count(&self) -> usize {
        self.all.len()
    }
}
