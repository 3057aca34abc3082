//! What is on its way to one follower.
//!
//! A limit of appends alone lets a follower drown in large ones, a limit of bytes alone lets small
//! ones pile up in its queue; so both are counted.

use alloc::collections::VecDeque;

/// Appends that were sent and not yet accepted, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inflight {
    /// The last index and the payload bytes of every append.
    appends: VecDeque<(u64, u64)>,
    bytes: u64,
}

impl Inflight {
    /// How many appends.
    pub fn appends(&self) -> usize {
        self.appends.len()
    }

    /// How many bytes their payloads have together.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Another append goes out, up to `last_index`.
    pub(super) fn push(&mut self, last_index: u64, bytes: u64) {
        debug_assert!(
            self.appends
                .back()
                .is_none_or(|(last, _)| *last < last_index)
        );
        self.appends.push_back((last_index, bytes));
        self.bytes += bytes;
    }

    /// Everything up to `index` has arrived.
    pub(super) fn free_to(&mut self, index: u64) {
        while let Some((last_index, bytes)) = self.appends.front()
            && *last_index <= index
        {
            self.bytes -= bytes;
            self.appends.pop_front();
        }
    }

    /// What was on its way may be lost.
    pub(super) fn clear(&mut self) {
        self.appends.clear();
        self.bytes = 0;
    }
}
