//! A model, stored and loaded again, without a file.

use crate::encoding::{decode_value, encode_value};
use crate::model::Model;
use crate::panic::{catch, drop_quietly};

/// What an open would make of a snapshot of this model; if it can't, why.
pub(crate) fn reload<M: Model>(model: M) -> Result<M, String> {
    let unfit = |reason: String| format!("the model can't be stored: {reason}");
    let mut bytes = Vec::new();
    encode_value(&model, &mut bytes, None).map_err(|error| unfit(error.to_string()))?;
    drop_quietly(model);
    let mut model: M = decode_value(&bytes).map_err(|error| unfit(error.to_string()))?;
    catch(|| model.restored()).map_err(|message| format!("`restored` panicked: {message}"))?;
    Ok(model)
}
