//! Commands that take effect once, however often a client sends them.
//!
//! A client that gets no answer does not know whether its command was lost or only the answer; it
//! sends it again, and "withdraw ten" happens twice. No leader can filter that, since it may be a
//! new one that never saw the first. So it is part of the state machine (dissertation, section 6.3):
//! a client opens a *session* by a command, numbers the commands it sends in it, and the state
//! machine keeps the replies. A command with a number that it had before is answered from there.
//!
//! Everything here is a function of the log: the same commands at the same indices leave equal
//! sessions on every node, equal to the byte. In particular a session never expires by a clock. When
//! there are too many, the one goes that was longest not used *by log index*.
//!
//! ```
//! use quorate::raft::sessions::{Call, Command, Limits, Outcome, Sessions};
//!
//! let mut sessions = Sessions::new(Limits::default());
//! let mut account = 100;
//! // Entry 7 of the log opens a session, which is named after it.
//! let opened = sessions.apply(7, Command::Open, |_| unreachable!("nothing to execute"));
//! assert_eq!(opened, Ok(Outcome::Opened { session: 7, expired: None }));
//! // Entry 8 withdraws ten, and so does entry 9, which is the same command sent again.
//! let call = Call { session: 7, sequence: 1, acknowledged: 0, payload: b"10" };
//! for index in [8, 9] {
//!     let outcome = sessions.apply(index, Command::Call(call), |_| {
//!         account -= 10;
//!         b"done".as_slice().into()
//!     });
//!     assert_eq!(outcome.unwrap().reply(), Some(b"done".as_slice()));
//! }
//! assert_eq!(account, 90);
//! ```

mod command;
mod encoding;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;

pub use command::{Call, Command};

/// How much is kept. Part of the state: nodes that expire sessions differently diverge, so it
/// travels in snapshots, and may only be changed for a whole group at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most sessions, at least one.
    pub max_sessions: u64,
    /// The most replies that a session keeps until they are acknowledged, at least one: as many
    /// commands a client may have in flight.
    pub max_replies: u64,
    /// The most bytes of replies that a session keeps, at least one; one reply may go beyond it.
    pub max_reply_bytes: u64,
}

impl Default for Limits {
    /// 65,536 sessions of 64 replies and 64 KiB.
    fn default() -> Self {
        Self {
            max_sessions: 1 << 16,
            max_replies: 64,
            max_reply_bytes: 1 << 16,
        }
    }
}

/// The sessions of all clients of a state machine: a part of its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sessions {
    limits: Limits,
    /// The last index that anything was applied at.
    last_index: u64,
    /// The sessions by name, which is the index of the entry that opened them.
    by_name: BTreeMap<u64, Session>,
    /// The name of every session by the index at which it was last used.
    by_use: BTreeMap<u64, u64>,
    /// Breaks [`Rule::SessionsApplyOnce`](crate::raft::Rule::SessionsApplyOnce).
    #[cfg(feature = "mutants")]
    applies_repeats: bool,
}

/// What is known of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Session {
    last_used: u64,
    /// The number of the last command that was executed; zero before the first.
    last_sequence: u64,
    /// The replies to the last commands, oldest first: those that are not acknowledged. At most
    /// `last_sequence`.
    replies: VecDeque<Arc<[u8]>>,
    reply_bytes: u64,
}

/// What a command led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A session is open.
    Opened {
        /// Its name.
        session: u64,
        /// The session that had to go for it.
        expired: Option<u64>,
    },
    /// The command was executed, now and for the first time.
    Executed {
        /// What it returned.
        reply: Arc<[u8]>,
    },
    /// The command was executed before.
    Repeated {
        /// What it returned then.
        reply: Arc<[u8]>,
    },
    /// The command was executed before, and the client has said that it has the reply. Only a
    /// message that was long under way asks once more, and nobody waits for the answer.
    Acknowledged,
    /// The session is closed.
    Closed,
}

