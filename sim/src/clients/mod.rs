//! The clients of the key-value store: what an application would link against.
//!
//! A client writes in a session and numbers its writes, so it may send one again to another node when
//! no answer comes, and it still happens once. It reads without the log, from whatever node it talks
//! to. It goes on until it has an answer; the one thing it cannot know is what became of a write
//! whose session was closed behind its back.

mod history;
mod log;

use std::collections::VecDeque;

use quorate::raft::sessions::{Call, Command};
use quorate::{Micros, NodeId};

pub(crate) use history::history;
pub use log::{Operations, Performed};

use crate::machine::{Operation, Reply};

/// Who acts for the actions of a scenario, beside the clients of its workload.
pub(crate) const OPERATOR: NodeId = NodeId(1_000);

/// Whether a name is that of a client and not of a node.
pub(crate) fn is_client(id: NodeId) -> bool {
    id >= OPERATOR
}

/// What a client sends to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) client: NodeId,
    /// Counts what the client asks; an attempt to ask again has the same number.
    pub(crate) number: u32,
    pub(crate) ask: Ask,
}

/// What it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// A session.
    Open,
    /// A write in a session.
    Call {
        session: u64,
        sequence: u64,
        operation: Operation,
    },
    /// A read.
    Get { key: u32 },
}

/// What a node answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A session is open.
    Opened { session: u64 },
    /// It was done, at this index of the log or before.
    Done { reply: Reply, index: u64 },
    /// Not here, not now.
    Unavailable,
    /// There is no such session any more.
    Expired,
}

/// A client.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    id: NodeId,
    /// The node it talks to.
    target: NodeId,
    session: Option<u64>,
    /// The number of the last write in the session.
    sequence: u64,
    /// The number of the last request.
    request: u32,
    /// How many operations it has begun.
    begun: u64,
    current: Option<Current>,
    waiting: VecDeque<(NodeId, Operation)>,
}

/// What it is about at the moment.
#[derive(Clone, Copy, Debug)]
struct Current {
    operation: Operation,
    invoked_at: Micros,
    ask: Ask,
    attempt: u32,
}

impl Client {
    /// A client that talks to `target` first.
    pub(crate) fn new(id: NodeId, target: NodeId) -> Self {
        Self {
            id,
            target,
            session: None,
            sequence: 0,
            request: 0,
            begun: 0,
            current: None,
            waiting: VecDeque::new(),
        }
    }

    /// Its name.
    pub(crate) fn id(&self) -> NodeId {
        self.id
    }

    /// The node it talks to.
    pub(crate) fn target(&self) -> NodeId {
        self.target
    }

    /// How many operations it has begun.
    pub(crate) fn begun(&self) -> u64 {
        self.begun
    }

    /// Whether it has nothing to do.
    pub(crate) fn is_idle(&self) -> bool {
        self.current.is_none()
    }

    /// Puts an operation on its list, to be done through a node.
    pub(crate) fn want(&mut self, through: NodeId, operation: Operation) {
        self.waiting.push_back((through, operation));
    }

    /// Begins the next operation on its list, if it is idle and there is one.
    pub(crate) fn begin(&mut self, now: Micros) -> Option<Operation> {
        if !self.is_idle() {
            return None;
        }
        let (target, operation) = self.waiting.pop_front()?;
        self.target = target;
        self.current = Some(Current {
            operation,
            invoked_at: now,
            ask: self.ask_for(operation),
            attempt: 0,
        });
        self.request += 1;
        self.begun += 1;
        Some(operation)
    }

    /// The operation that it is about, and since when.
    pub(crate) fn under_way(&self) -> Option<(Operation, Micros)> {
        let current = self.current?;
        Some((current.operation, current.invoked_at))
    }

    /// What it asks at the moment, and the number of the attempt.
    pub(crate) fn request(&self) -> Option<(Request, u32)> {
        let current = self.current?;
        let request = Request {
            client: self.id,
            number: self.request,
            ask: current.ask,
        };
        Some((request, current.attempt))
    }

    /// No answer has come to an attempt, or none that helps: the next goes to another node. `false`
    /// if it does not wait for it any more.
    pub(crate) fn retry(&mut self, request: u32, attempt: u32, target: NodeId) -> bool {
        match &mut self.current {
            Some(current) if self.request == request && current.attempt == attempt => {
                current.attempt += 1;
                self.target = target;
                true
            }
            _ => false,
        }
    }

