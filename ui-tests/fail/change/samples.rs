//! Samples are texts.
//! mistakes: 4
use prevalent::prevalent;

#[prevalent(samples())]
#[derive(Debug, Default)]
pub struct Sessions;

#[prevalent(samples)]
#[derive(Debug, Default)]
pub struct Board;

#[prevalent(samples = "42")]
#[derive(Debug, Default)]
pub struct Bank;

#[prevalent(samples("42", 43))]
#[derive(Debug, Default)]
pub struct Shop;

fn main() {}
