//! What happens next, in words: for whoever steps through a run, and for comparisons of two.

use super::{World, numbered};
use crate::queue::Event;

impl World {
    /// What the next event is, in words; `None` if there is none.
    pub fn describe_next(&mut self) -> Option<String> {
        let at = self.next_time()?;
        if self.next_action_at().is_some_and(|due| due <= at) {
            return Some(self.actions[self.next_action].action.to_string());
        }
        // Whether a timer is still awaited is asked at its time.
        let before = self.now;
        let mut next = None;
        while let Some((at, event)) = self.queue.peek() {
            self.now = at;
            if !self.is_idle(event) {
                next = Some(self.describe_event(event));
                break;
            }
            self.queue.pop();
        }
        self.now = before;
        next
    }

    fn describe_event(&self, event: Event) -> String {
        match event {
            Event::Deliver { slot } => match self.network.peek(slot) {
                Some(flight) => {
                    let (from, to) = (flight.from, flight.to);
                    format!("{from} to {to}: {}", flight.parcel.label())
                }
                None => "a message".into(),
            },
            Event::RaftTimer { node, .. } => format!("{node}: timer of the consensus"),
            Event::ReplicaTimer { node, .. } => format!("{node}: timer of the sets"),
            Event::RaftSynced { node, .. } => format!("{node}: log is on disk"),
            Event::ReplicaSynced { node, .. } => format!("{node}: sets are on disk"),
            Event::Boot { node, .. } => format!("{node} has booted"),
            Event::SnapshotDeadline { from, to, .. } => {
                let (from, to) = (numbered(from), numbered(to));
                format!("{from}: a snapshot for {to} has had its time")
            }
            Event::Wake { node, .. } => format!("{node} goes on"),
            Event::Mischief(mischief) => format!("mischief: {mischief:?}").to_lowercase(),
            Event::Restart { node, .. } => format!("{node} comes back by itself"),
            Event::Resume { node, .. } => format!("{node} goes on by itself"),
            Event::Reunite { .. } => "a partition ends by itself".into(),
            Event::Serve => "a second of work".into(),
            Event::Report => "nodes report".into(),
            Event::Evaluate => "leaders look at the fleet".into(),
            Event::Prune => "replicas prune".into(),
            Event::ClientOperation => "a client wants something".into(),
            Event::ClientTimer { client, .. } => format!("client {client} has waited long enough"),
            Event::SetOperation => "a user changes a set".into(),
        }
    }
}
