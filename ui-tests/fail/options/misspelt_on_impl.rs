//! A misspelt option.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent(stroe = Handle, tx_derives(Debug))]
impl Sessions {
    #[tx]
    pub fn add(&mut self) {}
}

fn main() {}
