//! Random histories: the unbroken kernel loses nothing in them, and a broken one may lose what it
//! likes but must not fall over, or a search for what is lost would find that instead.

use std::sync::Arc;

use quorate::crdt::{Entry, Epoch, Input, Rule, Table};
use quorate::{Random, crdt::Envelope};

use crate::kernel::{Finding, Host, Kernel, alike, id, table};

const LETTERS: [char; 4] = ['A', 'B', 'C', 'D'];
const STEPS: usize = 600;

/// Hosts, the messages ever sent, and the membership log.
struct Cluster {
    random: Random,
    hosts: Vec<Host>,
    /// Who sent what. Nothing is ever taken out: messages come late, twice, or never.
    sent: Vec<(char, Envelope)>,
    /// Ascending by index.
    log: Vec<(Epoch, Entry)>,
    /// The table at the end of the log.
    agreed: Arc<Table>,
    proposed: Vec<Entry>,
}

impl Cluster {
    fn new(kernel: Kernel, seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            hosts: LETTERS
                .iter()
                .map(|&letter| kernel.host(letter, "ABCD"))
                .collect(),
            sent: Vec::new(),
            log: Vec::new(),
            agreed: table("ABCD"),
            proposed: Vec::new(),
        }
    }

    fn step(&mut self) {
        let at = self.random.index(self.hosts.len());
        match self.random.below(48) {
            0 => self.hosts[at].crash(),
            1 => drop(self.hosts[at].step(Input::Prune)),
            2..=4 => self.append(),
            5..=8 => self.change(at),
            9..=16 => self.enter(at),
            17..=26 => self.input(at, Input::Tick),
            _ => self.deliver(),
        }
    }

    fn change(&mut self, at: usize) {
        let name = ["e", "f"][self.random.index(2)];
        let input = if self.random.index(2) == 0 {
            crate::kernel::adding(name)
        } else {
            crate::kernel::removing(name)
        };
        if self.random.index(12) == 0 {
            let out = self.hosts[at].step_and_crash(input);
            self.note(at, out);
        } else {
            self.input(at, input);
        }
    }

    fn input(&mut self, at: usize, input: Input) {
        if let Ok(out) = self.hosts[at].step(input) {
            self.note(at, out);
        }
    }

    fn note(&mut self, at: usize, out: crate::kernel::Out) {
        let letter = LETTERS[at];
        self.sent
            .extend(out.sent.into_iter().map(|envelope| (letter, envelope)));
        self.proposed.extend(out.proposed);
    }

    /// One of the newest messages.
    fn deliver(&mut self) {
        let newest = self.sent.len().min(12);
        if newest == 0 {
            return;
        }
        let chosen = self.sent.len() - 1 - self.random.index(newest);
        let (from, Envelope { to, message }) = self.sent[chosen].clone();
        let at = LETTERS.iter().position(|&letter| id(letter) == to).unwrap();
        let from = id(from);
        self.input(at, Input::Receive { from, message });
    }

    /// A proposal, or a fence, enters the log.
    fn append(&mut self) {
        let entry = if self.proposed.is_empty() || self.random.index(4) == 0 {
            let replica = id(LETTERS[self.random.index(4)]);
            Entry::Fence { replica }
        } else {
            let chosen = self.random.index(self.proposed.len());
            self.proposed.swap_remove(chosen)
        };
        let index = Epoch(self.log.len() as u64 + 1);
        if let Ok(table) = self.agreed.apply(index, &entry) {
            self.agreed = Arc::new(table);
        }
        self.log.push((index, entry));
    }

    /// A host reads on in the log.
    fn enter(&mut self, at: usize) {
        let read = self.hosts[at].read;
        let next = self.log.iter().find(|(index, _)| *index > read).cloned();
        if let Some((index, entry)) = next {
            self.hosts[at].read = index;
            self.input(at, Input::Enter { index, entry });
        }
    }

    fn check(&self) -> Finding {
        for (at, left) in self.hosts.iter().enumerate() {
            for right in &self.hosts[..at] {
                let are_in = |host: &Host| host.store().retired().is_none();
                if are_in(left) && are_in(right) {
                    alike(left.store(), right.store())?;
                }
            }
        }
        Ok(())
    }
}

/// Plays a history until something is lost.
fn play(kernel: Kernel, seed: u64) -> Finding {
    let mut cluster = Cluster::new(kernel, seed);
    for _ in 0..STEPS {
        cluster.step();
        cluster.check()?;
    }
    Ok(())
}

#[test]
fn random_histories_lose_nothing() {
    for seed in 0..200 {
        if let Err(lost) = play(Kernel::Unbroken, seed) {
            panic!("seed {seed}: {lost}");
        }
    }
}

#[test]
fn a_broken_kernel_goes_on() {
    for rule in Rule::ALL {
        let lossy = (0..100).filter(|&seed| play(Kernel::Breaking(rule), seed).is_err());
        println!("{rule:?}: {} of 100 histories", lossy.count());
    }
}
