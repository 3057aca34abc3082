//! What replicas send each other.

use alloc::vec::Vec;
use core::fmt;

use super::version_vector::Bounds;
use super::{
    Dot, Epoch, ForeignEvent, Live, Path, Payload, Record, ReplicaId, Table, VersionVector,
};
use crate::Micros;

/// A payload event that is live at the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveEvent {
    /// Its name.
    pub dot: Dot,
    /// When it was made, at its replica.
    pub at: Micros,
    /// Where it belongs.
    pub path: Path,
    /// What it carries.
    pub payload: Payload,
}

impl From<Live<'_>> for LiveEvent {
    fn from(live: Live<'_>) -> Self {
        Self {
            dot: live.dot,
            at: live.at,
            path: live.path.to_path(),
            payload: live.payload.into(),
        }
    }
}

impl<'a> From<&'a LiveEvent> for Live<'a> {
    fn from(event: &'a LiveEvent) -> Self {
        Self {
            dot: event.dot,
            at: event.at,
            path: event.path.as_ref(),
            payload: &event.payload,
        }
    }
}

/// Everything the sender knows beyond `since`, up to `upto`.
///
/// The context it carries is the interval `(since, upto]` of every replica, which is only honest
/// because the sender has no gaps. A receiver that lacks part of `since` must refuse it: a dot
/// that is in the interval and not listed is dead, and its killer may lie in `since`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// Who made it.
    pub sender: ReplicaId,
    /// The membership table it was made under.
    pub epoch: Epoch,
    /// What it builds on.
    pub since: VersionVector,
    /// What the receiver will have seen afterwards, at least.
    pub upto: VersionVector,
    /// Events in the interval that are live; sorted by dot.
    pub live: Vec<LiveEvent>,
    /// Records of the events in the interval that killed something; sorted by dot.
    pub records: Vec<Record>,
}

/// The whole state of the sender, for a receiver that is below its floor.
///
/// It is joined, never put in place of what the receiver has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullState {
    /// Who made it.
    pub sender: ReplicaId,
    /// The membership table it was made under.
    pub epoch: Epoch,
    /// What the sender has seen.
    pub context: VersionVector,
    /// Everything live; sorted by dot.
    pub live: Vec<LiveEvent>,
    /// Up to where the sender's journal is no longer complete.
    pub floor: VersionVector,
    /// The sender's journal; sorted by dot, everything above `floor`.
    pub records: Vec<Record>,
}

/// Why a delta or a full state was not applied. The state is unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplyError {
    /// It builds on events that were not seen here. Ask again from `have`.
    Gap {
        /// What it builds on.
        since: VersionVector,
        /// What was seen here.
        have: VersionVector,
    },
    /// It was made under another membership table.
    WrongEpoch {
        /// The table it was made under.
        theirs: Epoch,
        /// The table in force here.
        ours: Epoch,
    },
    /// The sender is not active in the membership table.
    NotActive {
        /// The sender.
        sender: ReplicaId,
    },
    /// This replica was retired and waits to be readmitted. Until then it joins nothing.
    Joining {
        /// The table that it found itself retired in.
        since: Epoch,
    },
    /// It claims events of this very replica that it never made: somebody else uses its id, or
    /// its state was rolled back. Local events are refused from now on.
    OwnEventsAhead {
        /// The replica.
        replica: ReplicaId,
        /// How many of its events the message claims.
        claimed: u64,
        /// How many it made.
        made: u64,
    },
    /// A listed event lies outside of what the message says it covers.
    OutsideContext {
        /// The event.
        dot: Dot,
    },
    /// Counters start at one.
    ZeroCounter {
        /// The replica it was claimed of.
        replica: ReplicaId,
    },
    /// Events or records are not sorted by dot, or one is there twice.
    OutOfOrder {
        /// The first that is not above the one before.
        dot: Dot,
    },
    /// A record that kills nothing.
    EmptyRecord {
        /// The record.
        dot: Dot,
    },
    /// `upto` does not contain `since`.
    CrossedBounds,
    /// It counts events of a replica that its table has no entry for: one that was closed, or that
    /// was never admitted.
    NotOpen {
        /// The replica.
        replica: ReplicaId,
    },
    /// It lists an event as live that a record in it kills.
    KilledLive {
        /// The event.
        dot: Dot,
    },
    /// It came to the wrong door: an event in it is none of the type's that should join it. A bare
    /// store has no type and never says so.
    Foreign(ForeignEvent),
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { since, have } => {
                write!(
                    f,
                    "the delta builds on {since}, but only {have} was seen here"
                )
            }
            Self::WrongEpoch { theirs, ours } => {
                write!(
                    f,
                    "the message is of epoch {theirs}, this replica is in epoch {ours}"
                )
            }
            Self::NotActive { sender } => {
                write!(f, "{sender} does not take part in this epoch")
            }
            Self::Joining { since } => {
                write!(
                    f,
                    "retired in epoch {since}: only a readmission can be joined"
                )
            }
            Self::OwnEventsAhead {
                replica,
                claimed,
                made,
            } => write!(
                f,
                "the message claims {claimed} events of {replica}, which made {made}: its id is \
                 used twice or its state was rolled back"
            ),
            Self::OutsideContext { dot } => {
                write!(f, "{dot} lies outside of the context of the message")
            }
            Self::ZeroCounter { replica } => write!(f, "event zero of {replica} does not exist"),
            Self::OutOfOrder { dot } => write!(f, "{dot} is out of order or listed twice"),
            Self::EmptyRecord { dot } => write!(f, "the record {dot} kills nothing"),
            Self::CrossedBounds => f.write_str("the delta ends before it begins"),
            Self::NotOpen { replica } => {
                write!(
                    f,
                    "the membership table has no entry for {replica} to count in"
                )
            }
            Self::KilledLive { dot } => write!(f, "{dot} is listed both as live and as killed"),
            Self::Foreign(event) => event.fmt(f),
        }
    }
}