    /// Takes an answer to the request that it waits for; the operation, once it is over.
    pub(crate) fn answered(
        &mut self,
        now: Micros,
        request: u32,
        answer: Answer,
    ) -> Option<Performed> {
        let current = self.current.filter(|_| self.request == request)?;
        match answer {
            Answer::Opened { session } => {
                self.session = Some(session);
                self.sequence = 0;
                self.ask_next(current);
                None
            }
            Answer::Done { reply, index } => {
                if let Ask::Call { sequence, .. } = current.ask {
                    self.sequence = sequence;
                }
                Some(self.end(current, now, Some((reply, index))))
            }
            Answer::Expired => {
                self.session = None;
                Some(self.end(current, now, None))
            }
            Answer::Unavailable => None,
        }
    }

    /// A session is open: now for the write.
    fn ask_next(&mut self, current: Current) {
        self.request += 1;
        self.current = Some(Current {
            ask: self.ask_for(current.operation),
            attempt: 0,
            ..current
        });
    }

    fn ask_for(&self, operation: Operation) -> Ask {
        match (operation, self.session) {
            (Operation::Get { key }, _) => Ask::Get { key },
            (_, None) => Ask::Open,
            (operation, Some(session)) => Ask::Call {
                session,
                sequence: self.sequence + 1,
                operation,
            },
        }
    }

    fn end(&mut self, current: Current, now: Micros, outcome: Option<(Reply, u64)>) -> Performed {
        self.current = None;
        Performed {
            client: self.id,
            number: self.begun,
            operation: current.operation,
            invoked_at: current.invoked_at,
            returned_at: now,
            outcome,
        }
    }
}

impl Ask {
    /// The body of the entry that it becomes; a read becomes none.
    pub(crate) fn body(&self) -> Option<std::sync::Arc<[u8]>> {
        match *self {
            Self::Open => Some(Command::Open.encode()),
            Self::Call {
                session,
                sequence,
                operation,
            } => {
                let call = Call {
                    session,
                    sequence,
                    acknowledged: sequence - 1,
                    payload: &operation.encode(),
                };
                Some(Command::Call(call).encode())
            }
            Self::Get { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId(1);
    const PUT: Operation = Operation::Put { key: 1, value: 2 };

    fn ask(client: &Client) -> Ask {
        client.request().unwrap().0.ask
    }

    #[test]
    fn a_write_opens_a_session_first_and_is_numbered_in_it() {
        let mut client = Client::new(NodeId(1_001), NODE);
        client.want(NODE, PUT);
        client.want(NODE, PUT);
        assert_eq!(client.begin(Micros(5)), Some(PUT));
        assert_eq!(client.begin(Micros(5)), None, "one at a time");
        assert_eq!(ask(&client), Ask::Open);
        assert_eq!(
            client.answered(Micros(6), 1, Answer::Opened { session: 9 }),
            None
        );
        let call = |sequence| Ask::Call {
            session: 9,
            sequence,
            operation: PUT,
        };
        assert_eq!(ask(&client), call(1));
        let done = Answer::Done {
            reply: Reply::Written,
            index: 12,
        };
        assert_eq!(client.answered(Micros(7), 1, done), None, "an old answer");
        let performed = client.answered(Micros(8), 2, done).unwrap();
        assert_eq!(performed.outcome, Some((Reply::Written, 12)));
        assert_eq!(
            (performed.invoked_at, performed.returned_at),
            (Micros(5), Micros(8))
        );
        client.begin(Micros(9));
        assert_eq!(ask(&client), call(2));
    }

    #[test]
    fn an_attempt_is_repeated_elsewhere_and_only_once() {
        let mut client = Client::new(NodeId(1_001), NODE);
        client.want(NODE, Operation::Get { key: 1 });
        client.begin(Micros(1));
        assert!(client.retry(1, 0, NodeId(2)));
        assert!(!client.retry(1, 0, NodeId(3)), "that attempt is over");
        assert_eq!(
            (client.target(), client.request().unwrap().1),
            (NodeId(2), 1)
        );
    }

    #[test]
    fn a_lost_session_leaves_the_outcome_unknown() {
        let mut client = Client::new(NodeId(1_001), NODE);
        client.want(NODE, PUT);
        client.begin(Micros(1));
        client.answered(Micros(2), 1, Answer::Opened { session: 3 });
        let performed = client.answered(Micros(3), 2, Answer::Expired).unwrap();
        assert_eq!(performed.outcome, None);
        client.want(NODE, PUT);
        client.begin(Micros(4));
        assert_eq!(ask(&client), Ask::Open);
    }
}
