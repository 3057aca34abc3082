//! Notices: what the world tells of itself.
//!
//! To put into words what happens takes longer than to let it happen. So nothing is put into words
//! unless somebody keeps it: a run that is only checked, or repeated up to a known moment, says
//! nothing but what broke.

use std::fmt;

use quorate::NodeId;

use super::World;
use crate::notice::{Notice, NoticeKind};

/// Whether notices are kept for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recording {
    /// Only violations are.
    Off,
    /// Everything is.
    On,
}

impl World {
    /// Takes what happened since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// What happened since it was last [forgotten](Self::forget_notices).
    pub(crate) fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Forgets what happened: somebody has read it.
    pub(crate) fn forget_notices(&mut self) {
        self.notices.clear();
    }

    /// From now on keeps notices, or no longer does.
    pub(crate) fn set_recording(&mut self, recording: Recording) {
        self.recording = recording;
    }

    pub(super) fn notice(&mut self, node: Option<NodeId>, kind: NoticeKind) {
        if self.is_recorded() || matches!(kind, NoticeKind::Violated { .. }) {
            self.notices.push(Notice {
                at: self.now,
                event: self.events,
                node,
                kind,
            });
        }
    }

    /// Whether it is worth while to put into words what happens.
    pub(super) fn is_recorded(&self) -> bool {
        self.recording == Recording::On
    }

    /// A node has refused an input.
    pub(super) fn refused(&mut self, node: NodeId, error: &dyn fmt::Display) {
        if self.is_recorded() {
            let text = error.to_string();
            self.notice(Some(node), NoticeKind::Refused { text });
        }
    }
}
