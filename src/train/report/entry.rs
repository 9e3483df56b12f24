//! One network measured by one protocol.

use std::collections::BTreeMap;
use std::path::Path;

use crate::calibration::Calibration;
use crate::train::card::calibrate;
use crate::train::evaluate::{Assessment, Decision, Estimate, Judged, Measure, Reading};
use crate::train::predictions::{self, Prediction, Protocol, TableName};
use crate::train::{Result, TrainError};

/// A table of margins, read by one or more rules of decision.
pub struct Entry {
    /// Which table.
    pub name: TableName,
    /// Its rows.
    pub rows: Vec<Prediction>,
    /// What they give, the rule that the protocol stands for first.
    pub rulings: Vec<Ruling>,
}

/// The margins of a table with one rule of decision.
pub struct Ruling {
    /// Which margins were called haemorrhage.
    pub decision: Decision,
    /// What became of each row of the table.
    pub judged: Vec<Judged>,
    /// The same, ready to be measured.
    pub assessment: Assessment,
    /// What they give.
    pub figures: BTreeMap<Measure, Estimate>,
}

impl Entry {
    /// Reads a table of the patient or the paper protocol. In the paper's, slices take the folds of
    /// their patients in `fold_of`, so that probabilities are fitted on other patients.
    ///
    /// # Errors
    /// [`TrainError`] naming what is missing or wrong.
    pub fn open(folder: &Path, name: TableName, fold_of: &BTreeMap<String, usize>) -> Result<Self> {
        let mut rows = predictions::read(&folder.join(name.file()))?;
        let band = match name.protocol {
            Protocol::Patient => Some(calibrate(&rows).inconclusive),
            _ => None,
        };
        if name.protocol == Protocol::Paper {
            for row in &mut rows {
                let fold = fold_of.get(&row.patient).ok_or_else(|| {
                    TrainError::Data(format!(
                        "{} holds patient {}, who has no fold: write the table of folds again with \
                         `haemolens report --data DIR`",
                        name.file(),
                        row.patient
                    ))
                })?;
                row.fold = Some(*fold);
            }
        }
        let decisions: &[Decision] = match name.protocol {
            Protocol::Patient => &[Decision::CrossFitted, Decision::Own],
            _ => &[Decision::Own],
        };
        let reading = |decision| Reading {
            decision,
            platt: None,
            softmax: name.network.has_softmax(),
            band,
        };
        Self::judge(name, rows, decisions.iter().copied().map(reading))
    }

    /// The margins of slices that the shipped network was not fitted on, read by its calibration.
    ///
    /// # Errors
    /// None with a calibration that is there.
    pub fn external(
        name: TableName,
        rows: Vec<Prediction>,
        calibration: &Calibration,
    ) -> Result<Self> {
        let reading = Reading {
            softmax: name.network.has_softmax(),
            ..Reading::shipped(calibration)
        };
        Self::judge(name, rows, [reading].into_iter())
    }

    fn judge(
        name: TableName,
        rows: Vec<Prediction>,
        readings: impl Iterator<Item = Reading>,
    ) -> Result<Self> {
        let scored = predictions::scored(&rows);
        let rulings = readings
            .map(|reading| {
                let judged = reading
                    .judge(&scored)
                    .map_err(|e| TrainError::Data(format!("{}: {e}", name.file())))?;
                Ok(Ruling::new(reading.decision, judged))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            name,
            rows,
            rulings,
        })
    }

    /// The rule that the protocol stands for.
    pub fn main(&self) -> &Ruling {
        &self.rulings[0]
    }
}

impl Ruling {
    /// Measures everything that the rule gives.
    fn new(decision: Decision, judged: Vec<Judged>) -> Self {
        let assessment = Assessment::new(judged.clone());
        let banded = decision != Decision::Own;
        let measures: Vec<Measure> = Measure::ALL
            .into_iter()
            .filter(|m| banded || *m != Measure::InconclusiveShare)
            .collect();
        let estimates = assessment.estimates(&measures);
        Self {
            decision,
            judged,
            assessment,
            figures: measures.into_iter().zip(estimates).collect(),
        }
    }

    /// A figure that every rule gives.
    pub fn value(&self, measure: Measure) -> f64 {
        self.figures.get(&measure).map_or(f64::NAN, |e| e.value)
    }

    /// The rule in words.
    pub fn words(&self) -> &'static str {
        match self.decision {
            Decision::Own => "own decision, margin ≥ 0",
            Decision::CrossFitted => "threshold that the other folds choose",
            Decision::Fixed(_) => "shipped threshold",
        }
    }
}
