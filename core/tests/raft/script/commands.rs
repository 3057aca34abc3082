//! What a script can tell the world to do.

use std::sync::Arc;

use quorate::raft::sessions::{Call, Command};
use quorate::raft::{
    Boundary, Input, MemberChange, Membership, MembershipChange, Restored, Role, Snapshot,
    SnapshotOutcome, Transition,
};
use quorate::{Micros, NodeId};

use super::Stop;
use super::settings::{default_config, set};
use super::strangers;
use super::wire::{Selector, link};
use super::words::{Words, node, senseless};
use super::world::{Seen, World};

impl World {
    /// Does what a line says.
    pub(super) fn command(&mut self, words: &mut Words<'_>) -> Result<(), Stop> {
        for host in self.hosts.values_mut() {
            host.seen = Seen::default();
        }
        match words.word("a command")? {
            "group" => self.form_group(words),
            "set" => self.change_settings(words),
            "deliver" => self.deliver_some(words),
            "drop" => self.wire.take(&Selector::parse(words)?).map(|_| ()),
            "duplicate" => {
                let selector = Selector::parse(words)?;
                let copies: Vec<_> = self.wire.of(&selector).into_iter().take(1).collect();
                self.wire.messages.extend(copies);
                Ok(())
            }
            "hold" => {
                let selector = Selector::parse(words)?;
                self.wire.hold(selector);
                Ok(())
            }
            "lose" => {
                let selector = Selector::parse(words)?;
                self.wire.lose(selector);
                Ok(())
            }
            "release" => {
                self.wire.release();
                Ok(())
            }
            "cut" => {
                let (from, to) = link(words.word("a link")?)?;
                self.wire.cut(from, to);
                Ok(())
            }
            "isolate" => self.isolate(words),
            "heal" => {
                self.wire.heal();
                Ok(())
            }
            "settle" => self.settle(),
            "pass" => {
                self.now = self.now + millis(words)?;
                Ok(())
            }
            "advance" => {
                let span = millis(words)?;
                self.advance(span)
            }
            "slow" => self.slow_down(words, true),
            "fast" => self.slow_down(words, false),
            "inject" => {
                let message =
                    strangers::message(words, |position| self.observer.prefix_hash_at(position))?;
                self.deliver(message)
            }
            verb => self.node_command(verb, words),
        }?;
        words.end()
    }

    /// What a script tells one node or its host.
    fn node_command(&mut self, verb: &str, words: &mut Words<'_>) -> Result<(), Stop> {
        let id = words.node()?;
        self.host(id)?;
        match verb {
            "elect" => self.elect(id),
            "persist" => repeat(words, || self.persist(id)),
            "apply" => repeat(words, || self.apply(id)),
            "crash" => {
                let torn = if words.takes("torn") {
                    words.number("units")?
                } else {
                    0
                };
                self.crash(id, usize::try_from(torn).unwrap());
                Ok(())
            }
            "restart" => {
                self.crash(id, 0);
                self.start(id)
            }
            "timeout" => {
                let timeout = millis(words)?;
                let raft = self.hosts.get_mut(&id).and_then(|host| host.raft.as_mut());
                raft.unwrap().set_randomized_election_timeout(timeout);
                Ok(())
            }
            "clock" => self.set_clock(id, words.word("an error such as +5%")?),
            "snapshot" => {
                let index = words.number("an index")?;
                self.take_snapshot(id, index)
            }
            "compact" => {
                let index = words.number("an index")?;
                self.compact(id, index)
            }
            _ => {
                let input = input(verb, words)?;
                self.step(id, input)
            }
        }
    }

