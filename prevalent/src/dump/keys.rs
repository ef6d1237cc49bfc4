//! What is remembered of idempotent transactions: the records of a snapshot's description, in hexadecimal digits.

use crate::format::record::{Record, Records, put_keys, put_types};
use crate::format::window::WindowRecord;
use crate::idempotency::Window;
use crate::json::hex::{Hex, read_hex};
use crate::schema::types::Types;
use crate::snapshot::read::SnapshotFile;

/// The keys of a snapshot, if there are any.
pub(super) fn to_hex(file: &SnapshotFile) -> Option<String> {
    if file.window.keys.is_empty() {
        return None;
    }
    let mut types = Types::default();
    let window = Window::restored(usize::MAX, &file.types, file.window.clone());
    let window = window.described(&mut types);
    let mut bytes = Vec::new();
    put_types(&mut bytes, types.all());
    put_keys(&mut bytes, &window);
    Some(Hex(&bytes).to_string())
}

/// The keys of a state with this sequence number; `None` where they make no sense.
pub(super) fn from_hex(text: &str, seq: u64) -> Option<Window> {
    let mut bytes = Vec::new();
    read_hex(text, &mut bytes)?;
    let (mut types, mut window) = (Types::default(), WindowRecord::default());
    for record in Records::new(&bytes, 0) {
        match record.ok()? {
            Record::Types(more) => types.extend(more).ok()?,
            Record::Window(record) => window = record,
            _ => return None,
        }
    }
    window.is_sound(types.len(), seq).then(|| Window::restored(usize::MAX, &types, window))
}
