//! What can go wrong in a random run. A new fault is a variant, a row of [`Fault::ALL`] and an arm of
//! [`Fault::strike`].

use quorate::{Micros, NodeId, Random};

use crate::action::{Action, DiskChange, LinkChange, TimedAction};

/// A kind of trouble, or of use that is troublesome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A node crashes and comes back.
    Crash,
    /// Several nodes crash at once and come back one after the other.
    Outage,
    /// A node crashes again and again, faster than it can catch up.
    CrashLoop,
    /// A node is cut from all others for a while.
    Isolation,
    /// The nodes fall into two groups for a while.
    Partition,
    /// Some links are cut for a while.
    Cut,
    /// Messages get through one way only, for a while.
    OneWay,
    /// Two groups reach each other only through one node, for a while.
    Bridge,
    /// Some links lose many messages for a while.
    Loss,
    /// Some links are slow for a while, one way.
    SlowLink,
    /// A process stands still for a while.
    Pause,
    /// A disk is slow for a while.
    SlowDisk,
    /// A clock runs fast or slow, within what was promised.
    Drift,
    /// A node calls an election that nobody needs.
    Campaign,
    /// Two nodes stand for election at once, while a third crashes and is back within moments.
    Duel,
    /// Users write the same few keys through several nodes at once.
    Writes,
    /// Users add and remove the same few elements at several replicas at once.
    SetChanges,
    /// Replicas prune when nobody expects it.
    Pruning,
    /// A leader hands over to a voter that nobody asked for.
    Transfer,
}

/// Where and when faults are drawn.
#[derive(Debug)]
pub(super) struct Draw<'a> {
    pub(super) random: &'a mut Random,
    /// Nodes `1..=voters` vote.
    pub(super) voters: u64,
    /// Nodes `1..=nodes` may exist.
    pub(super) nodes: u64,
    /// How many millionths a clock may drift.
    pub(super) drift_bound: u32,
    /// No fault begins or ends after this.
    pub(super) until: Micros,
    pub(super) actions: Vec<TimedAction>,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Crash,
        Self::Outage,
        Self::CrashLoop,
        Self::Isolation,
        Self::Partition,
        Self::Cut,
        Self::OneWay,
        Self::Bridge,
        Self::Loss,
        Self::SlowLink,
        Self::Pause,
        Self::SlowDisk,
        Self::Drift,
        Self::Campaign,
        Self::Duel,
        Self::Writes,
        Self::SetChanges,
        Self::Pruning,
        Self::Transfer,
    ];

    /// Draws one occurrence that begins at a time.
    pub(super) fn strike(self, draw: &mut Draw<'_>, at: Micros) {
        let end = draw.later(at, 10_000);
        match self {
            Self::Crash => {
                let node = draw.node();
                draw.push(at, Action::Crash { node });
                draw.push(end, Action::Restart { node });
            }
            Self::Outage => {
                for node in draw.some_voters() {
                    let up = draw.later(at, 10_000);
                    draw.push(at, Action::Crash { node });
                    draw.push(up, Action::Restart { node });
                }
            }
            Self::CrashLoop => {
                let (node, mut from) = (draw.voter(), at);
                for _ in 0..4 {
                    let up = draw.later(from, 300);
                    draw.push(from, Action::Crash { node });
                    draw.push(up, Action::Restart { node });
                    from = draw.later(up, 700);
                }
            }
            Self::Pause => {
                let node = draw.voter();
                draw.push(at, Action::Pause { node });
                draw.push(end, Action::Resume { node });
            }
            Self::SlowDisk => {
                let node = draw.voter();
                let change = DiskChange {
                    sync_min: Some(Micros::from_millis(20)),
                    sync_max: Some(Micros::from_millis(200)),
                    ..DiskChange::of(node)
                };
                draw.push(at, Action::Disk(change));
                draw.push(end, Action::MendDisk { node });
            }
            Self::Drift => {
                let (node, bound) = (draw.voter(), draw.drift_bound);
                let ppm = i32::try_from(draw.number(0, 2 * bound)).unwrap_or(0);
                let ppm = ppm - i32::try_from(bound).unwrap_or(0);
                draw.push(at, Action::Drift { node, ppm });
            }
            Self::Campaign => {
                let node = draw.voter();
                draw.push(at, Action::Campaign { node });
            }
            Self::Transfer => {
                let node = draw.voter();
                draw.push(at, Action::Transfer { node });
            }
            Self::Duel => {
                for _ in 0..2 {
                    let (node, at) = (draw.voter(), draw.later(at, 40));
                    draw.push(at, Action::Campaign { node });
                }
                for _ in 0..draw.number(1, 2) {
                    let (node, down) = (draw.voter(), draw.later(at, 100));
                    let up = draw.later(down, 20);
                    draw.push(down, Action::Crash { node });
                    draw.push(up, Action::Restart { node });
                }
            }
            Self::Writes | Self::SetChanges | Self::Pruning => self.use_it(draw, at),
            _ => self.strike_links(draw, at, end),
        }
    }

    /// What goes wrong between nodes, from a time to another.
    fn strike_links(self, draw: &mut Draw<'_>, at: Micros, end: Micros) {
        match self {
            Self::Isolation => {
                let node = draw.voter();
                draw.push(at, Action::Isolate { node });
                draw.push(end, Action::Heal);
            }
            Self::Partition => {
                let groups = draw.two_groups();
                draw.push(at, Action::Partition { groups });
                draw.push(end, Action::Heal);
            }
            Self::Cut => {
                for (a, b) in draw.links() {
                    draw.push(at, Action::Cut { a, b });
                    draw.push(end, Action::Mend { a, b });
                }
            }
            Self::OneWay => {
                let (from, to) = draw.some_and_others();
                draw.push(at, Action::CutOneWay { from, to });
                draw.push(end, Action::Heal);
            }
            Self::Bridge => {
                let mut groups = draw.two_groups();
                let bridge = draw.voter();
                for group in groups.iter_mut().filter(|group| !group.contains(&bridge)) {
                    group.push(bridge);
                }
                draw.push(at, Action::Partition { groups });
                draw.push(end, Action::Heal);
            }
            Self::SlowLink => {
                for (from, to) in draw.links() {
                    let change = LinkChange {
                        latency_min: Some(Micros::from_millis(100)),
                        latency_max: Some(Micros::from_millis(400)),
                        ..LinkChange::between(from, to)
                    };
                    draw.push(at, Action::Link(change));
                    draw.push(end, Action::Mend { a: from, b: to });
                }
            }
            Self::Loss => {
                let permille = draw.number(200, 900);
                for (a, b) in draw.links() {
                    draw.push(at, Action::Lossy { a, b, permille });
                    draw.push(end, Action::Mend { a, b });
                }
            }
            _ => {}
        }
    }

    /// What users do, a few times in a row.
    fn use_it(self, draw: &mut Draw<'_>, at: Micros) {
        for _ in 0..draw.number(1, 6) {
            let at = draw.later(at, 300);
            let element = format!("e{}", draw.number(0, 2));
            let action = match self {
                Self::Writes => Action::Put {
                    node: draw.voter(),
                    key: draw.number(0, 2),
                    value: draw.random.below(1_000),
                },
                Self::Pruning => Action::Prune { node: draw.node() },
                _ if draw.random.chance(500) => Action::Add {
                    node: draw.node(),
                    element,
                },
                _ => Action::Remove {
                    node: draw.node(),
                    element,
                },
            };
            draw.push(at, action);
        }
    }
}