    fn form_group(&mut self, words: &mut Words<'_>) -> Result<(), Stop> {
        let voters = words.nodes();
        let (mut witnesses, mut learners, mut outsiders) = (Vec::new(), Vec::new(), Vec::new());
        let mut position = Boundary::default();
        while let Some(word) = words.next() {
            match word {
                "witnesses" => witnesses = words.nodes(),
                "learners" => learners = words.nodes(),
                "outsiders" => outsiders = words.nodes(),
                "at" => {
                    let (index, term) = words.position()?;
                    let prefix_hash = u128::from(index);
                    position = Boundary {
                        index,
                        term,
                        prefix_hash,
                    };
                }
                other => return Err(senseless("witnesses, learners, outsiders or at", other)),
            }
        }
        let members = [&voters[..], &witnesses, &learners].concat();
        let membership = Membership::new(voters, witnesses, learners)
            .map_err(|error| Stop::Senseless(error.to_string()))?;
        for id in members {
            let snapshot = Snapshot {
                position,
                membership: membership.clone(),
            };
            self.add_node(id, Restored::at(snapshot))?;
        }
        for id in outsiders {
            self.add_node(id, Restored::default())?;
        }
        Ok(())
    }

    fn add_node(&mut self, id: NodeId, restored: Restored) -> Result<(), Stop> {
        let mut config = default_config(id, self.broken);
        for (of, setting) in &self.settings {
            if of.is_none_or(|of| of == id) {
                set(&mut config, &mut Words::of(setting))?;
            }
        }
        self.add(config, restored)
    }

    /// Settings of all nodes or of one: before the group is formed, or for the next start.
    fn change_settings(&mut self, words: &mut Words<'_>) -> Result<(), Stop> {
        let of = words.peek().and_then(node);
        if of.is_some() {
            words.next();
        }
        let setting = words.rest().join(" ");
        for host in self.hosts.values_mut() {
            if of.is_none_or(|of| of == host.config.id) {
                set(&mut host.config, &mut Words::of(&setting))?;
            }
        }
        self.settings.push((of, setting));
        Ok(())
    }

    fn deliver_some(&mut self, words: &mut Words<'_>) -> Result<(), Stop> {
        for message in self.wire.take(&Selector::parse(words)?)? {
            self.deliver(message)?;
        }
        Ok(())
    }

    /// Makes a node the leader, after everybody has forgotten the one before.
    fn elect(&mut self, id: NodeId) -> Result<(), Stop> {
        self.now = self.now + self.host(id)?.config.election_timeout;
        self.step(id, Input::Campaign)?;
        self.settle()?;
        let raft = self.host(id)?.raft.as_ref();
        match raft.map(quorate::raft::Raft::role) {
            Some(Role::Leader) => Ok(()),
            _ => Err(Stop::Senseless(format!("{id} was not elected"))),
        }
    }

    /// Cuts all links of some nodes, both ways.
    fn isolate(&mut self, words: &mut Words<'_>) -> Result<(), Stop> {
        for id in words.nodes() {
            self.host(id)?;
            for other in self.ids() {
                self.wire.cut(id, other);
                self.wire.cut(other, id);
            }
        }
        Ok(())
    }

    fn slow_down(&mut self, words: &mut Words<'_>, is_slow: bool) -> Result<(), Stop> {
        let part = words.word("disk or state-machine")?;
        for id in words.nodes() {
            self.host(id)?;
            let host = self.hosts.get_mut(&id).unwrap();
            match part {
                "disk" => host.has_slow_disk = is_slow,
                "state-machine" => host.has_slow_state_machine = is_slow,
                other => return Err(senseless("disk or state-machine", other)),
            }
        }
        Ok(())
    }

    /// Makes the clock of a node run fast (`+5%`) or slow (`-5%`), from the same instant on.
    fn set_clock(&mut self, id: NodeId, error: &str) -> Result<(), Stop> {
        let percent = error
            .strip_suffix('%')
            .and_then(|number| number.parse::<i64>().ok());
        let percent = percent.ok_or_else(|| senseless("an error such as +5%", error))?;
        self.hosts.get_mut(&id).unwrap().clock_error = percent * 10_000;
        Ok(())
    }
}

