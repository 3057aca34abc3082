//! Numbers, times and sizes in words, the same all over the page.

use quorate::Micros;

/// `8412` as `8,412`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A moment of a run that ends at `end`: seconds in short runs, minutes or hours in longer ones.
pub fn clock(now: Micros, end: Micros) -> String {
    let (seconds, millis) = (now.as_secs(), now.as_millis() % 1_000);
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    match end.as_secs() {
        0..120 => now.to_string(),
        120..3_600 => format!("{minutes}:{:02}.{millis:03}", seconds % 60),
        _ => format!("{hours}:{minutes:02}:{:02}.{}", seconds % 60, millis / 100),
    }
}

/// The unit behind [`clock`]: only bare seconds need one.
pub const fn clock_unit(end: Micros) -> &'static str {
    if end.as_secs() < 120 { "s" } else { "" }
}

/// How long something lasted or ago it was: `9 ms`, `0.6 s`, `42 s`, `14:56`, `3:20:05`.
pub fn span(span: Micros) -> String {
    let millis = span.as_millis();
    match millis {
        0..100 => format!("{millis} ms"),
        100..10_000 => format!("{}.{} s", millis / 1_000, millis / 100 % 10),
        _ => age(span),
    }
}

/// The same in whole seconds, for what is read at a glance and must not flicker.
pub fn age(span: Micros) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => String::from("<1 s"),
        1..60 => format!("{seconds} s"),
        60..3_600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => format!(
            "{}:{:02}:{:02}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        ),
    }
}

/// A setting that is a length of time: `5 min`, `90 s`, `24 h`.
pub fn setting(span: Micros) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => format!("{} ms", span.as_millis()),
        _ if seconds.is_multiple_of(3_600) => format!("{} h", seconds / 3_600),
        _ if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

/// `155 B`, `12.3 kB`.
pub fn bytes(count: usize) -> String {
    if count < 10_000 {
        format!("{count} B")
    } else {
        format!("{}.{} kB", count / 1_000, count / 100 % 10)
    }
}

/// The first eight digits of a digest, in two groups: enough to compare two screens by eye.
pub fn digest(digest: u64) -> String {
    let digits = format!("{digest:016x}");
    format!("{} {}", &digits[..4], &digits[4..8])
}

/// Thousandths as a percentage: `94 %`.
pub fn percent(permille: u32) -> String {
    format!("{} %", (permille + 5) / 10)
}

/// Thousandths of requests per second: `0.4`, `73`, `6.1 k`.
pub fn rate(milli: u64) -> String {
    match milli {
        0..10_000 => format!("{}.{}", milli / 1_000, milli / 100 % 10),
        10_000..1_000_000 => (milli / 1_000).to_string(),
        _ => format!("{}.{} k", milli / 1_000_000, milli / 100_000 % 10),
    }
}

/// An error's words as a sentence of its own: errors begin in lower case, to stand after a colon.
pub fn sentence(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(rest).collect()
    })
}

/// `1 entry`, `2 entries`: the number with the right word.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_from_the_right() {
        for (number, words) in [
            (0, "0"),
            (999, "999"),
            (8_412, "8,412"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), words);
        }
    }

    #[test]
    fn the_clock_fits_the_length_of_the_run() {
        let now = Micros(1_206_250_000);
        assert_eq!(clock(Micros(12_384_000), Micros::from_secs(13)), "12.384");
        assert_eq!(clock(now, Micros::from_secs(1_320)), "20:06.250");
        assert_eq!(clock(now, Micros::from_secs(86_400)), "0:20:06.2");
        assert_eq!(clock_unit(Micros::from_secs(13)), "s");
        assert_eq!(clock_unit(Micros::from_secs(1_320)), "");
    }

    #[test]
    fn spans_change_their_unit_as_they_grow() {
        for (micros, words) in [
            (9_000, "9 ms"),
            (640_000, "0.6 s"),
            (42_000_000, "42 s"),
            (896_000_000, "14:56"),
            (12_005_000_000, "3:20:05"),
        ] {
            assert_eq!(span(Micros(micros)), words);
        }
        assert_eq!(
            (age(Micros(640_000)), age(Micros(7_900_000))),
            ("<1 s".into(), "7 s".into())
        );
    }

    #[test]
    fn settings_use_the_largest_whole_unit() {
        assert_eq!(setting(Micros::from_secs(300)), "5 min");
        assert_eq!(setting(Micros::from_secs(90)), "90 s");
        assert_eq!(setting(Micros::from_secs(86_400)), "24 h");
        assert_eq!(setting(Micros::from_millis(250)), "250 ms");
    }

    #[test]
    fn sentences_begin_with_a_capital() {
        assert_eq!(
            sentence("line 3: `abc` is not a number"),
            "Line 3: `abc` is not a number"
        );
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn rates_and_sizes_stay_short() {
        assert_eq!((rate(400), rate(73_000), rate(6_112_000)).2, "6.1 k");
        assert_eq!(rate(400), "0.4");
        assert_eq!(rate(73_400), "73");
        assert_eq!(bytes(155), "155 B");
        assert_eq!(bytes(12_345), "12.3 kB");
        assert_eq!(percent(943), "94 %");
        assert_eq!(digest(0x7c1e_93b0_0000_0001), "7c1e 93b0");
    }
}
