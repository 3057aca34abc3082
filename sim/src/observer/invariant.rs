//! The names of what must never break, and what they say.

use std::fmt;

/// An invariant. The order is that in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// At most one leader per term, ever.
    ElectionSafety,
    /// A node votes for one candidate per term.
    VoteUniqueness,
    /// A leader only adds to its log.
    LeaderAppendOnly,
    /// Equal index and term mean equal logs up to there.
    LogMatching,
    /// Indices without gaps, terms that never fall.
    WellFormedLogs,
    /// A leader has every entry that was committed in an earlier term.
    LeaderCompleteness,
    /// A log that wins elections has everything that elections must not lose.
    UpToDateIsComplete,
    /// No two nodes apply different commands at one index.
    StateMachineSafety,
    /// What is committed at an index stays.
    CommittedIsImmutable,
    /// A commit rests on a quorum of disks, in the leader's own term.
    CommitLegality,
    /// Every quorum has what is committed.
    QuorumDurability,
    /// What a node has said is on its disk.
    DurablePromises,
    /// Terms, votes, commits and applied indices never fall.
    Monotonicity,
    /// Snapshot, applied, committed and last index come in this order.
    StateOrdering,
    /// Messages say what is true of their sender.
    MessageSanity,
    /// Memberships change one at a time and by overlapping quorums.
    MembershipSafety,
    /// A lease read is served by nobody who was overtaken.
    LeaseSafety,
    /// A quiet cluster holds no elections.
    BoundedChurn,
    /// A healed cluster agrees and serves.
    Liveness,
    /// A run repeats itself.
    Determinism,
    /// Every client sees one register per key.
    Linearizability,
    /// A command of a session takes effect once.
    ExactlyOnce,
    /// What was acknowledged is there in the end.
    NoLostWrite,
    /// Equal contexts mean equal sets.
    Convergence,
    /// A mutation removes what its replica saw, no more and no less.
    AddWins,
    /// A write is stamped above all that its writer has seen.
    LastWriterWins,
    /// What was added and not removed is there.
    NoLostAdd,
    /// A removal that was seen has happened.
    NoLostRemoval,
    /// What is dead stays dead.
    NoResurrection,
    /// A dot names one event.
    UniqueDots,
    /// Events are durable before anybody hears of them.
    PersistBeforeExpose,
    /// Who has seen a killer has seen what it kills.
    KillClosure,
    /// Contexts are prefixes of what was made, and never fall.
    NoGaps,
    /// The journal has every killing event above the floor.
    CompleteJournals,
    /// The floor lies within the context.
    FloorWithinContext,
    /// Closed replicas are agreed upon.
    EpochAgreement,
    /// Metadata is bounded by what is live and what is not yet acknowledged.
    BoundedMetadata,
    /// Certificates of pruning are true.
    PruneCertificates,
    /// The fleet stays within its bounds.
    ScaleBounds,
    /// No more changes than the budget allows.
    ScaleBudget,
    /// Time between two scalings.
    ScaleCooldown,
    /// One order at a time.
    SingleFlight,
    /// A deposed leader scales nothing.
    ScaleFencing,
    /// Who is switched off leaves nothing behind.
    SafeDrain,
}

