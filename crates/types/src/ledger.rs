//! What language models cost a tenant, and what they may cost.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::conversation::text_enum;

/// Millionths in a dollar.
const MICROS: i64 = 1_000_000;

/// An amount of US dollars in millionths, exact. On the wire the number of millionths: `2500000` is `$2.50`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct MicroUsd(pub i64);

impl MicroUsd {
    pub const ZERO: Self = Self(0);

    /// The number of millionths, for binding to a query.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The sum, unless it does not fit.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, unless it does not fit.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// The sum, or the nearest amount that there is.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, or the nearest amount that there is.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// `$12.50`, `$0.000015`, `-$3.00`: two decimals, and as many more as the amount has.
impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (dollars, micros) = (self.0.unsigned_abs() / MICROS as u64, self.0.unsigned_abs() % MICROS as u64);
        let decimals = format!("{micros:06}");
        let end = decimals.trim_end_matches('0').len().max(2);
        write!(f, "{sign}${dollars}.{}", decimals.get(..end).unwrap_or_default())
    }
}

/// The text is no amount of dollars of at most six decimals, or a larger one than can be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MicroUsdParseError;

impl fmt::Display for MicroUsdParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an amount of dollars such as 12.50, with at most six decimals")
    }
}

impl core::error::Error for MicroUsdParseError {}

/// Dollars as a person writes them: `12`, `12.50` or `$0.000015`. Not negative, and nothing is rounded.
impl FromStr for MicroUsd {
    type Err = MicroUsdParseError;

    fn from_str(text: &str) -> Result<Self, MicroUsdParseError> {
        let text = text.trim();
        let text = text.strip_prefix('$').unwrap_or(text);
        let (dollars, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(dollars) || !all_digits(decimals) {
            return Err(MicroUsdParseError);
        }
        let decimals = decimals.trim_end_matches('0');
        if decimals.len() > 6 {
            return Err(MicroUsdParseError);
        }
        let dollars: i64 = dollars.parse().map_err(|_| MicroUsdParseError)?;
        let micros: i64 = format!("{decimals:0<6}").parse().map_err(|_| MicroUsdParseError)?;
        dollars.checked_mul(MICROS).and_then(|whole| whole.checked_add(micros)).map(Self).ok_or(MicroUsdParseError)
    }
}

/// What a tenant lets its AI cost. An absent limit is none; a limit of nought pays for no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct BudgetSettings {
    /// For a calendar day of the tenant's time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily: Option<MicroUsd>,
    /// For a calendar month of the tenant's time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monthly: Option<MicroUsd>,
    /// For all of one conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_conversation: Option<MicroUsd>,
    /// From this share of the daily or monthly limit on, the team is told.
    pub soft_alert_percent: u8,
    /// From this share of the daily or monthly limit on, the cheaper model answers.
    pub fallback_percent: u8,
}

impl Default for BudgetSettings {
    fn default() -> Self {
        Self { daily: None, monthly: None, per_conversation: None, soft_alert_percent: 80, fallback_percent: 90 }
    }
}

/// What was used of one budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BudgetUse {
    /// What finished calls cost.
    pub spent: MicroUsd,
    /// The most that calls under way can cost.
    pub reserved: MicroUsd,
    /// The most that calls can have cost whose price nobody learned, because their process died or the provider did
    /// not tell. It counts as spent.
    pub unconfirmed: MicroUsd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<MicroUsd>,
}

impl BudgetUse {
    /// What is gone: spent, confirmed or not.
    pub const fn gone(&self) -> MicroUsd {
        self.spent.saturating_add(self.unconfirmed)
    }

    /// What a further call has to leave room for: what is gone, and what calls under way may still cost.
    pub const fn taken(&self) -> MicroUsd {
        self.gone().saturating_add(self.reserved)
    }

    /// Whether at least `percent` of the limit is gone. Never without a limit, always of a limit of nought.
    pub fn has_used(&self, percent: u8) -> bool {
        self.limit.is_some_and(|limit| i128::from(self.gone().0) * 100 >= i128::from(limit.0) * i128::from(percent))
    }
}

text_enum! {
    /// How far the tenant's budget is used up.
    BudgetStage {
        Normal = "normal",
        /// The share is gone from which on the team is told.
        Alert = "alert",
        /// The share is gone from which on the cheaper model answers.
        Fallback = "fallback",
        /// Nothing is left: answers are quoted from the pages.
        Stopped = "stopped",
    }
}

/// What the tenant's day and month have cost so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BudgetState {
    pub day: BudgetUse,
    pub month: BudgetUse,
    /// Of the two, the further one.
    pub stage: BudgetStage,
}

