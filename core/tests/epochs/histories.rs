//! Random histories of stores under a membership log, held against the oracle after every step.
//!
//! Nothing is ever lost on the way: what was sent, reported, asked for or proposed may arrive at any
//! later time, anywhere, again. Only what a disk lacks is lost.

use quorate::crdt::{
    EnterError, Entry, Expiry, MergeReport, Path, PruneOptions, PruneTrigger, ReadmitError,
    ReplicaId, Store, VersionVector, Write,
};
use quorate::{Micros, Random};

use super::cluster::{Cluster, Crashes, Machine, Message, Refusal, Report};
use super::heal::heal;
use super::test;

/// One step of a history. Numbers are taken modulo what there is.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// A replica adds an element.
    Add(usize, u8),
    /// A replica removes an element.
    Remove(usize, u8),
    /// A replica removes everything.
    Clear(usize),
    /// A replica forgets all but the given number of records.
    Prune(usize, usize),
    /// What a replica holds becomes durable.
    Persist(usize),
    /// A replica loses what was not durable.
    Crash(usize),
    /// A replica loses what was not durable, and its id.
    CrashForGood(usize),
    /// A replica that is closed, and holds nothing that others lack, starts anew.
    StartAnew(usize),
    /// The first sends what it has beyond the second's vector.
    SendDelta(usize, usize),
    /// A replica sends everything.
    SendFull(usize),
    /// A message arrives, perhaps again, perhaps late.
    Deliver(usize, usize),
    /// The second gets from the first whatever it needs.
    Sync(usize, usize),
    /// A replica reads one more entry of the log.
    Advance(usize),
    /// The machines of a bit set read the log to its end, synchronise and report.
    Round(usize),
    /// The log fences a replica, unless nobody of use would be left.
    Fence(usize),
    /// A close is proposed, if the reports allow one; it is committed now or never or later.
    Propose(usize),
    /// A partition lasts: the machines of a bit set fence and close all others.
    GoOnWithout(usize),
    /// A proposal is committed, counted from the latest.
    Close(usize),
    /// Whatever can be closed is closed, if nobody is needed but the machines of a bit set.
    CloseAll(usize),
    /// A drained replica expires.
    Expire(usize),
    /// A replica that waits asks to be readmitted.
    Request(usize),
    /// A request is committed a second time.
    Repeat(usize),
    /// An operator lets a replica in that waits, as one that has seen nothing, and it gets the state
    /// of the second.
    LetIn(usize, usize),
    /// A replica reports what it durably holds.
    Report(usize),
    /// A report is heard.
    Hear(usize),
    /// Everybody returns.
    Heal,
}

/// What happened, so that a test can tell whether it tested anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Deltas and full states joined by members.
    pub joined: usize,
    /// Messages refused.
    pub refused: usize,
    /// Replicas that took part again.
    pub readmitted: usize,
    /// Dots that died at a readmission.
    pub zombies: usize,
    /// Answers under a table in which less of a closed replica is agreed than the asker holds.
    pub unsettled: usize,
    /// Answers under a table that does not know a replica whose events the asker holds.
    pub unlisted: usize,
    /// Closes that were committed.
    pub closed: usize,
    /// Closes that came too late.
    pub stale_closes: usize,
    /// Replicas reopened by somebody else's readmission.
    pub reopened: usize,
    /// Replicas that expired.
    pub expired: usize,
    /// Replicas that started anew.
    pub started_anew: usize,
}

impl Tally {
    /// Adds what happened elsewhere.
    fn add(&mut self, other: Self) {
        self.joined += other.joined;
        self.refused += other.refused;
        self.readmitted += other.readmitted;
        self.zombies += other.zombies;
        self.unsettled += other.unsettled;
        self.unlisted += other.unlisted;
        self.closed += other.closed;
        self.stale_closes += other.stale_closes;
        self.reopened += other.reopened;
        self.expired += other.expired;
        self.started_anew += other.started_anew;
    }

