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
    /// The session was closed, or had to go for another: none may be executed any more.
    has_ended: bool,
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
            let before = commands.takes(sequence).err();
            let broken = before.map(|what| {
                let words = format!(
                    "{id} executes command {sequence} of session {session} at index {index}, and {what}"
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

    /// A session was closed, or had to go for another one, by an entry that somebody applied: nothing
    /// of it is executed after that. What was executed in it need not be known any more.
    pub fn ended(&mut self, session: u64) {
        let commands = self.sessions.entry(session).or_default();
        commands.beyond.clear();
        commands.has_ended = true;
    }

    /// Nobody applies anything up to an index again.
    pub fn forget(&mut self, upto: u64) {
        self.forgotten = self.forgotten.max(upto);
        self.by_index = self.by_index.split_off(&(upto + 1));
    }
}

impl Executed {
    /// Takes a command that is executed now; `Err` says what came before it and must not have.
    fn takes(&mut self, sequence: u64) -> Result<(), &'static str> {
        if self.has_ended {
            return Err("the session had ended");
        }
        if sequence <= self.upto || !self.beyond.insert(sequence) {
            return Err("it was executed before");
        }
        while self.beyond.remove(&(self.upto + 1)) {
            self.upto += 1;
        }
        Ok(())
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
    }

    #[test]
    fn a_command_of_a_session_that_has_ended_is_seen() {
        let (mut executions, mut ledger) = story();
        executions.ended(6);
        executions.applied(&mut ledger, A, 11, Some((7, 3)));
        assert!(ledger.broken().is_empty());
        executions.ended(7);
        executions.applied(&mut ledger, B, 11, Some((7, 3)));
        assert!(
            ledger.broken().is_empty(),
            "who is behind may still be before the end"
        );
        executions.applied(&mut ledger, A, 12, Some((7, 4)));
        assert_eq!(ledger.broken(), [Invariant::ExactlyOnce]);
        assert!(ledger.last_words().ends_with("the session had ended"));
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
