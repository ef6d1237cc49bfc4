//! The order book beside a naive one, and its example.
#![allow(missing_docs, unreachable_pub, reason = "tests")]

mod common;
#[path = "../orderbook/model.rs"]
mod model;

use common::example;
use model::{
    Execution, OrderBook, OrderBookStore, OrderBookTx, OrderId, Price, Quantity, Refusal, Side,
    Trade,
};
use prevalent::Digest;
use prevalent::testing::Determinism;
use proptest::prelude::*;

/// What a trader may send.
#[derive(Clone, Copy, Debug)]
enum Order {
    Limit(Side, Price, Quantity),
    Market(Side, Quantity),
    Cancel(OrderId),
}

impl From<Order> for OrderBookTx {
    fn from(order: Order) -> Self {
        match order {
            Order::Limit(side, price, quantity) => OrderBookTx::Limit { side, price, quantity },
            Order::Market(side, quantity) => OrderBookTx::Market { side, quantity },
            Order::Cancel(order) => OrderBookTx::Cancel { order },
        }
    }
}

/// An order book without any thought: all orders in a list, searched from end to end for each trade.
#[derive(Default)]
struct Naive {
    resting: Vec<(OrderId, Side, Price, Quantity)>,
    last_order: OrderId,
}

impl Naive {
    fn execute(
        &mut self,
        side: Side,
        limit: Option<Price>,
        quantity: Quantity,
    ) -> Result<Execution, Refusal> {
        if quantity == 0 {
            return Err(Refusal::NoQuantity);
        }
        self.last_order += 1;
        let order = self.last_order;
        let mut trades = Vec::new();
        // One lot at a time, each from whoever is first then.
        for _ in 0..quantity {
            let others = self.resting.iter_mut().filter(|(_, theirs, ..)| *theirs != side);
            let willing = others.filter(|(_, _, price, _)| match (side, limit) {
                (_, None) => true,
                (Side::Buy, Some(limit)) => *price <= limit,
                (Side::Sell, Some(limit)) => *price >= limit,
            });
            let best = willing.min_by_key(|(id, _, price, _)| match side {
                Side::Buy => (i64::from(*price), *id),
                Side::Sell => (-i64::from(*price), *id),
            });
            let Some((maker, _, price, left)) = best else { break };
            *left -= 1;
            match trades.last_mut() {
                Some(Trade { maker: last, quantity, .. }) if last == maker => *quantity += 1,
                _ => trades.push(Trade { maker: *maker, taker: order, price: *price, quantity: 1 }),
            }
            self.resting.retain(|(_, _, _, left)| *left > 0);
        }
        let left = quantity - trades.iter().map(|trade| trade.quantity).sum::<Quantity>();
        if let Some(price) = limit.filter(|_| left > 0) {
            self.resting.push((order, side, price, left));
        }
        Ok(Execution { order, trades, left })
    }

    fn cancel(&mut self, order: OrderId) -> Result<Quantity, Refusal> {
        let found = self.resting.iter().position(|(id, ..)| *id == order);
        found.map(|index| self.resting.remove(index).3).ok_or(Refusal::NotInBook(order))
    }

    fn depth(&self, side: Side) -> Vec<(Price, u64)> {
        let mut prices: Vec<Price> =
            self.resting.iter().filter(|order| order.1 == side).map(|order| order.2).collect();
        prices.sort_unstable();
        prices.dedup();
        if matches!(side, Side::Buy) {
            prices.reverse();
        }
        let at = |price| {
            self.resting
                .iter()
                .filter(|order| (order.1, order.2) == (side, price))
                .map(|order| u64::from(order.3))
                .sum()
        };
        prices.into_iter().map(|price| (price, at(price))).collect()
    }
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let order = prop_oneof![
        // Few prices, so that many orders meet.
        6 => (side.clone(), 95..=105_u32, 0..20_u32).prop_map(|(s, p, q)| Order::Limit(s, p, q)),
        1 => (side, 0..60_u32).prop_map(|(s, q)| Order::Market(s, q)),
        2 => (0..80_u64).prop_map(Order::Cancel),
    ];
    prop::collection::vec(order, 0..80)
}