/// What an invariant is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InvariantGroup {
    /// The replicated log.
    Consensus,
    /// What clients see.
    Clients,
    /// The replicated sets.
    Sets,
    /// The size of the fleet.
    Scaling,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Self; 44] = [
        Self::ElectionSafety,
        Self::VoteUniqueness,
        Self::LeaderAppendOnly,
        Self::LogMatching,
        Self::WellFormedLogs,
        Self::LeaderCompleteness,
        Self::UpToDateIsComplete,
        Self::StateMachineSafety,
        Self::CommittedIsImmutable,
        Self::CommitLegality,
        Self::QuorumDurability,
        Self::DurablePromises,
        Self::Monotonicity,
        Self::StateOrdering,
        Self::MessageSanity,
        Self::MembershipSafety,
        Self::LeaseSafety,
        Self::BoundedChurn,
        Self::Liveness,
        Self::Determinism,
        Self::Linearizability,
        Self::ExactlyOnce,
        Self::NoLostWrite,
        Self::Convergence,
        Self::AddWins,
        Self::LastWriterWins,
        Self::NoLostAdd,
        Self::NoLostRemoval,
        Self::NoResurrection,
        Self::UniqueDots,
        Self::PersistBeforeExpose,
        Self::KillClosure,
        Self::NoGaps,
        Self::CompleteJournals,
        Self::FloorWithinContext,
        Self::EpochAgreement,
        Self::BoundedMetadata,
        Self::PruneCertificates,
        Self::ScaleBounds,
        Self::ScaleBudget,
        Self::ScaleCooldown,
        Self::SingleFlight,
        Self::ScaleFencing,
        Self::SafeDrain,
    ];

    /// What it is about.
    pub const fn group(self) -> InvariantGroup {
        match self {
            Self::ElectionSafety
            | Self::VoteUniqueness
            | Self::LeaderAppendOnly
            | Self::LogMatching
            | Self::WellFormedLogs
            | Self::LeaderCompleteness
            | Self::UpToDateIsComplete
            | Self::StateMachineSafety
            | Self::CommittedIsImmutable
            | Self::CommitLegality
            | Self::QuorumDurability
            | Self::DurablePromises
            | Self::Monotonicity
            | Self::StateOrdering
            | Self::MessageSanity
            | Self::MembershipSafety
            | Self::LeaseSafety
            | Self::BoundedChurn
            | Self::Liveness
            | Self::Determinism => InvariantGroup::Consensus,
            Self::Linearizability | Self::ExactlyOnce | Self::NoLostWrite => {
                InvariantGroup::Clients
            }
            Self::Convergence
            | Self::AddWins
            | Self::LastWriterWins
            | Self::NoLostAdd
            | Self::NoLostRemoval
            | Self::NoResurrection
            | Self::UniqueDots
            | Self::PersistBeforeExpose
            | Self::KillClosure
            | Self::NoGaps
            | Self::CompleteJournals
            | Self::FloorWithinContext
            | Self::EpochAgreement
            | Self::BoundedMetadata
            | Self::PruneCertificates => InvariantGroup::Sets,
            Self::ScaleBounds
            | Self::ScaleBudget
            | Self::ScaleCooldown
            | Self::SingleFlight
            | Self::ScaleFencing
            | Self::SafeDrain => InvariantGroup::Scaling,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ElectionSafety => "Election Safety",
            Self::VoteUniqueness => "Vote Uniqueness",
            Self::LeaderAppendOnly => "Leader Append-Only",
            Self::LogMatching => "Log Matching",
            Self::WellFormedLogs => "Well-formed logs",
            Self::LeaderCompleteness => "Leader Completeness",
            Self::UpToDateIsComplete => "Up to date is complete",
            Self::StateMachineSafety => "State Machine Safety",
            Self::CommittedIsImmutable => "Committed is immutable",
            Self::CommitLegality => "Commit legality",
            Self::QuorumDurability => "Quorum durability",
            Self::DurablePromises => "Durable promises",
            Self::Monotonicity => "Monotonicity",
            Self::StateOrdering => "State ordering",
            Self::MessageSanity => "Message sanity",
            Self::MembershipSafety => "Membership safety",
            Self::LeaseSafety => "Lease safety",
            Self::BoundedChurn => "Bounded churn",
            Self::Liveness => "Liveness after healing",
            Self::Determinism => "Determinism",
            Self::Linearizability => "Linearizability",
            Self::ExactlyOnce => "Exactly once",
            Self::NoLostWrite => "No lost write",
            Self::Convergence => "Convergence",
            Self::AddWins => "Add wins",
            Self::LastWriterWins => "Last writer wins",
            Self::NoLostAdd => "No lost add",
            Self::NoLostRemoval => "No lost removal",
            Self::NoResurrection => "No resurrection",
            Self::UniqueDots => "Unique dots",
            Self::PersistBeforeExpose => "Persist before expose",
            Self::KillClosure => "Kill closure",
            Self::NoGaps => "No gaps",
            Self::CompleteJournals => "Complete journals",
            Self::FloorWithinContext => "Floor within context",
            Self::EpochAgreement => "Epoch agreement",
            Self::BoundedMetadata => "Bounded metadata",
            Self::PruneCertificates => "Prune certificates",
            Self::ScaleBounds => "Fleet bounds",
            Self::ScaleBudget => "Change budget",
            Self::ScaleCooldown => "Cooldown",
            Self::SingleFlight => "Single flight",
            Self::ScaleFencing => "Fenced decisions",
            Self::SafeDrain => "Safe drain",
        }
    }

    /// What it says, in one sentence.
    pub const fn statement(self) -> &'static str {
        match self.group() {
            InvariantGroup::Consensus => self.consensus_statement(),
            InvariantGroup::Clients => self.client_statement(),
            InvariantGroup::Sets => self.set_statement(),
            InvariantGroup::Scaling => self.scaling_statement(),
        }
    }

    const fn consensus_statement(self) -> &'static str {
        match self {
            Self::ElectionSafety => "At most one leader is ever elected in a term.",
            Self::VoteUniqueness => "No node ever votes for two candidates in one term.",
            Self::LeaderAppendOnly => {
                "A leader never cuts or overwrites its log; it adds entries of its own term."
            }
            Self::LogMatching => {
                "If two logs have an entry with the same index and term, they agree on everything up to it."
            }
            Self::WellFormedLogs => {
                "A log has no gaps, its terms never fall, and none is beyond its node's term."
            }
            Self::LeaderCompleteness => {
                "A leader's log contains every entry that was committed in an earlier term."
            }
            Self::UpToDateIsComplete => {
                "A log that ends in a term has everything that was committed before that term."
            }
            Self::StateMachineSafety => {
                "No two nodes ever apply different commands at the same index."
            }
            Self::CommittedIsImmutable => "What was once committed at an index is never replaced.",
            Self::CommitLegality => {
                "A leader commits what is of its term and on the disks of a quorum; a follower, no more than that."
            }
            Self::QuorumDurability => {
                "Whatever quorum of disks survives, everything committed is on one of them."
            }
            Self::DurablePromises => {
                "A term, vote or entry that a node has told others of is on its disk, also after a restart."
            }
            Self::Monotonicity => {
                "Term and applied index never fall, nor does the commit index while a node runs."
            }
            Self::StateOrdering => {
                "Snapshot, applied, committed and last index come in this order, and a leader's view of others is possible."
            }
            Self::MessageSanity => {
                "No message speaks of a term, a commit or entries that its sender does not have."
            }
            Self::MembershipSafety => {
                "The membership changes one step at a time, by quorums that overlap, and nobody counts who does not vote."
            }
            Self::LeaseSafety => {
                "No node answers a read by its lease after somebody has committed in a later term."
            }
            Self::BoundedChurn => "While nothing disturbs the cluster, its term does not grow.",
            Self::Liveness => {
                "Once all faults are healed, one leader emerges, all members agree with it, and it serves."
            }
            _ => "The same scenario gives the same run, event by event.",
        }
    }

    const fn client_statement(self) -> &'static str {
        match self {
            Self::Linearizability => {
                "Every operation takes effect at its log index, between its call and its answer."
            }
            Self::ExactlyOnce => "A command that a session repeats takes effect once.",
            _ => "A write that was acknowledged is in the log of the healed cluster.",
        }
    }

    const fn set_statement(self) -> &'static str {
        match self {
            Self::Convergence => "Two replicas that have seen the same events show the same sets.",
            Self::AddWins => {
                "A mutation kills exactly the adds that its replica showed there: concurrent adds win."
            }
            Self::LastWriterWins => {
                "A write to a register is stamped above every write that its writer has seen there."
            }
            Self::NoLostAdd => {
                "An add that a replica has seen is there, unless a removal it has seen saw that add."
            }
            Self::NoLostRemoval => {
                "An add is gone from a replica as soon as that has seen its removal."
            }
            Self::NoResurrection => {
                "An add that a removal saw never comes back at a replica that has seen the removal."
            }
            Self::UniqueDots => "No two events ever have the same dot.",
            Self::PersistBeforeExpose => {
                "No message leaves a replica with events of its own that are not on its disk."
            }
            Self::KillClosure => "Whoever has seen a removal has seen everything it removes.",
            Self::NoGaps => {
                "A context counts only events that were made, without gaps, and never falls."
            }
            Self::CompleteJournals => {
                "A journal has every removal that its replica has seen above the floor."
            }
            Self::FloorWithinContext => "A floor never rises above the events seen, nor falls.",
            Self::EpochAgreement => {
                "Who enters the table that closes a replica has exactly the agreed events of it."
            }
            Self::BoundedMetadata => {
                "Metadata is bounded by live elements, open replicas, and removals not yet acknowledged or still young."
            }
            _ => "What a pruning certifies is on the disks of all it names.",
        }
    }

    const fn scaling_statement(self) -> &'static str {
        match self {
            Self::ScaleBounds => "No decision leaves the bounds of the fleet.",
            Self::ScaleBudget => "No window sees more nodes added or removed than its budget.",
            Self::ScaleCooldown => "Two scalings are at least the cooldown apart.",
            Self::SingleFlight => "Nothing is decided while an earlier order is open.",
            Self::ScaleFencing => {
                "An order is carried out only in the term it was decided in, and once."
            }
            _ => "When a node is switched off, the others durably hold all its events.",
        }
    }
}

impl InvariantGroup {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consensus => "Consensus",
            Self::Clients => "Clients",
            Self::Sets => "Sets",
            Self::Scaling => "Scaling",
        }
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
