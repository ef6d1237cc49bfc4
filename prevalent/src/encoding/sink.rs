//! Where an encoding goes.

use postcard::ser_flavors::Flavor;

/// Takes the bytes of an encoding, and is told which parts of it have no order.
///
/// A map, and a sequence that is marked by `prevalent::unordered`, come between `begin_unordered` and `end_unordered`, behind
/// their length; each entry or element between `begin_member` and `end_member`. They may lie in each other. After a
/// failure the ends are missing.
pub(crate) trait Sink: Flavor {
    /// Whether it gets what is in an opaque value, not the bytes that stand for it.
    const SEES_OPAQUE: bool = false;

    #[inline]
    fn begin_unordered(&mut self) {}

    #[inline]
    fn begin_member(&mut self) {}

    #[inline]
    fn end_member(&mut self) {}

    #[inline]
    fn end_unordered(&mut self) {}
}