proptest! {
    #[test]
    fn it_trades_like_a_naive_one_is_never_crossed_and_conserves_quantities(orders in orders()) {
        let (mut book, mut naive) = (OrderBook::default(), Naive::default());
        // What went in, and what came out of it. A trade takes from both sides.
        let (mut sent, mut traded, mut gone) = (0_u64, 0_u64, 0_u64);
        for order in orders {
            let (execution, expected) = match order {
                Order::Limit(side, price, quantity) => {
                    (book.limit(side, price, quantity), naive.execute(side, Some(price), quantity))
                }
                Order::Market(side, quantity) => {
                    (book.market(side, quantity), naive.execute(side, None, quantity))
                }
                Order::Cancel(order) => {
                    let cancelled = book.cancel(order);
                    prop_assert_eq!(cancelled, naive.cancel(order));
                    gone += u64::from(cancelled.unwrap_or(0));
                    continue;
                }
            };
            prop_assert_eq!(&execution, &expected, "{:?}", order);
            if let (Ok(execution), Order::Limit(_, _, quantity) | Order::Market(_, quantity)) =
                (execution, order)
            {
                sent += u64::from(quantity);
                traded += execution.trades.iter().map(|trade| u64::from(trade.quantity)).sum::<u64>();
                if matches!(order, Order::Market(..)) {
                    gone += u64::from(execution.left);
                }
            }
            if let (Some(bid), Some(ask)) = (book.best(Side::Buy), book.best(Side::Sell)) {
                prop_assert!(bid < ask, "crossed: {} for {}", bid, ask);
            }
            let depths = [Side::Buy, Side::Sell].map(|side| book.depth(side, usize::MAX));
            prop_assert_eq!(&depths[0], &naive.depth(Side::Buy));
            prop_assert_eq!(&depths[1], &naive.depth(Side::Sell));
            let resting = depths.iter().flatten().map(|(_, quantity)| quantity).sum::<u64>();
            prop_assert_eq!(sent, 2 * traded + gone + resting);
            prop_assert_eq!(book.orders(), naive.resting.len());
        }
    }
}

proptest! {
    // Each opens two stores on a disk.
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_replay_gives_the_digest_of_the_live_state(orders in orders()) {
        let dir = tempfile::tempdir().unwrap();
        let open = || {
            OrderBookStore::builder(dir.path())
                .durability(prevalent::Durability::Manual)
                .no_snapshot_on_close()
                .open()
                .wait()
                .unwrap()
        };
        let store = open();
        for order in orders {
            store.commit(order.into()).detach();
        }
        store.close().wait().unwrap();
        let reopened = open();
        let digests = [&store, &reopened].map(|store| store.read(Digest::of).unwrap());
        prop_assert_eq!(digests[0], digests[1]);
        // The index, too, which is not stored.
        prop_assert!(store.read(|live| reopened.read(|replayed| live == replayed)));
    }
}

#[test]
fn at_one_price_the_oldest_order_is_first_and_makes_the_price() {
    let mut book = OrderBook::default();
    let first = book.limit(Side::Sell, 101, 5).unwrap().order;
    let second = book.limit(Side::Sell, 101, 5).unwrap().order;
    let better = book.limit(Side::Sell, 100, 1).unwrap().order;
    let execution = book.limit(Side::Buy, 102, 8).unwrap();
    let trades: Vec<_> =
        execution.trades.iter().map(|trade| (trade.maker, trade.price, trade.quantity)).collect();
    assert_eq!(trades, [(better, 100, 1), (first, 101, 5), (second, 101, 2)]);
    assert_eq!(book.cancel(first), Err(Refusal::NotInBook(first)));
    assert_eq!(book.cancel(second), Ok(3));
    assert_eq!(book.market(Side::Buy, 1).unwrap().left, 1);
    assert_eq!(book.limit(Side::Buy, 1, 0), Err(Refusal::NoQuantity));
}

#[test]
fn the_transactions_are_deterministic() {
    Determinism::new(|| {
        let orders = (0..300_u32).map(|n| {
            let side = if n % 2 == 0 { Side::Buy } else { Side::Sell };
            match n % 7 {
                0 => Order::Market(side, n % 5),
                1 => Order::Cancel(u64::from(n / 2)),
                _ => Order::Limit(side, 100 + n * 31 % 11, n % 13),
            }
        });
        (OrderBook::default(), orders.map(OrderBookTx::from).collect())
    })
    .check()
    .unwrap();
}

#[test]
fn the_example_measures_and_compares_also_in_a_directory_that_was_used_before() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let output = example("orderbook").arg(dir.path()).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{stdout}{stderr}");
        let digest = |of: &str| {
            let line = stdout.lines().find_map(|line| line.strip_prefix(of));
            line.and_then(|line| line.split_whitespace().next()).expect(&stdout).to_owned()
        };
        assert_eq!(digest("digest of the live state"), digest("digest after the replay"));
        let crowds: Vec<Vec<&str>> =
            stdout.lines().skip(1).take(3).map(|line| line.split_whitespace().collect()).collect();
        assert_eq!([crowds[0][0], crowds[1][0], crowds[2][0]], ["1", "16", "256"], "{stdout}");
        assert!(crowds.iter().all(|columns| columns.len() == 7), "{stdout}");
    }
}
