//! Models with their transactions.

use serde::{Deserialize, Serialize};

use super::super::super::Schema;
use super::super::trace_model;
use super::*;
use crate::context::TxContext;
use crate::model::{Model, ModelData, TxInfo};

#[derive(Clone, Serialize, Deserialize)]
struct Money {
    amount: u64,
    currency: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String")]
struct Iban(String);

impl TryFrom<String> for Iban {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if text == "XX-17" { Ok(Iban(text)) } else { Err(text) }
    }
}

#[derive(Serialize, Deserialize)]
struct Bank {
    accounts: Vec<Money>,
    history: Option<Box<Bank>>,
}

#[derive(Serialize, Deserialize)]
enum BankTx {
    Ping,
    #[serde(rename = "open_account")]
    Open {
        #[serde(rename = "who")]
        owner: String,
        first: Money,
    },
    Boxed(Box<Money>),
    Pair(u8, Option<Money>),
    #[serde(rename = "link")]
    Link {
        iban: Option<Iban>,
    },
}

impl ModelData for Bank {
    const NAME: &'static str = "bank";
}

impl Model for Bank {
    type Tx = BankTx;
    type Reply = ();
    const TRANSACTIONS: &'static [TxInfo] = &[
        TxInfo::new("ping"),
        TxInfo::new("open_account"),
        TxInfo::new("boxed"),
        TxInfo::new("pair"),
        TxInfo::new("link"),
    ];
    fn apply(&mut self, _: BankTx, _: &TxContext) {}
}

fn all(schema: &Schema) -> Vec<String> {
    let roots = [schema.model].into_iter().chain(schema.arguments.iter().copied());
    roots.map(|root| shown(&schema.types, root)).collect()
}

#[test]
fn a_model_and_its_transactions_share_their_types() {
    let schema = trace_model::<Bank>();
    let money = "Money {amount: u64, currency: str?}";
    assert_eq!(
        all(&schema),
        [
            format!("Bank {{accounts: [{money}], history: ^1?}}"),
            "()".to_owned(),
            format!("open_account {{who: str, first: {money}}}"),
            money.to_owned(),
            format!("Pair(u8, {money}?)"),
            "untraced: Iban in link".to_owned(),
        ]
    );
    assert_eq!(schema.model, TypeId(0));
    let unique: std::collections::HashSet<_> = schema.types.iter().collect();
    assert_eq!(unique.len(), schema.types.len());
}

#[test]
fn a_schema_is_the_same_every_time() {
    let (a, b) = (trace_model::<Bank>(), trace_model::<Bank>());
    assert_eq!((a.types, a.arguments), (b.types, b.arguments));
}

#[test]
fn a_type_that_is_there_already_is_not_added_again() {
    let mut types = Types::default();
    let bank = trace_type::<Bank>(&mut types, &[]);
    let len = types.len();
    assert_eq!(trace_type::<Bank>(&mut types, &[]), bank);
    assert_eq!(trace_type::<Box<Bank>>(&mut types, &[]), bank);
    assert_eq!(types.len(), len);
    trace_type::<(Bank, u8)>(&mut types, &[]);
    assert_eq!(types.len(), len + 2);
}
