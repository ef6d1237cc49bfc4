//! What is removed is a list of names, each once.
//! mistakes: 5
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions;

#[prevalent(removed("create", "delete", "create", ""))]
impl Sessions {}

#[prevalent]
#[derive(Debug, Default)]
pub struct Board;

#[prevalent(removed())]
impl Board {}

#[prevalent]
#[derive(Debug, Default)]
pub struct Bank;

#[prevalent(removed = "pay")]
impl Bank {}

#[prevalent]
#[derive(Debug, Default)]
pub struct Shop;

#[prevalent(removed(order))]
impl Shop {}

fn main() {}