    /// Everything happened more than once, or the histories show nothing.
    fn check(&self) {
        let rare = [
            self.joined / 100,
            self.refused / 10,
            self.readmitted / 5,
            self.zombies,
            self.closed / 5,
            self.stale_closes,
            self.reopened,
            self.expired,
            self.started_anew,
        ];
        assert!(rare.iter().all(|&count| count > 1), "{self:?}");
    }
}

/// A cluster, and everything that is under way.
#[derive(Clone, Debug)]
pub struct World {
    /// The cluster.
    pub cluster: Cluster,
    /// What happened so far.
    pub tally: Tally,
    messages: Vec<Message>,
    reports: Vec<Report>,
    requests: Vec<Entry>,
    proposals: Vec<Entry>,
}

impl World {
    /// Members, and strangers who have to ask.
    pub fn new(members: usize, strangers: usize, crashes: Crashes) -> Self {
        Self {
            cluster: Cluster::new(members, strangers, crashes),
            tally: Tally::default(),
            messages: Vec::new(),
            reports: Vec::new(),
            requests: Vec::new(),
            proposals: Vec::new(),
        }
    }

    /// Does one step and checks every store.
    pub fn step(&mut self, step: Step) {
        let count = self.cluster.machines.len();
        match step {
            Step::Add(at, element) => {
                let payload = Write::Put(Box::from([element]));
                self.cluster.write(at % count, &path(element), payload);
            }
            Step::Remove(at, element) => {
                self.cluster
                    .write(at % count, &path(element), Write::Remove);
            }
            Step::Clear(at) => {
                self.cluster.write(at % count, &Path::root(), Write::Remove);
            }
            Step::Prune(at, kept) => self.prune(at % count, kept),
            Step::Persist(at) => self.cluster.persist(at % count),
            Step::Crash(at) if self.is_dispensable(at % count) => self.cluster.crash(at % count),
            Step::CrashForGood(at) if self.is_dispensable(at % count) => {
                self.cluster.crash_for_good(at % count);
            }
            Step::StartAnew(at) => self.start_anew(at % count),
            Step::Sync(from, to) if from % count != to % count => {
                self.sync(from % count, to % count);
            }
            Step::SendDelta(from, to) => self.send_delta(from % count, to % count),
            Step::SendFull(from) => self.messages.push(self.cluster.full(from % count)),
            Step::Deliver(message, to) if !self.messages.is_empty() => {
                let message = self.messages[message % self.messages.len()].clone();
                self.deliver(&message, to % count);
            }
            Step::Advance(at) => {
                let entered = self.cluster.advance(at % count);
                let short = matches!(entered, Some(Err(EnterError::Short { .. })));
                assert!(!short, "{entered:?}");
            }
            Step::Round(set) => self.round(&members(set, count)),
            Step::Heal => heal(&mut self.cluster),
            step => self.step_of_the_log(step),
        }
        self.cluster.check();
    }

    fn step_of_the_log(&mut self, step: Step) {
        let count = self.cluster.machines.len();
        let table = self.cluster.table();
        match step {
            Step::Fence(nth) => {
                let active: Vec<_> = table.active().collect();
                self.fence(active[nth % active.len()]);
            }
            Step::Propose(nth) => {
                let fenced: Vec<_> = table.fenced().collect();
                let nth = fenced.get(nth % fenced.len().max(1));
                let close = nth.and_then(|&(replica, _)| self.cluster.closable(replica).ok());
                self.proposals.extend(close);
            }
            Step::Close(back) if !self.proposals.is_empty() => {
                let last = self.proposals.len() - 1;
                let close = self.proposals[last.saturating_sub(back)].clone();
                match self.cluster.append(close) {
                    Ok(_) => self.tally.closed += 1,
                    Err(_) => self.tally.stale_closes += 1,
                }
            }
            Step::GoOnWithout(set) => {
                for at in members(!set, count) {
                    let replica = self.cluster.store(at).replica();
                    if table.is_active(replica) {
                        self.fence(replica);
                    }
                }
                self.round(&members(set, count));
                self.close_all(&members(set, count));
            }
            Step::CloseAll(set) => self.close_all(&members(set, count)),
            Step::Expire(nth) => {
                let closed: Vec<_> = table.closed().collect();
                if let Some(&(replica, at)) = closed.get(nth % closed.len().max(1)) {
                    self.expire(replica, at);
                }
            }
            Step::Request(at) => {
                let store = &self.cluster.machines[at % count].durable;
                if store.retired().is_some() {
                    self.requests.push(store.readmission());
                    self.commit_request(self.requests.len() - 1);
                }
            }
            Step::Repeat(nth) if !self.requests.is_empty() => {
                self.commit_request(nth % self.requests.len());
            }
            Step::LetIn(at, by) if at % count != by % count => self.let_in(at % count, by % count),
            Step::Report(at) => self.reports.extend(self.cluster.report(at % count)),
            Step::Hear(nth) if !self.reports.is_empty() => {
                let report = &self.reports[nth % self.reports.len()];
                self.cluster.hear(report);
            }
            _ => {}
        }
    }