impl Draw<'_> {
    pub(super) fn number(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high - low) + 1;
        low + u32::try_from(self.random.below(span)).expect("below a number of 32 bits")
    }

    /// A moment after `at`, mostly soon, sometimes up to so many milliseconds later.
    pub(super) fn later(&mut self, at: Micros, millis: u64) -> Micros {
        let longest = [millis / 20, millis / 4, millis][self.random.index(3)];
        let after = Micros::from_millis(1 + self.random.below(longest.max(1)));
        (at + after).min(self.until)
    }

    pub(super) fn push(&mut self, at: Micros, action: Action) {
        self.actions.push(TimedAction { at, action });
    }

    pub(super) fn node(&mut self) -> NodeId {
        // Workers may not be there, and an action on nobody is a wasted one.
        if self.random.chance(850) {
            self.voter()
        } else {
            NodeId(1 + self.random.below(self.nodes))
        }
    }

    pub(super) fn voter(&mut self) -> NodeId {
        NodeId(1 + self.random.below(self.voters))
    }

    /// Any number of voters, all of them too.
    pub(super) fn some_voters(&mut self) -> Vec<NodeId> {
        let permille = self.number(200, 1_000);
        let voters = (1..=self.voters).map(NodeId);
        voters.filter(|_| self.random.chance(permille)).collect()
    }

    /// Some voters, and the others.
    fn some_and_others(&mut self) -> (Vec<NodeId>, Vec<NodeId>) {
        let some = self.some_voters();
        let others = (1..=self.voters).map(NodeId);
        let others = others.filter(|node| !some.contains(node)).collect();
        (some, others)
    }

    fn two_groups(&mut self) -> Vec<Vec<NodeId>> {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for node in (1..=self.nodes).map(NodeId) {
            let side = if self.random.chance(500) {
                &mut first
            } else {
                &mut second
            };
            side.push(node);
        }
        vec![first, second]
    }

    /// A few links between voters.
    fn links(&mut self) -> Vec<(NodeId, NodeId)> {
        let mut links: Vec<(NodeId, NodeId)> = Vec::new();
        for _ in 0..self.number(1, 4) {
            let (a, b) = (self.voter(), self.voter());
            if a < b && !links.contains(&(a, b)) {
                links.push((a, b));
            }
        }
        links
    }
}
