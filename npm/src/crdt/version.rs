//! Version vectors as plain objects: `{ "n1": 4, "n3~2": 17 }`.
//!
//! The keys are the replica ids as they are printed everywhere, so that a version can be read,
//! logged, compared and sent as JSON; a program never has to look into one.

use quorate::NodeId;
use quorate::crdt::{ReplicaId, VersionVector};
use serde::{Serialize, Serializer};
use wasm_bindgen::JsValue;

use crate::argument::{self, MAX_SAFE_INTEGER};
use crate::error::{Code, QuorateError};

/// A version vector that goes out.
pub(super) struct Version<'a>(pub(super) &'a VersionVector);

impl Serialize for Version<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.iter();
        serializer.collect_map(entries.map(|(replica, counter)| (replica.to_string(), counter)))
    }
}

/// A version vector that comes in.
pub(super) fn parse(value: &JsValue, name: &'static str) -> Result<VersionVector, QuorateError> {
    let mut version = VersionVector::new();
    for key in argument::keys(value, name)? {
        let replica = replica(&key).ok_or_else(|| {
            let what =
                format!("{name} has a key `{key}`, which is no replica id such as n3 or n3~2");
            QuorateError::bad_argument(what)
        })?;
        let counter = argument::property(value, name, &key)?;
        version.raise(
            replica,
            argument::whole(&counter, &format!("{name}[\"{key}\"]"))?,
        );
    }
    Ok(version)
}

/// A version to answer; nothing was seen if it is left out.
pub(super) fn parse_or_empty(since: &JsValue) -> Result<VersionVector, QuorateError> {
    if since.is_undefined() {
        return Ok(VersionVector::new());
    }
    parse(since, "since")
}

/// Refuses numbers that a version could not show.
pub(super) fn check_numbers(version: &VersionVector) -> Result<(), QuorateError> {
    let is_exact = |number: u64| number <= MAX_SAFE_INTEGER;
    for (replica, counter) in version.iter() {
        if ![replica.node.0, replica.incarnation, counter]
            .into_iter()
            .all(is_exact)
        {
            let what = format!("{replica}·{counter} has a number beyond {MAX_SAFE_INTEGER}");
            return Err(QuorateError::new(Code::BadBytes, what));
        }
    }
    Ok(())
}

/// A replica id as it is printed.
fn replica(text: &str) -> Option<ReplicaId> {
    let text = text.strip_prefix('n')?;
    let (node, incarnation) = match text.split_once('~') {
        Some((node, incarnation)) => (node, decimal(incarnation).filter(|&number| number > 0)?),
        None => (text, 0),
    };
    Some(ReplicaId {
        node: NodeId(decimal(node)?),
        incarnation,
    })
}

/// A number in its one form: no sign, no leading zero.
fn decimal(digits: &str) -> Option<u64> {
    let is_minimal = digits.len() == 1 || !digits.starts_with('0');
    let is_decimal = is_minimal && digits.bytes().all(|digit| digit.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_decimal)?;
    (number <= MAX_SAFE_INTEGER).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_id_is_read_in_the_one_form_it_is_written_in() {
        for id in ["n0", "n1", "n3~2", "n9007199254740991~9007199254740991"] {
            assert_eq!(replica(id).map(|id| id.to_string()).as_deref(), Some(id));
        }
        let others = [
            "",
            "n",
            "1",
            "n01",
            "n-1",
            "n+1",
            "n1~",
            "n1~0",
            "n1~01",
            "n1~2~3",
            "n1 ",
            "n9007199254740992",
            "N1",
            "n٣",
            "n1e3",
        ];
        for other in others {
            assert_eq!(replica(other), None, "{other}");
        }
    }

    #[test]
    fn numbers_that_javascript_cannot_hold_are_refused() {
        let seen =
            |node, counter| VersionVector::from_iter([(ReplicaId::first(NodeId(node)), counter)]);
        assert_eq!(check_numbers(&seen(1, MAX_SAFE_INTEGER)), Ok(()));
        for version in [seen(1, 1 << 53), seen(1 << 53, 1)] {
            let refused = check_numbers(&version).map_err(|error| error.code());
            assert_eq!(refused, Err(Code::BadBytes));
        }
    }
}