    fn prune(&mut self, at: usize, max_tombstones: usize) {
        let options = PruneOptions {
            max_tombstones,
            ..PruneOptions::default()
        };
        let store = &mut self.cluster.machines[at].now;
        store.prune(Micros(0), &options, PruneTrigger::Explicit);
    }

    /// Nobody of use may be lost if nobody else is of use.
    fn is_dispensable(&self, at: usize) -> bool {
        let mut others = (0..self.cluster.machines.len()).filter(|&other| other != at);
        others.any(|other| self.cluster.is_able(other))
    }

    fn fence(&mut self, replica: ReplicaId) {
        let remains = |at: usize| {
            self.cluster.is_able(at) && self.cluster.machines[at].now.replica() != replica
        };
        if (0..self.cluster.machines.len()).any(remains) {
            self.cluster.append(Entry::Fence { replica }).unwrap();
        }
    }

    fn commit_request(&mut self, nth: usize) {
        let before = self.cluster.table();
        if let Ok(table) = self.cluster.append(self.requests[nth].clone()) {
            let closed = |&(replica, _): &(ReplicaId, _)| before.closed_at(replica).is_some();
            self.tally.reopened += table.fenced().filter(closed).count();
        }
    }

    fn let_in(&mut self, at: usize, by: usize) {
        let store = self.cluster.store(at);
        if store.retired().is_some() {
            let (replica, seen) = (store.replica(), VersionVector::new());
            self.requests.push(Entry::Readmit { replica, seen });
            self.commit_request(self.requests.len() - 1);
            self.cluster.advance_fully(by);
            self.sync(by, at);
        }
    }

    /// Only if it is gone for good, and nothing of it exists beyond what everybody has.
    fn expire(&mut self, replica: ReplicaId, at: u64) {
        let is_held = |store: &Store| store.table().expand(store.context()).get(replica) > at;
        let is_left = |machine: &Machine| {
            let stores = [&machine.now, &machine.durable];
            let mut stores = stores.into_iter();
            stores.any(|store| store.replica() == replica || is_held(store))
        };
        let under_way = |message: &Message| match message {
            Message::Delta(delta) => delta.upto.get(replica) > at,
            Message::Full(_, full) => full.context.get(replica) > at,
        };
        if !self.cluster.machines.iter().any(is_left) && !self.messages.iter().any(under_way) {
            let expiry = Expiry::Drained;
            self.cluster
                .append(Entry::Expire { replica, expiry })
                .unwrap();
            // Never sent by a life that a crash ended.
            self.cluster.ledger.undo_above(replica, at);
            self.tally.expired += 1;
        }
    }

