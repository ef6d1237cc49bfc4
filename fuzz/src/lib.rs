//! What the targets share. The targets are one line each: what they call is in `prevalent::__fuzz`, and in [`directory`].

pub mod directory;
