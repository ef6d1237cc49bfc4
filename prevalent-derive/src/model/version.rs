//! `version = 2, from(SessionsV1 => Self::from_v1)` on a model: how its data changed.

use syn::{Path, Type};

use crate::errors::Errors;
use crate::syntax::{Options, Way};

/// How often the data of a model changed, and the ways from what it was.
#[derive(Default)]
pub(crate) struct Version {
    /// Where it is given.
    pub(crate) number: Option<u32>,
    pub(crate) old: Vec<OldVersion>,
}

/// The model of an earlier version, and the way from it to today's.
pub(crate) struct OldVersion {
    pub(crate) number: u32,
    pub(crate) ty: Type,
    pub(crate) function: Path,
}

const HELP: &str = "write `version = 2, from(ModelV1 => Self::from_v1)`";

impl Version {
    /// Takes `version` and `from` out of the options of a model.
    pub(super) fn check(options: &Options, errors: &mut Errors) -> Self {
        let number = options.named("version").map(|option| option.count(errors));
        let mut version = Self { number: number.flatten(), old: Vec::new() };
        let Some(option) = options.named("from") else { return version };
        let ways = option.list_of::<Way<Type>>(errors, HELP).unwrap_or_default();
        match number {
            None => errors.push(&option.name, "`from` needs `version`", HELP),
            Some(None) => {}
            Some(Some(number)) => {
                // The last is for the version before this one, the one before it for the one before that.
                let first =
                    u32::try_from(ways.len()).ok().and_then(|many| number.checked_sub(many));
                let Some(first) = first.filter(|first| *first > 0) else {
                    errors.push(
                        &option.name,
                        format_args!("`from` lists more versions than there are before {number}"),
                        format_args!(
                            "write `version = {}`, or leave out what was none",
                            ways.len() + 1
                        ),
                    );
                    return version;
                };
                version.old = (first..)
                    .zip(ways)
                    .map(|(number, way)| OldVersion { number, ty: way.old, function: way.function })
                    .collect();
            }
        }
        version
    }
}
