//! Values of all types, there and back.

mod mapping;
mod random;

use serde::de::DeserializeSeed;

use super::read::Encode;
use super::write::Typed;
use crate::schema::types::{TypeId, Types};

fn write(types: &Types, ty: TypeId, bytes: &[u8]) -> Result<String, String> {
    Typed { types, ty, bytes }.to_json().map_err(|error| error.to_string())
}

fn read(types: &Types, ty: TypeId, json: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(json);
    Encode { types, ty, out: &mut out }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map(|()| out)
        .map_err(|error| error.to_string())
}
