//! Numbers and clocks that make no sense.

use quorate::Micros;
use quorate::autoscale::wpa::{
    Algorithm, Availability, Converge, Limits, Patience, Permission, Regime, Status, Usage,
    WatermarkError, Watermarks,
};

#[test]
fn watermarks_that_make_no_sense_are_refused() {
    let refused = |change: fn(&mut Watermarks)| {
        let mut marks = Watermarks::new(20, 40);
        change(&mut marks);
        marks.validate()
    };
    assert_eq!(refused(|_| ()), Ok(()));
    assert_eq!(refused(|marks| marks.high = marks.low), Ok(()));
    assert_eq!(
        refused(|marks| marks.low = 0),
        Err(WatermarkError::LowNotPositive)
    );
    let crossed = WatermarkError::Crossed { low: 20, high: 19 };
    assert_eq!(refused(|marks| marks.high = 19), Err(crossed));
    assert_eq!(
        refused(|marks| marks.tolerance = 1_001),
        Err(WatermarkError::Tolerance(1_001))
    );
    assert_eq!(
        refused(|marks| marks.modulo = 0),
        Err(WatermarkError::NoModulo)
    );
    assert!(crossed.to_string().contains("19"));
}

#[test]
fn the_largest_numbers_saturate() {
    let values = [i64::MIN, -1, 0, 1, i64::MAX];
    let counts = [0, 1, 1_000_000, u32::MAX];
    for sum in values {
        for mark in values {
            for count in counts {
                let usage = Usage {
                    sum,
                    ready: count,
                    current: count,
                    min: count,
                    max: count,
                };
                for converge in [
                    Converge::No,
                    Converge::HighWatermark,
                    Converge::LowWatermark,
                ] {
                    for algorithm in [Algorithm::Absolute, Algorithm::Average] {
                        let marks = Watermarks {
                            tolerance: mark,
                            algorithm,
                            modulo: count,
                            converge,
                            ..Watermarks::new(mark, mark)
                        };
                        marks.propose(&usage);
                    }
                }
                let limits = Limits {
                    min: count,
                    max: count,
                    scale_up_factor: mark,
                    scale_down_factor: sum,
                };
                limits.normalize(count, u32::MAX, count);
                limits.normalize(u32::MAX, count, 0);
            }
        }
    }
    let all = Availability {
        ready: u32::MAX,
        pods: 1,
        current: u32::MAX,
    };
    assert_eq!(all.check(u32::MAX), Ok(u32::MAX));
}

#[test]
fn a_clock_that_goes_backwards_only_waits() {
    let status = Status {
        last_scale: Some(Micros::MAX),
        above_since: Some(Micros::MAX),
        below_since: Some(Micros::MAX),
    };
    let delay = Micros::from_secs(30);
    let patience = Patience {
        upscale_delay: delay,
        ..Patience::default()
    };
    let permission = patience.permission(&status, (1, 2), Regime::Unstable, Micros::ZERO);
    let remaining = Some(delay);
    assert_eq!(permission, Permission::Delayed { remaining });
}
