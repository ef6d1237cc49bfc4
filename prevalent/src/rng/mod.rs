//! A transaction's random numbers. The algorithm is fixed for ever: a replay years from now draws
//! the same numbers. `docs/format.md` specifies it.

mod chacha8;

use std::cell::RefCell;
use std::fmt;

/// The random numbers of one transaction, from [`TxContext::rng`](crate::TxContext::rng).
///
/// All generators of one transaction draw from one stream: whichever is asked, the answer is the
/// stream's next number. A replay draws the same numbers, on every platform and in every future
/// version of this crate; nobody who doesn't have the journal can predict them.
///
/// ```
/// use prevalent::TxContext;
/// use std::time::SystemTime;
///
/// let cx = TxContext::for_test(1, SystemTime::UNIX_EPOCH, 42);
/// let mut rng = cx.rng();
/// let mut deck: Vec<u8> = (0..52).collect();
/// rng.shuffle(&mut deck);
/// let die = 1 + rng.below(6);
/// assert!((1..=6).contains(&die));
/// ```
pub struct TxRng<'cx> {
    stream: &'cx RefCell<Keystream>,
}

impl<'cx> TxRng<'cx> {
    pub(crate) fn new(stream: &'cx RefCell<Keystream>) -> Self {
        TxRng { stream }
    }

    /// The stream's next number.
    pub fn next_u64(&mut self) -> u64 {
        // Nothing of the user's runs while it is borrowed, so it never is twice.
        self.stream.borrow_mut().next_u64()
    }

    /// A number from `0..n`, each equally likely.
    ///
    /// # Panics
    ///
    /// Where `n` is 0: there is no number to give.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n != 0, "`TxRng::below(0)`: there is no number below 0");
        // Lemire, "Fast Random Integer Generation in an Interval" (2019): the high half of the
        // product is the result, unless the low half is one of the 2^64 mod n values that would
        // make some results likelier than others.
        let mut product = u128::from(self.next_u64()) * u128::from(n);
        if low(product) < n {
            let biased = n.wrapping_neg() % n;
            while low(product) < biased {
                product = u128::from(self.next_u64()) * u128::from(n);
            }
        }
        high(product)
    }

    /// Fills `bytes`.
    ///
    /// Each 8 bytes are one number of the stream in little-endian order; what the last of them
    /// has too much is thrown away.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
    }

    /// Brings `items` into a random order, each equally likely.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index_below(last + 1));
        }
    }

    /// One of `items`, each equally likely; `None`, and nothing drawn, where there are none.
    pub fn choose<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() {
            return None;
        }
        Some(&items[self.index_below(items.len())])
    }

    #[expect(clippy::cast_possible_truncation, reason = "less than `len`, which is a `usize`")]
    fn index_below(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }
}

/// Without the stream: its secret would end up in logs.
impl fmt::Debug for TxRng<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TxRng").finish_non_exhaustive()
    }
}

/// `try_next_u32` is the low half of the stream's next number, of which the high half is thrown
/// away; `try_fill_bytes` is [`TxRng::fill`].
#[cfg(feature = "rand_core")]
impl rand_core::TryRng for TxRng<'_> {
    type Error = std::convert::Infallible;

    #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.next_u64() as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(self.next_u64())
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
        self.fill(dst);
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
const fn low(product: u128) -> u64 {
    product as u64
}

const fn high(product: u128) -> u64 {
    (product >> 64) as u64
}

/// `ChaCha8`'s keystream for a secret and a sequence number, as a stream of `u64`.
///
/// Making one computes nothing: most transactions never draw.
pub(crate) struct Keystream {
    secret: [u8; 32],
    nonce: u64,
    next_block: u64,
    block: [u64; 8],
    /// How many numbers at the end of `block` are not drawn yet.
    left: usize,
}

impl Keystream {
    pub(crate) fn new(secret: [u8; 32], nonce: u64) -> Self {
        Keystream { secret, nonce, next_block: 0, block: [0; 8], left: 0 }
    }

