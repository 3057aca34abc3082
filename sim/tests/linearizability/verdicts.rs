//! Small histories with known verdicts, and one number for the verdicts on many.

use quorate::Random;
use quorate_sim::linearizability::format::{Format, Recorded};
use quorate_sim::linearizability::generate::{Appends, Options, linearizable, mutated};
use quorate_sim::linearizability::{Register, Report, Verdict, check};

use super::test;

/// Two writes and a read that overlaps both: what is read may be either.
pub const OVERLAPPING: &str = r#"
{"client":1,"type":"invoke","op":"write","key":"x","value":1}
{"client":2,"type":"invoke","op":"write","key":"x","value":2}
{"client":3,"type":"invoke","op":"read","key":"x"}
{"client":1,"type":"ok"}
{"client":2,"type":"ok"}
{"client":3,"type":"ok","value":1}
"#;

/// Something was read, and then what was there before.
pub const READ_BACKWARDS: &str = r#"
{"client":1,"type":"invoke","op":"write","key":"x","value":1}
{"client":1,"type":"ok"}
{"client":1,"type":"invoke","op":"write","key":"x","value":2}
{"client":2,"type":"invoke","op":"read","key":"x"}
{"client":2,"type":"ok","value":2}
{"client":2,"type":"invoke","op":"read","key":"x"}
{"client":2,"type":"ok","value":1}
{"client":1,"type":"ok"}
"#;

/// A write of unknown outcome that is read much later, after another.
pub const LATE_EFFECT: &str = r#"
{"client":1,"type":"invoke","op":"write","key":"x","value":1}
{"client":1,"type":"info"}
{"client":2,"type":"invoke","op":"write","key":"x","value":2}
{"client":2,"type":"ok"}
{"client":3,"type":"invoke","op":"read","key":"x"}
{"client":3,"type":"ok","value":2}
{"client":3,"type":"invoke","op":"read","key":"x"}
{"client":3,"type":"ok","value":1}
"#;

/// The same, but it takes effect twice.
pub const TWO_EFFECTS: &str = r#"
{"client":1,"type":"invoke","op":"write","key":"x","value":1}
{"client":1,"type":"info"}
{"client":3,"type":"invoke","op":"read","key":"x"}
{"client":3,"type":"ok","value":1}
{"client":2,"type":"invoke","op":"write","key":"x","value":2}
{"client":2,"type":"ok"}
{"client":3,"type":"invoke","op":"read","key":"x"}
{"client":3,"type":"ok","value":1}
"#;

/// Two comparisons with the same version, both of which were right.
pub const LOST_UPDATE: &str = r#"
{"client":1,"type":"invoke","op":"write","key":"x","value":1}
{"client":1,"type":"ok","version":7}
{"client":1,"type":"invoke","op":"cas","key":"x","version":7,"value":2}
{"client":2,"type":"invoke","op":"cas","key":"x","version":7,"value":3}
{"client":1,"type":"ok","version":8}
{"client":2,"type":"ok","version":9}
"#;

/// An append that is seen by one reader and not by a later one.
pub const LOST_APPEND: &str = r#"
{:process 0, :type :invoke, :f :append, :key "a", :value "1"}
{:process 1, :type :invoke, :f :append, :key "a", :value "2"}
{:process 0, :type :ok, :f :append, :key "a", :value "1"}
{:process 1, :type :ok, :f :append, :key "a", :value "2"}
{:process 0, :type :invoke, :f :get, :key "a", :value nil}
{:process 0, :type :ok, :f :get, :key "a", :value "21"}
{:process 0, :type :invoke, :f :get, :key "a", :value nil}
{:process 0, :type :ok, :f :get, :key "a", :value "2"}
"#;

/// A comparison that timed out and must have happened, and one that failed.
pub const TIMED_OUT: &str = "
INFO  jepsen.util - 0\t:invoke\t:write\t1
INFO  jepsen.util - 0\t:ok\t:write\t1
INFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]
INFO  jepsen.util - 1\t:info\t:cas\t:timed-out
INFO  jepsen.util - 2\t:invoke\t:read\tnil
INFO  jepsen.util - 2\t:fail\t:read\t:timed-out
INFO  jepsen.util - 2\t:invoke\t:cas\t[1 3]
INFO  jepsen.util - 2\t:fail\t:cas\t[1 3]
INFO  jepsen.util - 2\t:invoke\t:read\tnil
INFO  jepsen.util - 2\t:ok\t:read\t2
";

/// Judges a history whose format is guessed.
pub fn judge(history: &str) -> Report {
    let format = Format::guess(history.as_bytes()).unwrap();
    let recorded = Recorded::read(history.as_bytes(), format).unwrap();
    recorded.check(1_000)
}

/// Named histories have their verdicts.
#[test]
pub fn named_histories_have_their_verdicts() {
    let expected = [
        ("overlapping", OVERLAPPING, true),
        ("read backwards", READ_BACKWARDS, false),
        ("late effect", LATE_EFFECT, true),
        ("two effects", TWO_EFFECTS, false),
        ("lost update", LOST_UPDATE, false),
        ("lost append", LOST_APPEND, false),
        ("timed out", TIMED_OUT, true),
    ];
    for (name, history, linearizable) in expected {
        let verdict = judge(history).verdict;
        assert_eq!(verdict == Verdict::Linearizable, linearizable, "{name}");
        assert_ne!(
            verdict,
            Verdict::Undecided { key: "x".into() },
            "{name} needs a thousand steps"
        );
    }
}

/// What the verdicts on 400 random histories hash to, with the steps they took.
pub const DIGEST: u64 = 0x3e0b_bfec_e74a_9999;

/// The same verdicts for the same steps on every platform.
#[test]
pub fn the_digest_of_many_verdicts_is_the_same_everywhere() {
    let mut digest: u64 = 0;
    for seed in 0..200 {
        let options = Options {
            operations: 40,
            keys: 2,
            clients: 5,
            values: 4,
            unknown_permille: 60,
            appends: if seed % 4 == 0 {
                Appends::Always
            } else {
                Appends::Never
            },
        };
        let history = linearizable(&options, seed);
        let changed = mutated(&history, options.values, &mut Random::new(seed)).unwrap();
        for history in [history, changed] {
            let report = check(&Register::default(), &history, 100_000);
            let found = match report.verdict {
                Verdict::Linearizable => 1,
                Verdict::NotLinearizable(witness) => 2 + witness.position,
                Verdict::Undecided { .. } => 0,
            };
            digest = digest.wrapping_mul(0x100_0000_01b3) ^ found;
            digest = digest.wrapping_mul(0x100_0000_01b3) ^ report.steps;
        }
    }
    assert_eq!(digest, DIGEST, "digest {digest:#018x}");
}
