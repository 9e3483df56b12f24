//! Operating points: from which margin on a slice or a study is called haemorrhage.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// What a reader wants of the labels: to miss little, to be wrong little, or to be alarmed little.
///
/// ```
/// use haemolens::calibration::OperatingPoint;
///
/// let point: OperatingPoint = "screening".parse()?;
/// assert_eq!(point, OperatingPoint::Screening);
/// assert_eq!(OperatingPoint::default().to_string(), "balanced");
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OperatingPoint {
    /// Called haemorrhage from where at least 95 % of the held-out haemorrhages are found.
    Screening,
    /// Called haemorrhage from where sensitivity and specificity have the largest sum (Youden).
    #[default]
    Balanced,
    /// Called haemorrhage from where at least 95 % of what has none is passed.
    Confirming,
}

impl OperatingPoint {
    /// All, from the most sensitive to the most specific.
    pub const ALL: [Self; 3] = [Self::Screening, Self::Balanced, Self::Confirming];

    /// Its name in JSON and on the command line.
    ///
    /// ```
    /// use haemolens::calibration::OperatingPoint;
    ///
    /// let names = OperatingPoint::ALL.map(OperatingPoint::name);
    /// assert_eq!(names, ["screening", "balanced", "confirming"]);
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Screening => "screening",
            Self::Balanced => "balanced",
            Self::Confirming => "confirming",
        }
    }
}

impl fmt::Display for OperatingPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for OperatingPoint {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|point| point.name() == name);
        found.ok_or_else(|| {
            Error::InvalidSetting(format!(
                "There is no operating point {name:?}. Choose screening, balanced or confirming."
            ))
        })
    }
}

/// The margin of each operating point: what lies at it or above is called haemorrhage.
///
/// ```
/// use haemolens::calibration::{OperatingPoint, Thresholds};
///
/// let thresholds = Thresholds { screening: -0.8, balanced: -0.1, confirming: 0.7 };
/// assert_eq!(thresholds.at(OperatingPoint::Confirming), 0.7);
/// // Where only one is known, it stands for all.
/// assert_eq!(Thresholds::from(0.2).at(OperatingPoint::Screening), 0.2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Thresholds {
    /// Of [`OperatingPoint::Screening`]; never above the next.
    pub screening: f64,
    /// Of [`OperatingPoint::Balanced`].
    pub balanced: f64,
    /// Of [`OperatingPoint::Confirming`]; never below the one before.
    pub confirming: f64,
}

/// A model's header holds three thresholds, or one that stands for all.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    One(f64),
    Three {
        screening: f64,
        balanced: f64,
        confirming: f64,
    },
}

impl From<Stored> for Thresholds {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::One(threshold) => threshold.into(),
            Stored::Three {
                screening,
                balanced,
                confirming,
            } => Self {
                screening,
                balanced,
                confirming,
            },
        }
    }
}

impl From<f64> for Thresholds {
    fn from(threshold: f64) -> Self {
        Self {
            screening: threshold,
            balanced: threshold,
            confirming: threshold,
        }
    }
}

impl Thresholds {
    /// The threshold of an operating point.
    ///
    /// ```
    /// use haemolens::calibration::{OperatingPoint, Thresholds};
    ///
    /// let thresholds = Thresholds { screening: -1.0, balanced: 0.0, confirming: 1.0 };
    /// assert_eq!(thresholds.at(OperatingPoint::Screening), -1.0);
    /// ```
    pub fn at(&self, point: OperatingPoint) -> f64 {
        match point {
            OperatingPoint::Screening => self.screening,
            OperatingPoint::Balanced => self.balanced,
            OperatingPoint::Confirming => self.confirming,
        }
    }

    /// Each threshold on another scale, which must rise with the first.
    ///
    /// ```
    /// use haemolens::calibration::Thresholds;
    ///
    /// let doubled = Thresholds { screening: -1.0, balanced: 0.0, confirming: 1.0 }.map(|m| 2.0 * m);
    /// assert_eq!(doubled.confirming, 2.0);
    /// ```
    pub fn map(self, scale: impl Fn(f64) -> f64) -> Self {
        Self {
            screening: scale(self.screening),
            balanced: scale(self.balanced),
            confirming: scale(self.confirming),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_may_hold_one_threshold_or_three() {
        let one: Thresholds = serde_json::from_str("-0.25").unwrap();
        assert_eq!(one, Thresholds::from(-0.25));
        let three = Thresholds {
            screening: -0.1,
            balanced: 0.30000000000000004,
            confirming: 1.5,
        };
        let json = serde_json::to_string(&three).unwrap();
        assert_eq!(serde_json::from_str::<Thresholds>(&json).unwrap(), three);
        assert!(serde_json::from_str::<Thresholds>("{\"screening\": 1.0}").is_err());
    }

    #[test]
    fn an_unknown_point_is_named_with_those_that_there_are() {
        let error = "keen".parse::<OperatingPoint>().unwrap_err();
        assert_eq!(error.name(), "InvalidSetting");
        let words = error.to_string();
        for point in OperatingPoint::ALL {
            assert!(words.contains(point.name()), "{words}");
            assert_eq!(point.name().parse::<OperatingPoint>().unwrap(), point);
        }
    }
}
