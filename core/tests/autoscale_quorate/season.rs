//! The daily season: what it sees coming, when it is believed, and that it never takes anything away.

use proptest::prelude::*;
use quorate::Micros;
use quorate::autoscale::quorate::{
    Quorate, QuorateRecord, QuorateRule, QuorateSettings, QuorateState, Season, SeasonSettings,
    Seasonal, Tick,
};

use crate::Asked;

/// Minutes of a day.
const DAY: u64 = 1_440;

fn seasonal() -> QuorateSettings {
    QuorateSettings {
        season: Some(SeasonSettings::default()),
        ..QuorateSettings::default()
    }
}

/// Load with a day: four nodes of work by night, and sixteen from eight in the morning on.
fn steep_day(minute: u64) -> i64 {
    if minute % DAY < 8 * 60 { 4_000 } else { 16_000 }
}

/// Plays minutes `from` to `to` with 30 nodes and returns the last record.
fn play(asked: &mut Asked, to: u64, load: impl Fn(u64) -> i64) -> QuorateRecord {
    let mut last = None;
    while asked.minute < to {
        last = Some(asked.tick(load(asked.minute), 0, 30));
    }
    last.unwrap()
}

fn numbers(record: &QuorateRecord) -> Seasonal {
    match record.season {
        Some(Season::Trusted(seasonal) | Season::Distrusted(seasonal)) => seasonal,
        other => panic!("nothing is known of yesterday: {other:?}"),
    }
}

const fn is_followed(record: &QuorateRecord) -> bool {
    matches!(record.season, Some(Season::Trusted(_)))
}

#[test]
fn the_second_morning_is_ordered_before_it_comes() {
    let (mut with, mut without) = (Asked::with(seasonal()), Asked::new());
    // Two minutes before eight: a node that is ordered now is ready at eight.
    let before = DAY + 8 * 60 - 1;
    let at_two_minutes_to = |asked: &mut Asked| {
        play(asked, before - 1, steep_day);
        asked.tick(4_000, 0, 10)
    };
    let (with, without) = (
        at_two_minutes_to(&mut with),
        at_two_minutes_to(&mut without),
    );
    assert_eq!((with.demand, without.demand), (4_000_000, 4_000_000));
    // 4 + 10 % + 0.1 at 80 %, and 16 + 10 % + 0.1.
    assert_eq!((without.need, with.nodes), (6, 23));
    assert_eq!(with.rule, QuorateRule::Season);
    let seasonal = numbers(&with);
    assert_eq!((seasonal.yesterday, seasonal.ratio), (16_000_000, 1_000));
    assert_eq!(seasonal.error, Some(0));
}

#[test]
fn nothing_is_followed_before_it_was_right_for_four_hours() {
    let mut asked = Asked::with(seasonal());
    assert_eq!(
        play(&mut asked, DAY, steep_day).season,
        Some(Season::Unknown)
    );
    // The first bucket of the second day has nothing to be compared by; 48 others are scored.
    let closed = play(&mut asked, DAY + 5 + 4 * 60, steep_day);
    assert_eq!(numbers(&closed).error, None);
    assert!(!is_followed(&closed));
    let open = play(&mut asked, DAY + 5 + 4 * 60 + 1, steep_day);
    assert_eq!(numbers(&open).error, Some(0));
    assert!(is_followed(&open));
}

#[test]
fn a_day_that_is_wrong_by_a_tenth_is_not_followed() {
    // The second day has spikes that the first one had not: of 48 buckets so many are doubled.
    let after = |spikes: u64| {
        let mut asked = Asked::with(seasonal());
        let load = move |minute: u64| {
            let bucket = minute / 5;
            let is_spike = minute > DAY + 300 && bucket % 48 < spikes;
            if is_spike { 8_000 } else { 4_000 }
        };
        let record = play(&mut asked, DAY + 12 * 60, load);
        (numbers(&record).error.unwrap(), is_followed(&record))
    };
    assert_eq!(after(0), (0, true));
    let (error, followed) = after(2);
    assert!((1..100).contains(&error) && followed, "{error}");
    let (error, followed) = after(12);
    assert!(error >= 100 && !followed, "{error}");
}

#[test]
fn the_gate_opens_again_after_four_good_hours() {
    let mut asked = Asked::with(seasonal());
    // An hour without load that yesterday knew nothing of.
    let load = |minute: u64| match minute {
        1_800..1_860 => 0,
        _ => 4_000,
    };
    assert!(is_followed(&play(&mut asked, 1_800, load)));
    let during = play(&mut asked, 1_860, load);
    assert!(!is_followed(&during), "{during:?}");
    // The hour itself, an hour in which it spoils the ratio, and four hours.
    assert!(is_followed(&play(&mut asked, 1_860 + 60 + 240 + 10, load)));
}

