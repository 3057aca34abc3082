//! A Loro map from element to `true`: the last writer wins, which is no add-wins set.

use ::loro::{ExportMode, LoroDoc, LoroMap, VersionVector};

use super::Subject;
use crate::elements::Operation;

/// A document with one map.
#[derive(Debug)]
pub struct Loro {
    document: LoroDoc,
    map: LoroMap,
}

impl Loro {
    fn of(document: LoroDoc) -> Self {
        let map = document.get_map("set");
        Self { document, map }
    }

    fn export(&self, mode: ExportMode<'_>) -> Vec<u8> {
        self.document
            .export(mode)
            .expect("a document in memory can be exported")
    }
}

impl Subject for Loro {
    type Version = VersionVector;

    const NAME: &'static str = "loro";
    const JOINS_IN_MEMORY: bool = false;

    fn new(replica: u64) -> Self {
        let document = LoroDoc::new();
        document
            .set_peer_id(replica)
            .expect("the document is empty");
        Self::of(document)
    }

    fn copy(&self) -> Self {
        Self::of(self.document.fork())
    }

    fn operate(&mut self, operations: &[Operation<'_>]) {
        for operation in operations {
            match *operation {
                // It makes no event of an add of what is there.
                Operation::Add(element) => self.map.insert(element, true),
                Operation::Remove(element) if self.map.get(element).is_some() => {
                    self.map.delete(element)
                }
                Operation::Remove(_) => Ok(()),
            }
            .expect("the map is attached");
        }
        self.document.commit();
    }

    fn elements(&self) -> Vec<String> {
        let mut elements: Vec<String> = self.map.keys().map(|key| key.to_string()).collect();
        elements.sort_unstable();
        elements
    }

    fn version(&mut self) -> VersionVector {
        self.document.oplog_vv()
    }

    fn message(&mut self, receiver: &VersionVector) -> Vec<u8> {
        self.export(ExportMode::updates(receiver))
    }

    fn receive(&mut self, message: &[u8]) {
        self.document
            .import(message)
            .expect("the message was made here");
    }

    fn full_message(&mut self) -> Vec<u8> {
        self.export(ExportMode::Snapshot)
    }

    fn receive_full(&mut self, message: &[u8]) {
        self.receive(message);
    }

    fn state_sizes(&mut self) -> Vec<(&'static str, usize)> {
        let snapshot = self.export(ExportMode::Snapshot).len();
        let updates = self.export(ExportMode::all_updates()).len();
        let state_only = self.export(ExportMode::StateOnly(None)).len();
        vec![
            ("state", snapshot),
            (
                "state, smallest form",
                snapshot.min(updates).min(state_only),
            ),
        ]
    }
}
