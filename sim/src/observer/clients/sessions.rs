//! Exactly once: a command that a session repeats takes effect once.

use std::collections::{BTreeMap, BTreeSet};

use quorate::NodeId;

use crate::observer::{Finding, Invariant, Ledger};

/// Which commands of which sessions were executed, and where.
#[derive(Clone, Debug, Default)]
pub struct Executions {
    sessions: BTreeMap<u64, Executed>,
    /// The executions by index, as far back as somebody may still apply them.
    by_index: BTreeMap<u64, (u64, u64)>,
    /// Somebody has applied everything up to here.
    seen_upto: u64,
    /// Nobody applies anything up to here again.
    forgotten: u64,
}

/// The commands of a session that were executed.
#[derive(Clone, Debug, Default)]
struct Executed {
    /// All up to here were, or will never be.
    upto: u64,
    /// Those beyond.
    beyond: BTreeSet<u64>,
}

impl Executions {
    /// A node's state machine applied the entry at an index. `executed` is the command (session and
    /// sequence) that it executed by that; `None` if it executed none, as for a repetition.
    ///
    /// To be told of every entry, by every node.
    pub fn applied(
        &mut self,
        ledger: &mut Ledger,
        id: NodeId,
        index: u64,
        executed: Option<(u64, u64)>,
    ) {
        if index > self.seen_upto {
            self.seen_upto = index;
            let Some((session, sequence)) = executed else {
                return;
            };
            let commands = self.sessions.entry(session).or_default();
            let is_second = sequence <= commands.upto || !commands.beyond.insert(sequence);
            while commands.beyond.remove(&(commands.upto + 1)) {
                commands.upto += 1;
            }
            let broken = is_second.then(|| {
                let words = format!(
                    "{id} executes command {sequence} of session {session} at index {index}, and it \
                     was executed before"
                );
                Finding::of(id, words)
            });
            ledger.check(Invariant::ExactlyOnce, broken);
            self.by_index.insert(index, (session, sequence));
        } else if index > self.forgotten {
            let first = self.by_index.get(&index).copied();
            let broken = (first != executed).then(|| {
                let words = format!(
                    "{id} executes {} at index {index}, where others executed {}",
                    shown(executed),
                    shown(first)
                );
                Finding::of(id, words)
            });
            ledger.check(Invariant::ExactlyOnce, broken);
        }
    }

    /// A session was opened at the index that names it, or is closed or expired: its commands do
    /// not matter any more.
    pub fn ended(&mut self, session: u64) {
        self.sessions.remove(&session);
    }

    /// Nobody applies anything up to an index again.
    pub fn forget(&mut self, upto: u64) {
        self.forgotten = self.forgotten.max(upto);
        self.by_index = self.by_index.split_off(&(upto + 1));
    }
}

fn shown(command: Option<(u64, u64)>) -> String {
    match command {
        Some((session, sequence)) => format!("command {sequence} of session {session}"),
        None => "nothing".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId(1);
    const B: NodeId = NodeId(2);

    fn story() -> (Executions, Ledger) {
        let (mut executions, mut ledger) = (Executions::default(), Ledger::default());
        executions.applied(&mut ledger, A, 8, Some((7, 1)));
        executions.applied(&mut ledger, A, 9, None);
        executions.applied(&mut ledger, A, 10, Some((7, 2)));
        executions.applied(&mut ledger, B, 8, Some((7, 1)));
        executions.applied(&mut ledger, B, 9, None);
        assert!(ledger.broken().is_empty());
        (executions, ledger)
    }

    #[test]
    fn a_command_that_is_executed_twice_is_seen() {
        let (mut executions, mut ledger) = story();
        executions.applied(&mut ledger, A, 11, Some((7, 1)));
        assert_eq!(ledger.broken(), [Invariant::ExactlyOnce]);
    }

    #[test]
    fn a_node_that_executes_what_others_took_for_a_repetition_is_seen() {
        let (mut executions, mut ledger) = story();
        executions.applied(&mut ledger, NodeId(3), 9, Some((7, 1)));
        assert_eq!(ledger.broken(), [Invariant::ExactlyOnce]);
    }

    #[test]
    fn a_long_session_takes_no_more_room_than_a_short_one() {
        let (mut executions, mut ledger) = story();
        for index in 11..5_000 {
            executions.applied(&mut ledger, A, index, Some((7, index - 8)));
            executions.forget(index - 2);
        }
        assert!(ledger.broken().is_empty());
        assert!(executions.sessions[&7].beyond.is_empty());
        assert!(executions.by_index.len() < 4);
        executions.ended(7);
        assert!(executions.sessions.is_empty());
    }

    /// The sessions of the kernel, kept and broken: a client sends a command again.
    #[cfg(feature = "mutants")]
    #[test]
    fn sessions_that_apply_repetitions_are_seen() {
        use quorate::raft::Rule;
        use quorate::raft::sessions::{Call, Command, Limits, Sessions};

        let broken = |mut sessions: Sessions| {
            let (mut executions, mut ledger) = (Executions::default(), Ledger::default());
            let call = |sequence| {
                Command::Call(Call {
                    session: 1,
                    sequence,
                    acknowledged: 0,
                    payload: b"10",
                })
            };
            let log = [Command::Open, call(1), call(1), call(2), call(1)];
            for (index, command) in (1..).zip(log) {
                let mut executed = None;
                let outcome = sessions.apply(index, command, |_| {
                    executed = match command {
                        Command::Call(call) => Some((call.session, call.sequence)),
                        _ => None,
                    };
                    b"done".as_slice().into()
                });
                assert!(outcome.is_ok());
                executions.applied(&mut ledger, A, index, executed);
            }
            ledger.broken()
        };
        let limits = Limits::default();
        assert_eq!(broken(Sessions::new(limits)), []);
        let mutant = Sessions::breaking(limits, Rule::SessionsApplyOnce);
        assert_eq!(broken(mutant), [Invariant::ExactlyOnce]);
    }
}
