//! Three mistakes are three errors.
//! mistakes: 3
use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx]
    pub async fn add(&self, (n, m): (u64, u64)) {
        let _ = (n, m);
    }
}

fn main() {}
