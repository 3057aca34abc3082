//! Linearizability by log index, while the run goes on.

use std::collections::{BTreeMap, VecDeque};

use quorate::NodeId;

use crate::observer::{Finding, Invariant, Ledger};

/// The name of an operation of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationId {
    /// Which client.
    pub client: u64,
    /// Its how-manieth operation.
    pub number: u64,
}

/// What a client was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its value was written by the entry at an index.
    Written {
        /// The key.
        key: u32,
        /// The value; `None` if the key was deleted.
        value: Option<u64>,
        /// Where in the log.
        index: u64,
    },
    /// A value was read when everything up to an index was applied.
    Read {
        /// The key.
        key: u32,
        /// The value; `None` if there is none.
        value: Option<u64>,
        /// The index that was applied.
        index: u64,
    },
    /// A compare-and-set at an index found another value and wrote nothing.
    Mismatched {
        /// The key.
        key: u32,
        /// What was expected.
        expected: Option<u64>,
        /// Where in the log.
        index: u64,
    },
}

/// The value of a key since an index.
type Version = (u64, Option<u64>);

/// The registers as the log makes them, and what clients have been told of them.
#[derive(Clone, Debug, Default)]
pub struct Registers {
    /// The values of every key by the index that wrote them, as far back as somebody may ask.
    versions: BTreeMap<u32, VecDeque<Version>>,
    /// Up to here the log was replayed.
    replayed: u64,
    /// The highest index that any client has been told of.
    floor: u64,
    /// Operations under way: the floor when they were called.
    open: BTreeMap<OperationId, u64>,
    /// How many operations use a floor.
    floors: BTreeMap<u64, u32>,
    /// The highest index that a client was told its write is at.
    acknowledged: u64,
}

impl Registers {
    /// An entry was applied somewhere; a second time changes nothing. `write` is the key that it
    /// wrote, and the value.
    pub fn applied(&mut self, index: u64, write: Option<(u32, Option<u64>)>) {
        if index <= self.replayed {
            return;
        }
        self.replayed = index;
        if let Some((key, value)) = write {
            let oldest = self.oldest_floor();
            let versions = self.versions.entry(key).or_default();
            versions.push_back((index, value));
            // Of what lies at or before the oldest floor only the last can still be read.
            while versions.get(1).is_some_and(|(since, _)| *since <= oldest) {
                versions.pop_front();
            }
        }
    }

    /// A client calls an operation.
    pub fn invoked(&mut self, operation: OperationId) {
        self.open.insert(operation, self.floor);
        *self.floors.entry(self.floor).or_default() += 1;
    }

    /// A client gives an operation up: it may take effect at any time or never, and what it would
    /// have been told does not matter.
    pub fn given_up(&mut self, operation: OperationId) {
        self.close(operation);
    }

    /// A client is answered. `by` is the node that answers.
    pub fn returned(
        &mut self,
        ledger: &mut Ledger,
        by: NodeId,
        operation: OperationId,
        answer: Answer,
    ) {
        let Some(floor) = self.close(operation) else {
            return;
        };
        let (_, index) = answer.place();
        let is_late = match answer {
            Answer::Read { .. } => index < floor,
            Answer::Written { .. } | Answer::Mismatched { .. } => index <= floor,
        };
        let broken = is_late.then(|| {
            let OperationId { client, number } = operation;
            let words = format!(
                "{by} answers operation {number} of client {client} by index {index}, and a client \
                 had been told of index {floor} before it was called"
            );
            Finding::of(by, words)
        });
        ledger.check(Invariant::Linearizability, broken);
        let broken = self.contradiction(answer).map(|truth| {
            let words = format!("{by} answers that {answer}, and the log says that {truth}");
            Finding::of(by, words)
        });
        ledger.check(Invariant::Linearizability, broken);
        self.floor = self.floor.max(index);
        if matches!(answer, Answer::Written { .. }) {
            self.acknowledged = self.acknowledged.max(index);
        }
    }

    /// All faults are healed, and the leader has what was committed up to `kept`: what was acknowledged
    /// must be there.
    pub fn check_settled(&self, ledger: &mut Ledger, leader: NodeId, kept: u64) {
        let broken = (self.acknowledged > kept).then(|| {
            let words = format!(
                "a client was told that its write is at index {}, and the healed cluster has what \
                 was committed up to {kept}",
                self.acknowledged
            );
            Finding::of(leader, words)
        });
        ledger.check(Invariant::NoLostWrite, broken);
    }

    /// What the log says, if the answer says something else.
    fn contradiction(&self, answer: Answer) -> Option<String> {
        let (key, index) = answer.place();
        if index > self.replayed {
            return Some(format!("nobody has applied index {index}"));
        }
        match answer {
            Answer::Read { value, .. } => {
                let truth = self.value_at(key, index);
                (truth != value).then(|| format!("it is {}", shown(truth)))
            }
            Answer::Written { value, .. } => {
                let version = self.version_at(key, index);
                (version != Some((index, value))).then(|| match version {
                    Some((since, truth)) => {
                        format!("{} was written at index {since}", shown(truth))
                    }
                    None => "the key was not written".into(),
                })
            }
            Answer::Mismatched { expected, .. } => {
                let truth = self.value_at(key, index);
                (truth == expected).then(|| "it was there".into())
            }
        }
    }

