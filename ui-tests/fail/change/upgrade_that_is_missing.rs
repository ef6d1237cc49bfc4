//! The function of an upgrade is not there.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(rev = 2, upgrade(1 => Self::from_frist))]
    pub fn create(&mut self, token: &str) {
        let _ = token;
    }

    fn from_first((): ()) -> (String,) {
        (String::new(),)
    }
}

fn main() {}
