//! A transaction with twenty arguments.

use prevalent::prevalent;

#[prevalent]
#[derive(Debug, Default)]
pub struct Wide;

#[prevalent]
impl Wide {
    #[tx]
    #[allow(clippy::too_many_arguments)]
    pub fn wide(
        &mut self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8, n: u8,
        o: u8, p: u8, q: u8, r: u8, s: &str, t: String,
    ) -> usize {
        let sum: u8 = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r].into_iter().sum();
        usize::from(sum) + s.len() + t.len()
    }
}

fn main() {
    let store = WideStore::in_memory();
    let sum = store.wide(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, "s", "t".into());
    assert_eq!(sum.wait().unwrap(), 20);
}
