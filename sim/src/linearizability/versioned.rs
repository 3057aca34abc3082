//! A register whose every change has a version, as in etcd and in the simulator's own machine.
//!
//! Versions grow; whether by one (a counter) or by leaps (the index of a log) is not this
//! specification's business. After a write whose version nobody was told, the version is only known
//! to be above the one before.

use super::register::{Shown, Value};
use super::specification::Specification;

/// What is asked of a versioned register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionedCall {
    /// What is there, and since which version?
    Get,
    /// Put this there; `None` empties it.
    Put(Option<Value>),
    /// Put this there if the version is still that one; zero: if nothing was ever there.
    CompareAndSet {
        /// The version that must be there.
        version: u64,
        /// What is there afterwards.
        new: Option<Value>,
    },
}

/// What a versioned register answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionedAnswer {
    /// It was done, and this is the version since.
    Done {
        /// The version since; `None` if the client was not told.
        version: Option<u64>,
    },
    /// This is there.
    Found {
        /// What is there.
        value: Option<Value>,
        /// Its version.
        version: u64,
    },
    /// Another version was there, and nothing was done.
    Different {
        /// The version that was there; `None` if the client was not told.
        version: Option<u64>,
    },
}

/// What is known of the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// It is this one.
    Exactly(u64),
    /// It is above this one: nobody was told.
    Above(u64),
}

/// A register with versions that starts with nothing, at version zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versioned;

impl Specification for Versioned {
    type Call = VersionedCall;
    type Answer = VersionedAnswer;
    type State = (Option<Value>, Version);

    fn initial(&self) -> Self::State {
        (None, Version::Exactly(0))
    }

    fn apply(
        &self,
        (value, version): &Self::State,
        call: &VersionedCall,
        answer: Option<&VersionedAnswer>,
    ) -> Option<Self::State> {
        use VersionedAnswer::{Different, Done, Found};
        use VersionedCall::{CompareAndSet, Get, Put};
        match (call, answer) {
            (Get, None) => Some((value.clone(), *version)),
            (
                Get,
                Some(Found {
                    value: found,
                    version: at,
                }),
            ) => {
                let fits = found == value && version.can_be(*at);
                fits.then(|| (found.clone(), Version::Exactly(*at)))
            }
            (Put(new), None) => version.next(None).map(|next| (new.clone(), next)),
            (Put(new), Some(Done { version: told })) => {
                version.next(*told).map(|next| (new.clone(), next))
            }
            (
                CompareAndSet {
                    version: expected,
                    new,
                },
                None,
            ) => {
                let next = version.told(*expected)?.next(None)?;
                Some((new.clone(), next))
            }
            (
                CompareAndSet {
                    version: expected,
                    new,
                },
                Some(Done { version: told }),
            ) => {
                let next = version.told(*expected)?.next(*told)?;
                Some((new.clone(), next))
            }
            (
                CompareAndSet {
                    version: expected, ..
                },
                Some(Different { version: Some(at) }),
            ) => {
                let fits = at != expected && version.can_be(*at);
                fits.then(|| (value.clone(), Version::Exactly(*at)))
            }
            (
                CompareAndSet {
                    version: expected, ..
                },
                Some(Different { version: None }),
            ) => (*version != Version::Exactly(*expected)).then(|| (value.clone(), *version)),
            _ => None,
        }
    }

    fn only_reads(&self, call: &VersionedCall, answer: &VersionedAnswer) -> bool {
        *call == VersionedCall::Get || matches!(answer, VersionedAnswer::Different { .. })
    }

    fn describe(&self, call: &VersionedCall, answer: Option<&VersionedAnswer>) -> String {
        use VersionedAnswer::{Different, Done, Found};
        let at = match answer {
            Some(Done { version: Some(at) } | Different { version: Some(at) }) => {
                format!(" (version {at})")
            }
            _ => String::new(),
        };
        match (call, answer) {
            (VersionedCall::Get, Some(Found { value, version })) => {
                format!("read {} of version {version}", Shown(value.as_ref()))
            }
            (VersionedCall::Get, _) => "asked what is there".into(),
            (VersionedCall::Put(new), _) => format!("wrote {}{at}", Shown(new.as_ref())),
            (VersionedCall::CompareAndSet { version, new }, Some(Different { .. })) => format!(
                "expected version {version} to set {}, and found another{at}",
                Shown(new.as_ref())
            ),
            (VersionedCall::CompareAndSet { version, new }, _) => {
                format!(
                    "expected version {version} and set {}{at}",
                    Shown(new.as_ref())
                )
            }
        }
    }

    fn describe_state(&self, (value, version): &Self::State) -> String {
        let shown = Shown(value.as_ref());
        match version {
            Version::Exactly(version) => format!("{shown} of version {version}"),
            Version::Above(version) => format!("{shown} of a version above {version}"),
        }
    }
}

impl Version {
    /// Whether it may be this one.
    fn can_be(self, version: u64) -> bool {
        match self {
            Self::Exactly(exact) => exact == version,
            Self::Above(low) => version > low,
        }
    }

    /// What is known once it is known to be this one; `None` if it cannot be.
    fn told(self, version: u64) -> Option<Self> {
        self.can_be(version).then_some(Self::Exactly(version))
    }

    /// The version after a change; `None` if the client was told one that does not grow.
    fn next(self, told: Option<u64>) -> Option<Self> {
        let (Self::Exactly(low) | Self::Above(low)) = self;
        match told {
            Some(version) => (version > low).then_some(Self::Exactly(version)),
            None => Some(Self::Above(low)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(
        clippy::unnecessary_wraps,
        reason = "it stands where a register's state does"
    )]
    fn value(number: i128) -> Option<Value> {
        Some(Value::Integer(number))
    }

    #[test]
    fn versions_grow_and_are_compared() {
        let apply = |state, call, answer: Option<VersionedAnswer>| {
            Versioned.apply(&state, &call, answer.as_ref())
        };
        let done = |version| Some(VersionedAnswer::Done { version });
        let first = apply(
            Versioned.initial(),
            VersionedCall::Put(value(3)),
            done(Some(5)),
        );
        let first = first.unwrap();
        assert_eq!(first, (value(3), Version::Exactly(5)));
        let cas = |version| VersionedCall::CompareAndSet {
            version,
            new: value(4),
        };
        assert_eq!(apply(first.clone(), cas(4), done(Some(6))), None);
        assert_eq!(apply(first.clone(), cas(5), done(Some(5))), None);
        let second = apply(first.clone(), cas(5), done(Some(9)));
        assert_eq!(second, Some((value(4), Version::Exactly(9))));
        let different = |version| Some(VersionedAnswer::Different { version });
        assert_eq!(apply(first.clone(), cas(5), different(None)), None);
        assert_eq!(
            apply(first.clone(), cas(4), different(Some(5))),
            Some(first)
        );
    }

    #[test]
    fn a_version_nobody_was_told_is_learnt_from_a_read() {
        let unknown = Versioned.apply(&Versioned.initial(), &VersionedCall::Put(value(3)), None);
        let unknown = unknown.unwrap();
        assert_eq!(unknown, (value(3), Version::Above(0)));
        let found = |version| VersionedAnswer::Found {
            value: value(3),
            version,
        };
        let read = |version| Versioned.apply(&unknown, &VersionedCall::Get, Some(&found(version)));
        assert_eq!(read(0), None);
        assert_eq!(read(7), Some((value(3), Version::Exactly(7))));
    }
}
