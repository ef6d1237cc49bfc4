//! What to make of the bytes behind the last good batch of the newest segment. Zeros at its end are not among them.

use crate::format::batch::{
    BATCH_HEADER_BYTES, BatchHeader, is_zero, may_begin_here, zero_sectors,
};
use crate::format::{Chain, SECTOR_BYTES};

/// What lies behind the last good batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Nothing was ever written there.
    Empty,
    /// A batch that a crash tore: to be dropped.
    Torn,
    /// Something bad without a sign that it was torn. It may be damage to what was acknowledged.
    Suspect,
}

/// How the bytes from `end` on look. Whether anything vouches for them is another question: [`vouched_behind`].
pub(crate) fn judge(segment: &[u8], end: usize, seed: Chain) -> Tail {
    judge_bytes(segment.get(end..).unwrap_or_default(), end, seed)
}

/// How these bytes look, which stand at `offset` in their segment, behind the last good batch.
pub(crate) fn judge_bytes(tail: &[u8], offset: usize, seed: Chain) -> Tail {
    if is_zero(tail) {
        Tail::Empty
    } else if has_sign_of_a_tear(tail, offset, seed) {
        Tail::Torn
    } else {
        Tail::Suspect
    }
}

/// The highest offset that a valid batch header behind `end` vouches for, if there is one.
pub(crate) fn vouched_behind(segment: &[u8], end: usize, seed: Chain) -> Option<u64> {
    vouched_in(segment.get(end..).unwrap_or_default(), end, seed)
}

/// The highest offset that a valid batch header among these bytes vouches for, which stand at `offset` in their segment.
///
/// Every offset is tried, because a bad length leaves no other way to find what comes after it.
pub(crate) fn vouched_in(tail: &[u8], offset: usize, seed: Chain) -> Option<u64> {
    tail.windows(BATCH_HEADER_BYTES)
        .enumerate()
        .filter(|(_, window)| may_begin_here(window))
        .filter_map(|(index, window)| BatchHeader::decode(window, seed, (offset + index) as u64))
        .map(|header| header.synced_through)
        .max()
}

fn has_sign_of_a_tear(tail: &[u8], offset: usize, seed: Chain) -> bool {
    let Some(header_bytes) = tail.get(..BATCH_HEADER_BYTES) else {
        return true;
    };
    let Some(header) = BatchHeader::decode(header_bytes, seed, offset as u64) else {
        return any_sector_is_zero(tail, offset, BATCH_HEADER_BYTES);
    };
    let Some(batch) =
        usize::try_from(header.batch_bytes()).ok().and_then(|bytes| tail.get(..bytes))
    else {
        return true;
    };
    let last_piece = (offset + batch.len()) % SECTOR_BYTES;
    zero_sectors(batch, offset as u64) > header.zero_sectors
        || (last_piece > 0
            && last_piece <= batch.len()
            && is_zero(&batch[batch.len() - last_piece..]))
}

