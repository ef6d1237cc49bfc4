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

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize, Serializer};

    use super::*;
    use crate::context::TxContext;
    use crate::model::{ModelData, TxInfo};

    #[derive(Debug, Default, PartialEq, Deserialize)]
    struct Fickle {
        refuses: bool,
        panics: bool,
    }

    impl Serialize for Fickle {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let Fickle { refuses, panics } = *self;
            if refuses {
                return Err(serde::ser::Error::custom("not today"));
            }
            (refuses, panics).serialize(serializer)
        }
    }

    #[derive(Serialize, Deserialize)]
    enum FickleTx {
        Do {},
    }

    impl ModelData for Fickle {
        const NAME: &'static str = "fickle";

        fn restored(&mut self) {
            if self.panics {
                std::panic::resume_unwind(Box::new("without a message on stderr"));
            }
        }
    }

    impl Model for Fickle {
        type Tx = FickleTx;
        type Reply = ();
        const TRANSACTIONS: &'static [TxInfo] = &[TxInfo::new("do")];

        fn apply(&mut self, _: FickleTx, _: &TxContext) {}
    }

    #[test]
    fn what_can_not_be_stored_or_restored_is_told() {
        reload(Fickle::default()).unwrap();
        let refused = reload(Fickle { refuses: true, panics: false }).unwrap_err();
        assert_eq!(refused, "the model can't be stored: not today");
        let panicked = reload(Fickle { refuses: false, panics: true }).unwrap_err();
        assert!(panicked.starts_with("`restored` panicked: "), "{panicked}");
    }
}
