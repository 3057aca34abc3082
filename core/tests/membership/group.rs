//! A group that lives by its tables: events, messages, crashes, fences, closes, readmissions.
//!
//! By the rules of a store a state is a function of its vector, so vectors stand for states here.
//! Checked at every entrance is what makes elision lossless: whoever enters a table has seen of
//! each closed replica exactly what was agreed. Checked in the end is that no event is lost.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quorate::NodeId;
use quorate::crdt::{Acks, Entry, Epoch, ReplicaId, Table, VersionVector};

/// One step. Numbers are taken modulo what there is.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A replica makes an event, which is not durable yet.
    Event(usize),
    /// What a replica holds becomes durable.
    Persist(usize),
    /// A replica loses what was not durable.
    Crash(usize),
    /// A replica crashes, and goes on under another incarnation.
    Reincarnate(usize),
    /// A replica sends what it durably holds to all who will ever look.
    Send(usize),
    /// A message reaches a replica, perhaps again, perhaps late.
    Deliver(usize, usize),
    /// A replica reads one more table.
    Advance(usize),
    /// Everybody reads on as far as possible and reports at once; nobody synchronises.
    Round,
    /// A replica reports what it durably holds.
    Report(usize),
    /// A report arrives, perhaps late.
    Heard(usize),
    /// The log fences a replica.
    Fence(usize),
    /// The log closes whatever the reports allow.
    Close,
    /// A stale replica asks to be readmitted.
    Request(usize),
    /// A request is committed a second time, late.
    Repeat(usize),
    /// A member answers a readmitted replica.
    Answer(usize, usize),
}

/// What survives a crash.
#[derive(Clone, Debug)]
struct State {
    id: ReplicaId,
    /// Which table of the log its vector is written under.
    table: usize,
    seen: VersionVector,
    joining: bool,
    /// The epoch that its last request made.
    admitted_in: Option<Epoch>,
}

struct Machine {
    now: State,
    durable: State,
}

/// A vector, who says so, and under which table.
#[derive(Clone)]
struct Message {
    sender: ReplicaId,
    table: usize,
    seen: VersionVector,
}

struct Group {
    machines: Vec<Machine>,
    /// Every table of the log; entries that are refused make none.
    tables: Vec<Table>,
    acks: Acks,
    messages: Vec<Message>,
    reports: Vec<Message>,
    requests: Vec<Entry>,
}

impl Group {
    fn new(size: u64) -> Self {
        let ids: Vec<_> = (1..=size)
            .map(|node| ReplicaId::first(NodeId(node)))
            .collect();
        let table = Table::initial(ids.iter().copied());
        let machine = |&id| {
            let state = State {
                id,
                table: 0,
                seen: VersionVector::new(),
                joining: false,
                admitted_in: None,
            };
            Machine {
                now: state.clone(),
                durable: state,
            }
        };
        Self {
            machines: ids.iter().map(machine).collect(),
            acks: Acks::of(&table),
            tables: vec![table],
            messages: Vec::new(),
            reports: Vec::new(),
            requests: Vec::new(),
        }
    }

    fn step(&mut self, step: Step) {
        let size = self.machines.len();
        match step {
            Step::Event(at) => {
                let state = &mut self.machines[at % size].now;
                let next = state.seen.get(state.id) + 1;
                state.seen.raise(state.id, next);
            }
            Step::Persist(at) => self.persist(at % size),
            Step::Crash(at) => {
                let machine = &mut self.machines[at % size];
                machine.now = machine.durable.clone();
            }
            Step::Reincarnate(at) => self.reincarnate(at % size),
            Step::Send(at) => {
                let message = self.durable(at % size);
                self.messages.push(message);
            }
            Step::Deliver(message, to) => {
                if !self.messages.is_empty() {
                    let message = self.messages[message % self.messages.len()].clone();
                    self.deliver(&message, to % size);
                }
            }
            Step::Advance(at) => self.advance(at % size),
            Step::Round => (0..size).for_each(|at| {
                self.advance_fully(at);
                self.persist(at);
                self.hear(&self.durable(at));
            }),
            Step::Report(at) => {
                let report = self.durable(at % size);
                self.reports.push(report);
            }
            Step::Heard(report) => {
                if !self.reports.is_empty() {
                    let report = self.reports[report % self.reports.len()].clone();
                    self.hear(&report);
                }
            }
            Step::Fence(at) => self.fence(self.machines[at % size].now.id),
            Step::Close => self.close(),
            Step::Request(at) => self.request(at % size),
            Step::Repeat(request) => {
                if !self.requests.is_empty() {
                    let entry = self.requests[request % self.requests.len()].clone();
                    self.commit(&entry);
                }
            }
            Step::Answer(from, to) => self.answer(from % size, to % size),
        }
    }

