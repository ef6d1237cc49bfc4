//! Where encoded bytes go.

use postcard::ser_flavors::Flavor;

use super::sink::Sink;

/// The end of a buffer, up to a limit.
pub(super) struct Output<'a> {
    buffer: &'a mut Vec<u8>,
    /// Where in `buffer` this value began.
    start: usize,
    limit: usize,
    /// How many bytes the value would have with the piece that was refused.
    overrun: Option<usize>,
}

impl<'a> Output<'a> {
    pub(super) fn new(buffer: &'a mut Vec<u8>, limit: Option<usize>) -> Self {
        let start = buffer.len();
        Output { buffer, start, limit: limit.unwrap_or(usize::MAX), overrun: None }
    }

    /// The limit, and how many bytes it was passed with.
    pub(super) fn overrun(&self) -> Option<(usize, usize)> {
        Some((self.limit, self.overrun?))
    }

    /// How many bytes were written.
    pub(super) fn len(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Takes back what was written.
    pub(super) fn revoke(&mut self) {
        self.buffer.truncate(self.start);
    }

    /// Is there room for `more` bytes?
    #[inline]
    fn check(&mut self, more: usize) -> postcard::Result<()> {
        let len = self.len().saturating_add(more);
        if len > self.limit {
            self.overrun = Some(len);
            return Err(postcard::Error::SerializeBufferFull);
        }
        Ok(())
    }
}

impl Flavor for Output<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.check(1)?;
        self.buffer.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.check(bytes.len())?;
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// It takes the bytes as they come.
impl Sink for Output<'_> {}
