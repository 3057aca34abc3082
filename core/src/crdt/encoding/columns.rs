//! Columns: the numbers of one field, one behind the other.
//!
//! A byte per field and entry is what rows cost at least. Within a column the numbers are alike, so
//! they are packed in blocks of [`BLOCK`]: a byte that says how many bits each takes, then the
//! bits. A column of zeros costs a byte per block, an outlier only its own block. Blocks of fewer
//! than [`FEW`] are plain integers, which is shorter.
//!
//! A column can so take less than a bit per entry, and a stranger could announce millions of
//! entries in a few bytes. [`put_filled`] therefore gives every entry at least one byte, by zeros at
//! the end. What people really write is never that short.

use alloc::vec::Vec;

use crate::codec::{DecodeError, Reader, Sink, put_varint};

const BLOCK: usize = 64;
const FEW: usize = 8;

const BLOCK_FORM: &str = "a block in as few bits as it needs";

/// Writes numbers, without their count.
pub(super) fn put_column(out: &mut Vec<u8>, values: impl IntoIterator<Item = u64>) {
    let mut values = values.into_iter();
    if values.size_hint().1.is_some_and(|most| most < FEW) {
        values.for_each(|value| put_varint(out, value));
        return;
    }
    loop {
        let mut block = [0; BLOCK];
        let mut len = 0;
        for (place, value) in block.iter_mut().zip(&mut values) {
            *place = value;
            len += 1;
        }
        match len {
            0 => return,
            _ if len < FEW => block[..len]
                .iter()
                .for_each(|&value| put_varint(out, value)),
            _ => put_block(out, &block[..len]),
        }
        if len < BLOCK {
            return;
        }
    }
}

/// Numbers as they lie in a message that was checked, unpacked one at a time: a column takes no
/// memory of its own, however many numbers a few bytes announce.
#[derive(Clone, Debug)]
pub(super) struct Column<'a> {
    /// Where the next block begins.
    blocks: Reader<'a>,
    /// Numbers in the blocks from there on.
    behind: usize,
    /// The block that is being unpacked.
    block: Block<'a>,
}

/// Reads as many numbers. The caller has bounded how many that may be.
pub(super) fn read_column<'a>(
    reader: &mut Reader<'a>,
    len: usize,
) -> Result<Column<'a>, DecodeError> {
    let blocks = reader.clone();
    let mut left = len;
    while left > 0 {
        let len = left.min(BLOCK);
        if len < FEW {
            for _ in 0..len {
                reader.varint()?;
            }
        } else {
            let offset = reader.offset();
            if !Block::read(reader, len)?.is_minimal() {
                return Err(Reader::bad_value(offset, BLOCK_FORM));
            }
        }
        left -= len;
    }
    Ok(Column {
        blocks,
        behind: len,
        block: Block::default(),
    })
}

/// Writes numbers below `choices`. Where there is no choice, nothing is written.
pub(super) fn put_choices(
    out: &mut Vec<u8>,
    choices: usize,
    values: impl IntoIterator<Item = u64>,
) {
    if choices > 1 {
        put_column(out, values);
    }
}

/// Reads what [`put_choices`] wrote. Whether a number is one of the choices, the caller checks.
pub(super) fn read_choices<'a>(
    reader: &mut Reader<'a>,
    choices: usize,
    len: usize,
) -> Result<Column<'a>, DecodeError> {
    match choices {
        0 | 1 => Ok(Column::zeros(len)),
        _ => read_column(reader, len),
    }
}

/// Writes the columns of `entries` entries, and zeros until there is a byte for each.
pub(super) fn put_filled(out: &mut Vec<u8>, entries: usize, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    write(out);
    if out.len() < start + entries {
        out.resize(start + entries, 0);
    }
}

/// Reads what [`put_filled`] wrote.
pub(super) fn read_filled<'a, T>(
    reader: &mut Reader<'a>,
    entries: usize,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let start = reader.offset();
    let value = read(reader)?;
    while reader.offset() - start < entries {
        let offset = reader.offset();
        if reader.byte()? != 0 {
            return Err(Reader::bad_value(offset, "a filling zero"));
        }
    }
    Ok(value)
}

/// A difference, either way round, as a number that is small if it is.
pub(super) fn zigzag(difference: u64) -> u64 {
    (difference << 1) ^ (difference >> 63).wrapping_neg()
}

/// The difference again.
pub(super) fn unzigzag(value: u64) -> u64 {
    (value >> 1) ^ (value & 1).wrapping_neg()
}

impl Column<'_> {
    /// A column that nothing had to be written for.
    pub(super) fn zeros(len: usize) -> Self {
        Self {
            blocks: Reader::new(&[]),
            behind: 0,
            block: Block {
                len,
                ..Block::default()
            },
        }
    }

    /// Enters the next block, unless its numbers are plain integers.
    fn next_block(&mut self) -> Option<u64> {
        let checked = "the column was checked when it was read";
        match self.behind.min(BLOCK) {
            0 => None,
            1..FEW => {
                self.behind -= 1;
                Some(self.blocks.varint().expect(checked))
            }
            len => {
                self.behind -= len;
                self.block = Block::read(&mut self.blocks, len).expect(checked);
                self.block.next()
            }
        }
    }
}

impl Iterator for Column<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.block.next().or_else(|| self.next_block())
    }
}

/// Packed numbers.
#[derive(Clone, Debug, Default)]
struct Block<'a> {
    /// From the first of the packed bytes to the end of the message: so that nearly every number can
    /// be cut out of sixteen bytes, whatever they are.
    bytes: &'a [u8],
    /// The bit at which the next number begins.
    at: usize,
    /// Bits of a number.
    width: usize,
    /// As many ones.
    mask: u64,
    /// Numbers that are left.
    len: usize,
}

