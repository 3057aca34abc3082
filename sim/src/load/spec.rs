//! Which load a scenario asks for, as it stands in JSON.
//!
//! Short on purpose: the whole scenario, this included, must fit into a URL.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Trace, TraceHash};
use crate::json::tagged::{self, Tagged};

/// The load of a scenario. In JSON the field `kind` says which variant it is, and a field that
/// the variant does not have is an error.
///
/// Requests are whole requests per second, times whole seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
pub enum LoadSpec {
    /// Always the same.
    Constant {
        /// The rate.
        requests_per_second: u64,
    },
    /// Day and night: from `low` to `high` and back, smoothly, once per period. Starts low.
    Diurnal {
        /// The rate at night.
        low: u64,
        /// The rate at noon.
        high: u64,
        /// The length of a day.
        period_s: u64,
    },
    /// A crowd that comes and goes: straight up, a plateau, straight down.
    FlashCrowd {
        /// The rate before and after.
        base: u64,
        /// The rate of the plateau.
        peak: u64,
        /// When the rise begins.
        at_s: u64,
        /// How long it rises; zero is a jump.
        rise_s: u64,
        /// How long it stays.
        hold_s: u64,
        /// How long it falls; zero is a jump.
        fall_s: u64,
    },
    /// A recorded load.
    Trace(TraceSpec),
}

/// A recorded load: which file, and how it is played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceSpec {
    /// What the file was called. For people; another name is no reason to refuse a file.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// The hash of its content.
    pub hash: TraceHash,
    /// Where to begin, in the time of the trace: `1998-07-07` or `1998-07-07 18:30:00`. Absent:
    /// at its first row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How many seconds of the trace pass in one second of the simulation. The rates stay what
    /// they are; only the time between their changes shrinks.
    #[serde(default = "real_time")]
    pub speed: u32,
}

impl Tagged for LoadSpec {
    const TAG: &'static str = "kind";

    fn deserialize_variant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn serialize_variant<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl Serialize for LoadSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        tagged::serialize(None, self, serializer)
    }
}

impl<'de> Deserialize<'de> for LoadSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        tagged::read(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl TraceSpec {
    /// Asks for `trace`, from its first row, in real time.
    pub fn of(trace: &Trace) -> Self {
        Self {
            name: trace.name().to_owned(),
            rows: trace.rows().len() as u64,
            hash: trace.hash(),
            from: None,
            speed: real_time(),
        }
    }
}

const fn real_time() -> u32 {
    1
}
