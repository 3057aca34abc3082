//! Several policies side by side over one recorded load, as data that a page can draw.
//!
//! A score says which policy was better and not where. The naive way to show where is to keep
//! every tick of every policy, which for a year of seconds is gigabytes, or to keep every n-th,
//! which loses the very peaks that somebody wants to see. Here every run is folded as it goes into
//! a fixed number of buckets with the least and the most of each quantity, so a peak of one tick
//! is still there when three months are 700 pixels wide; and of the moments worth a question (the
//! first and the last changes, the largest flips, the worst shortages) a bounded number is kept,
//! with the words of the decision if they are asked for.
//!
//! A [`Comparison`] is plain data with stable field names: JSON for the page and for files. One
//! decision of a replay, with every number of its chain, is given by [`explain`], which plays the
//! load again up to that tick: the same inputs give the same decision.

mod data;
mod error;
mod explain;
mod moments;
mod recording;
mod run;
mod series;

pub use data::{
    Comparison, DemandSeries, OracleRow, PolicyRun, ScoreRow, Series, TraceFacts, Words,
};
pub use error::ComparisonError;
pub use explain::{explain, explain_each};
pub use moments::{Breach, Moment, Moments};
pub use recording::Recording;
pub use run::{Comparing, ComparisonOptions, Contender, Progress, compare};
