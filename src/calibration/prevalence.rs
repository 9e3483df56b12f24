//! How common haemorrhage is: probabilities for another share of it, by Bayes' rule.

use super::Platt;
use crate::Error;

/// A share of haemorrhage that a probability can be for.
///
/// # Errors
/// [`Error::InvalidSetting`] where it does not lie between 0 and 1.
pub fn check_prevalence(prevalence: f64) -> Result<f64, Error> {
    if prevalence > 0.0 && prevalence < 1.0 {
        return Ok(prevalence);
    }
    Err(Error::InvalidSetting(format!(
        "The share of haemorrhage is {prevalence}. Give a number between 0 and 1: 0.1 is one in ten."
    )))
}

fn log_odds(probability: f64) -> f64 {
    libm::log(probability / (1.0 - probability))
}

impl Platt {
    /// The same evidence where another share of all shows what is asked for: log-odds move by the
    /// difference of the shares' log-odds (Bayes' rule).
    ///
    /// ```
    /// use haemolens::calibration::Platt;
    ///
    /// let platt = Platt { slope: -2.0, offset: 0.0 };
    /// let rarer = platt.at_prevalence(0.5, 0.1);
    /// assert_eq!(platt.probability(0.0), 0.5);
    /// assert!((rarer.probability(0.0) - 0.1).abs() < 1e-12);
    /// ```
    pub fn at_prevalence(self, learned: f64, wanted: f64) -> Self {
        Self {
            offset: self.offset - (log_odds(wanted) - log_odds(learned)),
            ..self
        }
    }
}

/// The chances that an answer is right where a share of all shows haemorrhage: the positive and the
/// negative predictive value.
///
/// ```
/// use haemolens::calibration::predictive_values;
///
/// // A test that is right nine times in ten, where one in ten has what it looks for:
/// let [ppv, npv] = predictive_values(0.9, 0.9, 0.1);
/// assert!((ppv - 0.5).abs() < 1e-12);
/// assert!(npv > 0.98);
/// ```
pub fn predictive_values(sensitivity: f64, specificity: f64, prevalence: f64) -> [f64; 2] {
    let [found, missed] = [sensitivity, 1.0 - sensitivity].map(|p| p * prevalence);
    let [passed, alarmed] = [specificity, 1.0 - specificity].map(|p| p * (1.0 - prevalence));
    [found / (found + alarmed), passed / (passed + missed)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_where_it_was() {
        let platt = Platt {
            slope: -1.7,
            offset: 0.3,
        };
        let back = platt.at_prevalence(0.2, 0.03).at_prevalence(0.03, 0.2);
        assert!((back.offset - platt.offset).abs() < 1e-12);
        assert_eq!(platt.at_prevalence(0.2, 0.2), platt);
    }

    #[test]
    fn a_shifted_probability_is_that_of_a_population_with_more_or_fewer_of_them() {
        // Of a hundred slices with this margin 40 show haemorrhage where half of all do. With each
        // normal slice nine times, 40 of 40 + 9 · 60 do.
        let platt = Platt {
            slope: -1.0,
            offset: -(0.4f64 / 0.6).ln(),
        };
        assert!((platt.probability(0.0) - 0.4).abs() < 1e-12);
        let rare = platt.at_prevalence(0.5, 0.1).probability(0.0);
        assert!((rare - 40.0 / (40.0 + 9.0 * 60.0)).abs() < 1e-12);
    }

    #[test]
    fn only_true_shares_are_taken() {
        assert_eq!(check_prevalence(0.01).unwrap(), 0.01);
        for wrong in [0.0, 1.0, -0.5, 10.0, f64::NAN, f64::INFINITY] {
            let error = check_prevalence(wrong).unwrap_err();
            assert_eq!(error.name(), "InvalidSetting");
        }
    }
}
