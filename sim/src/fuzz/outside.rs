//! Faults that no promise survives: what the cluster rests on is taken away.
//!
//! A search that never leaves the fault model cannot tell whether the model says the truth: whether what
//! is lost outside of it is named, and with the right assumption. So these are drawn on top of faults
//! inside of the model, and every run must end clean or in a loss that an assumption explains. A new one
//! is a variant, a row of [`OutsideFault::ALL`] and an arm of [`OutsideFault::strike`].

use quorate::{Micros, NodeId};

use super::fault::Draw;
use crate::action::{Action, DiskChange};

/// A kind of fault outside of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutsideFault {
    /// Disks report syncs that they did not do, and their machines crash.
    LyingDisks,
    /// A node crashes and comes back with empty disks.
    EmptyRestart,
    /// More than half of the voters lose their disks, one after the other.
    LostQuorum,
    /// A clock jumps, either way.
    Jump,
    /// A clock drifts beyond what was promised, for a while.
    WildDrift,
}

/// The longest jump of a clock.
const JUMP_MILLIS: u32 = 3_000;
/// The wildest drift, in millionths.
const DRIFT_PPM: u32 = 300_000;

impl OutsideFault {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::LyingDisks,
        Self::EmptyRestart,
        Self::LostQuorum,
        Self::Jump,
        Self::WildDrift,
    ];

    /// Draws one occurrence that begins at a time.
    fn strike(self, draw: &mut Draw<'_>, at: Micros) {
        match self {
            Self::LyingDisks => {
                let permille = draw.number(100, 1_000);
                let down = draw.later(at, 10_000);
                let mut liars = draw.some_voters();
                if liars.is_empty() {
                    liars.push(draw.voter());
                }
                for node in liars {
                    let change = DiskChange {
                        lying_permille: Some(permille),
                        ..DiskChange::of(node)
                    };
                    draw.push(at, Action::Disk(change));
                    let up = draw.later(down, 2_000);
                    draw.push(down, Action::Crash { node });
                    draw.push(up, Action::Restart { node });
                    draw.push(up, Action::MendDisk { node });
                }
            }
            Self::EmptyRestart => {
                let node = draw.node();
                let up = draw.later(at, 5_000);
                draw.push(at, Action::Crash { node });
                draw.push(up, Action::RestartEmpty { node });
            }
            Self::LostQuorum => {
                let voters = draw.voters;
                let first = draw.random.below(voters);
                for place in 0..=voters / 2 {
                    let node = NodeId(1 + (first + place) % voters);
                    let (lost, up) = (draw.later(at, 500), draw.later(at, 5_000));
                    draw.push(lost, Action::LoseDisk { node });
                    draw.push(lost.max(up), Action::Restart { node });
                }
            }
            Self::Jump => {
                let node = draw.voter();
                let millis = i64::from(draw.number(1, JUMP_MILLIS));
                let forwards = draw.random.chance(500);
                let by = if forwards { millis } else { -millis } * 1_000;
                draw.push(at, Action::Jump { node, by });
            }
            Self::WildDrift => {
                let (node, end) = (draw.voter(), draw.later(at, 10_000));
                let ppm = draw.number(draw.drift_bound + 1, DRIFT_PPM);
                let ppm = i32::try_from(ppm).expect("less than a million");
                let ppm = if draw.random.chance(500) { ppm } else { -ppm };
                draw.push(at, Action::Drift { node, ppm });
                draw.push(end, Action::Drift { node, ppm: 0 });
            }
        }
    }
}

/// Draws which of them there are, at least one, and lets each strike once or twice from a time on.
pub(super) fn strike_some(draw: &mut Draw<'_>, from: Micros) {
    let kinds = OutsideFault::ALL;
    let certain = draw.random.index(kinds.len());
    for (place, fault) in kinds.into_iter().enumerate() {
        if place != certain && !draw.random.chance(200) {
            continue;
        }
        for _ in 0..draw.number(1, 2) {
            let at = draw.random.span(from, draw.until);
            fault.strike(draw, at);
        }
    }
}
