//! Sessions against a model that keeps everything, and against clients that repeat themselves.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

use std::collections::VecDeque;
use std::sync::Arc;

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use quorate::Random;
use quorate::codec::{DecodeError, Kind, Sink, frame, put_varint};
use quorate::raft::sessions::{Call, Command, Limits, Outcome, SessionError, Sessions};

const LIMITS: Limits = Limits {
    max_sessions: 3,
    max_replies: 4,
    max_reply_bytes: 20,
};

/// Everything that ever happened.
#[derive(Default)]
struct Model {
    index: u64,
    sessions: Vec<ModelSession>,
}

struct ModelSession {
    name: u64,
    last_used: u64,
    is_open: bool,
    /// The replies to the commands 1, 2, 3 and so on.
    replies: Vec<Arc<[u8]>>,
    acknowledged: usize,
}

impl Model {
    fn open_session(&mut self, name: u64) -> Result<&mut ModelSession, SessionError> {
        let mut open = self.sessions.iter_mut().filter(|session| session.is_open);
        let found = open.find(|session| session.name == name);
        found.ok_or(SessionError::Expired { session: name })
    }

    fn apply(&mut self, command: Command<'_>) -> Result<Outcome, SessionError> {
        self.index += 1;
        match command {
            Command::Open => Ok(self.open()),
            Command::Close { session } => {
                self.open_session(session)?.is_open = false;
                Ok(Outcome::Closed)
            }
            Command::Call(call) => self.call(call),
        }
    }

    fn open(&mut self) -> Outcome {
        let open = self.sessions.iter_mut().filter(|session| session.is_open);
        let mut open: Vec<_> = open.collect();
        open.sort_by_key(|session| session.last_used);
        let is_full = open.len() == 3;
        let expired = open.first_mut().filter(|_| is_full);
        let expired = expired.map(|session| {
            session.is_open = false;
            session.name
        });
        self.sessions.push(ModelSession {
            name: self.index,
            last_used: self.index,
            is_open: true,
            replies: Vec::new(),
            acknowledged: 0,
        });
        Outcome::Opened {
            session: self.index,
            expired,
        }
    }

    fn call(&mut self, call: Call<'_>) -> Result<Outcome, SessionError> {
        let index = self.index;
        let session = self.open_session(call.session)?;
        session.last_used = index;
        let executed = session.replies.len();
        let acknowledged = usize::try_from(call.acknowledged).unwrap();
        if acknowledged > executed {
            return Err(SessionError::NeverReplied {
                acknowledged: call.acknowledged,
                last_sequence: executed as u64,
            });
        }
        session.acknowledged = session.acknowledged.max(acknowledged);
        let kept = &session.replies[session.acknowledged..];
        let bytes: usize = kept.iter().map(|reply| reply.len()).sum();
        let place = usize::try_from(call.sequence).unwrap() - 1;
        if place > executed {
            return Err(SessionError::OutOfOrder {
                expected: executed as u64 + 1,
            });
        }
        if place < session.acknowledged {
            return Ok(Outcome::Acknowledged);
        }
        if let Some(reply) = session.replies.get(place) {
            return Ok(Outcome::Repeated {
                reply: Arc::clone(reply),
            });
        }
        if kept.len() >= 4 || bytes >= 20 {
            return Err(SessionError::TooManyReplies {
                replies: kept.len() as u64,
                reply_bytes: bytes as u64,
            });
        }
        let reply = executed_at(index, call.payload);
        session.replies.push(Arc::clone(&reply));
        Ok(Outcome::Executed { reply })
    }
}

/// What the state machine of these tests returns: it remembers when a command was executed.
fn executed_at(index: u64, payload: &[u8]) -> Arc<[u8]> {
    [&[index.to_le_bytes()[0]], payload].concat().into()
}

/// What the next entry of the log is.
#[derive(Clone, Debug)]
enum Step {
    Open,
    Close(usize),
    /// In one of the sessions opened so far: a command so far from the next one, and so far
    /// acknowledged before the last executed one.
    Call(usize, i64, u64, Vec<u8>),
    /// A snapshot is taken, and the node goes on from it.
    Snapshot,
}

fn step() -> impl Strategy<Value = Step> {
    let payload = || collection::vec(any::<u8>(), 0..8);
    prop_oneof![
        1 => proptest::strategy::Just(Step::Open),
        1 => (0..8_usize).prop_map(Step::Close),
        2 => proptest::strategy::Just(Step::Snapshot),
        8 => (0..8_usize, 0..6_u64, payload())
            .prop_map(|(session, lag, payload)| Step::Call(session, 0, lag, payload)),
        8 => (0..8_usize, -4..3_i64, 0..6_u64, payload())
            .prop_map(|(session, off, lag, payload)| Step::Call(session, off, lag, payload)),
    ]
}

