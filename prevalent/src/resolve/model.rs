//! How the model of a snapshot is read.

use std::path::Path;

use super::Resolver;
use super::reading::{Certainty, certainty, mismatch, would_read};
use crate::encoding::{self, decode_value_as};
use crate::error::{Error, Mismatch, SchemaError};
use crate::model::{Model, ModelData};
use crate::panic::{catch, drop_quietly};
use crate::schema::check::check;
use crate::schema::types::{TypeId, Types};
use crate::schema::{Schema, same_encoding};
use crate::snapshot::read::SnapshotFile;
use crate::stored::{Purpose, Stored};

/// A model, read from a snapshot.
#[derive(Debug)]
pub(crate) struct LoadedModel<M> {
    pub(crate) model: M,
    /// Whether it was written in another way than it would be today.
    pub(crate) is_converted: bool,
}

/// How a stored model is read.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "json"),
    allow(dead_code, reason = "only the schema lock asks how certain it is")
)]
pub(super) enum ModelReading {
    /// It is written like this today.
    Exact,
    /// Its types were not known when it was written, but they were declared as they are today.
    AsDeclared,
    /// By the names of fields and variants.
    ByName(Certainty),
    /// Through the user's function for its version.
    OfOldVersion(Certainty),
    /// Not at all: a newer version of the program wrote it.
    Newer,
    /// Not at all: there is no function for its version.
    NoWay,
    /// Not at all: its types are not today's.
    Incompatible(Mismatch),
}

/// How a model of this version and type is read.
pub(super) fn reading_of<M: Model>(
    today: &Schema,
    (types, ty): (&Types, TypeId),
    version: u32,
) -> ModelReading {
    let is_old = version != M::VERSION;
    if is_old && !M::OLD_VERSIONS.contains(&version) {
        return if version > M::VERSION { ModelReading::Newer } else { ModelReading::NoWay };
    }
    if !is_old && same_encoding((types, ty), (&today.types, today.model)) {
        return ModelReading::Exact;
    }
    if !is_old && types.is_declared_as(ty, M::DECLARATION) {
        return ModelReading::AsDeclared;
    }
    if is_old && types.is_untraced(ty) {
        // The function says what it was; the value will tell.
        return ModelReading::OfOldVersion(Certainty::All);
    }
    let mut read = |bytes: &[u8]| {
        if is_old {
            let stored = Stored::model((types, ty), bytes, Purpose::Check);
            would_read(|| <M as ModelData>::from_version(version, stored))
        } else {
            decode_value_as::<M>(types, ty, bytes).map(drop_quietly)
        }
    };
    match certainty(check(types, ty, M::SAMPLES, &mut read)) {
        Ok(certainty) if is_old => ModelReading::OfOldVersion(certainty),
        Ok(certainty) => ModelReading::ByName(certainty),
        Err(fault) => {
            let (whole, next) = (types.describe(ty), M::VERSION.saturating_add(1));
            ModelReading::Incompatible(mismatch(fault, whole, version, next))
        }
    }
}

/// Why a snapshot's model is not to be had.
#[derive(Debug)]
pub(crate) enum LoadFailure {
    /// It doesn't fit today's program.
    Refused(Error),
    /// It is of today's types, and can't be read all the same: it is a bad snapshot.
    Unreadable(Error),
}

impl<M: Model> Resolver<M> {
    /// The model of the snapshot in `path`.
    pub(crate) fn load(
        &self,
        file: &SnapshotFile,
        path: &Path,
    ) -> Result<LoadedModel<M>, LoadFailure> {
        if file.model != M::NAME {
            let (found, expected) = (file.model.clone(), M::NAME.to_owned());
            return Err(LoadFailure::Refused(Error::WrongModel { found, expected }));
        }
        let (stored, found, body) = ((&file.types, file.ty), file.version, file.body());
        let reading = reading_of::<M>(&self.schema, stored, found);
        let is_converted = !matches!(reading, ModelReading::Exact);
        let model = match reading {
            ModelReading::Exact | ModelReading::AsDeclared => {
                encoding::decode_value(body).map_err(|error| error.to_string())
            }
            ModelReading::ByName(_) => {
                decode_value_as(stored.0, stored.1, body).map_err(|fault| fault.to_string())
            }
            ModelReading::OfOldVersion(_) => {
                let stored = Stored::model(stored, body, Purpose::Run);
                catch(|| <M as ModelData>::from_version(found, stored))
                    .and_then(|upgraded| upgraded.map_err(|error| error.to_string()))
            }
            refused => {
                return Err(LoadFailure::Refused(refusal::<M>(refused, found, path).into()));
            }
        };
        let model = model.map_err(|reason| {
            let (what, seq) = (M::NAME.to_owned(), file.header.seq.into());
            let error = SchemaError::Undecodable { what, seq, file: path.to_owned(), reason };
            if is_converted {
                LoadFailure::Refused(error.into())
            } else {
                LoadFailure::Unreadable(error.into())
            }
        })?;
        Ok(LoadedModel { model, is_converted })
    }
}

fn refusal<M: Model>(reading: ModelReading, found: u32, path: &Path) -> SchemaError {
    let (model, known, file) = (M::NAME.to_owned(), M::VERSION, path.to_owned());
    match reading {
        ModelReading::Newer => SchemaError::NewerVersion { model, found, known, file },
        ModelReading::Incompatible(mismatch) => {
            SchemaError::IncompatibleModel { model, file, mismatch: Box::new(mismatch) }
        }
        _ => SchemaError::NoWayFromVersion { model, found, known, file },
    }
}
