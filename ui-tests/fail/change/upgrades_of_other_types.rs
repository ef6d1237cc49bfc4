//! An upgrade takes the old arguments as a tuple, and gives the new ones as a tuple.
//! mistakes: 9
use prevalent::prevalent;

pub struct Plain;

#[prevalent]
#[derive(Debug, Default)]
pub struct Sessions {
    n: u64,
}

#[prevalent]
impl Sessions {
    #[tx(rev = 9, upgrade(
        1 => Self::gives_another_type,
        2 => Self::takes_no_tuple,
        3 => Self::takes_two,
        4 => self::takes_none,
        5 => Self::borrows,
        6 => Self::without_serde,
        7 => Self::gives_no_tuple,
        8 => NO_FUNCTION,
    ))]
    pub fn create(&mut self, token: &str, user_id: u64) {
        let _ = (token, user_id);
    }

    #[tx(rev = 2, upgrade(1 => Self::gives_too_much))]
    pub fn clear(&mut self) {}

    fn gives_another_type((token,): (String,)) -> (String, String) {
        (token, String::new())
    }

    fn takes_no_tuple(token: String) -> (String, u64) {
        (token, 0)
    }

    fn takes_two(token: String, user_id: u64) -> (String, u64) {
        (token, user_id)
    }

    fn borrows(old: &(String,)) -> (String, u64) {
        (old.0.clone(), 0)
    }

    fn without_serde(_: (Plain,)) -> (String, u64) {
        (String::new(), 0)
    }

    fn gives_no_tuple((token,): (String,)) -> String {
        token
    }

    fn gives_too_much((): ()) -> ((),) {
        ((),)
    }
}

fn takes_none() -> (String, u64) {
    (String::new(), 0)
}

const NO_FUNCTION: u8 = 1;

fn main() {}
