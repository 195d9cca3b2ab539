//! Figures as people read them.

use omniops_types::MicroUsd;

/// To the cent, and below a dollar as fine as it takes.
pub fn money(amount: MicroUsd) -> String {
    let rounded = |to: i64| {
        let half = amount.0.signum() * to / 2;
        MicroUsd(amount.0.saturating_add(half) / to * to).to_string()
    };
    match amount.0.unsigned_abs() {
        0..10_000 => amount.to_string(),
        10_000..1_000_000 => rounded(100),
        _ => rounded(10_000),
    }
}

/// "850", "12.3k", "4.5M": for numbers that one compares and does not copy.
pub fn short(number: i64) -> String {
    let in_units = |unit: f64, sign: &str| {
        let value = number as f64 / unit;
        let digits = usize::from(value.abs() < 99.95);
        format!("{value:.digits$}{sign}")
    };
    match number.unsigned_abs() {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => in_units(1_000.0, "k"),
        1_000_000..1_000_000_000 => in_units(1_000_000.0, "M"),
        _ => in_units(1_000_000_000.0, "G"),
    }
}

/// "97.3 %"; a dash of nothing.
pub fn percent(share: Option<f64>) -> String {
    match share {
        // What is not all must not read as all.
        Some(share) if share < 1.0 && share > 0.9995 => "99.9\u{a0}%".to_owned(),
        Some(share) => {
            let text = format!("{:.1}", share * 100.0);
            format!("{}\u{a0}%", text.strip_suffix(".0").unwrap_or(&text))
        }
        None => "–".to_owned(),
    }
}

/// "340 ms", "2.1 s", "1 min 05 s"; a dash of nothing.
pub fn duration(milliseconds: Option<f64>) -> String {
    match milliseconds {
        None => "–".to_owned(),
        Some(ms) if ms < 999.5 => format!("{ms:.0} ms"),
        Some(ms) if ms < 59_950.0 => format!("{:.1} s", ms / 1_000.0),
        Some(ms) => {
            let seconds = (ms / 1_000.0).round() as i64;
            format!("{} min {:02} s", seconds / 60, seconds % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_at_a_glance() {
        assert_eq!(
            [12_345_678, 123_456, 1_234, 0].map(|micros| money(MicroUsd(micros))),
            ["$12.35", "$0.1235", "$0.001234", "$0.00"]
        );
        assert_eq!([850, 9_999, 12_345, 999_960, 4_500_000].map(short), ["850", "9999", "12.3k", "1000k", "4.5M"]);
        assert_eq!(
            [1.0, 0.99999, 0.973, 0.5].map(|share| percent(Some(share))),
            ["100\u{a0}%", "99.9\u{a0}%", "97.3\u{a0}%", "50\u{a0}%"]
        );
        assert_eq!(percent(None), "–");
        assert_eq!([340.2, 2_140.0, 65_000.0].map(|ms| duration(Some(ms))), ["340 ms", "2.1 s", "1 min 05 s"]);
    }
}
