//! `$crate` is no path that serde understands.

macro_rules! data {
    () => {
        #[prevalent::data(crate = $crate::prevalent)]
        pub struct Step(u64);
    };
}
data!();

fn main() {}
