//! A lock file has a name that tells what it is.
//! mistakes: 4
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions;

#[prevalent(lock = "sessions.json")]
impl Sessions {}

#[prevalent]
#[derive(Debug, Default)]
pub struct Board;

#[prevalent(lock = "locks/.schema.json")]
impl Board {}

#[prevalent]
#[derive(Debug, Default)]
pub struct Bank;

#[prevalent(lock)]
impl Bank {}

#[prevalent]
#[derive(Debug, Default)]
pub struct Shop;

#[prevalent(lock = 1)]
impl Shop {}

fn main() {}