    fn next_u64(&mut self) -> u64 {
        if self.left == 0 {
            self.block = chacha8::block(&self.secret, self.nonce, self.next_block);
            self.next_block += 1;
            self.left = self.block.len();
        }
        let number = self.block[self.block.len() - self.left];
        self.left -= 1;
        number
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stream(secret: [u8; 32], seq: u64) -> RefCell<Keystream> {
        RefCell::new(Keystream::new(secret, seq))
    }

    /// The generator that all golden values below come from.
    fn golden() -> RefCell<Keystream> {
        stream(std::array::from_fn(|i| u8::try_from(i).unwrap()), 7)
    }

    proptest! {
        #[test]
        fn a_number_below_is_below(seq: u64, n in 1..=u64::MAX) {
            let stream = stream([1; 32], seq);
            prop_assert!(TxRng::new(&stream).below(n) < n);
        }
    }

    #[test]
    fn blocks_follow_each_other() {
        let stream = stream([5; 32], 9);
        let mut rng = TxRng::new(&stream);
        for counter in 0..3 {
            for expected in chacha8::block(&[5; 32], 9, counter) {
                assert_eq!(rng.next_u64(), expected);
            }
        }
    }

    #[test]
    fn golden_next_u64() {
        let stream = golden();
        let mut rng = TxRng::new(&stream);
        let drawn: Vec<u64> = (0..10).map(|_| rng.next_u64()).collect();
        let expected: [u64; 10] = [
            0xf0c1_cdb4_f333_b82e,
            0x2824_c059_11fb_b7d0,
            0x562d_4ab7_c3a9_0665,
            0x5c19_ddae_b736_1118,
            0x05d1_962f_862c_3b48,
            0x4666_c00e_7a9d_bfbf,
            0x136c_61a8_c894_b3fb,
            0x10a7_6ed9_2c6e_6aa7,
            0xaaa2_da50_75ed_ef03,
            0x2681_b9c5_04c6_f5f4,
        ];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn golden_below() {
        let stream = golden();
        let mut rng = TxRng::new(&stream);
        // Of the numbers that this one draws, half are rejected.
        let half = (1 << 63) + 1;
        let drawn = [1, 6, 100, 1 << 32, half, half, half, u64::MAX].map(|n| rng.below(n));
        let expected = [
            0,
            0,
            33,
            1_545_199_022,
            2_536_476_599_349_338_079,
            699_800_480_876_485_117,
            600_024_852_374_959_443,
            12_295_629_971_785_641_730,
        ];
        assert_eq!(drawn, expected);
        // How many were rejected shows in the next one.
        assert_eq!(rng.next_u64(), 0x2681_b9c5_04c6_f5f4);
    }

    #[test]
    fn golden_fill() {
        let stream = golden();
        let mut rng = TxRng::new(&stream);
        let mut bytes = [0; 19];
        rng.fill(&mut bytes[..11]);
        rng.fill(&mut []);
        rng.fill(&mut bytes[11..]);
        let expected = [
            0x2e, 0xb8, 0x33, 0xf3, 0xb4, 0xcd, 0xc1, 0xf0, 0xd0, 0xb7, 0xfb, 0x65, 0x06, 0xa9,
            0xc3, 0xb7, 0x4a, 0x2d, 0x56,
        ];
        assert_eq!(bytes, expected);
    }

    #[test]
    fn golden_shuffle() {
        let stream = golden();
        let mut rng = TxRng::new(&stream);
        let mut items: Vec<u8> = (0..12).collect();
        rng.shuffle(&mut items);
        let expected: [u8; 12] = [6, 8, 4, 2, 5, 7, 10, 0, 9, 3, 1, 11];
        assert_eq!(items, expected);
        // None or one item takes nothing from the stream.
        rng.shuffle::<u8>(&mut []);
        rng.shuffle(&mut [1]);
        assert_eq!(rng.next_u64(), 0xb8c2_1d46_6946_b402);
    }

    #[test]
    fn golden_choose() {
        let stream = golden();
        let mut rng = TxRng::new(&stream);
        assert_eq!(rng.choose::<u8>(&[]), None);
        let drawn: String =
            (0..8).map(|_| *rng.choose(&['a', 'b', 'c', 'd', 'e']).unwrap()).collect();
        assert_eq!(drawn, "eabbabaa");
    }

    #[test]
    fn every_order_is_equally_likely() {
        let stream = golden();
        let mut rng = TxRng::new(&stream);
        let mut seen = std::collections::HashMap::new();
        for _ in 0..6_000 {
            let mut items = [0, 1, 2];
            rng.shuffle(&mut items);
            *seen.entry(items).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 6);
        assert!(seen.values().all(|count| (850..1150).contains(count)), "{seen:?}");
    }

    #[test]
    #[should_panic(expected = "no number below 0")]
    fn there_is_no_number_below_0() {
        TxRng::new(&golden()).below(0);
    }

    #[test]
    fn debug_output_keeps_the_secret() {
        assert_eq!(format!("{:?}", TxRng::new(&golden())), "TxRng { .. }");
    }

    #[cfg(feature = "rand_core")]
    #[test]
    fn rand_core_draws_from_the_same_stream() {
        use rand_core::Rng as _;

        let (stream, other) = (golden(), golden());
        let (mut rng, mut plain) = (TxRng::new(&stream), TxRng::new(&other));
        assert_eq!(u64::from(rng.next_u32()), plain.next_u64() & 0xffff_ffff);
        assert_eq!(rand_core::Rng::next_u64(&mut rng), plain.next_u64());
        let (mut bytes, mut plain_bytes) = ([0; 13], [0; 13]);
        rng.fill_bytes(&mut bytes);
        plain.fill(&mut plain_bytes);
        assert_eq!(bytes, plain_bytes);
    }
}
