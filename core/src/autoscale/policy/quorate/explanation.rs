//! The record in words.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{QuorateRecord, QuorateRule, Season, Sight};
use crate::autoscale::explanation::{Nodes, Span};
use crate::autoscale::{Step, StepName};

impl QuorateRecord {
    /// Demand, forecast, season if there is one, headroom, mode, need and hold, in words.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::with_capacity(7);
        let mut push = |name, (detail, value): (String, String)| {
            steps.push(Step {
                name,
                detail,
                value,
                binding: name == self.rule.step(),
            });
        };
        push(StepName::Demand, self.demand_step());
        if self.sight != Sight::Nothing {
            push(StepName::Forecast, self.forecast_step());
            if let Some(season) = self.season {
                push(StepName::Season, season_step(season));
            }
            push(StepName::Headroom, self.headroom_step());
            push(StepName::Mode, self.mode_step());
            push(StepName::Winner, self.need_step());
            push(StepName::Stabilized, self.hold_step());
        }
        steps
    }

    /// What speaks for the answer, in a few words.
    pub fn evidence(&self) -> String {
        if self.sight == Sight::Nothing {
            return String::from("no ready node says how busy it is");
        }
        let held = match self.held.filter(|held| held.nodes > self.need) {
            Some(held) => format!(
                ", {} needed {} ago",
                held.nodes,
                Span(self.at.since(held.at))
            ),
            None => String::new(),
        };
        format!(
            "demand {}, {} of work at {} = {}{held}",
            Work(self.demand),
            Work(self.work),
            PerMille(self.slo_utilization),
            Nodes(u64::from(self.need)),
        )
    }

    fn demand_step(&self) -> (String, String) {
        let served = Work(self.served_milli.saturating_mul(1_000));
        let detail = match (self.sight, self.queue_milli) {
            (Sight::Nothing, _) => {
                return (
                    String::from("no ready node says how busy it is: no change"),
                    String::from("unknown"),
                );
            }
            (_, Some(_)) => {
                let grown = self
                    .demand
                    .saturating_sub(self.served_milli.saturating_mul(1_000));
                format!("{served} served, {} by the queue", Signed(grown))
            }
            (_, None) => format!("{served} served, the queue is unknown"),
        };
        let detail = match self.sight {
            Sight::Partial => format!("{detail}; not every ready node was seen"),
            _ => detail,
        };
        (detail, Work(self.demand).to_string())
    }

    fn forecast_step(&self) -> (String, String) {
        let forecast = &self.forecast;
        let scored = match forecast.expected {
            Some(expected) => format!(
                "{} had been forecast, {} came; ",
                Work(expected),
                Work(self.demand)
            ),
            None => String::new(),
        };
        let detail = format!(
            "{scored}usually wrong by {}; smoothed {}, {} per minute, for {} ahead",
            Work(forecast.usual_error),
            Work(forecast.level),
            Signed(forecast.trend),
            Span(forecast.horizon),
        );
        (detail, Work(forecast.demand).to_string())
    }

    fn headroom_step(&self) -> (String, String) {
        let (base, error) = (Work(self.base_headroom), Work(self.error_headroom));
        let detail = if self.base_headroom >= self.error_headroom {
            format!("base {base}, for the usual error {error} would do")
        } else {
            format!("for the usual error {error}, the base is {base}")
        };
        let larger = self.base_headroom.max(self.error_headroom);
        (detail, Signed(larger).to_string())
    }

    fn mode_step(&self) -> (String, String) {
        let panic = if self.panic_left.0 == 0 {
            String::from("the service level holds")
        } else {
            let left = Span(self.panic_left);
            format!(
                "the service level was broken: {} for {left}",
                Signed(self.panic)
            )
        };
        let detail = if self.backlog == 0 {
            panic
        } else {
            format!("{panic}; {} to drain the queue", Signed(self.backlog))
        };
        (
            detail,
            Signed(self.panic.saturating_add(self.backlog)).to_string(),
        )
    }

    fn need_step(&self) -> (String, String) {
        let detail = format!(
            "{} of work at {}",
            Work(self.work),
            PerMille(self.slo_utilization)
        );
        (detail, self.need.to_string())
    }

    fn hold_step(&self) -> (String, String) {
        let window = Span(self.hold);
        let regrets = match self.penalty {
            0 => String::new(),
            penalty => format!(" after {} regretted scale-ins", Thousandths(penalty)),
        };
        let largest = match self.held.filter(|held| held.nodes > self.need) {
            Some(held) => format!(
                "{} were needed {} ago",
                Nodes(u64::from(held.nodes)),
                Span(self.at.since(held.at))
            ),
            None => String::from("no larger need"),
        };
        let detail = format!(
            "a scale-in covers {window}{regrets}: {largest}; with room to spare {}",
            self.roomy
        );
        (detail, self.nodes.to_string())
    }
}

fn season_step(season: Season) -> (String, String) {
    let (seasonal, is_followed) = match season {
        Season::Unknown => {
            return (
                String::from("nothing is known of yesterday at this time"),
                String::from("unknown"),
            );
        }
        Season::Distrusted(seasonal) => (seasonal, false),
        Season::Trusted(seasonal) => (seasonal, true),
    };
    let scored = match seasonal.error {
        Some(error) => format!("wrong by {} in the last 4 h", PerMille(error)),
        None => String::from("not scored for 4 h yet"),
    };
    let verdict = if is_followed { "" } else { ": not followed" };
    let detail = format!(
        "yesterday at this time up to {}, today {} of that; {scored}{verdict}",
        Work(seasonal.yesterday),
        PerMille(seasonal.ratio),
    );
    (detail, Work(seasonal.demand).to_string())
}

impl QuorateRule {
    /// The step in which the rule decides.
    const fn step(self) -> StepName {
        match self {
            Self::NoData | Self::MissingData | Self::Demand => StepName::Demand,
            Self::BaseHeadroom | Self::ErrorHeadroom => StepName::Headroom,
            Self::Season => StepName::Season,
            Self::Panic | Self::Backlog => StepName::Mode,
            Self::OneNode => StepName::Winner,
            Self::Hold | Self::Hysteresis => StepName::Stabilized,
        }
    }
}

impl fmt::Display for QuorateRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoData => "the lack of data",
            Self::MissingData => "missing data",
            Self::Demand => "the demand",
            Self::BaseHeadroom => "the forecast with its base headroom",
            Self::ErrorHeadroom => "the forecast with its usual error",
            Self::Season => "the same time yesterday",
            Self::Panic => "the broken service level",
            Self::Backlog => "the backlog",
            Self::OneNode => "the one node that there always is",
            Self::Hold => "the hold",
            Self::Hysteresis => "the hysteresis",
        })
    }
}

/// Micro-nodes, as nodes with two decimals, rounded toward zero: `7.41`.
struct Work(i64);

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let hundredths = self.0.unsigned_abs() / 10_000;
        write!(f, "{sign}{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

/// The same with its sign: `+0.82`.
struct Signed(i64);

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "" } else { "+" };
        write!(f, "{sign}{}", Work(self.0))
    }
}

/// Thousandths with one decimal: `1.4`.
struct Thousandths(i64);

impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 1_000, self.0 % 1_000 / 100)
    }
}

/// Per mille as per cent: `80.0 %`.
struct PerMille(u32);

impl fmt::Display for PerMille {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} %", self.0 / 10, self.0 % 10)
    }
}
