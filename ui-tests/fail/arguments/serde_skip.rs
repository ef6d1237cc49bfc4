//! A field of a transaction cannot be left out.
//! mistakes: 2
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub fn add(&mut self, #[serde(skip)] n: u64, #[serde(default, skip_serializing_if = "Option::is_none")] m: Option<u64>) {
        let _ = (n, m);
    }
}

fn main() {}