#[test]
fn another_day_of_the_same_shape_is_scaled_within_limits() {
    let at_noon = |today: i64| {
        let mut asked = Asked::with(seasonal());
        let load = |minute: u64| match minute / DAY {
            0 => 4_000,
            _ => 4_000 * today / 10,
        };
        numbers(&play(&mut asked, DAY + DAY / 2, load))
    };
    assert_eq!((at_noon(10).ratio, at_noon(10).demand), (1_000, 4_000_000));
    assert_eq!((at_noon(15).ratio, at_noon(15).demand), (1_500, 6_000_000));
    assert_eq!((at_noon(40).ratio, at_noon(40).demand), (2_000, 8_000_000));
    assert_eq!((at_noon(1).ratio, at_noon(1).demand), (500, 2_000_000));
}

#[test]
fn a_pause_closes_the_gate_and_a_pause_of_a_day_forgets_everything() {
    let mut asked = Asked::with(seasonal());
    assert!(is_followed(&play(&mut asked, 2 * DAY, steep_day)));
    asked.minute += 30;
    let after = play(&mut asked, 2 * DAY + 31, steep_day);
    assert_eq!(numbers(&after).error, None);
    asked.minute += DAY;
    let after = play(&mut asked, 3 * DAY + 32, steep_day);
    assert_eq!(after.season, Some(Season::Unknown));
}

#[test]
fn a_clock_that_goes_back_is_waited_for_up_to_a_day() {
    let mut asked = Asked::with(seasonal());
    play(&mut asked, 2 * DAY, steep_day);
    asked.minute = 2 * DAY - 60;
    let waiting = play(&mut asked, 2 * DAY - 59, |_| 1_000_000);
    assert_eq!(waiting.season, Some(Season::Unknown));
    // Nothing was learned of the hour that was there already.
    let after = play(&mut asked, 2 * DAY, steep_day);
    assert!(is_followed(&after), "{after:?}");
    asked.minute = 0;
    play(&mut asked, DAY + 300, steep_day);
    assert!(is_followed(&play(&mut asked, DAY + 301, steep_day)));
}

#[test]
fn an_interval_longer_than_a_bucket_fills_all_its_buckets() {
    let policy = Quorate::new(seasonal()).unwrap();
    let mut state = QuorateState::default();
    let mut tick = |half_hour: u64, served_milli| {
        let tick = Tick {
            served_milli,
            queue_milli: Some(0),
            ready: 30,
            current: 30,
            interval: Micros::from_secs(1_800),
        };
        let now = Micros::from_secs(half_hour * 1_800);
        policy.tick(&mut state, &tick, now)
    };
    for half_hour in 0..48 {
        tick(half_hour, 4_000 + 100 * i64::try_from(half_hour).unwrap());
    }
    for half_hour in 48..64 {
        tick(
            half_hour,
            4_000 + 100 * i64::try_from(half_hour - 48).unwrap(),
        );
    }
    // From the bucket of eight o'clock until half an hour later.
    let record = tick(64, 5_600);
    assert!(is_followed(&record), "{record:?}");
    assert_eq!(numbers(&record).yesterday, 5_700_000);
}

#[test]
fn what_yesterday_says_can_be_read() {
    let words = |record: &QuorateRecord| {
        let steps = record.steps();
        let step = steps.iter().find(|step| step.name.to_string() == "Season");
        step.map(|step| (step.detail.clone(), step.value.clone(), step.binding))
    };
    let mut asked = Asked::with(seasonal());
    let first = play(&mut asked, DAY, steep_day);
    assert_eq!(
        words(&first).unwrap().0,
        "nothing is known of yesterday at this time"
    );
    let young = play(&mut asked, DAY + 60, steep_day);
    assert_eq!(
        words(&young).unwrap().0,
        "yesterday at this time up to 4.00, today 100.0 % of that; not scored for 4 h yet: not \
         followed"
    );
    play(&mut asked, DAY + 8 * 60 - 2, steep_day);
    let before = asked.tick(4_000, 0, 10);
    let (detail, value, binding) = words(&before).unwrap();
    assert_eq!(
        detail,
        "yesterday at this time up to 16.00, today 100.0 % of that; wrong by 0.0 % in the last 4 h"
    );
    assert_eq!((value.as_str(), binding), ("16.00", true));
    assert_eq!(before.rule.to_string(), "the same time yesterday");
    assert_eq!(words(&Asked::new().tick(4_000, 0, 30)), None);
}

#[test]
fn a_limit_beyond_reason_is_refused() {
    let settings = QuorateSettings {
        season: Some(SeasonSettings {
            error_limit: u32::MAX,
        }),
        ..QuorateSettings::default()
    };
    let error = Quorate::new(settings).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("season.error_limit (4294967295)")
    );
}

