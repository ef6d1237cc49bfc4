//! What reading by names costs, compared with plain reading. Run by hand, in release:
//! `cargo test --release -p prevalent --lib reading_by_names_costs -- --ignored --nocapture`

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::*;
use crate::encoding::decode_value;

#[derive(Serialize, Deserialize)]
struct Shop {
    name: String,
    orders: Vec<Order>,
}

#[derive(Serialize, Deserialize)]
struct Order {
    id: u64,
    customer: String,
    email: String,
    items: Vec<Item>,
    total: i64,
    paid: bool,
    note: Option<String>,
    state: State,
}

#[derive(Serialize, Deserialize)]
enum State {
    Open,
    Sent { at: u64 },
}

#[derive(Serialize, Deserialize)]
struct Item {
    name: String,
    price: u64,
    count: u32,
    tags: Vec<String>,
}

/// Each struct with a field more, and names that were changed.
mod later {
    use super::*;

    #[derive(Deserialize)]
    #[allow(dead_code)]
    pub(super) struct Shop {
        name: String,
        orders: Vec<Order>,
        #[serde(default)]
        city: String,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Order {
        id: u64,
        #[serde(alias = "customer")]
        buyer: String,
        email: String,
        items: Vec<Item>,
        total: i64,
        paid: bool,
        note: Option<String>,
        state: State,
        #[serde(default)]
        discount: u32,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Item {
        name: String,
        price: u64,
        count: u32,
        tags: Vec<String>,
        #[serde(default)]
        weight: u32,
    }
}

fn shop() -> Shop {
    let item = |number: u32| Item {
        name: format!("item number {number}"),
        price: u64::from(number) * 129,
        count: number % 7,
        tags: vec!["new".into(), "blue".into()],
    };
    let order = |number: u32| Order {
        id: u64::from(number) * 1_000_003,
        customer: format!("customer {number}"),
        email: format!("customer.{number}@example.com"),
        items: (0..number % 5).map(item).collect(),
        total: i64::from(number) * 997,
        paid: number.is_multiple_of(2),
        note: number.is_multiple_of(3).then(|| "please ring twice".into()),
        state: if number.is_multiple_of(4) {
            State::Open
        } else {
            State::Sent { at: 1_700_000_000 }
        },
    };
    Shop { name: "shop".into(), orders: (0..2_000).map(order).collect() }
}

fn stored() -> (Types, TypeId) {
    graph(|g| {
        let text = g.string();
        let texts = g.seq(text);
        let long = g.scalar(Scalar::U64);
        let short = g.scalar(Scalar::U32);
        let signed = g.scalar(Scalar::I64);
        let yes = g.scalar(Scalar::Bool);
        let note = g.option(text);
        let unit = g.unit();
        let sent = g.fields("Sent", &[("at", long)]);
        let state = g.variants("State", &[("Open", unit), ("Sent", sent)]);
        let item = [("name", text), ("price", long), ("count", short), ("tags", texts)];
        let item = g.fields("Item", &item);
        let items = g.seq(item);
        let order = [
            ("id", long),
            ("customer", text),
            ("email", text),
            ("items", items),
            ("total", signed),
            ("paid", yes),
            ("note", note),
            ("state", state),
        ];
        let order = g.fields("Order", &order);
        let orders = g.seq(order);
        g.fields("Shop", &[("name", text), ("orders", orders)])
    })
}

fn timed<T>(least: &mut Duration, work: impl FnOnce() -> T) {
    let begin = Instant::now();
    let value = black_box(work());
    *least = (*least).min(begin.elapsed());
    drop(value);
}

#[test]
#[ignore = "takes its time, and says something in release only"]
fn reading_by_names_costs() {
    let (types, ty) = stored();
    let bytes = encoded(&shop());
    let [mut plain, mut same, mut changed] = [Duration::MAX; 3];
    for _ in 0..500 {
        timed(&mut plain, || decode_value::<Shop>(black_box(&bytes)).unwrap());
        timed(&mut same, || decode_value_as::<Shop>(&types, ty, black_box(&bytes)).unwrap());
        timed(&mut changed, || {
            decode_value_as::<later::Shop>(&types, ty, black_box(&bytes)).unwrap()
        });
    }
    let ratio = |time: Duration| time.as_secs_f64() / plain.as_secs_f64();
    println!("{} bytes, plain: {plain:?}", bytes.len());
    println!("the same fields: {same:?}, {:.2} times plain", ratio(same));
    println!("changed fields: {changed:?}, {:.2} times plain", ratio(changed));
}