    fn value_at(&self, key: u32, index: u64) -> Option<u64> {
        self.version_at(key, index).and_then(|(_, value)| value)
    }

    /// The last version of a key at or before an index.
    fn version_at(&self, key: u32, index: u64) -> Option<Version> {
        let versions = self.versions.get(&key)?;
        let later = versions.partition_point(|(since, _)| *since <= index);
        versions.get(later.checked_sub(1)?).copied()
    }

    fn close(&mut self, operation: OperationId) -> Option<u64> {
        let floor = self.open.remove(&operation)?;
        if let Some(users) = self.floors.get_mut(&floor) {
            *users -= 1;
            if *users == 0 {
                self.floors.remove(&floor);
            }
        }
        Some(floor)
    }

    /// The lowest index that an answer can still be about.
    fn oldest_floor(&self) -> u64 {
        self.floors.keys().next().copied().unwrap_or(self.floor)
    }
}

impl Answer {
    /// Its key, and its index.
    fn place(self) -> (u32, u64) {
        match self {
            Self::Written { key, index, .. }
            | Self::Read { key, index, .. }
            | Self::Mismatched { key, index, .. } => (key, index),
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Written { key, value, index } => {
                write!(f, "k{key} was set to {} at index {index}", shown(value))
            }
            Self::Read { key, value, index } => {
                write!(f, "k{key} is {} at index {index}", shown(value))
            }
            Self::Mismatched {
                key,
                expected,
                index,
            } => write!(f, "k{key} was not {} at index {index}", shown(expected)),
        }
    }
}

fn shown(value: Option<u64>) -> String {
    value.map_or_else(|| "absent".into(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    //! Histories that break it in one way each.

    use super::*;

    const N: NodeId = NodeId(1);

    fn id(client: u64) -> OperationId {
        OperationId { client, number: 1 }
    }

    fn read(value: Option<u64>, index: u64) -> Answer {
        Answer::Read {
            key: 1,
            value,
            index,
        }
    }

    fn written(value: u64, index: u64) -> Answer {
        Answer::Written {
            key: 1,
            value: Some(value),
            index,
        }
    }

    /// Index 1 sets the key to 10, index 3 sets it to 30; client 1 was told of index 3.
    fn story() -> (Registers, Ledger) {
        let (mut registers, mut ledger) = (Registers::default(), Ledger::default());
        registers.invoked(id(7));
        registers.applied(1, Some((1, Some(10))));
        registers.applied(2, None);
        registers.applied(3, Some((1, Some(30))));
        registers.invoked(id(1));
        registers.returned(&mut ledger, N, id(1), written(30, 3));
        assert!(ledger.broken().is_empty(), "{}", ledger.last_words());
        (registers, ledger)
    }

    fn verdict(operation: u64, answer: Answer) -> bool {
        let (mut registers, mut ledger) = story();
        if operation != 7 {
            registers.invoked(id(operation));
        }
        registers.returned(&mut ledger, N, id(operation), answer);
        ledger.broken().is_empty()
    }

    #[test]
    fn a_read_after_an_answer_sees_it_and_one_called_before_need_not() {
        assert!(verdict(2, read(Some(30), 3)));
        assert!(!verdict(2, read(Some(10), 2)), "stale");
        assert!(verdict(7, read(Some(10), 2)), "concurrent");
        assert!(verdict(7, read(None, 0)), "concurrent with the first write");
    }

    #[test]
    fn values_that_are_not_those_of_the_log_are_seen() {
        assert!(!verdict(2, read(Some(99), 3)), "a phantom");
        assert!(!verdict(2, read(None, 3)), "absent though written");
        assert!(!verdict(7, written(31, 3)), "another wrote that index");
        assert!(verdict(7, written(10, 1)), "an old write, told late");
        assert!(!verdict(2, written(10, 1)), "a write before its call");
        assert!(!verdict(7, written(40, 4)), "applied by nobody");
        let mismatched = |expected| Answer::Mismatched {
            key: 1,
            expected,
            index: 2,
        };
        assert!(verdict(7, mismatched(Some(5))));
        assert!(!verdict(7, mismatched(Some(10))), "it was there");
    }

    #[test]
    fn a_write_that_is_gone_in_the_end_is_seen() {
        let (registers, mut ledger) = story();
        registers.check_settled(&mut ledger, N, 3);
        assert!(ledger.broken().is_empty());
        registers.check_settled(&mut ledger, N, 2);
        assert_eq!(ledger.broken(), [Invariant::NoLostWrite]);
    }

    #[test]
    fn old_versions_go_when_nobody_can_ask_for_them() {
        let (mut registers, _) = story();
        for index in 4..1_000 {
            registers.applied(index, Some((1, Some(index))));
        }
        assert_eq!(registers.versions[&1].len(), 998, "an operation is open");
        registers.given_up(id(7));
        registers.applied(1_000, Some((1, None)));
        assert_eq!(registers.value_at(1, 3), Some(30), "what the floor sees");
        assert_eq!(registers.versions[&1].front(), Some(&(3, Some(30))));
        let mut ledger = Ledger::default();
        registers.invoked(id(3));
        registers.returned(&mut ledger, N, id(3), read(None, 1_000));
        registers.applied(1_001, Some((1, Some(1))));
        assert_eq!(registers.versions[&1].len(), 2);
        assert!(ledger.broken().is_empty());
    }
}