impl BudgetState {
    /// The state of these two; each holds its limit.
    pub fn of(day: BudgetUse, month: BudgetUse, budgets: &BudgetSettings) -> Self {
        let has_used = |percent| day.has_used(percent) || month.has_used(percent);
        let stage = if has_used(100) {
            BudgetStage::Stopped
        } else if has_used(budgets.fallback_percent) {
            BudgetStage::Fallback
        } else if has_used(budgets.soft_alert_percent) {
            BudgetStage::Alert
        } else {
            BudgetStage::Normal
        };
        Self { day, month, stage }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_dollars() {
        for (micros, text) in [
            (0, "$0.00"),
            (12_500_000, "$12.50"),
            (15, "$0.000015"),
            (1_230_000, "$1.23"),
            (1_234_000, "$1.234"),
            (-3_000_000, "-$3.00"),
            (i64::MIN, "-$9223372036854.775808"),
        ] {
            assert_eq!(MicroUsd(micros).to_string(), text);
        }
    }

    #[test]
    fn dollars_are_read_to_the_last_decimal() {
        for (text, micros) in
            [("12", 12_000_000), ("12.50", 12_500_000), (" $0.000015 ", 15), ("9223372036854.775807", i64::MAX)]
        {
            assert_eq!(text.parse(), Ok(MicroUsd(micros)), "{text}");
        }
        assert_eq!("0.1500000".parse(), Ok(MicroUsd(150_000)));
    }

    #[test]
    fn what_is_no_exact_amount_is_refused() {
        for text in ["", "$", ".5", "5.", "-1", "1,5", "1e3", "0.0000001", "9223372036854.775808", "1.5 USD", "+2"] {
            assert_eq!(text.parse::<MicroUsd>(), Err(MicroUsdParseError), "{text}");
        }
    }

    #[test]
    fn sums_that_do_not_fit_are_told() {
        assert_eq!(MicroUsd(i64::MAX).checked_add(MicroUsd(1)), None);
        assert_eq!(MicroUsd(i64::MIN).checked_sub(MicroUsd(1)), None);
        assert_eq!(MicroUsd(2).checked_sub(MicroUsd(5)), Some(MicroUsd(-3)));
    }

    #[test]
    fn the_wire_carries_millionths() {
        let budgets: BudgetSettings = serde_json::from_str(r#"{"daily": 2500000}"#).unwrap();
        assert_eq!(budgets, BudgetSettings { daily: Some(MicroUsd(2_500_000)), ..BudgetSettings::default() });
        let json = r#"{"daily":2500000,"soft_alert_percent":80,"fallback_percent":90}"#;
        assert_eq!(serde_json::to_string(&budgets).unwrap(), json);
    }

    fn stage(day: i64, month: i64) -> BudgetStage {
        let budgets =
            BudgetSettings { daily: Some(MicroUsd(100)), monthly: Some(MicroUsd(1_000)), ..BudgetSettings::default() };
        let used = |spent: i64, limit| BudgetUse {
            spent: MicroUsd(spent / 2),
            unconfirmed: MicroUsd(spent - spent / 2),
            reserved: MicroUsd(90),
            limit,
        };
        BudgetState::of(used(day, budgets.daily), used(month, budgets.monthly), &budgets).stage
    }

    #[test]
    fn the_stage_is_that_of_the_budget_that_is_used_up_further() {
        assert_eq!(stage(0, 0), BudgetStage::Normal);
        assert_eq!((stage(79, 0), stage(80, 0)), (BudgetStage::Normal, BudgetStage::Alert));
        assert_eq!((stage(89, 0), stage(90, 0)), (BudgetStage::Alert, BudgetStage::Fallback));
        assert_eq!((stage(99, 0), stage(100, 0)), (BudgetStage::Fallback, BudgetStage::Stopped));
        assert_eq!((stage(0, 900), stage(85, 1_000)), (BudgetStage::Fallback, BudgetStage::Stopped));
    }

    #[test]
    fn without_limits_nothing_stops_and_with_a_limit_of_nought_everything() {
        let spent = BudgetUse { spent: MicroUsd(i64::MAX), ..BudgetUse::default() };
        assert_eq!(BudgetState::of(spent, spent, &BudgetSettings::default()).stage, BudgetStage::Normal);
        let nought = BudgetUse { limit: Some(MicroUsd::ZERO), ..BudgetUse::default() };
        assert_eq!(BudgetState::of(nought, spent, &BudgetSettings::default()).stage, BudgetStage::Stopped);
    }
}
