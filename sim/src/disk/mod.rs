//! What survives a crash.
//!
//! A disk takes requests in order and syncs them one after the other. What was asked for and not
//! yet synced is lost when the machine dies: whoever acts on it before the sync acts on nothing.
//! That is the disk of the textbook. Real ones do worse, and so can this one: a crash in the
//! middle of a write leaves a part of it ([`Image::tear`]), and a sync can be reported that was
//! only promised. What such a lie left out is lost by a crash, unless an honest sync came after
//! it: a write cache that is flushed is flushed as a whole.

mod replica;
mod voter;

use std::collections::VecDeque;

use quorate::{Micros, Random};

pub(crate) use replica::ReplicaDisk;
pub(crate) use voter::{RaftDisk, VoterImage, VoterSynced, VoterWrite};

/// What is on a disk, and how requests change it.
pub(crate) trait Image {
    /// A request.
    type Write;
    /// What the process is told when the request is done.
    type Synced;
    /// What a crash in the middle of a request has left of it.
    type Torn;

    /// What the process will be told when `write` is done.
    fn report(write: &Self::Write) -> Self::Synced;

    /// Does all of `write`.
    fn write(&mut self, write: Self::Write);

    /// Does the part of `write` that a crash in the middle of it leaves.
    fn tear(&mut self, write: Self::Write, random: &mut Random) -> Self::Torn;
}

/// A log-structured device: what is durable, what is under way, and when it is free again.
#[derive(Clone, Debug)]
pub(crate) struct Disk<I: Image> {
    durable: I,
    /// Reported as synced and not durable, oldest first.
    cached: VecDeque<I::Write>,
    pending: VecDeque<Pending<I::Write>>,
    busy_until: Micros,
    /// The disk was replaced by an empty one since a process last started from it.
    is_blank: bool,
}

/// What a crash has made of the requests under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remains<I: Image> {
    /// How many requests are lost that were reported as durable.
    pub(crate) lost: usize,
    /// Requests that are done and will never be reported, oldest first.
    pub(crate) done: Vec<I::Synced>,
    /// What is left of the request after those, if the crash came in the middle of it.
    pub(crate) torn: Option<I::Torn>,
}

/// A request under way.
#[derive(Clone, Copy, Debug)]
struct Pending<W> {
    write: W,
    honesty: Honesty,
}

/// Whether a sync does what it reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Honesty {
    /// It does.
    Honest,
    /// It only promises.
    Lying,
}

/// What a crash does to the writes under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tearing {
    /// Nothing of them is left.
    Clean,
    /// A prefix of them is.
    Torn,
}

impl<I: Image> Disk<I> {
    /// A disk with something on it.
    pub(crate) fn new(durable: I) -> Self {
        Self {
            durable,
            cached: VecDeque::new(),
            pending: VecDeque::new(),
            busy_until: Micros::ZERO,
            is_blank: false,
        }
    }

    /// Takes a request, and says when it will be reported as durable.
    pub(crate) fn submit(
        &mut self,
        now: Micros,
        latency: Micros,
        write: I::Write,
        honesty: Honesty,
    ) -> Micros {
        self.pending.push_back(Pending { write, honesty });
        self.busy_until = self.busy_until.max(now) + latency;
        self.busy_until
    }

    /// The oldest request is done, or so the disk says; what to tell the process.
    pub(crate) fn sync(&mut self) -> Option<I::Synced> {
        let Pending { write, honesty } = self.pending.pop_front()?;
        let report = I::report(&write);
        match honesty {
            Honesty::Lying => self.cached.push_back(write),
            Honesty::Honest => {
                for cached in self.cached.drain(..) {
                    self.durable.write(cached);
                }
                self.durable.write(write);
            }
        }
        Some(report)
    }

    /// The process stops and the machine goes on: what was under way is gone, and a write cache
    /// is none of the process's business.
    pub(crate) fn lose_pending(&mut self) {
        self.pending.clear();
        self.busy_until = Micros::ZERO;
    }

    /// The machine dies; what is left of the requests under way.
    pub(crate) fn crash(&mut self, tearing: Tearing, random: &mut Random) -> Remains<I> {
        let lost = self.cached.len();
        let (mut done, mut torn) = (Vec::new(), None);
        // What follows a write that is lost cannot be there without it.
        if tearing == Tearing::Torn && lost == 0 {
            let whole = random.index(self.pending.len() + 1);
            for Pending { write, .. } in self.pending.drain(..whole) {
                done.push(I::report(&write));
                self.durable.write(write);
            }
            if let Some(Pending { write, .. }) = self.pending.pop_front() {
                torn = Some(self.durable.tear(write, random));
            }
        }
        self.cached.clear();
        self.lose_pending();
        Remains { lost, done, torn }
    }

    /// The disk breaks and an empty one takes its place.
    pub(crate) fn replace(&mut self, empty: I) {
        *self = Self {
            is_blank: true,
            ..Self::new(empty)
        };
    }

    /// Whether the disk was replaced since this was last asked.
    pub(crate) fn take_blank(&mut self) -> bool {
        std::mem::take(&mut self.is_blank)
    }

    /// Whether something was reported as synced and is not.
    pub(crate) fn lies(&self) -> bool {
        !self.cached.is_empty()
    }

    /// What is durable.
    pub(crate) fn durable(&self) -> &I {
        &self.durable
    }
}

impl Honesty {
    /// Lies in so many of a thousand cases.
    pub(crate) fn draw(random: &mut Random, lying_permille: u32) -> Self {
        // No draw where there is no choice: honest disks leave the generator alone.
        if lying_permille > 0 && random.chance(lying_permille) {
            Self::Lying
        } else {
            Self::Honest
        }
    }
}
