//! Refusals of the simulator, with their codes.

use quorate_sim::load::TraceError;
use quorate_sim::{ActionError, ScenarioError};

use crate::error::{Code, QuorateError};

impl From<ScenarioError> for QuorateError {
    fn from(error: ScenarioError) -> Self {
        let refused = QuorateError::new(Code::BadScenario, error.to_string());
        match error {
            ScenarioError::Json { line, column, .. } => refused.at(line, column),
            _ => refused,
        }
    }
}

impl From<TraceError> for QuorateError {
    fn from(error: TraceError) -> Self {
        QuorateError::new(Code::BadTrace, error.to_string())
    }
}

impl From<ActionError> for QuorateError {
    fn from(error: ActionError) -> Self {
        QuorateError::new(Code::ActionRefused, error.to_string())
    }
}
