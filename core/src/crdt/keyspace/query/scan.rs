//! A query by its meaning: looking at one object after the other.
//!
//! It is what an index is held against, and what is right where queries are rare.

use super::expression::Query;
use crate::crdt::Store;
use crate::crdt::keyspace::read::tag_of;

/// Whether the object under the key is among those that the query finds.
pub(in crate::crdt::keyspace) fn matches(store: &Store, key: &[u8], query: &Query) -> bool {
    match query {
        Query::Exists(name) => tag_of(store, key, name).is_some(),
        Query::Within(name, range) => tag_of(store, key, name)
            .is_some_and(|tag| tag.terms().iter().any(|term| range.contains(term))),
        Query::All(queries) => queries.iter().all(|query| matches(store, key, query)),
        Query::Any(queries) => queries.iter().any(|query| matches(store, key, query)),
        Query::Not(query) => !matches(store, key, query),
    }
}
