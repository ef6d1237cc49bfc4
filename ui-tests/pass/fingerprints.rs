//! The body of a method has one fingerprint, however it is laid out and wherever it comes from.

use prevalent::{Model, prevalent};

macro_rules! model {
    ($name:ident, $body:block, $amount:expr, $text:literal, $field:ident, $ty:ty) => {
        #[prevalent]
        #[derive(Debug, Default)]
        pub struct $name {
            total: u64,
        }

        #[prevalent]
        impl $name {
            #[tx]
            pub fn first(&mut self) -> u64 $body

            #[tx]
            pub fn second(&mut self) -> $ty {
                let text: &'static str = $text;
                self.$field += $amount;
                <$ty>::from(text.is_empty())
            }
        }
    };
}

model!(Made, { let one = 1; one }, 3 + 4, "a", total, u64);

#[prevalent]
#[derive(Debug, Default)]
pub struct Written {
    total: u64,
}

#[prevalent]
impl Written {
    /// Comments do not count.
    #[tx]
    pub fn first(&mut self) -> u64 {
        // Neither here
        let one = 1; /* nor here. */
        one
    }

    #[rustfmt::skip]
    #[tx(name = "another_name")]
    pub(crate) fn second(&mut self) -> u64 {
        let text:&'static str="a"; self . total+=3+4;
        <u64>::from(text.is_empty(
        ),)
    }

    #[tx]
    pub fn third(&mut self) {
        /// It counts for nothing.
        const ONE: u64 = 1;
        self.total += ONE;
    }
}

fn prints<M: Model>() -> Vec<Option<u64>> {
    M::TRANSACTIONS.iter().map(|info| info.fingerprint()).collect()
}

fn main() {
    assert_eq!(prints::<Made>()[..2], prints::<Written>()[..2]);
    // For ever, on every compiler.
    let written = [FIRST, SECOND, THIRD].map(Some);
    assert_eq!(prints::<Written>(), written, "{:#018x?}", prints::<Written>());
}

const FIRST: u64 = 0xabda_fd94_a20c_6c80;
const SECOND: u64 = 0x51db_63e5_d2c9_a2a5;
const THIRD: u64 = 0xd390_7209_2f00_c8d3;
