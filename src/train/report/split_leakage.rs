//! Leakage of a random split after augmentation: the same network by both protocols.

use std::collections::BTreeSet;

use super::entry::{Entry, Ruling};
use super::inputs::{Inputs, train_command};
use super::table::{Cell, Table};
use crate::train::evaluate::paired::difference;
use crate::train::evaluate::{Decision, Estimate, Measure};
use crate::train::predictions::{Network, Preset, Protocol};

/// A network by both protocols, with the same rule of decision.
struct Pair<'a> {
    network: Network,
    preset: Preset,
    paper: &'a Ruling,
    patient: &'a Ruling,
}

const MEASURES: [Measure; 4] = [
    Measure::Auc,
    Measure::Accuracy,
    Measure::Sensitivity,
    Measure::Specificity,
];

impl Pair<'_> {
    /// Paper minus patient protocol, with the interval over the patients, who are the same in both.
    fn difference(&self, measure: Measure) -> Estimate {
        difference(&self.paper.assessment, &self.patient.assessment, measure).estimate
    }

    fn name(&self) -> String {
        format!("{} (preset {})", self.network.title(), self.preset.name())
    }
}

/// Every network that was measured by both protocols on the same patients.
fn pairs(inputs: &Inputs) -> Vec<Pair<'_>> {
    let patients = |entry: &Entry| -> BTreeSet<String> {
        entry.rows.iter().map(|p| p.patient.clone()).collect()
    };
    let own = |entry| -> Option<&Ruling> {
        let entry: &Entry = entry;
        entry.rulings.iter().find(|r| r.decision == Decision::Own)
    };
    inputs
        .of(Protocol::Paper)
        .filter_map(|paper| {
            let (network, preset) = (paper.name.network, paper.name.preset);
            let patient = inputs.entry(network, preset, Protocol::Patient)?;
            (patients(paper) == patients(patient)).then_some(())?;
            Some(Pair {
                network,
                preset,
                paper: own(paper)?,
                patient: own(patient)?,
            })
        })
        .collect()
}

/// Paper minus patient protocol.
pub fn table(inputs: &Inputs) -> Table {
    let rows = pairs(inputs)
        .iter()
        .flat_map(|pair| {
            MEASURES.map(|measure| {
                let show = |value: f64| match measure {
                    Measure::Auc => Cell::Decimal(value, 3),
                    _ => Cell::Percent(value),
                };
                vec![
                    Cell::Text(pair.name()),
                    Cell::text(measure.title()),
                    show(pair.paper.value(measure)),
                    show(pair.patient.value(measure)),
                    Cell::Estimate(pair.difference(measure)),
                ]
            })
        })
        .collect();
    Table {
        key: "leakage",
        title: "Leakage of a random split after augmentation".into(),
        note: "Both protocols with the network's own decision (margin ≥ 0), so that nothing but \
               the split and the copies differ; 95 % intervals over patients."
            .into(),
        columns: vec![
            "network",
            "figure",
            "paper protocol",
            "patient protocol",
            "difference",
        ],
        rows,
    }
}

/// The same in a paragraph, from the numbers.
pub fn paragraph(inputs: &Inputs) -> String {
    let pairs = pairs(inputs);
    if pairs.is_empty() {
        return format!(
            "How much leakage a random split after augmentation adds is not known yet: no network \
             has been measured by both protocols. Not yet run: `{}` and the same with \
             `--protocol patient`.",
            train_command(Network::AlexNetSvm, Preset::Paper, Protocol::Paper)
        );
    }
    let range = |measure: Measure, show: fn(f64) -> String| {
        let mut differences: Vec<f64> = pairs
            .iter()
            .map(|p| p.paper.value(measure) - p.patient.value(measure))
            .collect();
        differences.sort_by(f64::total_cmp);
        match &differences[..] {
            [only] => show(*only),
            [least, .., most] => format!("{} to {}", show(*least), show(*most)),
            [] => String::new(),
        }
    };
    // The paper's own network where it was measured, else the first.
    let wanted = (Network::AlexNetSvm, Preset::Paper);
    let example = pairs
        .iter()
        .find(|p| (p.network, p.preset) == wanted)
        .unwrap_or(&pairs[0]);
    let of = |ruling: &Ruling| {
        format!(
            "an accuracy of {:.1} % and an AUC of {:.3}",
            100.0 * ruling.value(Measure::Accuracy),
            ruling.value(Measure::Auc)
        )
    };
    let inflated = [Measure::Accuracy, Measure::Auc].iter().all(|&measure| {
        let gain = |p: &Pair| p.paper.value(measure) - p.patient.value(measure);
        pairs.iter().all(|p| gain(p) > 0.0)
    });
    let moral = if inflated {
        "That is leakage, not skill, which is why every figure that we stand behind splits patients."
    } else {
        "Here the random split did not help every network; every figure that we stand behind \
         splits patients all the same."
    };
    let networks = match pairs.len() {
        1 => "For this network".to_owned(),
        n => format!("Over the {n} networks measured both ways"),
    };
    format!(
        "Split at random after augmentation, as in the paper, a network is tested on turned and \
         mirrored copies of slices that it was trained on, and on neighbours of the same patient. \
         {} then reaches {}; on patients that it never saw, the same training reaches {}. \
         {networks} the random split adds {} points of accuracy and {} of AUC. {moral}",
        example.name(),
        of(example.paper),
        of(example.patient),
        range(Measure::Accuracy, |d| format!("{:+.1}", 100.0 * d)),
        range(Measure::Auc, |d| format!("{d:+.3}")),
    )
}
