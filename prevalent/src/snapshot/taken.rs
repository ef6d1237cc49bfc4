//! A model that is ready to be written: encoded, and found to be readable.

use std::collections::HashMap;

use super::write::{Contents, UnnamedSnapshot, write};
use crate::disk::Disk;
use crate::encoding;
use crate::error::Error;
use crate::format::record::ModelRecord;
use crate::format::{NAMES_BYTES_MAX, PARTS_MAX, Position, StoreId, TYPES_MAX};
use crate::idempotency::Window;
use crate::model::Model;
use crate::origin::Origin;
use crate::panic::drop_quietly;
use crate::recovery::State;
use crate::schema::types::Types;
use crate::schema::{Schema, walk};

/// What a snapshot will hold.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) seq: u64,
    time_us: u64,
    /// A place behind the last transaction in it.
    pub(crate) journal: Position,
    model: ModelRecord<'static>,
    /// What is remembered.
    window: Window,
    body: Vec<u8>,
}

impl Taken {
    /// Encodes a state. [`check`](Taken::check) comes before it is written; it takes its time, and needs no lock.
    ///
    /// # Errors
    ///
    /// `Encoding`.
    pub(crate) fn encode<M: Model>(state: &State<M>) -> Result<Self, Error> {
        let mut body = Vec::new();
        encoding::encode_value(&state.model, &mut body, None)
            .map_err(|error| unfit::<M>(error.to_string()))?;
        let model = ModelRecord { name: M::NAME, version: M::VERSION, ty: None };
        let State { seq, time_us, journal, .. } = *state;
        let window = state.window.lock().clone();
        Ok(Taken { seq, time_us, journal, model, window, body })
    }

    /// Follows the encoding along its type, where the type is known: for who has no room for what [`check`](Taken::check)
    /// decodes. What the model's own `Deserialize` would say to it is not known then.
    ///
    /// # Errors
    ///
    /// `Encoding`.
    pub(crate) fn check_without_room<M: Model>(&self, schema: &Schema) -> Result<(), Error> {
        if schema.types.is_untraced(schema.model) {
            return self.check::<M>(schema).map(drop_quietly);
        }
        self.expect_describable::<M>(schema)?;
        expect_not_misread::<M>(schema)?;
        walk(&schema.types, schema.model, &self.body).map_err(unfit::<M>)
    }

    /// What can't be decoded must never get a name: an open would rely on it. Gives what was decoded.
    ///
    /// # Errors
    ///
    /// `Encoding`.
    pub(crate) fn check<M: Model>(&self, schema: &Schema) -> Result<M, Error> {
        self.expect_describable::<M>(schema)?;
        expect_not_misread::<M>(schema)?;
        if cfg!(debug_assertions) {
            walk(&schema.types, schema.model, &self.body).map_err(unfit::<M>)?;
        }
        encoding::decode_value(&self.body).map_err(|error| unfit::<M>(error.to_string()))
    }

    /// A reader refuses more types than a file may hold.
    fn expect_describable<M: Model>(&self, schema: &Schema) -> Result<(), Error> {
        let mut types = Types::default();
        types.copy(&schema.types, schema.model, &mut HashMap::new());
        self.window.add_types(&mut types);
        if types.fit_in_a_file() { Ok(()) } else { Err(unfit::<M>(too_many_types("snapshot"))) }
    }

    /// Writes it under a name that means nothing.
    pub(crate) fn write<'a>(
        &self,
        disk: &'a dyn Disk,
        store: StoreId,
        origin: Option<&Origin>,
        schema: &Schema,
    ) -> Result<UnnamedSnapshot<'a>, Error> {
        let contents = Contents {
            store,
            model: self.model,
            schema,
            seq: self.seq,
            time_us: self.time_us,
            origin,
            window: &self.window,
            body: &self.body,
        };
        write(disk, &contents).map_err(|failure| failure.at(disk))
    }
}

fn expect_not_misread<M: Model>(schema: &Schema) -> Result<(), Error> {
    schema.misread.model.clone().map_or(Ok(()), |reason| Err(unfit::<M>(reason)))
}

/// Why a schema can't be written.
pub(crate) fn too_many_types(file: &str) -> String {
    format!(
        "a {file} would have to describe more types than the format allows: at most {TYPES_MAX}, with {PARTS_MAX} fields, variants and elements of tuples and arrays, and names of {NAMES_BYTES_MAX} bytes"
    )
}

pub(crate) fn unfit<M: Model>(reason: String) -> Error {
    Error::Encoding { tx: M::NAME.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::TYPES_MAX;
    use crate::idempotency::SharedWindow;
    use crate::model::sample::Nothing;
    use crate::schema::Misread;
    use crate::schema::types::{Scalar, Type};

    /// That of a model with so many types, itself included.
    fn schema(count: usize) -> Schema {
        let mut types = Types::default();
        let elements = (1..count).map(|_| types.add(Type::Unit)).collect();
        let model = types.add(Type::Tuple { name: String::new(), elements });
        let misread = Misread::default();
        Schema { types, model, arguments: vec![model], replies: vec![None], misread }
    }

    fn taken() -> Taken {
        let (journal, window) = (Position::default(), SharedWindow::default());
        let state = State { model: Nothing, seq: 0, time_us: 0, journal, window };
        Taken::encode(&state).unwrap()
    }

    #[test]
    fn what_is_not_written_as_its_type_says_is_noticed_by_a_build_with_debug_assertions() {
        let mut number = schema(1);
        number.model = number.types.add(Type::Scalar(Scalar::U8));
        let checked = taken().check::<Nothing>(&number);
        assert_eq!(checked.is_err(), cfg!(debug_assertions));
        assert!(taken().check_without_room::<Nothing>(&number).is_err(), "in each build");
    }

    #[test]
    fn a_model_of_more_types_than_a_file_describes_gets_no_snapshot_by_either_check() {
        let taken = taken();
        taken.check::<Nothing>(&schema(TYPES_MAX)).unwrap();
        taken.check_without_room::<Nothing>(&schema(TYPES_MAX)).unwrap();
        let too_many = schema(TYPES_MAX + 1);
        let errors = [
            taken.check::<Nothing>(&too_many).map(drop_quietly).unwrap_err(),
            taken.check_without_room::<Nothing>(&too_many).unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains("more types than the format allows"), "{error}");
        }
    }
}
