//! Scenario scripts: a story of nodes, disks and messages, with what is to be seen after each step.
//!
//! A test in Rust hides the story in the calls that set it up. A script is the story: one command
//! a line, nothing happens by itself, and the lines that begin with `>` say what has to be true
//! now. Everything is named that is looked at, and only what is named is looked at.
//!
//! ```text
//! group n1 n2 n3 (and: learners n4, witnesses n5, outsiders n6, at 11@1)
//! set pre-vote off (before the group) · set n2 pre-vote on (for its next start)
//! campaign n1 · elect n1 · propose n1 x · propose-batch n1 x y · read n1 7 · transfer n1 n2
//! change n1 add-voter n4 remove n2 explicit · leave n1 · quiesce n1 · forget-leader n1
//! deliver n1->n2 append 2 · drop n2->* all · duplicate n1->n2 · hold n1->n2 append · release
//! lose n1->n2 append (from now on) · cut n1->n2 · isolate n1 · heal (nothing is lost any more)
//! persist n1 all · apply n1 2 · snapshot n1 7 · compact n1 5 · crash n1 · restart n1
//! crash n1 torn 1 (one unit of its oldest write is durable: truncation, entry, hard state)
//! report n1 n3 snapshot failed · report n1 n3 unreachable
//! settle (persist, apply and deliver until all is quiet) · slow disk n1 · slow state-machine n1 · fast disk n1
//! pass 100 (nobody ticks) · advance 100 (everybody does) · tick n1 · timeout n1 120 · clock n2 +5%
//! open n1 · call n1 2 1 x (session, number, command) · close n1 2
//! inject n9->n1 heartbeat term 7 commit 3
//!
//! > n1 leader term 2 commit 3 log 1-2@1 3@2        > all commit 3 state x y
//! > n1 peers n2 replicate match 3 next 4, n3 probe > n1 disk term 2 vote n1 log 1-2@1
//! > wire n1->n2 append after 3@2 commit 2, commit  > wire empty
//! > n1 membership voters n1 n2 n3 learners n4      > refused: no leader is known
//! > violates: State Machine Safety
//! ```
//!
//! An observer looks on after every step of every script, whatever the script is about, and stops
//! it at the first violation of a property of Raft.

mod commands;
mod disk;
mod expectations;
mod facts;
mod machine;
mod observer;
mod player;
mod settings;
mod strangers;
mod wire;
mod words;
mod world;

pub(crate) use player::play;
pub(crate) use settings::BrokenRule;

/// Why a command came to nothing.
#[derive(Debug)]
enum Stop {
    /// The node refused the input, which a script may expect.
    Refused(String),
    /// A property of Raft does not hold.
    Violated(String),
    /// The script asks for what is not there.
    Senseless(String),
}
