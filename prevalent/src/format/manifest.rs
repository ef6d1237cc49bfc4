//! The manifest of a backup: what there is of a store, in which pieces.

use super::bytes::{Reader, put_counted, put_varint};
use super::header::{
    HEADER_BYTES, HeaderError, Opened, SegmentHeader, SnapshotHeader, Writer, open,
};
use super::{Position, StoreId, hash, names};

const MAGIC: [u8; 8] = *b"prvl-bkp";

/// The most that a piece may have.
pub(crate) const PIECE_BYTES_MAX: u64 = 64 << 20;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) store: StoreId,
    /// The last sequence number.
    pub(crate) seq: u64,
    /// The end of the journal: what lies behind it counts for nothing.
    pub(crate) end: Position,
    /// The time of the last transaction.
    pub(crate) time_us: u64,
    pub(crate) created_us: u64,
    /// The model's stable name.
    pub(crate) model: String,
    /// Oldest first.
    pub(crate) snapshots: Vec<BackedUp<SnapshotHeader>>,
    /// In their order, without a gap.
    pub(crate) segments: Vec<BackedUp<SegmentHeader>>,
}

/// A file of the store, or its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BackedUp<H> {
    pub(crate) header: H,
    /// One behind the other, from the start of the file on; the header is in the first.
    pub(crate) pieces: Vec<Piece>,
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// From 1 to [`PIECE_BYTES_MAX`].
    pub(crate) bytes: u64,
    pub(crate) hash: u64,
}

/// The header of a file that can be in a backup.
pub(crate) trait FileHeader {
    /// The name of the store's file.
    fn file_name(&self) -> String;
    fn encoded(&self) -> [u8; HEADER_BYTES];
}

impl FileHeader for SegmentHeader {
    fn file_name(&self) -> String {
        names::segment(self.number)
    }

    fn encoded(&self) -> [u8; HEADER_BYTES] {
        self.encode()
    }
}

impl FileHeader for SnapshotHeader {
    fn file_name(&self) -> String {
        names::snapshot(self.seq)
    }

    fn encoded(&self) -> [u8; HEADER_BYTES] {
        self.encode()
    }
}

/// The name of the piece of a file that begins at `offset`.
pub(crate) fn piece_name(header: &impl FileHeader, offset: u64) -> String {
    names::piece(&header.file_name(), hash(&header.encoded()), offset)
}

impl<H> BackedUp<H> {
    /// How much there is of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.bytes).sum()
    }
}

/// Why a manifest can't be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ManifestError {
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error("its length is not what its header says")]
    Length,
    #[error("the checksum of its list is wrong")]
    Checksum,
    #[error("its list makes no sense")]
    Malformed,
}

impl Manifest {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut list = Vec::new();
        put_counted(&mut list, self.model.as_bytes());
        put_varint(&mut list, self.snapshots.len() as u64);
        self.snapshots.iter().for_each(|file| put_file(&mut list, file));
        put_varint(&mut list, self.segments.len() as u64);
        self.segments.iter().for_each(|file| put_file(&mut list, file));
        let header = Writer::new(MAGIC, 0, self.store)
            .u64(self.seq)
            .position(self.end)
            .u64(self.time_us)
            .u64(self.created_us)
            .u64(hash(&list))
            .u64(list.len() as u64)
            .finish();
        let mut bytes = header.to_vec();
        bytes.extend_from_slice(&list);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        let Opened { store, mut fields, .. } = open(bytes, MAGIC, 0)?;
        let (seq, end) = (fields.number()?, fields.position()?);
        let (time_us, created_us) = (fields.u64()?, fields.u64()?);
        let (list_hash, list_bytes) = (fields.u64()?, fields.u64()?);
        let list = bytes.get(HEADER_BYTES..).unwrap_or_default();
        if list.len() as u64 != list_bytes {
            return Err(ManifestError::Length);
        }
        if hash(list) != list_hash {
            return Err(ManifestError::Checksum);
        }
        let mut list = Reader::new(list);
        let model = list.counted().and_then(|name| str::from_utf8(name).ok());
        let model = model.ok_or(ManifestError::Malformed)?.to_owned();
        let snapshots = files(&mut list, SnapshotHeader::decode, |header| header.store == store)?;
        let segments = files(&mut list, SegmentHeader::decode, |header| header.store == store)?;
        if !list.is_empty() {
            return Err(ManifestError::Malformed);
        }
        Ok(Manifest { store, seq, end, time_us, created_us, model, snapshots, segments })
    }
}

fn put_file(out: &mut Vec<u8>, file: &BackedUp<impl FileHeader>) {
    out.extend_from_slice(&file.header.encoded());
    put_varint(out, file.pieces.len() as u64);
    for piece in &file.pieces {
        put_varint(out, piece.bytes);
        out.extend_from_slice(&piece.hash.to_le_bytes());
    }
}

fn files<H>(
    list: &mut Reader<'_>,
    decode: impl Fn(&[u8]) -> Result<H, HeaderError>,
    belongs: impl Fn(&H) -> bool,
) -> Result<Vec<BackedUp<H>>, ManifestError> {
    let count = list.varint().ok_or(ManifestError::Malformed)?;
    // A count that isn't true ends with the bytes.
    (0..count)
        .map(|_| {
            let header = list.take(HEADER_BYTES).ok_or(ManifestError::Malformed)?;
            let header = decode(header)?;
            let pieces = pieces(list).ok_or(ManifestError::Malformed)?;
            let file = BackedUp { header, pieces };
            belongs(&file.header).then_some(file).ok_or(ManifestError::Malformed)
        })
        .collect()
}