impl core::error::Error for ApplyError {}

impl From<ForeignEvent> for ApplyError {
    fn from(event: ForeignEvent) -> Self {
        Self::Foreign(event)
    }
}

impl Delta {
    /// Checks what can be checked without a table.
    pub(super) fn validate_shape(&self) -> Result<(), ApplyError> {
        if !self.upto.covers(&self.since) {
            return Err(ApplyError::CrossedBounds);
        }
        let live = self.live.iter().map(|event| event.dot);
        validate_dots(live, between(&self.since, &self.upto))?;
        validate_records(&self.records, between(&self.since, &self.upto))?;
        let between = between(&self.since, &self.upto);
        validate_dead(&self.records, &self.live, between)
    }

    /// Checks what can be checked without a state, under the table of its epoch.
    pub(super) fn validate(&self, table: &Table) -> Result<(), ApplyError> {
        self.validate_shape()?;
        validate_entries(&self.upto, table)?;
        let mut seen = Bounds::new(|replica| table.seen_upto(replica, &self.upto));
        validate_kills(&self.records, |dot| seen.contains(dot))
    }
}

impl FullState {
    /// Checks what can be checked without a table.
    pub(super) fn validate_shape(&self) -> Result<(), ApplyError> {
        if !self.context.covers(&self.floor) {
            return Err(ApplyError::CrossedBounds);
        }
        validate_dots(self.live.iter().map(|event| event.dot), |_| true)?;
        validate_records(&self.records, between(&self.floor, &self.context))?;
        validate_dead(&self.records, &self.live, |_| true)
    }

    /// Checks what can be checked without a state, under the table of its epoch.
    pub(super) fn validate(&self, table: &Table) -> Result<(), ApplyError> {
        self.validate_shape()?;
        validate_entries(&self.context, table)?;
        let mut seen = Bounds::new(|replica| table.seen_upto(replica, &self.context));
        self.validate_seen(|dot| seen.contains(dot))
    }

    /// Checks that everything it lists was seen.
    pub(super) fn validate_seen(
        &self,
        mut seen: impl FnMut(Dot) -> bool,
    ) -> Result<(), ApplyError> {
        match self.live.iter().find(|event| !seen(event.dot)) {
            Some(event) => Err(ApplyError::OutsideContext { dot: event.dot }),
            None => validate_kills(&self.records, seen),
        }
    }
}

/// Whether a dot is in an interval, for a list of dots.
fn between(since: &VersionVector, upto: &VersionVector) -> impl FnMut(Dot) -> bool {
    let mut since = Bounds::new(|replica| since.get(replica));
    let mut upto = Bounds::new(|replica| upto.get(replica));
    // Most of what is killed is older than the interval: that needs one look-up, in this order.
    move |dot| !since.contains(dot) && upto.contains(dot)
}

fn validate_records(records: &[Record], inside: impl FnMut(Dot) -> bool) -> Result<(), ApplyError> {
    validate_dots(records.iter().map(|record| record.dot), inside)?;
    for record in records {
        if record.kills.is_empty() {
            return Err(ApplyError::EmptyRecord { dot: record.dot });
        }
        validate_dots(record.kills.iter().copied(), |_| true)?;
    }
    Ok(())
}

/// What a record kills is dead. Taken in as live beside its killer, it would stay: the killer counts
/// as seen from then on. Only what `may_be_listed` is looked for.
fn validate_dead(
    records: &[Record],
    live: &[LiveEvent],
    mut may_be_listed: impl FnMut(Dot) -> bool,
) -> Result<(), ApplyError> {
    let is_live = |dot: &Dot| live.binary_search_by_key(dot, |event| event.dot).is_ok();
    let mut kills = records.iter().flat_map(|record| record.kills.iter());
    match kills.find(|&dot| may_be_listed(*dot) && is_live(dot)) {
        Some(&dot) => Err(ApplyError::KilledLive { dot }),
        None => Ok(()),
    }
}

/// Vectors have entries of open replicas only. An entry of a closed one would say more than was
/// agreed, and one of a stranger would bring in events that nobody can ever agree on.
pub(super) fn validate_entries(vector: &VersionVector, table: &Table) -> Result<(), ApplyError> {
    let mut replicas = vector.iter().map(|(replica, _)| replica);
    match replicas.find(|&replica| !table.is_open(replica)) {
        Some(replica) => Err(ApplyError::NotOpen { replica }),
        None => Ok(()),
    }
}

/// Kill closure: a killer's context contains what it kills, and so must the message's.
fn validate_kills(records: &[Record], mut seen: impl FnMut(Dot) -> bool) -> Result<(), ApplyError> {
    let mut kills = records.iter().flat_map(|record| record.kills.iter());
    match kills.find(|&&dot| !seen(dot)) {
        Some(&dot) => Err(ApplyError::OutsideContext { dot }),
        None => Ok(()),
    }
}

/// Sorted, counted from one, and where they may be.
fn validate_dots(
    dots: impl Iterator<Item = Dot>,
    mut inside: impl FnMut(Dot) -> bool,
) -> Result<(), ApplyError> {
    let mut previous: Option<Dot> = None;
    for dot in dots {
        if previous.is_some_and(|previous| previous >= dot) {
            return Err(ApplyError::OutOfOrder { dot });
        }
        if dot.counter == 0 {
            return Err(ApplyError::ZeroCounter {
                replica: dot.replica,
            });
        }
        if !inside(dot) {
            return Err(ApplyError::OutsideContext { dot });
        }
        previous = Some(dot);
    }
    Ok(())
}
