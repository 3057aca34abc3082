//! The state machine of the nodes: it writes down the commands, each client's once.

use std::sync::Arc;

use quorate::raft::sessions::{Command, Limits, Outcome, Sessions};

use super::settings::BrokenRule;

/// What the commands led to.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    /// The commands that took effect, in order.
    pub(super) commands: Vec<String>,
    pub(super) sessions: Sessions,
    /// What the last command of a session came to.
    pub(super) outcome: String,
}

impl Machine {
    pub(super) fn new(broken: BrokenRule) -> Self {
        Self {
            commands: Vec::new(),
            sessions: sessions(broken),
            outcome: "none".to_owned(),
        }
    }

    /// Applies the payload of an entry: a command of a session, or just text.
    pub(super) fn apply(&mut self, index: u64, payload: &[u8]) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let Ok(command) = Command::decode(payload) else {
            self.commands.push(text(payload));
            return;
        };
        let commands = &mut self.commands;
        let applied = self.sessions.apply(index, command, |payload| {
            commands.push(text(payload));
            Arc::from(format!("{}", commands.len()).as_bytes())
        });
        self.outcome = match applied {
            Ok(Outcome::Opened { session, .. }) => format!("opened {session}"),
            Ok(Outcome::Executed { reply }) => format!("executed {}", text(&reply)),
            Ok(Outcome::Repeated { reply }) => format!("repeated {}", text(&reply)),
            Ok(Outcome::Acknowledged) => "acknowledged".to_owned(),
            Ok(Outcome::Closed) => "closed".to_owned(),
            Err(error) => format!("refused: {error}"),
        };
    }
}

#[cfg(feature = "mutants")]
fn sessions(broken: BrokenRule) -> Sessions {
    match broken {
        Some(rule) => Sessions::breaking(Limits::default(), rule),
        None => Sessions::new(Limits::default()),
    }
}

#[cfg(not(feature = "mutants"))]
fn sessions(BrokenRule::None: BrokenRule) -> Sessions {
    Sessions::new(Limits::default())
}