fn pieces(list: &mut Reader<'_>) -> Option<Vec<Piece>> {
    let count = list.varint()?;
    let mut total = 0_u64;
    (0..count)
        .map(|_| {
            let piece = Piece { bytes: list.varint()?, hash: list.u64()? };
            total = total.checked_add(piece.bytes)?;
            (1..=PIECE_BYTES_MAX).contains(&piece.bytes).then_some(piece)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Chain;
    use crate::rollback::Rollback;
    use proptest::prelude::*;

    fn manifest() -> Manifest {
        let store = StoreId([3; 16]);
        let journal = Position { segment: 7, offset: 300, chain: Chain(9) };
        let snapshot = SnapshotHeader {
            store,
            seq: 5,
            journal,
            time_us: 6,
            created_us: 7,
            description_hash: 8,
            body_hash: 9,
            body_bytes: 10,
            description_bytes: 11,
        };
        let segment = SegmentHeader {
            store,
            rollback: Rollback::On,
            number: 7,
            predecessor: Position::default(),
            first_seq: 3,
            created_us: 1,
            birth_end: 200,
        };
        let pieces = vec![Piece { bytes: 200, hash: 1 }, Piece { bytes: 1 << 20, hash: 2 }];
        Manifest {
            store,
            seq: 8,
            end: Position { offset: 400, ..journal },
            time_us: 10,
            created_us: 11,
            model: "Sessions".to_owned(),
            snapshots: vec![BackedUp { header: snapshot, pieces: pieces.clone() }],
            segments: vec![BackedUp { header: segment, pieces }],
        }
    }

    #[test]
    fn a_manifest_reads_back() {
        let none = Manifest { snapshots: Vec::new(), segments: Vec::new(), ..manifest() };
        for manifest in [manifest(), none] {
            assert_eq!(Manifest::decode(&manifest.encode()), Ok(manifest));
        }
    }

    #[test]
    fn a_number_to_which_nothing_could_be_added_is_refused() {
        let number = u64::MAX;
        let refused = Err(ManifestError::Header(HeaderError::Number { number }));
        let late = Manifest { seq: number, ..manifest() };
        assert_eq!(Manifest::decode(&late.encode()), refused);
        let far = Manifest { end: Position { segment: number, ..manifest().end }, ..manifest() };
        assert_eq!(Manifest::decode(&far.encode()), refused);
        let mut inside = manifest();
        inside.segments[0].header.number = number;
        assert_eq!(Manifest::decode(&inside.encode()), refused);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_of_a_manifest_is_noticed() {
        let good = manifest().encode();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Manifest::decode(&bad).is_err(), "bit {bit}");
        }
        for len in 0..good.len() {
            assert!(Manifest::decode(&good[..len]).is_err(), "cut at {len}");
        }
        assert_eq!(Manifest::decode(&[good, vec![0]].concat()), Err(ManifestError::Length));
    }

    #[test]
    fn a_file_of_another_store_and_an_impossible_piece_are_refused() {
        let mut foreign = manifest();
        foreign.segments[0].header.store = StoreId([4; 16]);
        assert_eq!(Manifest::decode(&foreign.encode()), Err(ManifestError::Malformed));
        for bytes in [0, PIECE_BYTES_MAX + 1, u64::MAX] {
            let mut bad = manifest();
            bad.snapshots[0].pieces[0].bytes = bytes;
            assert_eq!(Manifest::decode(&bad.encode()), Err(ManifestError::Malformed));
        }
    }

    #[test]
    fn the_name_of_a_piece_says_what_it_is_of_and_where_it_begins() {
        let header = manifest().segments[0].header;
        let name = piece_name(&header, 4711);
        let seed = format!("{:016x}", header.seed().0);
        assert_eq!(name, format!("00000000000000000007.journal.{seed}.00000000000000004711"));
    }

    /// A manifest with this list, of which the header says what is true.
    fn with_list(list: &[u8]) -> Vec<u8> {
        let mut bytes = manifest().encode();
        bytes.truncate(HEADER_BYTES);
        bytes[80..88].copy_from_slice(&hash(list).to_le_bytes());
        bytes[88..96].copy_from_slice(&(list.len() as u64).to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..HEADER_BYTES - 4]);
        bytes[HEADER_BYTES - 4..].copy_from_slice(&crc.to_le_bytes());
        bytes.extend_from_slice(list);
        bytes
    }

    #[test]
    fn a_list_has_nothing_behind_its_end_and_everything_before_it() {
        let good = manifest().encode();
        let list = &good[HEADER_BYTES..];
        assert_eq!(Manifest::decode(&with_list(list)), Ok(manifest()));
        for len in 0..list.len() {
            let cut = Manifest::decode(&with_list(&list[..len]));
            assert_eq!(cut, Err(ManifestError::Malformed), "cut at {len}");
        }
        let long = [list, &[0]].concat();
        assert_eq!(Manifest::decode(&with_list(&long)), Err(ManifestError::Malformed));
    }

    proptest! {
        #[test]
        fn no_list_makes_the_reader_panic(list: Vec<u8>) {
            let _ = Manifest::decode(&with_list(&list));
        }
    }
}
