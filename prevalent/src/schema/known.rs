//! The schemas of this program's models, each found out once.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Schema, trace_model};
use crate::model::Model;

static KNOWN: Mutex<BTreeMap<TypeId, Arc<Schema>>> = Mutex::new(BTreeMap::new());

/// What the code writes now, for this model.
pub(crate) fn schema_of<M: Model>() -> Arc<Schema> {
    let model = TypeId::of::<M>();
    if let Some(schema) = KNOWN.lock().get(&model) {
        return schema.clone();
    }
    // Not under the lock: this runs the user's code.
    let schema = Arc::new(trace_model::<M>());
    KNOWN.lock().entry(model).or_insert(schema).clone()
}