#[cfg(feature = "serde")]
#[test]
fn the_season_survives_a_restart_and_its_memory_is_bounded() {
    let load = |minute: u64| {
        let minute = i64::try_from(minute % DAY).unwrap();
        4_000 + (minute - 720).abs() * 9 + minute * 7_919 % 301
    };
    let (mut whole, mut restarted) = (Asked::with(seasonal()), Asked::with(seasonal()));
    let mut followed = 0;
    for minute in 0..3 * DAY {
        if minute % 37 == 0 {
            let json = serde_json::to_string(&restarted.state).unwrap();
            assert!(json.len() < 40_000, "{} bytes", json.len());
            restarted.state = serde_json::from_str(&json).unwrap();
        }
        let record = whole.tick(load(minute), 0, 20);
        assert_eq!(
            record,
            restarted.tick(load(minute), 0, 20),
            "minute {minute}"
        );
        let json = serde_json::to_string(&record.season).unwrap();
        assert_eq!(record.season, serde_json::from_str(&json).unwrap());
        followed += u64::from(is_followed(&record));
    }
    assert!(followed > DAY, "{followed}");
}

#[cfg(feature = "serde")]
#[test]
fn the_season_is_an_optional_field_with_optional_fields() {
    let parsed =
        |json| serde_json::from_str::<Quorate>(json).map(|policy| policy.settings().season);
    assert_eq!(parsed("{}").unwrap(), None);
    assert_eq!(parsed(r#"{ "season": null }"#).unwrap(), None);
    assert_eq!(
        parsed(r#"{ "season": {} }"#).unwrap(),
        Some(SeasonSettings { error_limit: 100 })
    );
    assert_eq!(
        parsed(r#"{ "season": { "error_limit": 50 } }"#).unwrap(),
        Some(SeasonSettings { error_limit: 50 })
    );
    assert!(parsed(r#"{ "season": { "limit": 50 } }"#).is_err());
    assert!(parsed(r#"{ "season": true }"#).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn without_a_season_nothing_of_it_is_written() {
    let mut asked = Asked::new();
    let record = play(&mut asked, 100, steep_day);
    assert!(!serde_json::to_string(&record).unwrap().contains("season"));
    assert!(!serde_json::to_string(&asked.state).unwrap().contains("day"));
}

#[cfg(feature = "serde")]
#[test]
fn a_state_that_nobody_wrote_is_survived() {
    let bucket = r#"{"maximum":9223372036854775807,"before":-9223372036854775808,"expected":-1}"#;
    for (newest, buckets) in [(0, 300), (u64::MAX, 300), (7, 1), (7, 0), (1, 288)] {
        let buckets = vec![bucket; buckets].join(",");
        let json = format!(r#"{{"day":{{"newest":{newest},"buckets":[{buckets}]}}}}"#);
        let mut asked = Asked::with(seasonal());
        asked.state = serde_json::from_str(&json).unwrap();
        for minute in [0, 1, 5, 40, 3, 100_000, u64::from(u32::MAX), 0] {
            asked.minute = minute;
            let record = asked.tick(i64::MAX, 0, 30);
            assert!(record.nodes >= record.need.max(1));
        }
    }
}

proptest! {
    /// For the same loads and the same fleets, whatever happened to them.
    #[test]
    fn a_season_never_asks_for_less(
        shape in prop::collection::vec(0_i64..20_000, 288),
        noise in 0_i64..3_000,
        fleets in prop::collection::vec(1_u32..60, 1..50),
        error_limit in prop::sample::select(vec![0, 100, 1_000, 1_000_000]),
    ) {
        let season = Some(SeasonSettings { error_limit });
        let with = Quorate::new(QuorateSettings { season, ..QuorateSettings::default() }).unwrap();
        let without = Quorate::default();
        let mut states = [QuorateState::default(), QuorateState::default()];
        for (bucket, nodes) in (0..3 * 288_u64).zip(fleets.iter().cycle()) {
            let load = shape[usize::try_from(bucket % 288).unwrap()];
            let moved = noise * i64::try_from(bucket * 7_919 % 11).unwrap() / 10;
            let tick = Tick {
                served_milli: load + moved,
                queue_milli: Some(0),
                ready: *nodes,
                current: *nodes,
                interval: Micros::from_secs(300),
            };
            let now = Micros::from_secs(300 * bucket);
            let more = with.evaluate(&mut states[0], &tick, now);
            let less = without.evaluate(&mut states[1], &tick, now);
            prop_assert!(more.need >= less.need, "{more:?}\n{less:?}");
            prop_assert!(more.nodes >= less.nodes, "{more:?}\n{less:?}");
            prop_assert_eq!(more.forecast, less.forecast);
            if !is_followed(&more) {
                prop_assert_eq!(more.need, less.need);
            }
        }
    }
}
