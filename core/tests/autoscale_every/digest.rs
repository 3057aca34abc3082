//! The same decisions on every platform: a digest of fixed runs, compared with what was written
//! down. The test runs natively and, in another crate, in WebAssembly.

use quorate::Micros;
use quorate::autoscale::{Executed, Policy, State, decide};

use super::{fleets, policies, test};

/// Evaluations per run.
const EVALUATIONS: u64 = 400;

/// What every platform must come to, in the order of the policies.
const DIGESTS: [(&str, u64); 11] = [
    ("quorate", 0xc424_a9d6_402d_95ae),
    ("threshold", 0x4a88_cfc2_ad92_2104),
    ("hpa", 0xecff_0173_5eeb_fb57),
    ("kpa", 0x8b42_aaaa_4e59_f76f),
    ("nomad", 0x90dc_6c55_b649_a7cd),
    ("wpa", 0x9b3c_424d_6a41_8305),
    ("step_scaling", 0xd7dd_9a9b_f5bf_403f),
    ("hpa with behavior", 0xf99d_b664_2016_3486),
    ("kpa every minute", 0xafc2_9ff9_9783_3c78),
    ("nomad without a cooldown", 0xdd4b_b77d_82ec_3e6b),
    ("quorate with a season", 0x7e91_c47c_86cc_d7fb),
];

#[test]
fn every_platform_decides_the_same() {
    let found: Vec<(&str, u64)> = policies::all()
        .iter()
        .map(|(name, policy)| (*name, digest(policy)))
        .collect();
    assert_eq!(found, DIGESTS, "{found:#x?}");
}

/// A run in which every decision is carried out; the digest of all decisions in full.
fn digest(policy: &Policy) -> u64 {
    let mut day = fleets::Day::new(7);
    let mut state = State::new();
    let mut size = 6;
    let mut digest = Fnv::default();
    for evaluation in 1..=EVALUATIONS {
        let now = Micros(policy.evaluation_interval().0 * evaluation) + Micros::from_secs(1_000);
        let observation = day.observe(size, now);
        let decision = decide(policy, &mut state, &observation, now);
        digest.add(&serde_json::to_vec(&decision).unwrap());
        digest.add(decision.to_string().as_bytes());
        digest.add(decision.what_would_change_it().as_bytes());
        if decision.target != decision.current {
            let (from, to) = (decision.current, decision.target);
            state.executed(policy, Executed { from, to, at: now });
            size = decision.target.clamp(1, 60);
        }
    }
    digest.0
}

/// Fowler, Noll and Vo's hash, 64 bits, 1a: the digest must not hang on a library's version.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