    fn start_anew(&mut self, at: usize) {
        let store = self.cluster.store(at);
        let expanded = |store: &Store| store.table().expand(store.context());
        let (replica, held) = (store.replica(), expanded(store));
        let is_durable = (0..self.cluster.machines.len()).any(|other| {
            let theirs = &self.cluster.machines[other].durable;
            other != at && self.cluster.is_able(other) && expanded(theirs).covers(&held)
        });
        let table = self.cluster.table();
        if is_durable && table.closed_at(replica) == Some(held.get(replica)) {
            self.cluster.start_anew(at);
            self.tally.started_anew += 1;
        }
    }

    /// For the vector of the other if it means the same, else for one who has seen nothing.
    fn send_delta(&mut self, from: usize, to: usize) {
        let (source, target) = (self.cluster.source(from), self.cluster.store(to));
        let comparable = target.retired().is_none() && target.epoch() == source.epoch();
        let since = if comparable {
            target.context().clone()
        } else {
            VersionVector::new()
        };
        self.messages.extend(self.cluster.delta(from, &since));
    }

    fn deliver(&mut self, message: &Message, to: usize) {
        let waiting = self.waiting();
        let joined = self.cluster.deliver(message, to);
        self.count(waiting, joined);
    }

    fn sync(&mut self, from: usize, to: usize) {
        let waiting = self.waiting();
        let joined = self.cluster.sync(from, to);
        self.count(waiting, joined);
    }

    fn waiting(&self) -> usize {
        let machines = self.cluster.machines.iter();
        machines
            .filter(|machine| machine.now.retired().is_some())
            .count()
    }

    fn count(&mut self, waiting_before: usize, joined: Result<MergeReport, Refusal>) {
        match joined {
            Ok(report) if self.waiting() < waiting_before => {
                self.tally.readmitted += 1;
                self.tally.zombies += report.killed.len();
            }
            Ok(_) => self.tally.joined += 1,
            Err(Refusal::Readmit(ReadmitError::Unsettled { .. })) => self.tally.unsettled += 1,
            Err(Refusal::Readmit(ReadmitError::Unlisted { .. })) => self.tally.unlisted += 1,
            Err(_) => self.tally.refused += 1,
        }
    }

    fn round(&mut self, of: &[usize]) {
        self.advance_durably(of);
        for &from in of {
            for &to in of.iter().filter(|&&to| to != from) {
                self.sync(from, to);
            }
        }
        self.advance_durably(of);
    }

    fn close_all(&mut self, of: &[usize]) {
        for (replica, _) in self.cluster.table().fenced() {
            if let Ok(close) = self.cluster.closable(replica) {
                self.cluster.append(close).unwrap();
                self.tally.closed += 1;
                self.advance_durably(of);
            }
        }
    }

    fn advance_durably(&mut self, of: &[usize]) {
        for &at in of {
            self.cluster.advance_fully(at);
            self.cluster.persist(at);
            if let Some(report) = self.cluster.report(at) {
                self.cluster.hear(&report);
            }
        }
    }
}

/// The machines of a bit set.
fn members(set: usize, count: usize) -> Vec<usize> {
    (0..count).filter(|at| set >> at & 1 == 1).collect()
}

/// A step drawn from a generator.
pub fn draw(random: &mut Random) -> Step {
    let mut small = |bound| random.index(bound);
    match small(66) {
        0..=6 => Step::Add(small(4), draw_element(small(3))),
        7..=9 => Step::Remove(small(4), draw_element(small(3))),
        10 => Step::Clear(small(4)),
        11..=12 => Step::Prune(small(4), small(3)),
        13..=15 => Step::Persist(small(4)),
        16 => Step::Crash(small(4)),
        17 if small(2) == 0 => Step::CrashForGood(small(4)),
        17..=19 => Step::StartAnew(small(4)),
        20..=22 => Step::SendDelta(small(4), small(4)),
        23..=24 => Step::SendFull(small(4)),
        25..=28 => Step::Deliver(small(64), small(4)),
        29..=33 => Step::Sync(small(4), small(4)),
        34..=35 => Step::Advance(small(4)),
        36..=38 => Step::Round(draw_set(small(8))),
        39..=43 => Step::Round(draw_few(small(8))),
        44 => Step::Fence(small(4)),
        45..=47 => Step::GoOnWithout(draw_few(small(8))),
        48 => Step::Propose(small(4)),
        49 => Step::Close(small(3)),
        50..=54 => Step::CloseAll(draw_set(small(8))),
        55..=56 => Step::Expire(small(4)),
        57..=60 => Step::Request(small(4)),
        61..=62 => Step::Repeat(small(16)),
        63 => Step::Report(small(4)),
        64 => Step::Hear(small(16)),
        _ => Step::Heal,
    }
}

