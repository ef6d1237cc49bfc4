//! Batches of records, as the bare loops and the hand-written contenders put them in a file.
//!
//! A batch: the length of its body and the number of its records (4 bytes each), the hash of the body (8 bytes), the body. A
//! record: its length (1 byte), then the payload in postcard.

use std::path::Path;

use twox_hash::XxHash3_64;

use crate::failure::Result;
use crate::workload::{Map, token};

const HEADER_BYTES: usize = 16;
/// More than any payload of the workload.
const PAYLOAD_BYTES_MAX: usize = 64;

/// What is committed.
pub(crate) type Session = (String, u64);

/// The session of this number.
pub(crate) fn session(number: u64) -> Session {
    (token(number), number)
}

/// The payload of one session.
#[derive(Debug)]
pub(crate) struct Encoded {
    room: [u8; PAYLOAD_BYTES_MAX],
    bytes: u8,
}

impl Encoded {
    /// # Errors
    ///
    /// Where it is longer than any of the workload.
    pub(crate) fn new(session: &Session) -> Result<Self> {
        let mut room = [0; PAYLOAD_BYTES_MAX];
        let bytes = u8::try_from(postcard::to_slice(session, &mut room)?.len())?;
        Ok(Encoded { room, bytes })
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.room[..usize::from(self.bytes)]
    }
}

/// A batch that is being filled; its memory is used again.
#[derive(Debug)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    records: u32,
}

impl Batch {
    pub(crate) fn new() -> Self {
        Batch { bytes: vec![0; HEADER_BYTES], records: 0 }
    }

    /// Encodes a session behind the others, and gives its payload.
    ///
    /// # Errors
    ///
    /// Where it is longer than any of the workload.
    pub(crate) fn push(&mut self, session: &Session) -> Result<&[u8]> {
        let encoded = Encoded::new(session)?;
        self.push_encoded(&encoded);
        Ok(&self.bytes[self.bytes.len() - usize::from(encoded.bytes)..])
    }

    /// The same, of one that is encoded already.
    pub(crate) fn push_encoded(&mut self, encoded: &Encoded) {
        self.bytes.push(encoded.bytes);
        self.bytes.extend_from_slice(encoded.payload());
        self.records += 1;
    }

    pub(crate) fn records(&self) -> u32 {
        self.records
    }

    /// The finished batch.
    pub(crate) fn seal(&mut self) -> Result<&[u8]> {
        let (header, body) = self.bytes.split_at_mut(HEADER_BYTES);
        header[..4].copy_from_slice(&u32::try_from(body.len())?.to_le_bytes());
        header[4..8].copy_from_slice(&self.records.to_le_bytes());
        header[8..].copy_from_slice(&XxHash3_64::oneshot(body).to_le_bytes());
        Ok(&self.bytes)
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.truncate(HEADER_BYTES);
        self.records = 0;
    }
}

/// Reads a file of batches into `map`: checks, decodes, inserts. It ends where there is nothing but zeros.
///
/// # Errors
///
/// What can't be read; a checksum that is not right.
pub(crate) fn read_into(file: &Path, map: &mut Map) -> Result<()> {
    let bytes = std::fs::read(file)?;
    let mut rest = bytes.as_slice();
    while let Some((header, behind)) = rest.split_at_checked(HEADER_BYTES) {
        let (body_bytes, records) = (u32_at(header, 0) as usize, u32_at(header, 4));
        if records == 0 {
            break;
        }
        let (mut body, next) = behind.split_at_checked(body_bytes).ok_or("a batch is cut off")?;
        if XxHash3_64::oneshot(body).to_le_bytes() != header[8..] {
            return Err("a batch has a wrong checksum".into());
        }
        for _ in 0..records {
            let (&length, behind) = body.split_first().ok_or("a record is cut off")?;
            let cut_off = "a payload is cut off";
            let (payload, behind) = behind.split_at_checked(length.into()).ok_or(cut_off)?;
            let (token, user_id): Session = postcard::from_bytes(payload)?;
            map.insert(token, user_id);
            body = behind;
        }
        rest = next;
    }
    Ok(())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_a_flipped_bit_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        let mut batch = Batch::new();
        let mut bytes = Vec::new();
        for numbers in [0..1, 1..20] {
            for number in numbers {
                batch.push(&session(number)).unwrap();
            }
            bytes.extend_from_slice(batch.seal().unwrap());
            batch.clear();
        }
        bytes.extend([0; 100]);
        std::fs::write(&file, &bytes).unwrap();
        let mut map = Map::new();
        read_into(&file, &mut map).unwrap();
        assert_eq!(map, (0..20).map(session).collect());

        bytes[200] ^= 1;
        std::fs::write(&file, &bytes).unwrap();
        assert!(read_into(&file, &mut map).is_err());
    }
}