proptest! {
    #[test]
    fn sessions_do_what_the_model_does(steps in collection::vec(step(), 0..120)) {
        let mut model = Model::default();
        let mut sessions = Sessions::new(LIMITS);
        for step in steps {
            let nobody = (0, 0);
            let named = |at: usize| model.sessions.get(at).map_or(nobody, |session| {
                (session.name, session.replies.len() as u64)
            });
            let command = match &step {
                Step::Open => Command::Open,
                Step::Close(at) => Command::Close { session: named(*at).0 },
                Step::Call(at, off, lag, payload) => {
                    let (session, executed) = named(*at);
                    Command::Call(Call {
                        session,
                        sequence: (executed + 1).saturating_add_signed(*off).max(1),
                        // Now and then more than can be.
                        acknowledged: (executed + 1).saturating_sub(*lag),
                        payload,
                    })
                }
                Step::Snapshot => {
                    let bytes = sessions.encode();
                    let back = Sessions::decode(&bytes).unwrap();
                    assert_eq!(back, sessions);
                    assert_eq!(back.encode(), bytes);
                    sessions = back;
                    continue;
                }
            };
            assert_eq!(Command::decode(&command.encode()), Ok(command));
            let expected = model.apply(command);
            let index = model.index;
            let outcome = sessions.apply(index, command, |payload| executed_at(index, payload));
            assert_eq!(outcome, expected);
            let open = model.sessions.iter().filter(|session| session.is_open);
            assert_eq!(sessions.len(), open.count());
        }
    }
}

/// A client with several commands in flight, on a link that loses, repeats and reorders them.
struct Client {
    session: u64,
    /// How many commands it has the replies to.
    done: u64,
    /// What it does not know the outcome of, by number.
    waiting: VecDeque<u64>,
    next: u64,
}

/// Deposits of one unit, as many as there are commands; returns what is in the accounts.
fn deposits(sessions: &mut Sessions, seed: u64, commands: u64) -> [u64; 2] {
    let mut random = Random::new(seed);
    let mut index = 0;
    let mut accounts = [0; 2];
    let mut clients = [0, 1].map(|_| {
        index += 1;
        sessions
            .apply(index, Command::Open, |_| unreachable!())
            .unwrap();
        Client {
            session: index,
            done: 0,
            waiting: VecDeque::new(),
            next: 1,
        }
    });
    let mut wire: Vec<(usize, u64, u64)> = Vec::new();
    while clients.iter().any(|client| client.done < commands) {
        let at = random.index(2);
        let client = &mut clients[at];
        if client.waiting.len() < 3 && client.next <= commands {
            client.waiting.push_back(client.next);
            client.next += 1;
        }
        if !client.waiting.is_empty() {
            // Any of what it waits for, again or for the first time.
            let sequence = client.waiting[random.index(client.waiting.len())];
            wire.push((at, sequence, client.done));
        }
        let picked = random.index(wire.len().max(1));
        let Some((at, sequence, acknowledged)) = wire.get(picked).copied() else {
            continue;
        };
        if random.chance(700) {
            wire.swap_remove(picked);
        }
        let client = &mut clients[at];
        let call = Call {
            session: client.session,
            sequence,
            acknowledged,
            payload: b"1",
        };
        index += 1;
        let outcome = sessions.apply(index, Command::Call(call), |_| {
            accounts[at] += 1;
            Arc::from(sequence.to_le_bytes().as_slice())
        });
        let reply = outcome.as_ref().ok().and_then(Outcome::reply);
        if let Some(reply) = reply
            && random.chance(600)
        {
            assert_eq!(reply, sequence.to_le_bytes());
            client.waiting.retain(|waiting| *waiting != sequence);
            client.done = client
                .waiting
                .front()
                .map_or(client.next - 1, |first| first - 1);
        }
    }
    accounts
}

#[test]
fn whatever_is_lost_and_repeated_every_command_takes_effect_once() {
    for seed in 0..200 {
        let mut sessions = Sessions::new(Limits::default());
        assert_eq!(deposits(&mut sessions, seed, 30), [30, 30], "seed {seed}");
    }
}

/// Without the rule, a repeated command takes effect again.
#[cfg(feature = "mutants")]
#[test]
fn without_the_rule_commands_take_effect_again() {
    use quorate::raft::Rule;
    let mut broken = Sessions::breaking(Limits::default(), Rule::SessionsApplyOnce);
    let accounts = deposits(&mut broken, 1, 30);
    assert!(accounts.iter().sum::<u64>() > 60, "{accounts:?}");
    let mut sound = Sessions::breaking(Limits::default(), Rule::VoteIsDurable);
    assert_eq!(deposits(&mut sound, 1, 30), [30, 30]);
}

