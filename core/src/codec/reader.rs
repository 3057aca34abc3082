//! Reading what a stranger wrote, from front to back.

use super::DecodeError;

/// Reads the body of a frame from front to back.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    /// What the frame covers, its head included: offsets count from the first byte of the frame.
    pub(super) bytes: &'a [u8],
    pub(super) offset: usize,
}

impl<'a> Reader<'a> {
    /// Reads bytes that have no frame of their own, as a payload within one has not.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// Where the next byte is.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The next byte.
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        Ok(self.take(1)?[0])
    }

    /// The next integer.
    pub fn varint(&mut self) -> Result<u64, DecodeError> {
        let start = self.offset;
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                let minimal = byte != 0 || shift == 0;
                return minimal
                    .then_some(value)
                    .ok_or(DecodeError::BadInteger { offset: start });
            }
        }
        Err(DecodeError::BadInteger { offset: start })
    }

    /// The next length-prefixed bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let start = self.offset;
        let len = usize::try_from(self.varint()?)
            .map_err(|_| DecodeError::BadInteger { offset: start })?;
        self.take(len)
    }

    /// The number of items of a collection whose items take at least `item_bytes` each.
    ///
    /// A count that the rest of the input cannot hold is refused here, before anybody reserves
    /// memory for it.
    pub fn count(&mut self, item_bytes: usize) -> Result<usize, DecodeError> {
        let start = self.offset;
        let count = usize::try_from(self.varint()?)
            .map_err(|_| DecodeError::BadInteger { offset: start })?;
        if count
            .checked_mul(item_bytes.max(1))
            .is_none_or(|needed| needed > self.rest())
        {
            return Err(DecodeError::Truncated {
                offset: self.bytes.len(),
            });
        }
        Ok(count)
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let rest = &self.bytes[self.offset..];
        if len > rest.len() {
            return Err(DecodeError::Truncated {
                offset: self.bytes.len(),
            });
        }
        self.offset += len;
        Ok(&rest[..len])
    }

    /// The bytes that are left. None of them is taken.
    pub fn ahead(&self) -> &'a [u8] {
        &self.bytes[self.offset..]
    }

    /// How many bytes are left.
    pub fn rest(&self) -> usize {
        self.bytes.len() - self.offset
    }

    /// An error about the value that starts at `offset`.
    pub fn bad_value(offset: usize, expected: &'static str) -> DecodeError {
        DecodeError::BadValue { offset, expected }
    }

    /// Checks that nothing is left.
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.offset < self.bytes.len() {
            return Err(DecodeError::TrailingBytes {
                offset: self.offset,
            });
        }
        Ok(())
    }
}
