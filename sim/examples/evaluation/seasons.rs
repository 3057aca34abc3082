//! The policy of this project with and without the load of yesterday.

use quorate::autoscale::quorate::{QuorateSettings, SeasonSettings};

use crate::contenders::{Contender, quorate};

/// The columns of the table about the daily season, from left to right.
pub(crate) const SEASONS: [Contender; 4] = [
    Contender {
        name: "Quorate thrifty",
        fresh: |_| Box::new(quorate(QuorateSettings::thrifty())),
    },
    Contender {
        name: "thrifty, season",
        fresh: |_| Box::new(quorate(seasonal(QuorateSettings::thrifty()))),
    },
    Contender {
        name: "Quorate default",
        fresh: |_| Box::new(quorate(QuorateSettings::balanced())),
    },
    Contender {
        name: "default, season",
        fresh: |_| Box::new(quorate(seasonal(QuorateSettings::balanced()))),
    },
];

/// The same settings with the daily season.
fn seasonal(settings: QuorateSettings) -> QuorateSettings {
    QuorateSettings {
        season: Some(SeasonSettings::default()),
        ..settings
    }
}