#[test]
fn the_session_that_was_not_used_for_longest_goes() {
    let mut sessions = Sessions::new(LIMITS);
    let execute = |payload: &[u8]| Arc::from(payload);
    for index in 1..=3 {
        sessions.apply(index, Command::Open, execute).unwrap();
    }
    let call = |session| {
        Command::Call(Call {
            session,
            sequence: 1,
            acknowledged: 0,
            payload: b"x",
        })
    };
    sessions.apply(4, call(1), execute).unwrap();
    let opened = sessions.apply(5, Command::Open, execute);
    let expected = Outcome::Opened {
        session: 5,
        expired: Some(2),
    };
    assert_eq!(opened, Ok(expected));
    let gone = sessions.apply(6, call(2), execute);
    assert_eq!(gone, Err(SessionError::Expired { session: 2 }));
    assert_eq!(sessions.kept(1), Some((1, 1)));
    assert_eq!(sessions.kept(2), None);
}

#[test]
fn an_entry_is_applied_once() {
    let mut sessions = Sessions::new(LIMITS);
    let apply =
        |sessions: &mut Sessions, index| sessions.apply(index, Command::Open, |_| unreachable!());
    apply(&mut sessions, 7).unwrap();
    let before = sessions.clone();
    for index in [0, 6, 7] {
        let again = apply(&mut sessions, index);
        let error = SessionError::IndexOutOfOrder {
            index,
            last_index: 7,
        };
        assert_eq!(again, Err(error));
    }
    assert_eq!(sessions, before);
}

#[test]
fn limits_of_zero_count_as_one() {
    let zero = Limits {
        max_sessions: 0,
        max_replies: 0,
        max_reply_bytes: 0,
    };
    let one = Limits {
        max_sessions: 1,
        max_replies: 1,
        max_reply_bytes: 1,
    };
    assert_eq!(Sessions::new(zero).limits(), one);
}

/// Sessions of these limits and integers.
fn decoded(limits: [u64; 3], rest: &[u64]) -> Result<Sessions, DecodeError> {
    Sessions::decode(&frame(Kind::RaftSessions, |out| {
        for integer in limits.iter().chain(rest) {
            put_varint(out, *integer);
        }
    }))
}

#[test]
fn only_possible_sessions_are_read() {
    // The last index and a count; then of each its name, when it was used since, how many replies
    // are acknowledged, and those that are kept.
    let good = [10, 2, 3, 2, 1, 1, 0, 4, 0, 0, 0];
    assert!(decoded([3, 4, 20], &good).is_ok());
    let refused: [(&[u64], &str); 8] = [
        (
            &[10, 2, 4, 0, 0, 0, 3, 0, 0, 0],
            "in the order of their names",
        ),
        (&[10, 2, 3, 2, 0, 0, 5, 0, 0, 0], "one at an index"),
        (&[10, 1, 0, 0, 0, 0], "named after an index"),
        (&[10, 1, 3, 8, 0, 0], "used in the past"),
        (&[10, 1, 3, 1, 1, 1, 0], "commands at indices of their own"),
        (&[10, 1, u64::MAX, 1, 0, 0], "in range"),
        (&[10, 1, 3, 1, u64::MAX, 1, 0], "in range"),
        (&[99, 1, 3, 9, 0, 5, 0, 0, 0, 0, 0], "few replies"),
    ];
    for (bytes, why) in refused {
        let result = decoded([3, 4, 20], bytes);
        assert!(
            matches!(result, Err(DecodeError::BadValue { .. })),
            "{why}: {result:?}"
        );
    }
    let four = [10, 4, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
    assert!(decoded([3, 4, 20], &four).is_err(), "few sessions");
    assert!(decoded([3, 4, 0], &good).is_err(), "limits");
    // One reply may go beyond the limit of bytes, and none after it.
    let replies = |lengths: &[u64]| {
        Sessions::decode(&frame(Kind::RaftSessions, |out| {
            let head = [3, 4, 2, 10, 1, 3, 5, 0, lengths.len() as u64];
            for integer in head {
                put_varint(out, integer);
            }
            for length in lengths {
                put_varint(out, *length);
                out.put(&vec![7; usize::try_from(*length).unwrap()]);
            }
        }))
    };
    assert!(replies(&[1, 9]).is_ok());
    assert!(replies(&[2, 1]).is_err());
}

#[test]
fn a_command_that_cannot_be_is_not_read() {
    let refused: [&[u8]; 6] = [
        &[],
        &[3],
        &[0, 0],
        &[2],
        &[1, 1, 0, 0, 0],
        &[1, 1, 1, 0, 2, 7],
    ];
    for bytes in refused {
        assert!(Command::decode(bytes).is_err(), "{bytes:?}");
    }
}
