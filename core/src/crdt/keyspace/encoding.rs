//! Operations as canonical bytes.
//!
//! An operation that travels in a replicated log is read by everybody, and everybody must do the same
//! to the same object. So there is one form of each, and what is no operation is refused where it is
//! read. Whether it fits the kind of its key is a matter of the registry: [`apply`](super::apply)
//! decides that.
//!
//! Fields lie within fields. A form that calls itself would let a few kilobytes of a stranger's end
//! the stack, here or where the operation is dropped; so they are read in a loop, and no deeper than
//! a keyspace takes.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::layout::DEPTH_MAX;
use super::operation::Operation;
use super::tags::{TagName, TagValue};
use crate::codec::{self, DecodeError, Reader, Sink, put_bytes, put_varint};
use crate::crdt::Kind;

const ADD: u8 = 0;
const REMOVE: u8 = 1;
const CLEAR: u8 = 2;
const INCREMENT: u8 = 3;
const WRITE: u8 = 4;
const ENABLE: u8 = 5;
const DISABLE: u8 = 6;
const FIELD: u8 = 7;
const TAG: u8 = 8;
const UNTAG: u8 = 9;
const DELETE: u8 = 10;

impl Operation {
    /// The operation as bytes. Equal operations have equal bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::frame(codec::Kind::Operation, |out| put_operation(out, self))
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// Refuses fields that lie deeper than a keyspace takes: [`apply`](super::apply) would refuse them
    /// wherever they were done.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = codec::unframe(codec::Kind::Operation, bytes)?;
        let operation = read_operation(&mut reader)?;
        reader.finish()?;
        Ok(operation)
    }
}

fn put_operation(out: &mut impl Sink, mut operation: &Operation) {
    while let Operation::Field {
        key,
        kind,
        operation: inner,
    } = operation
    {
        out.put(&[FIELD]);
        put_bytes(out, key);
        out.put(&[*kind as u8]);
        operation = inner;
    }
    put_innermost(out, operation);
}

fn put_innermost(out: &mut impl Sink, operation: &Operation) {
    let (tag, content): (u8, &[&[u8]]) = match operation {
        Operation::Add { element } => (ADD, &[element]),
        Operation::Remove { element } => (REMOVE, &[element]),
        Operation::Write { value } => (WRITE, &[value]),
        Operation::Clear => (CLEAR, &[]),
        Operation::Enable => (ENABLE, &[]),
        Operation::Disable => (DISABLE, &[]),
        Operation::Delete => (DELETE, &[]),
        Operation::Untag { name } => (UNTAG, &[name.as_str().as_bytes()]),
        Operation::Tag {
            name,
            value,
            source,
        } => {
            let (name, value) = (name.as_str().as_bytes(), value.to_bytes());
            return put_parts(out, TAG, &[name, &value, source.as_bytes()]);
        }
        Operation::Increment { by } => {
            out.put(&[INCREMENT]);
            return put_varint(out, sign_last(*by));
        }
        Operation::Field { .. } => return put_operation(out, operation),
    };
    put_parts(out, tag, content);
}

fn put_parts(out: &mut impl Sink, tag: u8, parts: &[&[u8]]) {
    out.put(&[tag]);
    for part in parts {
        put_bytes(out, part);
    }
}

fn read_operation(reader: &mut Reader<'_>) -> Result<Operation, DecodeError> {
    let mut fields = Vec::new();
    loop {
        let offset = reader.offset();
        let tag = reader.byte()?;
        if tag != FIELD {
            let innermost = read_innermost(reader, offset, tag)?;
            return Ok(within(fields, innermost));
        }
        // The value of the key itself is a level, too.
        if fields.len() + 1 == DEPTH_MAX {
            return Err(Reader::bad_value(offset, "a field that is so deep"));
        }
        fields.push((reader.bytes()?.to_vec(), read_kind(reader)?));
    }
}

fn within(fields: Vec<(Vec<u8>, Kind)>, innermost: Operation) -> Operation {
    let outwards = fields.into_iter().rev();
    outwards.fold(innermost, |operation, (key, kind)| Operation::Field {
        key,
        kind,
        operation: Box::new(operation),
    })
}

fn read_innermost(
    reader: &mut Reader<'_>,
    offset: usize,
    tag: u8,
) -> Result<Operation, DecodeError> {
    Ok(match tag {
        ADD => Operation::Add {
            element: reader.bytes()?.to_vec(),
        },
        REMOVE => Operation::Remove {
            element: reader.bytes()?.to_vec(),
        },
        CLEAR => Operation::Clear,
        INCREMENT => Operation::Increment {
            by: sign_first(reader.varint()?),
        },
        WRITE => Operation::Write {
            value: reader.bytes()?.to_vec(),
        },
        ENABLE => Operation::Enable,
        DISABLE => Operation::Disable,
        TAG => Operation::Tag {
            name: read_name(reader)?,
            value: read_part(reader, "the value of a tag", TagValue::from_bytes)?,
            source: read_part(reader, "text", |bytes| {
                core::str::from_utf8(bytes).ok().map(String::from)
            })?,
        },
        UNTAG => Operation::Untag {
            name: read_name(reader)?,
        },
        DELETE => Operation::Delete,
        _ => return Err(Reader::bad_value(offset, "an operation")),
    })
}

fn read_kind(reader: &mut Reader<'_>) -> Result<Kind, DecodeError> {
    let offset = reader.offset();
    let byte = reader.byte()?;
    let mut kinds = Kind::ALL.into_iter();
    kinds
        .find(|&kind| kind as u8 == byte)
        .ok_or(Reader::bad_value(offset, "a kind of field"))
}

fn read_name(reader: &mut Reader<'_>) -> Result<TagName, DecodeError> {
    read_part(reader, "the name of a tag", TagName::from_bytes)
}

fn read_part<T>(
    reader: &mut Reader<'_>,
    expected: &'static str,
    parse: impl Fn(&[u8]) -> Option<T>,
) -> Result<T, DecodeError> {
    let offset = reader.offset();
    parse(reader.bytes()?).ok_or(Reader::bad_value(offset, expected))
}

/// Small amounts up and down as small numbers: 0, −1, 1, −2 … are 0, 1, 2, 3 …
fn sign_last(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn sign_first(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}
