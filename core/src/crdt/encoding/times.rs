//! Times, by dot: within one replica they hardly ever fall, so differences are small.

use alloc::vec::Vec;

use super::columns::{Column, put_column, read_column, unzigzag, zigzag};
use crate::Micros;
use crate::codec::{DecodeError, Reader, put_varint};
use crate::crdt::ReplicaId;

/// The time that the next section counts from: where the one before it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clock(u64);

/// The replicas and times of sorted dots.
pub(super) trait Times: Iterator<Item = (ReplicaId, Micros)> + Clone {}

impl<T: Iterator<Item = (ReplicaId, Micros)> + Clone> Times for T {}

/// Writes the times of sorted dots: the first as a difference to the clock, the others to the one
/// before of the same replica, or to the first.
pub(super) fn put_times(out: &mut Vec<u8>, clock: &mut Clock, mut times: impl Times) {
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

/// The times of sorted dots, as [`put_times`] wrote them, one after the other.
#[derive(Clone, Debug)]
pub(super) struct TimeColumn<'a> {
    first: u64,
    /// Of all but the first.
    differences: Column<'a>,
    /// The replica and the time of the dot before.
    previous: Option<(ReplicaId, u64)>,
}

impl<'a> TimeColumn<'a> {
    /// Reads the times of so many dots.
    pub(super) fn read(
        reader: &mut Reader<'a>,
        clock: &mut Clock,
        len: usize,
    ) -> Result<Self, DecodeError> {
        if len > 0 {
            clock.0 = clock.0.wrapping_add(unzigzag(reader.varint()?));
        }
        Ok(Self {
            first: clock.0,
            differences: read_column(reader, len.saturating_sub(1))?,
            previous: None,
        })
    }

    /// The time of the next dot, which is of this replica.
    pub(super) fn next_of(&mut self, replica: ReplicaId) -> Micros {
        let at = match self.previous {
            None => self.first,
            Some((of, previous)) => {
                let base = if replica == of { previous } else { self.first };
                let difference = self.differences.next().expect("as many dots as were read");
                base.wrapping_add(unzigzag(difference))
            }
        };
        self.previous = Some((replica, at));
        Micros(at)
    }
}
