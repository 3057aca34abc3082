//! Memberships and their changes as bytes: in entries of the log, in messages, on disks.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{MemberChange, Membership, MembershipChange, Transition};
use crate::NodeId;
use crate::codec::{DecodeError, Reader, Sink, put_varint};

impl MembershipChange {
    /// The payload of an entry that carries this change.
    pub fn encode(&self) -> Arc<[u8]> {
        let mut bytes = Vec::with_capacity(2 + 3 * self.changes.len());
        put_varint(&mut bytes, self.transition as u64);
        put_varint(&mut bytes, self.changes.len() as u64);
        for change in &self.changes {
            let tag = match change {
                MemberChange::AddVoter(_) => 0,
                MemberChange::AddLearner(_) => 1,
                MemberChange::AddWitness(_) => 2,
                MemberChange::Remove(_) => 3,
            };
            put_varint(&mut bytes, tag);
            put_varint(&mut bytes, change.node().0);
        }
        bytes.into()
    }

    /// The change in the payload of an entry.
    ///
    /// # Errors
    ///
    /// If the bytes are not an encoded change, down to the last.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let offset = reader.offset();
        let transition = match reader.varint()? {
            0 => Transition::Auto,
            1 => Transition::Implicit,
            2 => Transition::Explicit,
            _ => return Err(Reader::bad_value(offset, "a transition")),
        };
        let count = reader.count(2)?;
        let mut changes = Vec::with_capacity(count);
        for _ in 0..count {
            let offset = reader.offset();
            let tag = reader.varint()?;
            let node = NodeId(reader.varint()?);
            changes.push(match tag {
                0 => MemberChange::AddVoter(node),
                1 => MemberChange::AddLearner(node),
                2 => MemberChange::AddWitness(node),
                3 => MemberChange::Remove(node),
                _ => return Err(Reader::bad_value(offset, "a change of a member")),
            });
        }
        reader.finish()?;
        Ok(Self {
            transition,
            changes,
        })
    }
}

impl Membership {
    /// Writes the lists, each with its length, and whether a joint configuration is left by
    /// itself.
    pub(in crate::raft) fn write(&self, sink: &mut impl Sink) {
        let lists = [
            &self.incoming,
            &self.outgoing,
            &self.learners,
            &self.learners_next,
            &self.witnesses,
        ];
        for list in lists {
            put_varint(sink, list.len() as u64);
            for node in list {
                put_varint(sink, node.0);
            }
        }
        put_varint(sink, u64::from(self.auto_leave));
    }

    /// Reads what [`Membership::write`] wrote, and nothing that no group can be. Nobody at all is what
    /// a node knows that waits to be added.
    pub(in crate::raft) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let start = reader.offset();
        let membership = Self {
            incoming: read_list(reader)?,
            outgoing: read_list(reader)?,
            learners: read_list(reader)?,
            learners_next: read_list(reader)?,
            witnesses: read_list(reader)?,
            auto_leave: match (reader.offset(), reader.varint()?) {
                (_, 0) => false,
                (_, 1) => true,
                (offset, _) => return Err(Reader::bad_value(offset, "zero or one")),
            },
        };
        let impossible = || Reader::bad_value(start, "a possible membership");
        if membership == Self::default() {
            return Ok(membership);
        }
        if !membership.is_consistent() {
            return Err(impossible());
        }
        membership.checked().map_err(|_| impossible())
    }

    /// Whether every list has only whom it can have.
    fn is_consistent(&self) -> bool {
        let votes = |node: &NodeId| self.is_voter(*node);
        let only_outgoing =
            |node: &NodeId| !super::has(&self.incoming, *node) && super::has(&self.outgoing, *node);
        !self.learners.iter().any(votes)
            && self.learners_next.iter().all(only_outgoing)
            && self.witnesses.iter().all(votes)
            && (self.is_joint() || !self.auto_leave)
    }
}

/// A list of nodes in order, none twice.
fn read_list(reader: &mut Reader<'_>) -> Result<Vec<NodeId>, DecodeError> {
    let count = reader.count(1)?;
    let mut list: Vec<NodeId> = Vec::with_capacity(count);
    for _ in 0..count {
        let offset = reader.offset();
        let node = NodeId(reader.varint()?);
        if list.last().is_some_and(|last| *last >= node) {
            return Err(Reader::bad_value(offset, "nodes in order, none twice"));
        }
        list.push(node);
    }
    Ok(list)
}
