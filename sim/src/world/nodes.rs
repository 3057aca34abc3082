//! The nodes of a world, shared between its copies.
//!
//! A world is copied often, and most of what it holds lies in its nodes. Two copies share a node until
//! one of them changes it: a copy costs as much as what happens after it.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

use crate::node::Node;

/// All nodes there can be, in order of their ids.
#[derive(Clone, Debug)]
pub(crate) struct Nodes(Vec<Arc<Node>>);

impl Nodes {
    /// The nodes, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.0.iter().map(Arc::as_ref)
    }

    /// The nodes, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.0.iter_mut().map(Arc::make_mut)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<Node> for Nodes {
    fn from_iter<I: IntoIterator<Item = Node>>(nodes: I) -> Self {
        Self(nodes.into_iter().map(Arc::new).collect())
    }
}

impl Index<usize> for Nodes {
    type Output = Node;

    fn index(&self, place: usize) -> &Node {
        &self.0[place]
    }
}

impl IndexMut<usize> for Nodes {
    fn index_mut(&mut self, place: usize) -> &mut Node {
        Arc::make_mut(&mut self.0[place])
    }
}
