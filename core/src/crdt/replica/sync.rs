//! Anti-entropy: who lacks what, and joining it.

use alloc::vec::Vec;

use xxhash_rust::xxh3::xxh3_64;

use super::{Change, Digest, Envelope, Replica, ReplicaError, SyncMessage};
use crate::Micros;
use crate::codec::put_varint;
use crate::crdt::keyspace::{self, Keyspace};
use crate::crdt::{
    ApplyError, Delta, Epoch, FullState, Layout, LiveEvent, MergeReport, PruneTrigger, ReplicaId,
    Store, VersionVector, newest_stamp,
};

impl Replica {
    pub(super) fn receive(
        &mut self,
        now: Micros,
        from: ReplicaId,
        message: SyncMessage,
    ) -> Result<(), ReplicaError> {
        if from == self.id() {
            return Err(ReplicaError::Stranger { from });
        }
        let epoch = match &message {
            SyncMessage::Readmit { since, seen } => {
                self.answer_readmission(from, *since, seen);
                return Ok(());
            }
            SyncMessage::Admission { table, full } => {
                check_maker(from, full.sender)?;
                return self.admitted(table, full);
            }
            SyncMessage::Ack { epoch, .. } => *epoch,
            SyncMessage::Digest(digest) => digest.epoch,
            SyncMessage::Delta(delta) => delta.epoch,
            SyncMessage::Full(full) => full.epoch,
        };
        if !self.is_heard(from, epoch)? {
            return Ok(());
        }
        match message {
            SyncMessage::Ack { durable, .. } => self.answer(from, &durable),
            SyncMessage::Digest(digest) => self.compare(from, digest),
            SyncMessage::Delta(delta) => return self.receive_delta(now, from, delta),
            SyncMessage::Full(full) => return self.receive_full(now, from, full),
            SyncMessage::Readmit { .. } | SyncMessage::Admission { .. } => {}
        }
        Ok(())
    }

    /// Sends what it holds durably, in short if that is everything.
    pub(super) fn greet(&mut self, to: ReplicaId) {
        if self.unpersisted.is_empty() {
            let message = SyncMessage::Digest(Digest::of(&self.store));
            self.effects.send.push(Envelope { to, message });
        } else {
            self.send_ack(to);
        }
    }

    /// Sends a fresh event to a few peers, guessing that they have what it builds on. Who lacks some
    /// of that keeps it waiting and says what it has.
    pub(super) fn spread(&mut self, before: &VersionVector) {
        let Some(delta) = self.store.delta_since(before) else {
            return;
        };
        for to in self.choose_peers() {
            self.send_held(to, SyncMessage::Delta(delta.clone()));
        }
    }

    /// Whether the message can be read under our table. One of another epoch cannot, and is no
    /// error: the membership log will bring the one who is behind forward.
    fn is_heard(&mut self, from: ReplicaId, epoch: Epoch) -> Result<bool, ReplicaError> {
        if epoch > self.store.epoch() {
            self.effects.behind = Some(epoch);
        }
        if self.store.retired().is_none() && self.store.hears_although_fenced(from, epoch) {
            return Ok(true);
        }
        if epoch != self.store.epoch() || self.store.retired().is_some() {
            return Ok(false);
        }
        if !self.store.table().admits(from) {
            return Err(ReplicaError::Stranger { from });
        }
        Ok(true)
    }

    fn receive_delta(
        &mut self,
        now: Micros,
        from: ReplicaId,
        delta: Delta,
    ) -> Result<(), ReplicaError> {
        check_maker(from, delta.sender)?;
        Keyspace::check_delta(&delta).map_err(ApplyError::from)?;
        self.check_clock(now, &delta.live)?;
        match self.store.apply(&delta) {
            Ok(report) => {
                keyspace::observe(&mut self.clock, &delta.live);
                self.merged(report, Change::Delta(delta));
                self.apply_pending();
                self.after_merge(now, from);
            }
            // Nobody's fault: the acknowledgement asks for the missing part.
            Err(ApplyError::Gap { .. }) => {
                self.pending.keep(delta, self.config.pending_events);
                self.send_ack(from);
            }
            Err(error) => return Err(ReplicaError::Apply(error)),
        }
        Ok(())
    }

