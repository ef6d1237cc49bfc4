//! A limit order book: the best price first, and at one price the oldest order first.

use std::collections::{BTreeMap, HashMap};

use prevalent::prevalent;

/// In ticks.
pub type Price = u32;

/// In lots.
pub type Quantity = u32;

/// The number of an order: later ones have higher numbers.
pub type OrderId = u64;

/// What rests in the book.
#[prevalent(restored = Self::find_places)]
#[derive(Debug, Default, PartialEq)]
pub struct OrderBook {
    bids: BTreeMap<Place, Quantity>,
    asks: BTreeMap<Place, Quantity>,
    last_order: OrderId,
    /// Where an order is, to cancel it: made anew from the orders after each load. Nobody iterates over it, so that it may be
    /// a `HashMap`.
    #[serde(skip)]
    places: HashMap<OrderId, (Side, Place)>,
}

/// Which side an order is on.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It buys.
    Buy,
    /// It sells.
    Sell,
}

/// Where an order stands in the queue of its side: the lowest one is served first.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rank: i64,
    order: OrderId,
}

/// Two orders have met, at the price of the one that was there before.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The order that rested.
    pub maker: OrderId,
    /// The order that came.
    pub taker: OrderId,
    /// The price.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
}

/// What became of an order.
#[prevalent::data]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Its number.
    pub order: OrderId,
    /// What was traded at once, in this order.
    pub trades: Vec<Trade>,
    /// What is left of it: a limit order rests in the book with it, of a market order it is cancelled.
    pub left: Quantity,
}

/// Why an order was not taken.
#[prevalent::data]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An order of nothing.
    #[error("an order needs a quantity")]
    NoQuantity,
    /// It was filled or cancelled, or never there.
    #[error("there is no order {0} in the book")]
    NotInBook(OrderId),
}

#[prevalent(tx_derive(Clone, Debug))]
impl OrderBook {
    /// Trades at this price or a better one; what is left rests in the book.
    #[tx]
    pub fn limit(
        &mut self,
        side: Side,
        price: Price,
        quantity: Quantity,
    ) -> Result<Execution, Refusal> {
        let execution = self.execute(side, Some(price), quantity)?;
        if execution.left > 0 {
            let place = Place { rank: side.rank(price), order: execution.order };
            self.queue_mut(side).insert(place, execution.left);
            self.places.insert(execution.order, (side, place));
        }
        Ok(execution)
    }

    /// Trades at whatever price there is.
    #[tx]
    pub fn market(&mut self, side: Side, quantity: Quantity) -> Result<Execution, Refusal> {
        self.execute(side, None, quantity)
    }

    /// Takes an order out of the book; gives what was left of it.
    #[tx]
    pub fn cancel(&mut self, order: OrderId) -> Result<Quantity, Refusal> {
        let (side, place) = self.places.remove(&order).ok_or(Refusal::NotInBook(order))?;
        self.queue_mut(side).remove(&place).ok_or(Refusal::NotInBook(order))
    }

    /// The best price of a side.
    #[query]
    pub fn best(&self, side: Side) -> Option<Price> {
        self.queue(side).keys().next().map(|place| place.price())
    }

    /// The best prices of a side, so many, and how much there is at each.
    #[query]
    pub fn depth(&self, side: Side, levels: usize) -> Vec<(Price, u64)> {
        let mut depth: Vec<(Price, u64)> = Vec::new();
        for (place, &quantity) in self.queue(side) {
            let price = place.price();
            if let Some((last, sum)) = depth.last_mut()
                && *last == price
            {
                *sum += u64::from(quantity);
            } else if depth.len() == levels {
                break;
            } else {
                depth.push((price, quantity.into()));
            }
        }
        depth
    }

    /// How many orders rest in the book.
    #[query]
    pub fn orders(&self) -> usize {
        self.places.len()
    }
}

impl OrderBook {
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
        let taker = self.last_order;
        let (mut trades, mut left) = (Vec::new(), quantity);
        let other = side.other();
        // No maker is worse than what would rest at the same price on its own side.
        let worst = limit.map_or(i64::MAX, |limit| other.rank(limit));
        while left > 0
            && let Some(mut first) = self.queue_mut(other).first_entry()
            && first.key().rank <= worst
        {
            let place = *first.key();
            let quantity = left.min(*first.get());
            left -= quantity;
            *first.get_mut() -= quantity;
            if *first.get() == 0 {
                first.remove();
                self.places.remove(&place.order);
            }
            trades.push(Trade { maker: place.order, taker, price: place.price(), quantity });
        }
        Ok(Execution { order: taker, trades, left })
    }

    fn find_places(&mut self) {
        let sides = [(Side::Buy, &self.bids), (Side::Sell, &self.asks)];
        self.places = sides
            .into_iter()
            .flat_map(|(side, queue)| queue.keys().map(move |&place| (place.order, (side, place))))
            .collect();
    }

    fn queue(&self, side: Side) -> &BTreeMap<Place, Quantity> {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    fn queue_mut(&mut self, side: Side) -> &mut BTreeMap<Place, Quantity> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }
}

impl Side {
    /// The side that it trades with.
    pub fn other(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }

    /// The better the price, the lower.
    fn rank(self, price: Price) -> i64 {
        match self {
            Side::Buy => -i64::from(price),
            Side::Sell => i64::from(price),
        }
    }
}

impl Place {
    fn price(self) -> Price {
        let price = Price::try_from(self.rank.unsigned_abs());
        price.expect("a rank is made from a price")
    }
}
