//! The messages on their way, and which of them a script means.

use std::collections::{BTreeSet, VecDeque};

use quorate::NodeId;
use quorate::raft::{Body, Message};

use super::Stop;
use super::words::{Words, node, senseless};

/// What is on its way, and what is lost.
#[derive(Clone, Debug, Default)]
pub(super) struct Wire {
    pub(super) messages: VecDeque<Message>,
    /// Held back until the script lets it go.
    held: VecDeque<Message>,
    /// What is held back from now on.
    holds: Vec<Selector>,
    /// What is lost from now on.
    losses: Vec<Selector>,
    /// Directed links that lose everything.
    cut: BTreeSet<(NodeId, NodeId)>,
}

impl Wire {
    /// A node sends.
    pub(super) fn send(&mut self, message: Message) {
        let is_lost = self.losses.iter().any(|loss| loss.matches(&message));
        if is_lost || self.cut.contains(&(message.from, message.to)) {
            return;
        }
        if self.holds.iter().any(|hold| hold.matches(&message)) {
            self.held.push_back(message);
        } else {
            self.messages.push_back(message);
        }
    }

    /// Cuts a link: what is on it is lost, and everything from now on.
    pub(super) fn cut(&mut self, from: NodeId, to: NodeId) {
        self.cut.insert((from, to));
        self.messages
            .retain(|message| (message.from, message.to) != (from, to));
    }

    /// Loses what the selector wants, now and from now on.
    pub(super) fn lose(&mut self, selector: Selector) {
        self.messages.retain(|message| !selector.matches(message));
        self.losses.push(selector);
    }

    /// Loses nothing any more.
    pub(super) fn heal(&mut self) {
        self.cut.clear();
        self.losses.clear();
    }

    /// Holds back what the selector wants, now and from now on.
    pub(super) fn hold(&mut self, selector: Selector) {
        let (held, left) = self
            .messages
            .drain(..)
            .partition(|message| selector.matches(message));
        self.messages = left;
        let held: VecDeque<Message> = held;
        self.held.extend(held);
        self.holds.push(selector);
    }

    /// Lets everything go that was held back.
    pub(super) fn release(&mut self) {
        self.messages.append(&mut self.held);
        self.holds.clear();
    }

    /// The messages that a selector means, in order.
    pub(super) fn of(&self, selector: &Selector) -> Vec<Message> {
        let messages = self
            .messages
            .iter()
            .filter(|message| selector.matches(message));
        messages.cloned().collect()
    }

    /// Takes the messages that a selector picks; at least one.
    pub(super) fn take(&mut self, selector: &Selector) -> Result<Vec<Message>, Stop> {
        let wanted = |(at, message): (usize, &Message)| selector.matches(message).then_some(at);
        let places: Vec<usize> = self
            .messages
            .iter()
            .enumerate()
            .filter_map(wanted)
            .collect();
        let places = match selector.pick {
            Pick::All => &places[..],
            Pick::Nth(nth) => places.get(nth - 1..nth).unwrap_or_default(),
        };
        if places.is_empty() {
            return Err(Stop::Senseless("no such message is on its way".to_owned()));
        }
        let taken = places.iter().map(|at| self.messages[*at].clone()).collect();
        let mut at = 0;
        self.messages.retain(|_| {
            at += 1;
            !places.contains(&(at - 1))
        });
        Ok(taken)
    }
}

/// Which of the messages that match.
#[derive(Clone, Copy, Debug)]
enum Pick {
    /// Counted from one.
    Nth(usize),
    All,
}

/// Which messages: `n1->n2 append 2`, `*->n3 all`, `vote`.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    from: Option<NodeId>,
    to: Option<NodeId>,
    kind: Option<String>,
    pick: Pick,
}

impl Selector {
    pub(super) fn parse(words: &mut Words<'_>) -> Result<Self, Stop> {
        let mut selector = Self {
            from: None,
            to: None,
            kind: None,
            pick: Pick::Nth(1),
        };
        if let Some((from, to)) = words.peek().and_then(|word| word.split_once("->")) {
            words.next();
            (selector.from, selector.to) = (end_of(from)?, end_of(to)?);
        }
        while let Some(word) = words.next() {
            match word.parse() {
                Ok(nth) if nth > 0 => selector.pick = Pick::Nth(nth),
                _ if word == "all" => selector.pick = Pick::All,
                _ => selector.kind = Some(word.to_owned()),
            }
        }
        Ok(selector)
    }

    fn matches(&self, message: &Message) -> bool {
        self.from.is_none_or(|from| from == message.from)
            && self.to.is_none_or(|to| to == message.to)
            && self
                .kind
                .as_deref()
                .is_none_or(|kind| kind == kind_of(&message.body))
    }
}

/// One end of a link: a node, or `*` for any.
fn end_of(word: &str) -> Result<Option<NodeId>, Stop> {
    match node(word) {
        None if word != "*" => Err(senseless("a node or *", word)),
        end => Ok(end),
    }
}

/// A link between two nodes: `n1->n2`.
pub(super) fn link(word: &str) -> Result<(NodeId, NodeId), Stop> {
    let ends = word.split_once("->");
    let link = ends.and_then(|(from, to)| Some((node(from)?, node(to)?)));
    link.ok_or_else(|| senseless("a link such as n1->n2", word))
}

/// What scripts call a message.
pub(super) fn kind_of(body: &Body) -> &'static str {
    match body {
        Body::PreVote { .. } => "pre-vote",
        Body::PreVoteReply { .. } => "pre-vote-reply",
        Body::Vote { .. } => "vote",
        Body::VoteReply { .. } => "vote-reply",
        Body::Append { .. } => "append",
        Body::AppendAccepted { .. } => "accepted",
        Body::AppendRejected { .. } => "rejected",
        Body::Commit { .. } => "commit",
        Body::Heartbeat { .. } => "heartbeat",
        Body::HeartbeatReply { .. } => "heartbeat-reply",
        Body::Snapshot { .. } => "snapshot",
        Body::Propose { .. } => "propose",
        Body::Read { .. } => "read",
        Body::ReadReply { .. } => "read-reply",
        Body::TransferLeadership { .. } => "transfer",
        Body::TimeoutNow => "timeout-now",
        Body::Quiesce { .. } => "quiesce",
    }
}
