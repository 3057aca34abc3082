//! What was proposed to the membership log, and when it may be proposed again.
//!
//! A proposal may be lost, so it is repeated until the log brings what it asks for. Repeated every
//! round it fills a log that is slow, or has no leader for a while, with copies of itself, and makes
//! it slower. So the pause between two copies doubles.

use alloc::vec::Vec;
use core::mem::discriminant;

use crate::crdt::Entry;

/// The longest pause between two copies, in rounds.
const LONGEST_PAUSE: u64 = 16;

/// What was proposed lately.
#[derive(Clone, Debug, Default)]
pub(super) struct Proposals {
    /// Rounds since the replica started.
    round: u64,
    /// No two of one kind for one replica.
    waiting: Vec<Proposal>,
}

#[derive(Clone, Debug)]
struct Proposal {
    entry: Entry,
    /// Rounds between the last copy and the next.
    pause: u64,
    /// The round from which it may be proposed again.
    due: u64,
}

impl Proposals {
    /// Another round begins. What nobody has wanted to propose for long is forgotten.
    pub(super) fn begin_round(&mut self) {
        self.round += 1;
        let round = self.round;
        self.waiting
            .retain(|proposal| proposal.due + LONGEST_PAUSE >= round);
    }

    /// Whether the entry should be proposed now. One that says something else than the last of its kind
    /// does not wait for that.
    pub(super) fn is_due(&mut self, entry: &Entry) -> bool {
        let round = self.round;
        let is_alike = |known: &&mut Proposal| {
            discriminant(&known.entry) == discriminant(entry)
                && known.entry.replica() == entry.replica()
        };
        let fresh = Proposal {
            entry: entry.clone(),
            pause: 1,
            due: round + 1,
        };
        let Some(known) = self.waiting.iter_mut().find(is_alike) else {
            self.waiting.push(fresh);
            return true;
        };
        if known.entry != *entry {
            *known = fresh;
            return true;
        }
        let is_due = known.due <= round;
        if is_due {
            known.pause = (2 * known.pause).min(LONGEST_PAUSE);
            known.due = round + known.pause;
        }
        is_due
    }

    /// Forgets all of them: whatever is wanted from now on is proposed at once.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}