impl Outcome {
    /// The reply to the client's command.
    pub fn reply(&self) -> Option<&[u8]> {
        match self {
            Self::Executed { reply } | Self::Repeated { reply } => Some(reply),
            Self::Opened { .. } | Self::Acknowledged | Self::Closed => None,
        }
    }
}

/// Why a command has no effect. All nodes refuse the same commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionError {
    /// There is no such session, any more or at all. The client cannot know whether commands it
    /// has no reply to were executed; it has to open a session and look.
    Expired {
        /// The name it gave.
        session: u64,
    },
    /// A command before this one is missing. The client sends that first, then this one again.
    OutOfOrder {
        /// The number of the next command.
        expected: u64,
    },
    /// The client says that it has replies which were never given.
    NeverReplied {
        /// The last number it says it has the reply to.
        acknowledged: u64,
        /// The last number that was executed.
        last_sequence: u64,
    },
    /// The session keeps as many replies as it may. The client sends the command again with an
    /// acknowledgement of those it has.
    TooManyReplies {
        /// How many are kept.
        replies: u64,
        /// How many bytes they have.
        reply_bytes: u64,
    },
    /// The host applies an entry a second time, or out of order.
    IndexOutOfOrder {
        /// The index of the entry.
        index: u64,
        /// The last index applied.
        last_index: u64,
    },
}

impl Sessions {
    /// No sessions yet. A limit of zero counts as one.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits: Limits {
                max_sessions: limits.max_sessions.max(1),
                max_replies: limits.max_replies.max(1),
                max_reply_bytes: limits.max_reply_bytes.max(1),
            },
            last_index: 0,
            by_name: BTreeMap::new(),
            by_use: BTreeMap::new(),
            #[cfg(feature = "mutants")]
            applies_repeats: false,
        }
    }

    /// Sessions that execute a repeated command again, if that is the rule to break.
    #[cfg(feature = "mutants")]
    pub fn breaking(limits: Limits, rule: crate::raft::Rule) -> Self {
        Self {
            applies_repeats: rule == crate::raft::Rule::SessionsApplyOnce,
            ..Self::new(limits)
        }
    }

    /// The door: applies the command in the entry at `index`. O(log of the sessions), and the
    /// replies that are acknowledged.
    ///
    /// `execute` is called with the payload of a call if that is to be executed, and with nothing
    /// else. It has to be deterministic, as everything in a state machine.
    ///
    /// # Errors
    ///
    /// If the command has no effect. All that may have changed then is that the session counts as
    /// used and has fewer replies, if the client acknowledged some.
    pub fn apply(
        &mut self,
        index: u64,
        command: Command<'_>,
        execute: impl FnOnce(&[u8]) -> Arc<[u8]>,
    ) -> Result<Outcome, SessionError> {
        if index <= self.last_index {
            return Err(SessionError::IndexOutOfOrder {
                index,
                last_index: self.last_index,
            });
        }
        self.last_index = index;
        match command {
            Command::Open => Ok(self.open(index)),
            Command::Call(call) => self.call(index, call, execute),
            Command::Close { session } => self.close(session),
        }
    }

    /// How many sessions are open.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether no session is open.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// How many replies a session keeps, and their bytes. `None` if there is no such session.
    pub fn kept(&self, session: u64) -> Option<(usize, u64)> {
        let session = self.by_name.get(&session)?;
        Some((session.replies.len(), session.reply_bytes))
    }

    fn open(&mut self, index: u64) -> Outcome {
        let is_full = self.by_name.len() as u64 >= self.limits.max_sessions;
        let expired = if is_full {
            self.by_use.pop_first()
        } else {
            None
        };
        let expired = expired.map(|(_, session)| session);
        if let Some(expired) = expired {
            self.by_name.remove(&expired);
        }
        self.by_use.insert(index, index);
        self.by_name.insert(index, Session::opened(index));
        Outcome::Opened {
            session: index,
            expired,
        }
    }

    fn close(&mut self, session: u64) -> Result<Outcome, SessionError> {
        let closed = self.by_name.remove(&session);
        let closed = closed.ok_or(SessionError::Expired { session })?;
        self.by_use.remove(&closed.last_used);
        Ok(Outcome::Closed)
    }

    fn call(
        &mut self,
        index: u64,
        call: Call<'_>,
        execute: impl FnOnce(&[u8]) -> Arc<[u8]>,
    ) -> Result<Outcome, SessionError> {
        let name = call.session;
        let session = self.by_name.get_mut(&name);
        let session = session.ok_or(SessionError::Expired { session: name })?;
        self.by_use.remove(&session.last_used);
        self.by_use.insert(index, name);
        session.last_used = index;
        session.acknowledge(call.acknowledged)?;
        let (sequence, expected) = (call.sequence, session.last_sequence + 1);
        if sequence > expected {
            return Err(SessionError::OutOfOrder { expected });
        }
        if sequence < expected {
            #[cfg(feature = "mutants")]
            if self.applies_repeats {
                return Ok(Outcome::Executed {
                    reply: execute(call.payload),
                });
            }
            let reply = session.reply(sequence).cloned();
            return Ok(reply.map_or(Outcome::Acknowledged, |reply| Outcome::Repeated { reply }));
        }
        session.admit_reply(self.limits)?;
        let reply = execute(call.payload);
        session.keep(&reply);
        Ok(Outcome::Executed { reply })
    }
}