/// Some steps that belong together: a replica lives on, perhaps twice, and is let in by hand. By the
/// ordinary means a request names all that its replica holds, so that the answer seldom fails.
fn draw_a_return(random: &mut Random) -> Vec<Step> {
    let (at, by) = (random.index(4), random.index(4));
    let mut steps = Vec::new();
    for _ in 0..random.index(3) {
        let element = draw_element(random.index(3));
        steps.extend([Step::CrashForGood(at), Step::Add(at, element)]);
        steps.push(Step::Persist(at));
    }
    steps.push(Step::LetIn(at, by));
    steps
}

/// All four, or those on one side of a partition.
fn draw_set(index: usize) -> usize {
    [
        0b1111, 0b1111, 0b0011, 0b1100, 0b0111, 0b1110, 0b1011, 0b0110,
    ][index]
}

/// One side of a partition, however small.
fn draw_few(index: usize) -> usize {
    [
        0b0001, 0b0010, 0b0011, 0b0110, 0b1100, 0b1001, 0b0111, 0b1110,
    ][index]
}

fn draw_element(index: usize) -> u8 {
    u8::try_from(index).unwrap()
}

fn path(element: u8) -> Path {
    Path::of([[b'a' + element % 3]])
}

/// Runs fixed histories of one kind and adds up what happened.
fn run(seeds: core::ops::Range<u64>, members: usize, strangers: usize, crashes: Crashes) -> Tally {
    let mut sum = Tally::default();
    for seed in seeds {
        let mut random = Random::new(seed);
        let mut world = World::new(members, strangers, crashes);
        for _ in 0..160 {
            world.step(draw(&mut random));
        }
        heal(&mut world.cluster);
        sum.add(world.tally);
    }
    sum
}

/// 64 fixed histories of machines that send only what their disks have.
#[test]
pub fn histories_that_persist_before_they_expose_agree_with_the_oracle() {
    let mut tally = run(0..16, 3, 0, Crashes::KeepTheId);
    tally.add(run(16..32, 3, 1, Crashes::KeepTheId));
    tally.add(run(32..64, 4, 0, Crashes::KeepTheId));
    tally.check();
}

/// 64 fixed histories of machines that send at once, and are somebody else after a crash.
#[test]
pub fn histories_in_which_every_crash_ends_an_id_agree_with_the_oracle() {
    let mut tally = run(64..80, 3, 0, Crashes::EndTheId);
    tally.add(run(80..96, 3, 1, Crashes::EndTheId));
    tally.add(run(96..128, 4, 0, Crashes::EndTheId));
    tally.check();
}

/// 64 fixed histories of replicas that are let in by a table that knows less than they hold: they find
/// out, change nothing, and are well once they have asked for themselves.
#[test]
pub fn histories_in_which_a_table_lets_in_too_early_agree_with_the_oracle() {
    let mut tally = Tally::default();
    for seed in 128..192 {
        let mut random = Random::new(seed);
        let crashes = [Crashes::KeepTheId, Crashes::EndTheId][random.index(2)];
        let mut world = World::new(3, 1, crashes);
        for _ in 0..100 {
            if random.chance(150) {
                let steps = draw_a_return(&mut random).into_iter();
                steps.for_each(|step| world.step(step));
            } else {
                world.step(draw(&mut random));
            }
        }
        heal(&mut world.cluster);
        tally.add(world.tally);
    }
    assert!(tally.unsettled > 0 && tally.unlisted > 0, "{tally:?}");
}
