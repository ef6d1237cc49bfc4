//! The `ChaCha8` block function.

/// One block of `ChaCha` with 8 rounds in Bernstein's layout (64-bit counter, 64-bit nonce), its
/// words joined in pairs, the low one first.
pub(super) fn block(key: &[u8; 32], nonce: u64, counter: u64) -> [u64; 8] {
    let mut start = [0; 16];
    // "expand 32-byte k"
    start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
    for (word, bytes) in start[4..12].iter_mut().zip(key.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    start[12..14].copy_from_slice(&words(counter));
    start[14..].copy_from_slice(&words(nonce));

    let mut state = start;
    for _ in 0..4 {
        for column in 0..4 {
            quarter_round(&mut state, [column, 4 + column, 8 + column, 12 + column]);
        }
        for diagonal in 0..4 {
            quarter_round(
                &mut state,
                [diagonal, 4 + (diagonal + 1) % 4, 8 + (diagonal + 2) % 4, 12 + (diagonal + 3) % 4],
            );
        }
    }

    std::array::from_fn(|pair| {
        let word = |index: usize| u64::from(state[index].wrapping_add(start[index]));
        word(2 * pair) | word(2 * pair + 1) << 32
    })
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
const fn words(number: u64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}

fn quarter_round(state: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
    for (left, right) in [(16, 12), (8, 7)] {
        state[a] = state[a].wrapping_add(state[b]);
        state[d] = (state[d] ^ state[a]).rotate_left(left);
        state[c] = state[c].wrapping_add(state[d]);
        state[b] = (state[b] ^ state[c]).rotate_left(right);
    }
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha8Rng;
    use chacha20::rand_core::{Rng as _, SeedableRng as _};
    use proptest::prelude::*;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        assert!(text.is_ascii());
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    }

    /// draft-strombergson-chacha-test-vectors-01, `ChaCha8`, 256-bit key.
    #[test]
    fn the_keystream_is_that_of_the_published_test_vectors() {
        let vectors = [
            // TC1: all zero key and IV.
            (
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000",
                "3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e\
                 984ce172b9216f419f445367456d5619314a42a3da86b001387bfdb80e0cfe42\
                 d2aefa0deaa5c151bf0adb6c01f2a5adc0fd581259f9a2aadcf20f8fd566a26b\
                 5032ec38bbc5da98ee0c6f568b872a65a08abf251deb21bb4b56e5d8821e68aa",
            ),
            // TC8: random key and IV.
            (
                "c46ec1b18ce8a878725a37e780dfb7351f68ed2e194c79fbc6aebee1a667975d",
                "1ada31d5cf688221",
                "838751b42d8ddd8a3d77f48825a2ba752cf4047cb308a5978ef274973be374c9\
                 6ad848065871417b08f034e681fe46a93f7d5c61d1306614d4aaf257a7cff08b\
                 16f2fda170cc18a4b58a2667ed962774af792a6e7f3c77992540711a7a136d7e\
                 8a2f8d3f93816709d45a3fa5f8ce72fde15be7b841acba3a2abd557228d9fe4f",
            ),
        ];
        for (key, iv, keystream) in vectors {
            let secret = hex(key).try_into().unwrap();
            let nonce = u64::from_le_bytes(hex(iv).try_into().unwrap());
            let blocks = [block(&secret, nonce, 0), block(&secret, nonce, 1)];
            let bytes: Vec<u8> =
                blocks.as_flattened().iter().flat_map(|n| n.to_le_bytes()).collect();
            assert_eq!(bytes, hex(keystream));
        }
    }

    proptest! {
        #[test]
        fn the_keystream_is_that_of_another_implementation(
            secret: [u8; 32],
            nonce: u64,
            counter in prop_oneof![any::<u64>(), 0..3_u64, Just(u64::from(u32::MAX))],
        ) {
            let mut other = ChaCha8Rng::from_seed(secret);
            other.set_stream(nonce);
            other.set_word_pos(u128::from(counter) << 4);
            let expected: [u64; 8] = std::array::from_fn(|_| other.next_u64());
            prop_assert_eq!(block(&secret, nonce, counter), expected);
        }
    }
}