impl Session {
    fn opened(index: u64) -> Self {
        Self {
            last_used: index,
            last_sequence: 0,
            replies: VecDeque::new(),
            reply_bytes: 0,
        }
    }

    /// The number of the last command whose reply the client has.
    fn acknowledged(&self) -> u64 {
        self.last_sequence - self.replies.len() as u64
    }

    /// The client has the replies up to `upto`.
    fn acknowledge(&mut self, upto: u64) -> Result<(), SessionError> {
        if upto > self.last_sequence {
            return Err(SessionError::NeverReplied {
                acknowledged: upto,
                last_sequence: self.last_sequence,
            });
        }
        while self.acknowledged() < upto
            && let Some(reply) = self.replies.pop_front()
        {
            self.reply_bytes -= reply.len() as u64;
        }
        Ok(())
    }

    /// The reply to a command, if it is kept.
    fn reply(&self, sequence: u64) -> Option<&Arc<[u8]>> {
        let place = sequence.checked_sub(self.acknowledged() + 1)?;
        self.replies.get(usize::try_from(place).ok()?)
    }

    /// Whether one more reply can be kept.
    fn admit_reply(&self, limits: Limits) -> Result<(), SessionError> {
        let (replies, reply_bytes) = (self.replies.len() as u64, self.reply_bytes);
        if replies < limits.max_replies && reply_bytes < limits.max_reply_bytes {
            return Ok(());
        }
        Err(SessionError::TooManyReplies {
            replies,
            reply_bytes,
        })
    }

    fn keep(&mut self, reply: &Arc<[u8]>) {
        self.last_sequence += 1;
        self.reply_bytes += reply.len() as u64;
        self.replies.push_back(Arc::clone(reply));
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { session } => write!(f, "session {session} is not open"),
            Self::OutOfOrder { expected } => {
                write!(f, "command {expected} of the session comes first")
            }
            Self::NeverReplied {
                acknowledged,
                last_sequence,
            } => write!(
                f,
                "reply {acknowledged} is acknowledged, and only {last_sequence} were given"
            ),
            Self::TooManyReplies {
                replies,
                reply_bytes,
            } => write!(
                f,
                "the session keeps {replies} replies of {reply_bytes} bytes, which have to be \
                 acknowledged first"
            ),
            Self::IndexOutOfOrder { index, last_index } => {
                write!(f, "entry {index} is applied after entry {last_index}")
            }
        }
    }
}

impl Error for SessionError {}
