//! How the model of a snapshot is read.

use std::path::Path;

use super::Resolver;
use super::reading::{certainty, mismatch, would_read};
use crate::encoding::{self, DecodeFault, decode_value_as};
use crate::error::{Error, SchemaError};
use crate::model::{Model, ModelData};
use crate::panic::{catch, drop_quietly};
use crate::schema::check::check;
use crate::schema::same_encoding;
use crate::snapshot::read::SnapshotFile;
use crate::stored::{Purpose, Stored};

/// A model, read from a snapshot.
#[derive(Debug)]
pub(crate) struct LoadedModel<M> {
    pub(crate) model: M,
    /// Whether it was written in another way than it would be today.
    pub(crate) is_converted: bool,
}

impl<M: Model> Resolver<M> {
    /// The model of the snapshot in `path`.
    ///
    /// # Errors
    ///
    /// `WrongModel`; `Schema` where it does not fit today's types.
    pub(crate) fn load(&self, file: &SnapshotFile, path: &Path) -> Result<LoadedModel<M>, Error> {
        if file.model != M::NAME {
            return Err(Error::WrongModel {
                found: file.model.clone(),
                expected: M::NAME.to_owned(),
            });
        }
        let undecodable = |reason: String| {
            Error::from(SchemaError::Undecodable {
                what: M::NAME.to_owned(),
                seq: file.header.seq.into(),
                file: path.to_owned(),
                reason,
            })
        };
        if file.version != M::VERSION {
            let model = of_old_version(file, path, &undecodable)?;
            return Ok(LoadedModel { model, is_converted: true });
        }
        let (types, ty) = (&file.types, file.ty);
        if same_encoding((types, ty), (&self.schema.types, self.schema.model)) {
            let model = encoding::decode_value(file.body())
                .map_err(|error| undecodable(error.to_string()))?;
            return Ok(LoadedModel { model, is_converted: false });
        }
        let mut read = |bytes: &[u8]| decode_value_as::<M>(types, ty, bytes).map(drop_quietly);
        certainty(check(types, ty, M::SAMPLES, &mut read))
            .map_err(|fault| incompatible::<M>(file, path, fault))?;
        let model = decode_value_as(types, ty, file.body())
            .map_err(|fault| undecodable(fault.to_string()))?;
        Ok(LoadedModel { model, is_converted: true })
    }
}

/// The model, through the user's function for its version.
fn of_old_version<M: Model>(
    file: &SnapshotFile,
    path: &Path,
    undecodable: &dyn Fn(String) -> Error,
) -> Result<M, Error> {
    let found = file.version;
    if !M::OLD_VERSIONS.contains(&found) {
        let (model, path) = (M::NAME.to_owned(), path.to_owned());
        let error = if found > M::VERSION {
            SchemaError::NewerVersion { model, found, known: M::VERSION, file: path }
        } else {
            SchemaError::NoWayFromVersion { model, found, known: M::VERSION, file: path }
        };
        return Err(error.into());
    }
    let mut read = |bytes: &[u8]| {
        let stored = Stored::model((&file.types, file.ty), bytes, Purpose::Check);
        would_read(|| <M as ModelData>::from_version(found, stored))
    };
    certainty(check(&file.types, file.ty, M::SAMPLES, &mut read))
        .map_err(|fault| incompatible::<M>(file, path, fault))?;
    let stored = Stored::model((&file.types, file.ty), file.body(), Purpose::Run);
    catch(|| <M as ModelData>::from_version(found, stored))
        .map_err(undecodable)?
        .map_err(|error| undecodable(error.to_string()))
}

fn incompatible<M: Model>(file: &SnapshotFile, path: &Path, fault: DecodeFault) -> Error {
    let whole = file.types.describe(file.ty);
    let mismatch = Box::new(mismatch(fault, whole, file.version, M::VERSION + 1));
    let (model, file) = (M::NAME.to_owned(), path.to_owned());
    SchemaError::IncompatibleModel { model, file, mismatch }.into()
}