/// Whether one of the sectors that the first `len` bytes lie in was never written: it is zero from where `tail` begins in
/// it to its end, or to the end of the file.
fn any_sector_is_zero(tail: &[u8], offset: usize, len: usize) -> bool {
    let mut start = 0;
    while start < len {
        let end = (offset + start + 1).next_multiple_of(SECTOR_BYTES) - offset;
        if is_zero(&tail[start..end.min(tail.len())]) {
            return true;
        }
        start = end;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::batch::{BatchBuilder, Progress};

    const SEED: Chain = Chain(5);

    fn file_with_batch(start: usize, payload: &[u8], progress: Progress) -> Vec<u8> {
        let mut batch = BatchBuilder::new(1, 0);
        batch.push_tx(0, 0, payload);
        let mut file = vec![0xEE; start];
        file.extend(batch.seal(SEED, start as u64, Chain(0), progress).bytes);
        file
    }

    #[test]
    fn zeros_behind_the_end_are_no_tail() {
        assert_eq!(judge(&[7; 10], 10, SEED), Tail::Empty);
        assert_eq!(judge(&[0; 4096], 10, SEED), Tail::Empty);
    }

    #[test]
    fn a_file_that_ends_inside_a_batch_is_torn_at_every_length() {
        let file = file_with_batch(300, &[7; 2000], Progress::default());
        for len in 301..file.len() {
            assert_eq!(judge(&file[..len], 300, SEED), Tail::Torn, "length {len}");
        }
    }

    #[test]
    fn every_lost_sector_of_a_batch_is_a_sign_of_a_tear() {
        for start in [0, 1, 300, 440, 511, 512] {
            // Zero sectors in the payload must not hide a lost one.
            let payload = [vec![7; 1500], vec![0; 1500], vec![7; 40]].concat();
            let file = file_with_batch(start, &payload, Progress::default());
            for sector in start / SECTOR_BYTES..=(file.len() - 1) / SECTOR_BYTES {
                let mut lost = file.clone();
                let end = file.len().min((sector + 1) * SECTOR_BYTES);
                let range = start.max(sector * SECTOR_BYTES)..end;
                if is_zero(&file[range.clone()]) {
                    continue;
                }
                lost[range].fill(0);
                assert_eq!(judge(&lost, start, SEED), Tail::Torn, "start {start}, sector {sector}");
            }
        }
    }

    /// What is read of a file: nothing of the zeros at its end.
    fn without_zeros(file: &[u8]) -> &[u8] {
        let end = file.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        &file[..end]
    }

    #[test]
    fn a_batch_that_overwrote_zeros_is_whole_or_torn_whichever_sectors_are_lost() {
        for start in [0, 1, 300, 431, 432, 440, 511, 512] {
            let payload = [vec![7; 700], vec![0; 1500], vec![7; 40], vec![0; 600]].concat();
            let whole = file_with_batch(start, &payload, Progress::default());
            let sectors: Vec<_> =
                (start / SECTOR_BYTES..=(whole.len() - 1) / SECTOR_BYTES).collect();
            for kept in 0..1_u32 << sectors.len() {
                let mut file = [whole.as_slice(), &[0; 4096]].concat();
                for (index, sector) in sectors.iter().enumerate() {
                    if kept & (1 << index) == 0 {
                        let sector = sector * SECTOR_BYTES..(sector + 1) * SECTOR_BYTES;
                        file[start.max(sector.start)..sector.end].fill(0);
                    }
                }
                let file = without_zeros(&file);
                if *file == whole {
                    continue;
                }
                let expected = if file.len() <= start { Tail::Empty } else { Tail::Torn };
                assert_eq!(judge(file, start, SEED), expected, "start {start}, kept {kept:b}");
            }
        }
    }

    #[test]
    fn a_batch_that_overwrote_zeros_up_to_anywhere_is_torn() {
        let whole = file_with_batch(300, &[0, 7].repeat(400), Progress::default());
        for len in 301..whole.len() {
            let mut file = whole.clone();
            file[len..].fill(0);
            assert_eq!(judge(without_zeros(&file), 300, SEED), Tail::Torn, "length {len}");
        }
    }

    #[test]
    fn a_flipped_bit_is_no_sign_of_a_tear() {
        for payload in [vec![7; 700], vec![0; 2000]] {
            let file = file_with_batch(300, &payload, Progress::default());
            for bit in 300 * 8..file.len() * 8 {
                let mut bad = file.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(judge(&bad, 300, SEED), Tail::Suspect, "bit {bit}");
            }
        }
    }

    #[test]
    fn a_good_header_behind_a_bad_batch_vouches() {
        let mut file = file_with_batch(300, &[7; 90], Progress::default());
        let start = file.len();
        file.extend_from_slice(&[1, 2, 3]);
        let later = file_with_batch(
            start + 3,
            b"x",
            Progress { synced_through: start as u64, applied_through: 0 },
        );
        file.extend_from_slice(&later[start + 3..]);
        file[320] ^= 1;
        assert_eq!(vouched_behind(&file, 300, SEED), Some(start as u64));
        assert_eq!(vouched_behind(&file[..start], 300, SEED), None);
    }
}
