//! In an encoding with field names, a transaction may leave out what is an `Option` or has a `default`.

use std::option::Option as Maybe;

use prevalent::prevalent;

#[prevalent::data]
#[derive(Debug, Default, PartialEq)]
pub struct Step(u8);

#[prevalent]
#[derive(Debug, Default)]
pub struct Counter {
    n: u64,
}

#[prevalent(tx_derive(Debug, PartialEq))]
impl Counter {
    #[tx]
    pub fn add(
        &mut self,
        one: Option<Step>,
        two: Option<&Step>,
        #[serde(default)] three: Step,
        #[serde(default, alias = "vier")] four: &[Step],
        #[serde(rename = "five")] fifth: Option<u64>,
        #[serde(default)] six: Maybe<Step>,
    ) {
        let _ = (one, two, three, four, fifth, six);
        self.n += 1;
    }
}

fn main() {
    let nothing = CounterTx::Add {
        one: None,
        two: None,
        three: Step(0),
        four: Vec::new(),
        fifth: None,
        six: None,
    };
    assert_eq!(serde_json::from_str::<CounterTx>(r#"{"add":{}}"#).unwrap(), nothing);
    let all = r#"{"add":{"one":1,"two":2,"three":3,"vier":[4],"five":5,"six":6}}"#;
    let tx = serde_json::from_str::<CounterTx>(all).unwrap();
    assert_eq!(serde_json::to_string(&tx).unwrap(), all.replace("vier", "four"));
    let store = CounterStore::in_memory();
    store.commit(tx).wait().unwrap();
    store.add(None, Some(&Step(1)), Step(2), &[Step(3)], None, None).wait().unwrap();
    assert_eq!(store.read(|counter| counter.n), 2);
}
