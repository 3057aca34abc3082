//! Times, by dot: within one replica they hardly ever fall, so differences are small.

use alloc::vec::Vec;

use super::columns::{put_column, read_column, unzigzag, zigzag};
use crate::Micros;
use crate::codec::{DecodeError, Reader, put_varint};
use crate::crdt::ReplicaId;

/// The time that the next section counts from: where the one before it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clock(u64);

/// Writes the times of sorted dots: the first as a difference to the clock, the others to the one
/// before of the same replica, or to the first.
pub(super) fn put_times(
    out: &mut Vec<u8>,
    clock: &mut Clock,
    times: impl IntoIterator<Item = (ReplicaId, Micros)>,
) {
    let mut times = times.into_iter();
    let Some((mut of, first)) = times.next() else {
        return;
    };
    put_varint(out, zigzag(first.0.wrapping_sub(clock.0)));
    clock.0 = first.0;
    let mut previous = first.0;
    let differences = times.map(|(replica, at)| {
        let base = if replica == of { previous } else { first.0 };
        (of, previous) = (replica, at.0);
        zigzag(at.0.wrapping_sub(base))
    });
    put_column(out, differences);
}

/// Reads the times of sorted dots, whose replicas are given.
pub(super) fn read_times(
    reader: &mut Reader<'_>,
    clock: &mut Clock,
    replicas: &[ReplicaId],
) -> Result<Vec<Micros>, DecodeError> {
    let Some((&first_replica, rest)) = replicas.split_first() else {
        return Ok(Vec::new());
    };
    let first = clock.0.wrapping_add(unzigzag(reader.varint()?));
    clock.0 = first;
    let mut times = Vec::with_capacity(replicas.len());
    times.push(Micros(first));
    let (mut of, mut previous) = (first_replica, first);
    for (&replica, difference) in rest.iter().zip(read_column(reader, rest.len())?) {
        let base = if replica == of { previous } else { first };
        (of, previous) = (replica, base.wrapping_add(unzigzag(difference)));
        times.push(Micros(previous));
    }
    Ok(times)
}