    fn latest(&self) -> &Table {
        &self.tables[self.tables.len() - 1]
    }

    /// Appends an entry to the log. Every refused one leaves a hole in the epochs.
    fn commit(&mut self, entry: &Entry) -> Option<Epoch> {
        let index = Epoch(self.latest().epoch().0 + 2);
        let table = self.latest().apply(index, entry).ok()?;
        self.acks.enter(&table);
        self.tables.push(table);
        Some(index)
    }

    fn persist(&mut self, at: usize) {
        let machine = &mut self.machines[at];
        machine.durable = machine.now.clone();
    }

    fn durable(&self, at: usize) -> Message {
        let state = &self.machines[at].durable;
        Message {
            sender: state.id,
            table: state.table,
            seen: state.seen.clone(),
        }
    }

    /// The first machine always stays, so that there is somebody to return to.
    fn fence(&mut self, replica: ReplicaId) {
        if replica != self.machines[0].now.id {
            self.commit(&Entry::Fence { replica });
        }
    }

    fn reincarnate(&mut self, at: usize) {
        if at == 0 {
            return;
        }
        let machine = &mut self.machines[at];
        machine.durable.id.incarnation += 1;
        machine.durable.joining = true;
        machine.durable.admitted_in = None;
        machine.now = machine.durable.clone();
    }

    fn deliver(&mut self, message: &Message, to: usize) {
        let state = &mut self.machines[to].now;
        let table = &self.tables[state.table];
        if !state.joining && message.table == state.table && table.admits(message.sender) {
            state.seen.join(&message.seen);
        }
    }

    fn advance(&mut self, at: usize) {
        let state = &mut self.machines[at].now;
        let Some(next) = self.tables.get(state.table + 1) else {
            return;
        };
        if state.joining {
            return;
        }
        if next.is_active(state.id) {
            let table = &self.tables[state.table];
            check_agreement(&table.expand(&state.seen), next);
            state.seen = table.carry(&state.seen, next);
            state.table += 1;
        } else {
            state.joining = true;
            state.admitted_in = None;
        }
        // Both must be durable before anything else is accepted.
        self.persist(at);
    }

    fn advance_fully(&mut self, at: usize) {
        while !self.machines[at].now.joining && self.machines[at].now.table + 1 < self.tables.len()
        {
            self.advance(at);
        }
    }

    fn hear(&mut self, report: &Message) {
        let epoch = self.tables[report.table].epoch();
        self.acks.record(report.sender, epoch, &report.seen);
    }

    fn close(&mut self) {
        let fenced: Vec<_> = self.latest().fenced().map(|(replica, _)| replica).collect();
        for replica in fenced {
            let epoch = self.latest().epoch();
            if let Ok(at) = self.acks.closable(self.latest(), replica) {
                self.commit(&Entry::Close { replica, at, epoch });
            }
        }
    }

    fn request(&mut self, at: usize) {
        let state = &self.machines[at].durable;
        if !state.joining {
            return;
        }
        let entry = Entry::Readmit {
            replica: state.id,
            seen: self.tables[state.table].expand(&state.seen),
        };
        self.requests.push(entry.clone());
        // Refused as active already means that the table as it is will do.
        let admitted_in = self.commit(&entry).unwrap_or(self.latest().epoch());
        let machine = &mut self.machines[at];
        machine.now.admitted_in = Some(admitted_in);
        machine.durable.admitted_in = Some(admitted_in);
    }

    fn answer(&mut self, from: usize, to: usize) {
        let (sender, state) = (&self.machines[from].durable, &self.machines[to].now);
        let table = &self.tables[sender.table];
        let answers = state
            .admitted_in
            .is_some_and(|epoch| epoch <= table.epoch());
        let both = table.admits(sender.id) && table.admits(state.id);
        if !answers || !both || sender.joining || !state.joining {
            return;
        }
        let mut joined = self.tables[state.table].expand(&state.seen);
        joined.join(&table.expand(&sender.seen));
        let agreed = table.unagreed(&joined).next().is_none();
        let (seen, index) = (table.elide(&joined), sender.table);
        if agreed {
            check_agreement(&joined, table);
        }
        let state = &mut self.machines[to].now;
        state.admitted_in = None;
        if agreed {
            (state.seen, state.table, state.joining) = (seen, index, false);
        }
        self.persist(to);
    }

    /// Everything that anybody holds.
    fn everything(&self) -> VersionVector {
        let mut all = VersionVector::new();
        for Machine { now, .. } in &self.machines {
            all.join(&self.tables[now.table].expand(&now.seen));
        }
        all
    }

