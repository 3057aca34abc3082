//! A scenario as a URL fragment: `v1.` and compressed JSON in URL-safe base64.
//!
//! Whoever opens the link runs the same run, with every fault that was done by hand. A fragment is
//! as hostile as any other input: its size is limited before and after decompression.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::scenario::{MAX_BYTES, Scenario, ScenarioError};

const PREFIX: &str = "v1.";
/// The best compression: a link is made once and opened often.
const LEVEL: u8 = 10;

/// Why a fragment is no scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FragmentError {
    /// It does not start with `v1.`.
    UnknownVersion,
    /// It is cut off or was changed.
    Damaged,
    /// It decodes to something that is no scenario.
    Scenario(ScenarioError),
}

impl Scenario {
    /// The fragment, without the `#`.
    pub fn to_fragment(&self) -> String {
        let json = self.to_short_json();
        format!(
            "{PREFIX}{}",
            URL_SAFE_NO_PAD.encode(compress_to_vec(json.as_bytes(), LEVEL))
        )
    }

    /// Reads a fragment, with or without the `#`.
    pub fn from_fragment(fragment: &str) -> Result<Self, FragmentError> {
        let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
        let body = fragment
            .strip_prefix(PREFIX)
            .ok_or(FragmentError::UnknownVersion)?;
        let compressed = URL_SAFE_NO_PAD
            .decode(body)
            .map_err(|_| FragmentError::Damaged)?;
        let json = decompress_to_vec_with_limit(&compressed, MAX_BYTES)
            .map_err(|_| FragmentError::Damaged)?;
        let json = String::from_utf8(json).map_err(|_| FragmentError::Damaged)?;
        Self::parse(&json).map_err(FragmentError::Scenario)
    }
}

impl fmt::Display for FragmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVersion => f.write_str("the link does not start with `v1.`"),
            Self::Damaged => f.write_str("the link is cut off or was changed"),
            Self::Scenario(error) => write!(f, "the scenario in the link: {error}"),
        }
    }
}

impl std::error::Error for FragmentError {}