impl<'a> Block<'a> {
    /// Takes a block of numbers, in more bits than they need or not.
    fn read(reader: &mut Reader<'a>, len: usize) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        let width = reader.byte()?;
        let unused = 64_u32.checked_sub(width.into());
        let unused = unused.ok_or(Reader::bad_value(offset, BLOCK_FORM))?;
        let block = Self {
            bytes: reader.ahead(),
            at: 0,
            width: width.into(),
            mask: u64::MAX.checked_shr(unused).unwrap_or(0),
            len,
        };
        reader.take(block.bits().div_ceil(8))?;
        Ok(block)
    }

    /// Whether some number needs as many bits, and the last byte has no others.
    fn is_minimal(&self) -> bool {
        let bit = |at: usize| self.bytes[at / 8] >> (at % 8) & 1;
        let mut highest = (1..=self.len).map(|end| bit(end * self.width - 1));
        let is_narrow = self.width == 0 || highest.any(|bit| bit == 1);
        let behind = self.bits()..self.bits().next_multiple_of(8);
        is_narrow && behind.map(bit).all(|bit| bit == 0)
    }

    fn bits(&self) -> usize {
        self.len * self.width
    }
}

impl Iterator for Block<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.len = self.len.checked_sub(1)?;
        if self.mask == 0 {
            return Some(0);
        }
        let rest = &self.bytes[self.at / 8..];
        let sixteen = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut sixteen = [0; 16];
            sixteen[..rest.len()].copy_from_slice(rest);
            sixteen
        });
        let bits = u128::from_le_bytes(sixteen) >> (self.at % 8);
        self.at += self.width;
        let low = u64::try_from(bits & u128::from(u64::MAX)).expect("it was cut to 64 bits");
        Some(low & self.mask)
    }
}

/// Packs numbers into the bits that the largest needs.
fn put_block(out: &mut Vec<u8>, block: &[u64]) {
    let width = width(block);
    out.put(&[width]);
    let (mut bits, mut filled) = (0, 0);
    for &value in block {
        bits |= value << filled;
        filled += u32::from(width);
        if filled >= u64::BITS {
            out.put(&bits.to_le_bytes());
            filled -= u64::BITS;
            // What did not fit; nothing, where the number ended with the word.
            bits = value.checked_shr(u32::from(width) - filled).unwrap_or(0);
        }
    }
    out.put(&bits.to_le_bytes()[..filled.div_ceil(8) as usize]);
}

/// How many bits the largest takes.
fn width(block: &[u64]) -> u8 {
    let all = block.iter().fold(0, |all, value| all | value);
    u8::try_from(u64::BITS - all.leading_zeros()).expect("64 at most")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Kind, frame, unframe};

    fn round_trip(values: &[u64]) -> usize {
        let bytes = frame(Kind::State, |out| put_column(out, values.iter().copied()));
        let mut reader = unframe(Kind::State, &bytes).unwrap();
        let back = read_column(&mut reader, values.len()).unwrap();
        assert_eq!(back.collect::<Vec<_>>(), values);
        reader.finish().unwrap();
        bytes.len() - 8
    }

    #[test]
    fn columns_of_every_length_and_width_come_back() {
        for len in [0, 1, 7, 8, 9, 63, 64, 65, 71, 72, 128, 200] {
            for width in 0..=64_u32 {
                let largest = u64::MAX.checked_shr(64 - width).unwrap_or(0);
                let value = |at: u64| at.wrapping_mul(0x9e37_79b9_7f4a_7c15) & largest;
                round_trip(&(0..len).map(value).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn alike_costs_little_and_one_outlier_its_own_block() {
        assert_eq!(round_trip(&[0; 640]), 10);
        assert_eq!(round_trip(&[1; 640]), 10 * 9);
        let mut values = [1; 640];
        values[0] = u64::MAX;
        assert_eq!(round_trip(&values), 9 * 9 + 1 + 512);
    }

    #[test]
    fn a_block_has_one_form() {
        let refused = |body: &[u8]| {
            let bytes = frame(Kind::State, |out| out.put(body));
            let mut reader = unframe(Kind::State, &bytes).unwrap();
            read_column(&mut reader, 9).is_err()
        };
        assert!(!refused(&[1, 0xff, 1]));
        assert!(refused(&[2, 0x55, 0x55, 1]), "a bit more than needed");
        assert!(refused(&[1, 0xff, 3]), "a bit behind the last");
        assert!(refused(&[65]), "no such width");
    }

    #[test]
    fn every_entry_has_a_byte_and_what_fills_up_is_zero() {
        let filled = frame(Kind::State, |out| {
            put_filled(out, 9, |out| put_column(out, [0; 9]));
        });
        assert_eq!(filled.len(), 8 + 9);
        let read = |body: &[u8]| {
            let bytes = frame(Kind::State, |out| out.put(body));
            let mut reader = unframe(Kind::State, &bytes).unwrap();
            let read = read_filled(&mut reader, 9, |reader| read_column(reader, 9));
            read.is_ok() && reader.finish().is_ok()
        };
        assert!(read(&[0; 9]));
        assert!(!read(&[0; 8]));
        assert!(!read(&[0; 10]));
        assert!(!read(&[0, 0, 0, 1, 0, 0, 0, 0, 0]));
    }

    #[test]
    fn differences_come_back_whatever_their_sign() {
        for difference in [0, 1, 2, u64::MAX, 1 << 63, u64::MAX >> 1] {
            assert_eq!(unzigzag(zigzag(difference)), difference);
        }
        assert_eq!(zigzag(u64::MAX), 1, "minus one");
    }
}
