//! Refusals of the kernel, with their codes.

use quorate::crdt::{ApplyError, CounterError, EncodingError, LoadError, StoreError};

use crate::error::{Code, QuorateError};

impl From<EncodingError> for QuorateError {
    fn from(error: EncodingError) -> Self {
        QuorateError::new(Code::BadBytes, error.to_string())
    }
}

impl From<LoadError> for QuorateError {
    fn from(error: LoadError) -> Self {
        QuorateError::new(Code::BadBytes, error.to_string())
    }
}

impl From<ApplyError> for QuorateError {
    fn from(error: ApplyError) -> Self {
        let code = match error {
            ApplyError::Gap { .. } => Code::Gap,
            ApplyError::OwnEventsAhead { .. } => Code::ReplicaReused,
            ApplyError::WrongEpoch { .. }
            | ApplyError::NotActive { .. }
            | ApplyError::Joining { .. }
            | ApplyError::OutsideContext { .. }
            | ApplyError::ZeroCounter { .. }
            | ApplyError::OutOfOrder { .. }
            | ApplyError::EmptyRecord { .. }
            | ApplyError::CrossedBounds
            | ApplyError::NotOpen { .. }
            | ApplyError::KilledLive { .. }
            | ApplyError::Foreign(_) => Code::BadBytes,
        };
        QuorateError::new(code, error.to_string())
    }
}

impl From<StoreError> for QuorateError {
    fn from(error: StoreError) -> Self {
        QuorateError::new(Code::ReplicaReused, error.to_string())
    }
}

impl From<CounterError> for QuorateError {
    fn from(error: CounterError) -> Self {
        match error {
            CounterError::Overflow { .. } => QuorateError::new(Code::Overflow, error.to_string()),
            CounterError::Store(error) => error.into(),
        }
    }
}