/// The input of a node that a verb stands for.
fn input(verb: &str, words: &mut Words<'_>) -> Result<Input, Stop> {
    Ok(match verb {
        "tick" => Input::Tick,
        "campaign" => Input::Campaign,
        "propose" => Input::Propose {
            payload: payload(&words.rest().join(" ")),
        },
        "propose-batch" => {
            let payloads = words.rest().into_iter().map(payload).collect();
            Input::ProposeBatch { payloads }
        }
        "open" => Input::Propose {
            payload: Command::Open.encode(),
        },
        "call" => Input::Propose {
            payload: call(words)?,
        },
        "close" => {
            let session = words.number("a session")?;
            Input::Propose {
                payload: Command::Close { session }.encode(),
            }
        }
        "change" => Input::ProposeMembership {
            change: change(words)?,
        },
        "leave" => Input::ProposeMembership {
            change: MembershipChange::leave(),
        },
        "read" => Input::Read {
            id: words.number("the name of the read")?,
        },
        "transfer" => Input::TransferLeadership { to: words.node()? },
        "forget-leader" => Input::ForgetLeader,
        "quiesce" => Input::Quiesce,
        "report" => report(words)?,
        other => return Err(senseless("a command", other)),
    })
}

/// `2 1 x`: in session 2, as the first command, x. A fourth word is up to where the client has the
/// replies.
fn call(words: &mut Words<'_>) -> Result<Arc<[u8]>, Stop> {
    let (session, sequence) = (words.number("a session")?, words.number("a number")?);
    let text = words.word("a command")?;
    let acknowledged = if words.peek().is_some() {
        words.number("a number")?
    } else {
        0
    };
    let payload = text.as_bytes();
    Ok(Command::Call(Call {
        session,
        sequence,
        acknowledged,
        payload,
    })
    .encode())
}

fn change(words: &mut Words<'_>) -> Result<MembershipChange, Stop> {
    let mut change = MembershipChange::default();
    while let Some(word) = words.next() {
        match word {
            "auto" => change.transition = Transition::Auto,
            "implicit" => change.transition = Transition::Implicit,
            "explicit" => change.transition = Transition::Explicit,
            _ => {
                let of: fn(NodeId) -> MemberChange = match word {
                    "add-voter" => MemberChange::AddVoter,
                    "add-learner" => MemberChange::AddLearner,
                    "add-witness" => MemberChange::AddWitness,
                    "remove" => MemberChange::Remove,
                    other => return Err(senseless("a change", other)),
                };
                change.changes.push(of(words.node()?));
            }
        }
    }
    Ok(change)
}

/// What the host of a leader reports about a member.
fn report(words: &mut Words<'_>) -> Result<Input, Stop> {
    let peer = words.node()?;
    match words.word("unreachable or snapshot")? {
        "unreachable" => Ok(Input::Unreachable { peer }),
        "snapshot" => {
            let outcome = match words.word("arrived or failed")? {
                "arrived" => SnapshotOutcome::Arrived,
                "failed" => SnapshotOutcome::Failed,
                other => return Err(senseless("arrived or failed", other)),
            };
            Ok(Input::SnapshotSent { to: peer, outcome })
        }
        other => Err(senseless("unreachable or snapshot", other)),
    }
}

/// Once, a number of times, or until there is no more.
fn repeat(words: &mut Words<'_>, mut once: impl FnMut() -> Result<bool, Stop>) -> Result<(), Stop> {
    if words.takes("all") {
        while once()? {}
        return Ok(());
    }
    let times = if words.peek().is_some() {
        words.number("how often")?
    } else {
        1
    };
    for _ in 0..times {
        if !once()? {
            return Err(Stop::Senseless("there is nothing left to do".to_owned()));
        }
    }
    Ok(())
}

fn payload(text: &str) -> Arc<[u8]> {
    Arc::from(text.as_bytes())
}

fn millis(words: &mut Words<'_>) -> Result<Micros, Stop> {
    words.number("milliseconds").map(Micros::from_millis)
}