    /// Everybody comes back and talks to everybody; whoever was abandoned is closed.
    fn heal(&mut self) {
        let everything = self.everything();
        let size = self.machines.len();
        for _ in 0..8 {
            let current: Vec<_> = self.machines.iter().map(|machine| machine.now.id).collect();
            let abandoned: Vec<_> = self
                .latest()
                .active()
                .filter(|replica| !current.contains(replica))
                .collect();
            for replica in abandoned {
                self.fence(replica);
            }
            for at in 0..size {
                self.advance_fully(at);
                self.step(Step::Persist(at));
                self.step(Step::Request(at));
                self.step(Step::Answer(0, at));
            }
            for _ in 0..2 {
                for (from, to) in (0..size).flat_map(|from| (0..size).map(move |to| (from, to))) {
                    let message = self.durable(from);
                    self.deliver(&message, to);
                    self.persist(to);
                }
            }
            self.step(Step::Round);
            self.close();
        }
        self.check_healed(&everything);
    }

    fn check_healed(&self, everything: &VersionVector) {
        let table = self.latest();
        let mut current: Vec<_> = self.machines.iter().map(|machine| machine.now.id).collect();
        current.sort_unstable();
        assert!(table.active().eq(current), "{table:?}");
        assert_eq!(table.fenced().count(), 0, "{table:?}");
        for Machine { now, .. } in &self.machines {
            assert_eq!(now.table + 1, self.tables.len());
            assert_eq!(&table.expand(&now.seen), everything, "{table:?}");
            assert!(now.seen.iter().all(|(replica, _)| table.is_active(replica)));
        }
    }
}

/// Z returns twice on one request. The second time it holds an event of B that nobody else has,
/// and B was closed without it: joining would take that event out of the agreement.
#[test]
fn a_readmission_by_an_old_request_is_noticed_and_repeated() {
    let (a, b, z) = (0, 1, 2);
    let mut group = Group::new(4);
    let mut run = |steps: &[Step]| {
        for &step in steps {
            group.step(step);
        }
        (group.machines[z].now.clone(), group.latest().clone())
    };
    let back = [Step::Fence(z), Step::Advance(z), Step::Request(z)];
    run(&back);
    let (state, _) = run(&[Step::Round, Step::Answer(a, z)]);
    assert!(!state.joining);
    let alone = [Step::Event(b), Step::Persist(b), Step::Send(b)];
    run(&alone);
    let (state, _) = run(&[Step::Deliver(0, z), Step::Persist(z)]);
    assert_eq!(state.seen.len(), 1, "B1");
    let close = [Step::Round, Step::Close, Step::Round, Step::Close];
    run(&[Step::Fence(b), Step::Fence(z)]);
    let (_, table) = run(&close);
    assert_eq!(table.closed().count(), 2);
    // It asks, naming B1; before anybody answers both are closed again, and its first request,
    // which names nothing, is committed once more.
    run(&[Step::Request(z), Step::Fence(z)]);
    run(&close);
    let (state, table) = run(&[Step::Repeat(0), Step::Round]);
    assert!(table.is_active(state.id) && table.closed().count() == 1);
    let (state, _) = run(&[Step::Answer(a, z)]);
    assert!(state.joining, "B was closed without B1");
    group.heal();
}

/// What a closed replica's missing entry says is true of whoever enters the table.
fn check_agreement(expanded: &VersionVector, table: &Table) {
    let held: BTreeMap<_, _> = table
        .closed()
        .map(|(replica, _)| (replica, expanded.get(replica)))
        .collect();
    let agreed: BTreeMap<_, _> = table.closed().collect();
    assert_eq!(held, agreed, "in epoch {}", table.epoch());
}

fn step() -> impl Strategy<Value = Step> {
    let machine = 0..4_usize;
    let any = 0..64_usize;
    let one = |weight, step: fn(usize) -> Step| (weight, machine.clone().prop_map(step).boxed());
    prop::strategy::Union::new_weighted(vec![
        one(6, Step::Event),
        one(6, Step::Persist),
        one(2, Step::Crash),
        one(1, Step::Reincarnate),
        one(8, Step::Send),
        one(8, Step::Advance),
        one(6, Step::Report),
        one(3, Step::Fence),
        one(3, Step::Request),
        (
            16,
            (any.clone(), machine.clone())
                .prop_map(|(message, to)| Step::Deliver(message, to))
                .boxed(),
        ),
        (8, any.clone().prop_map(Step::Heard).boxed()),
        (4, Just(Step::Close).boxed()),
        (6, Just(Step::Round).boxed()),
        (1, any.prop_map(Step::Repeat).boxed()),
        (
            4,
            (machine.clone(), machine.clone())
                .prop_map(|(from, to)| Step::Answer(from, to))
                .boxed(),
        ),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whoever_enters_a_table_has_seen_exactly_what_was_agreed(
        steps in prop::collection::vec(step(), 1..160)
    ) {
        let mut group = Group::new(4);
        for step in steps {
            group.step(step);
        }
        group.heal();
    }
}
