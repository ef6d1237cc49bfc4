//! What the arguments of a transaction have to be.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What an argument of a transaction must be.
///
/// The derives of generated code go through these functions instead of through serde's traits: what is missing is then
/// said once, in our words, at the place where the user wrote the type.
#[expect(
    clippy::ptr_arg,
    clippy::ref_option_ref,
    reason = "serde hands over a reference to the field"
)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a transaction",
    label = "an argument is stored: it must be `Serialize`, `Deserialize` and owned",
    note = "write `#[prevalent::data]` above the type, or derive serde's `Serialize` and `Deserialize`"
)]
pub trait Argument: Sized {
    /// Encodes the argument, or what was borrowed in its place: both have the same encoding.
    fn serialize<S: Serializer>(this: &Self, serializer: S) -> Result<S::Ok, S::Error>;

    /// The same for `&T`.
    fn serialize_ref<S: Serializer>(this: &&Self, serializer: S) -> Result<S::Ok, S::Error>;

    /// The same for `&[T]`.
    fn serialize_slice<S: Serializer>(this: &&[Self], serializer: S) -> Result<S::Ok, S::Error>;

    /// The same for `Vec<T>`.
    fn serialize_vec<S: Serializer>(this: &Vec<Self>, serializer: S) -> Result<S::Ok, S::Error>;

    /// The same for `Option<T>`.
    fn serialize_option<S: Serializer>(
        this: &Option<Self>,
        serializer: S,
    ) -> Result<S::Ok, S::Error>;

    /// The same for `Option<&T>`.
    fn serialize_option_ref<S: Serializer>(
        this: &Option<&Self>,
        serializer: S,
    ) -> Result<S::Ok, S::Error>;

    /// Decodes an argument.
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// The same for `Vec<T>`.
    fn deserialize_vec<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Self>, D::Error>;

    /// The same for `Option<T>`.
    fn deserialize_option<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Self>, D::Error>;
}

#[expect(clippy::ref_option_ref, reason = "as above")]
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + 'static> Argument for T {
    fn serialize<S: Serializer>(this: &Self, serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(this, serializer)
    }

    fn serialize_ref<S: Serializer>(this: &&Self, serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(*this, serializer)
    }

    fn serialize_slice<S: Serializer>(this: &&[Self], serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(*this, serializer)
    }

    fn serialize_vec<S: Serializer>(this: &Vec<Self>, serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(this, serializer)
    }

    fn serialize_option<S: Serializer>(
        this: &Option<Self>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        Serialize::serialize(this, serializer)
    }

    fn serialize_option_ref<S: Serializer>(
        this: &Option<&Self>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        Serialize::serialize(this, serializer)
    }

    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Deserialize::deserialize(deserializer)
    }

    fn deserialize_vec<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Self>, D::Error> {
        Deserialize::deserialize(deserializer)
    }

    fn deserialize_option<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Self>, D::Error> {
        Deserialize::deserialize(deserializer)
    }
}

/// The value of an `Option` that an encoding with field names leaves out. serde knows it by itself only where it
/// decodes the field itself.
#[must_use]
pub fn absent<T: Absent>() -> T {
    T::absent()
}

/// What has a value where it is left out: the standard library's `Option`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the standard library's `Option`",
    label = "another type of this name",
    note = "give the type another name, as in `use mine::Option as Choice;`"
)]
pub trait Absent {
    /// `None`
    fn absent() -> Self;
}

impl<T> Absent for Option<T> {
    fn absent() -> Self {
        None
    }
}
