//! The command, run against stores that the examples' own code writes.
#![allow(missing_docs, unreachable_pub, dead_code, reason = "tests, and modules of programs")]

#[path = "cli/common/mod.rs"]
mod common;

#[path = "../../examples/flights/domain.rs"]
mod domain;
#[path = "../../examples/flights/model.rs"]
mod model;
#[path = "../../examples/sessions/plain.rs"]
mod plain;
#[path = "../../examples/flights/tally.rs"]
mod tally;

use common::{Scratch, run};
use domain::{Airport, Carrier, Date, Departure, FlightKey, Plan, TimeOfDay};
use model::OperationsStore;
use serde_json::json;

#[test]
fn what_the_sessions_example_has_written_is_read_without_its_code() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("here")).unwrap();
    // It opens `data/sessions` in the directory where it is run. The other test doesn't care.
    std::env::set_current_dir(scratch.path("here")).unwrap();
    plain::run().unwrap();
    let dir = scratch.path("here/data/sessions");
    let lines = run("dump", &dir, ["--json"]).expect(0).json_lines();
    let told: Vec<_> = lines.iter().map(|line| (&line["tx"], &line["args"])).collect();
    assert_eq!(
        told,
        [
            (&json!("create_session"), &json!({ "token": "access_token", "user_id": 1 })),
            (&json!("delete_session"), &json!({ "token": "access_token" })),
        ]
    );
    let state = run("state", &dir, []).expect(0).json();
    assert_eq!(state, json!({ "tokens": {}, "operations": 2 }));
    run("verify", &dir, []).expect(0);
}

#[test]
fn what_the_flights_example_has_written_is_read_without_its_code() {
    let scratch = Scratch::new();
    let dir = scratch.path("flights");
    let airport = |code: &str| Airport(code.to_owned());
    let time = |hhmm| TimeOfDay::from_hhmm(hhmm).unwrap();
    let date = Date::new(Some(2013), 1, 31).unwrap();
    let flight = |number| FlightKey {
        carrier: Carrier("UA".to_owned()),
        number,
        origin: airport("EWR"),
        date,
    };
    let plan = Plan { destination: airport("ORD"), departure: time(517), arrival: time(740) };
    let store = OperationsStore::open(&dir).wait().unwrap();
    for number in 1..=2 {
        store.schedule(flight(number), plan.clone()).wait().unwrap().unwrap();
    }
    let departure = Departure { time: time(519), delay_minutes: 2 };
    store.depart(&flight(1), departure).wait().unwrap().unwrap();
    store.cancel(&flight(2)).wait().unwrap().unwrap();
    store.depart(&flight(3), departure).wait().unwrap().unwrap_err();
    store.close().wait().unwrap();

    let key = |number: u32| {
        let date = json!({ "year": 2013, "month": 1, "day": 31 });
        json!({ "carrier": "UA", "number": number, "origin": "EWR", "date": date })
    };
    let departure = json!({ "time": { "minutes": 319 }, "delay_minutes": 2 });
    let lines = run("dump", &dir, ["--json", "--tx", "depart"]).expect(0).json_lines();
    let args: Vec<_> = lines.iter().map(|line| line["args"].clone()).collect();
    let expected = [1, 3].map(|number| json!({ "flight": key(number), "departure": departure }));
    assert_eq!(args, expected);
    let state = run("state", &dir, []).expect(0).json();
    // The keys are no texts: the map is a list of pairs.
    assert_eq!(state["flights"][0][0], key(1));
    assert_eq!(state["flights"][0][1]["status"], json!({ "Departed": departure }));
    assert_eq!(state["flights"][1][1]["status"], "Cancelled");
    // Such a key is named by what it looks like.
    let key =
        r#"{"carrier":"UA","number":2,"origin":"EWR","date":{"year":2013,"month":1,"day":31}}"#;
    let path = format!("flights[{}].status", json!(key));
    assert_eq!(run("state", &dir, ["--path", &path]).expect(0).stdout, "\"Cancelled\"\n");
    let counted = run("stats", &dir, ["--json"]).expect(0).json();
    assert_eq!(counted["by_name"]["depart"]["transactions"], 2);
    run("verify", &dir, []).expect(0);
}
