//! Integers whose bytes are in the order of the numbers, and small ones short.
//!
//! Fixed big-endian bytes keep the order and take eight bytes for a five; a varint takes one and
//! loses the order. Here a first byte says how many follow, more for larger numbers and fewer for
//! smaller ones below zero:
//!
//! ```text
//! n >= 0: 0x80 + k, the k bytes of n          n < 0: 0x7f - k, the k bytes of -1 - n, inverted
//! ```

use alloc::vec::Vec;

/// What stands for zero.
const ZERO: u8 = 0x80;

/// Writes an integer of at most 64 bits beyond its sign.
pub(super) fn put_integer(out: &mut Vec<u8>, value: i128) {
    let magnitude = if value < 0 { !value } else { value };
    let bytes = magnitude.to_be_bytes();
    let leading = bytes.iter().take_while(|&&byte| byte == 0).count();
    let significant = &bytes[leading..];
    debug_assert!(significant.len() <= 8, "callers have 64 bits");
    let len = u8::try_from(significant.len()).expect("sixteen bytes at most");
    if value < 0 {
        out.push(ZERO - 1 - len);
        out.extend(significant.iter().map(|byte| !byte));
    } else {
        out.push(ZERO + len);
        out.extend_from_slice(significant);
    }
}

/// The integer at the front of the bytes, and what follows; `None` if there is none, or one that is
/// not in its shortest form.
pub(super) fn split_integer(bytes: &[u8]) -> Option<(i128, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (len, flip) = match first {
        ZERO.. => (first - ZERO, 0),
        _ => (ZERO - 1 - first, 0xff),
    };
    if len > 8 {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(usize::from(len))?;
    if digits.first() == Some(&flip) {
        return None;
    }
    let fold = |value: i128, byte: &u8| value << 8 | i128::from(byte ^ flip);
    let magnitude = digits.iter().fold(0, fold);
    let value = if flip == 0 { magnitude } else { !magnitude };
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: i128) -> Vec<u8> {
        let mut out = Vec::new();
        put_integer(&mut out, value);
        out
    }

    #[test]
    fn bytes_are_in_the_order_of_the_numbers_and_come_back() {
        let numbers = [
            i128::from(i64::MIN),
            -65_537,
            -257,
            -256,
            -2,
            -1,
            0,
            1,
            255,
            256,
            65_536,
            i128::from(i64::MAX),
            i128::from(u64::MAX),
        ];
        assert!(numbers.is_sorted_by(|&a, &b| bytes(a) < bytes(b)));
        for number in numbers {
            let mut long = bytes(number);
            long.push(9);
            assert_eq!(split_integer(&long), Some((number, &[9][..])));
        }
        assert_eq!(bytes(5).len(), 2);
    }

    #[test]
    fn an_integer_has_one_form() {
        assert_eq!(split_integer(&[ZERO + 1, 0]), None);
        assert_eq!(split_integer(&[ZERO - 2, 0xff]), None);
        assert_eq!(split_integer(&[ZERO + 2, 1]), None);
        assert_eq!(split_integer(&[ZERO + 9, 1, 2, 3, 4, 5, 6, 7, 8, 9]), None);
        assert_eq!(split_integer(&[]), None);
    }
}
