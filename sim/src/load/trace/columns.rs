//! Which columns hold the time and the number.

use super::clock;
use super::error::Column;
use super::number::fixed_point;

/// Names of columns with a time, in small letters.
const TIME_NAMES: [&str; 6] = ["period", "timestamp", "time", "date", "datetime", "ts"];
/// Names of columns with a number, in small letters.
const COUNT_NAMES: [&str; 3] = ["count", "value", "requests"];

/// The columns that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// Counted from zero.
    pub(super) time: usize,
    /// Counted from zero.
    pub(super) count: usize,
}

impl Columns {
    /// The columns of a file with this header, which has at least two fields; without a header
    /// the first and the second.
    pub(super) fn of(header: Option<&[String]>) -> Self {
        let named = |names: &[&str]| {
            header.and_then(|fields| {
                fields
                    .iter()
                    .position(|field| names.contains(&field.to_lowercase().as_str()))
            })
        };
        match (named(&TIME_NAMES), named(&COUNT_NAMES)) {
            (Some(time), Some(count)) => Self { time, count },
            (Some(time), None) => Self {
                time,
                count: usize::from(time == 0),
            },
            (None, Some(count)) => Self {
                time: usize::from(count == 0),
                count,
            },
            (None, None) => Self { time: 0, count: 1 },
        }
    }

    /// The column at `index`, as an error shows it.
    pub(super) fn named(index: usize, header: Option<&[String]>) -> Column {
        Column {
            number: index + 1,
            name: header.map(|fields| fields[index].clone()),
        }
    }
}

/// True if these fields are names. A line in which anything is a number or a time is a row,
/// though perhaps a broken one: taking it for a header would drop it silently.
pub(super) fn are_names(fields: &[String]) -> bool {
    fields
        .iter()
        .all(|field| fixed_point(field, 3).is_err() && clock::read(field).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_where_things_are() {
        let columns = |header: &str| {
            let fields: Vec<_> = header.split(',').map(str::to_owned).collect();
            assert!(are_names(&fields), "{header}");
            let Columns { time, count } = Columns::of(Some(&fields));
            (time, count)
        };
        assert_eq!(columns("period,count"), (0, 1));
        assert_eq!(columns("timestamp,value"), (0, 1));
        assert_eq!(columns("Requests,host,Time"), (2, 0));
        assert_eq!(columns("visits,date"), (1, 0));
        assert_eq!(columns("value,when"), (1, 0));
        assert_eq!(columns("when,visits"), (0, 1));
    }
}
