//! How the margins of both classes lie: counts, no slices. The lesson shows where an image stands
//! among them.

use serde::Serialize;

use super::inputs::Inputs;
use crate::train::predictions::{Network, Prediction, Preset, Protocol};

/// Bins of a histogram.
const BINS: usize = 96;

/// The margins of one table of predictions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Histogram {
    network: Network,
    preset: Preset,
    protocol: Protocol,
    /// Where the first bin begins and the last one ends: the same for every protocol of a network and
    /// preset, so that they can be laid over each other.
    lowest: f64,
    highest: f64,
    /// Slices (copies of slices in the paper protocol) with haemorrhage by their margin, in bins of the
    /// same width; one between two bins counts in the higher.
    haemorrhage: Vec<usize>,
    /// Those without.
    normal: Vec<usize>,
}

/// A histogram of each table of margins.
pub fn histograms(inputs: &Inputs) -> Vec<Histogram> {
    let of = |network, preset| {
        let entries = inputs.entries.iter();
        entries.filter(move |e| (e.name.network, e.name.preset) == (network, preset))
    };
    let histogram = |entry: &super::entry::Entry| {
        let name = entry.name;
        let rows = || of(name.network, name.preset).flat_map(|e| &e.rows);
        let margins = || rows().map(|row| row.margin);
        let lowest = margins().fold(f64::INFINITY, f64::min);
        let highest = margins().fold(f64::NEG_INFINITY, f64::max);
        let count = |class| count(&entry.rows, class, lowest, highest);
        Histogram {
            network: name.network,
            preset: name.preset,
            protocol: name.protocol,
            lowest,
            highest,
            haemorrhage: count(1),
            normal: count(0),
        }
    };
    inputs.entries.iter().map(histogram).collect()
}

/// The rows of a class, 0 or 1, in bins from `lowest` to `highest`.
fn count(rows: &[Prediction], class: u8, lowest: f64, highest: f64) -> Vec<usize> {
    let mut counts = vec![0; BINS];
    let width = (highest - lowest).max(f64::MIN_POSITIVE) / BINS as f64;
    for row in rows.iter().filter(|row| row.haemorrhage == class) {
        let bin = ((row.margin - lowest) / width) as usize;
        counts[bin.min(BINS - 1)] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_class_counts_once_where_its_margin_is() {
        let rows: Vec<Prediction> = [(-1.0, 0), (-1.0, 1), (0.0, 1), (1.0, 1), (0.99, 1)]
            .map(|(margin, haemorrhage)| Prediction {
                source: "ct-ich".into(),
                file: "a.png".into(),
                variant: 0,
                patient: "ct-ich/7".into(),
                fold: Some(0),
                haemorrhage,
                margin,
                normal_margin: -margin,
            })
            .into();
        let counts = count(&rows, 1, -1.0, 1.0);
        assert_eq!((counts.len(), counts.iter().sum::<usize>()), (BINS, 4));
        assert_eq!(
            (counts[0], counts[BINS / 2], counts[BINS - 1]),
            (1, 1, 2),
            "{counts:?}"
        );
        assert_eq!(count(&rows, 0, -1.0, 1.0)[0], 1);
        // All margins the same: no width, and no panic.
        assert_eq!(count(&rows[..1], 0, -1.0, -1.0).iter().sum::<usize>(), 1);
    }
}
