//! One network measured by one protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::calibration::{Calibration, OperatingPoint};
use crate::train::card::calibrate;
use crate::train::dataset::Sources;
use crate::train::evaluate::{Assessment, Band, Decision, Estimate, Judged, Measure, Reading};
use crate::train::predictions::{self, Network, Prediction, Preset, Protocol, TableName};
use crate::train::{Result, TrainError};

/// A table of margins with every row judged by each rule of decision, whatever source it is of.
pub struct JudgedTable {
    /// Which table.
    pub name: TableName,
    /// Its rows.
    pub rows: Vec<Prediction>,
    /// What became of each row, the rule that the protocol stands for first.
    judged: Vec<(Decision, Vec<Judged>)>,
    /// The same at each operating point, for our models.
    at_points: Vec<(OperatingPoint, Vec<Judged>)>,
}

/// The rows of a table that are of some sources, read by one or more rules of decision.
pub struct Entry {
    /// Which table.
    pub name: TableName,
    /// The rows.
    pub rows: Vec<Prediction>,
    /// What they give, the rule that the protocol stands for first.
    pub rulings: Vec<Ruling>,
    /// The same at each operating point, for our models.
    pub at_points: Vec<(OperatingPoint, Assessment)>,
}

/// The margins of a table with one rule of decision.
pub struct Ruling {
    /// Which margins were called haemorrhage.
    pub decision: Decision,
    /// What became of each row.
    pub judged: Vec<Judged>,
    /// The same, ready to be measured.
    pub assessment: Assessment,
    /// What they give.
    pub figures: BTreeMap<Measure, Estimate>,
}

impl JudgedTable {
    /// Reads a table of the patient, the source or the paper protocol. Thresholds, probabilities and
    /// bands are fitted on the rows of sources that count, and read all rows. In the paper's, slices
    /// take the folds of their patients in `fold_of`, so that probabilities are fitted on other
    /// patients.
    ///
    /// # Errors
    /// [`TrainError`] naming what is missing or wrong.
    pub fn open(
        folder: &Path,
        name: TableName,
        fold_of: &BTreeMap<String, usize>,
        sources: &Sources,
    ) -> Result<Self> {
        let mut rows = predictions::read(&folder.join(name.file()))?;
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
        let counting = predictions::counting(&rows, sources);
        let band = match name.protocol {
            Protocol::Patient if !counting.is_empty() => {
                Band::Fixed(calibrate(&counting).inconclusive)
            }
            // A band over all families would have been chosen on the one that is left out as well.
            Protocol::Source => Band::CrossFitted,
            _ => Band::None,
        };
        let decisions: &[Decision] = match name.protocol {
            Protocol::Patient | Protocol::Source => &[
                Decision::CrossFitted(OperatingPoint::Balanced),
                Decision::Own,
            ],
            _ => &[Decision::Own],
        };
        let reading = |decision| Reading {
            decision,
            platt: None,
            softmax: name.network.has_softmax(),
            band,
        };
        let readings = decisions.iter().copied().map(reading);
        let by_folds = matches!(name.protocol, Protocol::Patient | Protocol::Source);
        let points = Self::points(name).filter(|_| by_folds);
        let points = points.map(|point| (point, reading(Decision::CrossFitted(point))));
        Self::judge(name, rows, &counting, readings, points)
    }

    /// The margins of slices that the stored network was not fitted on, read by its calibration.
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
        let points = Self::points(name).map(|point| {
            let decision = Decision::Fixed(calibration.threshold.at(point));
            (
                point,
                Reading {
                    decision,
                    ..reading
                },
            )
        });
        Self::judge(name, rows, &[], [reading].into_iter(), points)
    }

    /// The operating points that a table is measured at: those of our models.
    fn points(name: TableName) -> impl Iterator<Item = OperatingPoint> {
        let ours = name.network == Network::AlexNetSvm && name.preset != Preset::Paper;
        OperatingPoint::ALL.into_iter().filter(move |_| ours)
    }

    fn judge(
        name: TableName,
        rows: Vec<Prediction>,
        teaching: &[Prediction],
        readings: impl Iterator<Item = Reading>,
        points: impl Iterator<Item = (OperatingPoint, Reading)>,
    ) -> Result<Self> {
        let (teaching, scored) = (predictions::scored(teaching), predictions::scored(&rows));
        let judge = |reading: Reading| {
            let judged = reading.judge_by(&teaching, &scored);
            judged.map_err(|e| TrainError::Data(format!("{}: {e}", name.file())))
        };
        Ok(Self {
            judged: readings
                .map(|reading| Ok((reading.decision, judge(reading)?)))
                .collect::<Result<_>>()?,
            at_points: points
                .map(|(point, reading)| Ok((point, judge(reading)?)))
                .collect::<Result<_>>()?,
            name,
            rows,
        })
    }

    /// The sources that its rows are of: those that are listed in the table's order, then others.
    pub fn sources(&self, listed: &Sources) -> Vec<String> {
        let mut left: BTreeSet<&str> = self.rows.iter().map(|p| p.source.as_str()).collect();
        let known = listed.all.iter().map(|s| s.name.as_str());
        let known: Vec<&str> = known.filter(|name| left.remove(name)).collect();
        known.into_iter().chain(left).map(Into::into).collect()
    }

    /// Measures the rows of the sources that are wanted; `None` where there are none.
    pub fn entry(&self, wanted: impl Fn(&str) -> bool) -> Option<Entry> {
        let indices = 0..self.rows.len();
        let kept: Vec<usize> = indices.filter(|&i| wanted(&self.rows[i].source)).collect();
        if kept.is_empty() {
            return None;
        }
        let rows: Vec<Prediction> = kept.iter().map(|&i| self.rows[i].clone()).collect();
        // Patients numbered anew, so that every number has one.
        let scored = predictions::scored(&rows);
        let of_kept = |all: &[Judged]| -> Vec<Judged> {
            let judged = kept.iter().zip(&scored);
            judged
                .map(|(&i, &scored)| Judged { scored, ..all[i] })
                .collect()
        };
        let (rulings, points) = (self.judged.iter(), self.at_points.iter());
        Some(Entry {
            name: self.name,
            rulings: rulings
                .map(|(decision, all)| Ruling::new(*decision, of_kept(all)))
                .collect(),
            at_points: points
                .map(|(point, all)| (*point, Assessment::new(of_kept(all))))
                .collect(),
            rows,
        })
    }
}

impl Entry {
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
            .filter(|m| banded || !m.needs_band())
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
            Decision::CrossFitted(_) => "threshold that the other folds choose",
            Decision::Fixed(_) => "shipped threshold",
        }
    }
}
