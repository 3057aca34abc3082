//! The option `--mutant`, parsed at the door.

use std::str::FromStr;

use quorate_sim::Mutant;

/// What a program without mutants says when it is asked for one.
pub(crate) const NONE_BUILT: &str = "this program has no mutants; build it with --features mutants";

/// A mutant by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named(pub(crate) Mutant);

impl FromStr for Named {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if let Some(mutant) = Mutant::find(name) {
            return Ok(Self(mutant));
        }
        let names: Vec<String> = Mutant::all().into_iter().map(Mutant::name).collect();
        Err(if names.is_empty() {
            NONE_BUILT.into()
        } else {
            format!("the mutants are {}", names.join(", "))
        })
    }
}

/// The mutant that was named, or the program as it is.
pub(crate) fn chosen(named: Option<Named>) -> Mutant {
    named.map_or(Mutant::NONE, |Named(mutant)| mutant)
}