    fn receive_full(
        &mut self,
        now: Micros,
        from: ReplicaId,
        full: FullState,
    ) -> Result<(), ReplicaError> {
        check_maker(from, full.sender)?;
        Keyspace::check_full(&full).map_err(ApplyError::from)?;
        self.check_clock(now, &full.live)?;
        let report = self.store.apply_full(&full).map_err(ReplicaError::Apply)?;
        keyspace::observe(&mut self.clock, &full.live);
        self.merged(report, Change::Full(full));
        self.apply_pending();
        self.after_merge(now, from);
        Ok(())
    }

    /// Joins what waited for what has just come.
    fn apply_pending(&mut self) {
        while let Some(delta) = self.pending.take_attachable(self.store.context()) {
            // What cannot be joined although it attaches is wrong, and nobody waits for an answer.
            if let Ok(report) = self.store.apply(&delta) {
                keyspace::observe(&mut self.clock, &delta.live);
                self.merged(report, Change::Delta(delta));
            }
        }
    }

    fn merged(&mut self, report: MergeReport, change: Change) {
        if !report.is_empty() {
            self.persist(change);
            self.effects.merged.push(report);
        }
    }

    fn after_merge(&mut self, now: Micros, from: ReplicaId) {
        if !self.effects.merged.is_empty() {
            let options = self.config.prune.clone();
            if self.store.journal_len() > options.max_tombstones {
                self.prune(now, &options, PruneTrigger::Automatic);
            }
            self.shrink_journal(now);
        }
        let (epoch, durable) = (self.store.epoch(), self.store.context().clone());
        self.send_held(from, SyncMessage::Ack { epoch, durable });
    }

    /// Sends what a peer lacks and asks for what is lacking here; nothing, if the peer said as much
    /// before in this round. Both answers are answered, so that without this rule one acknowledgement
    /// that came twice, or of two that lack something of each other, would become two conversations,
    /// then four.
    fn answer(&mut self, from: ReplicaId, durable: &VersionVector) {
        self.acks.record(from, self.store.epoch(), durable);
        let they_lack = !durable.covers(self.store.context());
        let we_lack = !self.store.context().covers(durable);
        let answered = self.answered.get(&from);
        let is_news = answered.is_none_or(|answered| !answered.covers(durable));
        if !is_news || !(they_lack || we_lack) {
            return;
        }
        self.answered.insert(from, durable.clone());
        if they_lack {
            let limit = self.config.batch_events;
            let message = match self.store.batch_since(durable, limit) {
                Some(delta) => SyncMessage::Delta(delta),
                None => SyncMessage::Full(self.store.full_state()),
            };
            self.send_held(from, message);
        }
        if we_lack {
            self.send_ack(from);
        }
    }

    /// Equal vectors: the peer holds durably what is held here. Others are told what is.
    fn compare(&mut self, from: ReplicaId, theirs: Digest) {
        let ours = Digest::of(&self.store);
        if theirs.context != ours.context {
            self.send_ack(from);
        } else if theirs.live == ours.live {
            self.acks.record(from, ours.epoch, self.store.context());
        } else {
            self.effects.diverged_from = Some(from);
        }
    }

    /// Sends now, because it speaks of durable things only.
    fn send_ack(&mut self, to: ReplicaId) {
        let (epoch, durable) = (self.durable.epoch, self.durable.context.clone());
        let message = SyncMessage::Ack { epoch, durable };
        self.effects.send.push(Envelope { to, message });
    }

    /// Judges the clocks of a whole message before any of it is joined. Leaving out the one write that
    /// is ahead would lose it for ever, as the vector would say that it was seen.
    fn check_clock(&self, now: Micros, live: &[LiveEvent]) -> Result<(), ReplicaError> {
        let limit = now + self.config.max_clock_skew;
        match newest_stamp(live, keyspace::is_stamped) {
            Some((stamp, _)) if stamp.time > limit => Err(ReplicaError::ClockSkew { stamp, limit }),
            _ => Ok(()),
        }
    }
}

impl Digest {
    /// The digest of a store. O(replicas).
    pub fn of(store: &Store) -> Self {
        // A name and a counter rarely take more.
        let mut bytes = Vec::with_capacity(8 * store.context().len());
        for (replica, counter) in store.context().iter() {
            put_varint(&mut bytes, replica.node.0);
            put_varint(&mut bytes, replica.incarnation);
            put_varint(&mut bytes, counter);
        }
        Self {
            epoch: store.epoch(),
            context: xxh3_64(&bytes),
            live: store.live_hash(),
        }
    }
}

fn check_maker(from: ReplicaId, made_by: ReplicaId) -> Result<(), ReplicaError> {
    if from == made_by {
        Ok(())
    } else {
        Err(ReplicaError::ForeignSender { from, made_by })
    }
}
