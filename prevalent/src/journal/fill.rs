//! Zeros behind the journal's end, so that the next batches overwrite what is there.
//!
//! A sync of a file that has grown makes the file system commit its own records, too; one of a file that was overwritten
//! does not. The zeros are written together with a batch, and made durable by the sync that the batch needs anyway. They
//! mean nothing: whoever reads a segment leaves them out.

use std::io;

use super::segment::ActiveSegment;
use crate::disk::DiskFile;
use crate::disk::transfer::write_all_at;
use crate::format::names;

/// Where nobody says how far to fill.
pub(crate) const FILL_BYTES: u64 = 256 << 10;

/// The first step of a session, which is perhaps a short one.
const FIRST_STEP_BYTES: u64 = 64 << 10;

/// Before a smaller segment is full, there is hardly time to make the file of the next one.
const NEXT_FILE_FROM: u64 = 4 << 10;

/// Behind a longer batch nothing is filled: to write so much twice takes longer than the file system's records.
const FILLED_BEHIND_BYTES_MAX: usize = 32 << 10;

/// No step is larger, whoever asks for it: a reader looks through so many zeros, and some more, but not for ever.
const STEP_BYTES_MAX: u64 = 1 << 30;

/// Fills the newest segment ahead, step by step.
#[derive(Debug)]
pub(crate) struct FillAhead {
    /// No step is larger; 0 for none at all.
    step_max: u64,
    step: u64,
    state: FillState,
    failed: u64,
}

/// What came of the last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FillState {
    Works,
    /// It failed, and isn't tried again before there is so much more journal.
    Failed {
        wait_bytes: u64,
    },
}

impl FillAhead {
    /// In steps of up to `step_max` bytes; 0 for none.
    pub(crate) fn new(step_max: u64) -> Self {
        let step_max = step_max.min(STEP_BYTES_MAX);
        let step = step_max.min(FIRST_STEP_BYTES);
        FillAhead { step_max, step, state: FillState::Works, failed: 0 }
    }

    /// How often it failed.
    pub(crate) fn failed(&self) -> u64 {
        self.failed
    }

    /// With how many zeros a file begins that is made ahead of time, for a segment that grows up to so many bytes; `None` where
    /// nothing is to be done ahead.
    pub(super) fn zeros_of_next(&self, segment_bytes: u64) -> Option<u64> {
        (self.step_max > 0 && segment_bytes >= NEXT_FILE_FROM)
            .then(|| self.step_max.min(segment_bytes))
    }

    /// The next file could not be made ahead.
    pub(super) fn no_next_file(&mut self) {
        self.failed += 1;
    }

    /// A batch of so many bytes, which ends at `end`, was written. If it ends behind the zeros that were there, more are
    /// written, as far as the segment will grow. The batch is whole without them: where they can't be written, that is told
    /// and tried again.
    pub(crate) fn behind(
        &mut self,
        segment: &mut ActiveSegment,
        end: u64,
        batch_bytes: usize,
        segment_bytes: u64,
    ) {
        if end <= segment.filled || self.step_max == 0 || batch_bytes > FILLED_BEHIND_BYTES_MAX {
            return;
        }
        if let FillState::Failed { wait_bytes } = &mut self.state {
            *wait_bytes = wait_bytes.saturating_sub(batch_bytes as u64);
            if *wait_bytes > 0 {
                return;
            }
        }
        let until = end.saturating_add(self.step).min(segment_bytes);
        match write_zeros(&*segment.file, end, until) {
            Ok(()) => {
                segment.filled = until.max(end);
                self.state = FillState::Works;
                self.step = self.step.saturating_mul(2).min(self.step_max);
            }
            Err(error) => self.fail(segment.number, &error),
        }
    }

    fn fail(&mut self, segment: u64, error: &io::Error) {
        self.failed += 1;
        if self.state == FillState::Works {
            let file = names::segment(segment);
            tracing::warn!(file, %error, "could not fill the journal ahead; it will be tried again");
        }
        self.state = FillState::Failed { wait_bytes: self.step };
    }
}

pub(super) fn write_zeros(file: &dyn DiskFile, mut offset: u64, end: u64) -> io::Result<()> {
    static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
    while offset < end {
        let count = usize::try_from(end - offset).map_or(ZEROS.len(), |rest| rest.min(ZEROS.len()));
        write_all_at(file, offset, &ZEROS[..count])?;
        offset += count as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_file_is_made_ahead_where_zeros_are_wanted_and_the_segment_is_not_too_small() {
        let wanted = FillAhead::new(FILL_BYTES);
        assert_eq!(wanted.zeros_of_next(u64::MAX), Some(FILL_BYTES));
        assert_eq!(wanted.zeros_of_next(NEXT_FILE_FROM), Some(NEXT_FILE_FROM), "and no longer");
        assert_eq!(wanted.zeros_of_next(NEXT_FILE_FROM - 1), None);
        assert_eq!(FillAhead::new(0).zeros_of_next(u64::MAX), None);
        let endless = FillAhead::new(u64::MAX);
        assert_eq!(endless.zeros_of_next(u64::MAX), Some(STEP_BYTES_MAX), "a reader would give up");
    }
}
