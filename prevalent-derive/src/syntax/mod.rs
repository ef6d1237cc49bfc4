//! The first stage: from tokens to what was written, with as little opinion as possible.
//!
//! Not responsible for: whether it makes sense. That is [`crate::model`]'s.

mod attributes;
mod block;
mod guess;
mod item;
mod lists;
mod options;

pub(crate) use attributes::{
    Marker, MarkerKind, inside_cfg_attr, is_cfg, last_segment, marker_inside_cfg_attr, path_text,
    strip_markers,
};
pub(crate) use block::{Block, BlockItem, RawMethod};
pub(crate) use guess::{MisspeltMarker, nearest};
pub(crate) use item::{Data, Placement};
pub(crate) use lists::{Way, counted};
pub(crate) use options::{Options, RawOption, Value};
