//! The commit path, in whatever order its threads have their turns.

mod submit;
