//! One error class for every door.
//!
//! A caller must be able to tell a damaged message from a gap without reading prose, so every
//! refusal has a code that stays, and a sentence that may change.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Why a call was refused. Whatever was called is as it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorateError {
    code: Code,
    message: String,
    /// Line and column in a text that was refused, both from 1.
    position: Option<(usize, usize)>,
}

/// The codes that come from this module. The scripts around it add those for loading it and for
/// objects that were freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// An argument has the wrong type or is out of range.
    BadArgument,
    /// Bytes are damaged, or are something else.
    BadBytes,
    /// A delta builds on events that were not seen here. Ask for one since `version()`.
    Gap,
    /// Others hold events of this replica id that were not made here. Take a new incarnation.
    ReplicaReused,
    /// A counter's row would not fit into 64 bits.
    Overflow,
    /// A scenario does not make sense.
    BadScenario,
    /// A CSV file is no load trace.
    BadTrace,
    /// An action is none that there is.
    BadAction,
    /// An action cannot be done now.
    ActionRefused,
    /// A number in the answer is beyond 2^53 − 1 and has no exact form in JavaScript.
    NumberTooLarge,
}

impl QuorateError {
    /// A refusal.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            position: None,
        }
    }

    /// An argument that has the wrong type or is out of range.
    pub(crate) fn bad_argument(message: impl Into<String>) -> Self {
        Self::new(Code::BadArgument, message)
    }

    /// The same refusal, of a text at this place.
    #[must_use]
    pub fn at(self, line: usize, column: usize) -> Self {
        Self {
            position: Some((line, column)),
            ..self
        }
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What was wrong, as a sentence.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl Code {
    /// The text that a program compares.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadArgument => "bad-argument",
            Self::BadBytes => "bad-bytes",
            Self::Gap => "gap",
            Self::ReplicaReused => "replica-reused",
            Self::Overflow => "overflow",
            Self::BadScenario => "bad-scenario",
            Self::BadTrace => "bad-trace",
            Self::BadAction => "bad-action",
            Self::ActionRefused => "action-refused",
            Self::NumberTooLarge => "number-too-large",
        }
    }
}

#[wasm_bindgen(raw_module = "./error.js")]
extern "C" {
    /// The class as scripts see it.
    #[wasm_bindgen(js_name = QuorateError)]
    type ThrownError;

    #[wasm_bindgen(constructor, js_class = "QuorateError")]
    fn new(code: &str, message: &str, line: Option<u32>, column: Option<u32>) -> ThrownError;
}

impl From<QuorateError> for JsValue {
    fn from(error: QuorateError) -> Self {
        let place = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let line = error.position.map(|(line, _)| place(line));
        let column = error.position.map(|(_, column)| place(column));
        ThrownError::new(error.code.as_str(), &error.message, line, column).into()
    }
}
