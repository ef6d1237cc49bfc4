//! Traders who send orders, wait for each answer, and take the time.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::Failure;
use crate::model::{Execution, OrderBookStore, OrderId, Price, Side};

/// Around which the prices lie.
const MIDDLE: Price = 10_000;

/// What happened while they traded.
pub struct Session {
    /// How many trades there were.
    pub trades: usize,
    /// From the call to the answer, in microseconds.
    latencies_us: Histogram<u64>,
}

impl Session {
    fn new() -> Result<Self, Failure> {
        Ok(Session { trades: 0, latencies_us: Histogram::new(3)? })
    }

    /// What this part of the answers did not take longer than.
    pub fn latency(&self, quantile: f64) -> Duration {
        Duration::from_micros(self.latencies_us.value_at_quantile(quantile))
    }
}

/// Has so many traders send so many orders each.
pub async fn trade(
    store: &OrderBookStore,
    traders: u32,
    orders_each: u32,
) -> Result<Session, Failure> {
    let mut tasks = JoinSet::new();
    for number in 0..traders {
        let random = fastrand::Rng::with_seed(number.into());
        tasks.spawn(trader(store.clone(), random, orders_each));
    }
    let mut all = Session::new()?;
    while let Some(session) = tasks.join_next().await {
        let session = session??;
        all.trades += session.trades;
        all.latencies_us.add(&session.latencies_us)?;
    }
    Ok(all)
}

async fn trader(
    store: OrderBookStore,
    mut random: fastrand::Rng,
    orders: u32,
) -> Result<Session, Failure> {
    let mut session = Session::new()?;
    let mut mine: Vec<OrderId> = Vec::new();
    for _ in 0..orders {
        let side = random.choice([Side::Buy, Side::Sell]).unwrap_or(Side::Buy);
        let quantity = random.u32(1..100);
        let start = Instant::now();
        let executed = match random.u32(..10) {
            0..3 if !mine.is_empty() => {
                let order = mine.swap_remove(random.usize(..mine.len()));
                // Refused where it was filled meanwhile.
                _ = store.cancel(order).await?;
                None
            }
            3 => Some(store.market(side, quantity).await??),
            _ => Some(store.limit(side, random.u32(MIDDLE - 50..=MIDDLE + 50), quantity).await??),
        };
        session.latencies_us += u64::try_from(start.elapsed().as_micros())?;
        if let Some(Execution { order, trades, left }) = executed {
            session.trades += trades.len();
            if left > 0 {
                mine.push(order);
            }
        }
    }
    Ok(session)
}
