//! What the fields of a model have to be.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a field of a model must be; in the way of `Argument`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a model",
    label = "a model is stored: its fields must be `Serialize`, `Deserialize` and owned",
    note = "write `#[prevalent::data]` above the type, or derive serde's `Serialize` and `Deserialize`; \
            `#[serde(skip)]` leaves the field out of what is stored"
)]
pub trait Field: Sized {
    /// Encodes the field.
    fn serialize<S: Serializer>(this: &Self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Decodes the field.
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Field for T {
    fn serialize<S: Serializer>(this: &Self, serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(this, serializer)
    }

    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Deserialize::deserialize(deserializer)
    }
}
