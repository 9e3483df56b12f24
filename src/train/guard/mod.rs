//! Training the guard: is the input a head CT at all?
//!
//! Head slices of several data sets and altered copies of them stand against each kind of other
//! pictures, real and drawn. Patients are split into folds; the distances of held-out slices, as they
//! are, set the scales, so that the wanted share of each data set passes. The stored guard is then
//! fitted on all patients. Of real pictures that are no head CT only the learned part (every second
//! file of each kind) is used; the figures are measured on the others.

mod anatomy;
mod bodies;
mod canvas;
pub mod drawn;
pub mod examples;
mod fit;
mod mlp;
mod newton;
pub mod report;
mod scenes;
mod vary;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rayon::prelude::*;
use serde::Serialize;

use super::dataset::Dataset;
use super::{Result, folds, progress, write_atomically};
use crate::guard::{Guard, Likeness, Raw, Scale};
use crate::model::Figure;
use examples::{Features, Folder, Head, Others};
use fit::{Kind, fit};
use report::Row;

pub use fit::FitSettings;
pub use mlp::MlpSettings;

/// Seed of the pictures that are drawn to measure on, never to learn from.
pub const MEASURING_SEED: u64 = 77;

/// How the guard is trained.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Network, planes and spread.
    pub fit: FitSettings,
    /// Altered copies of each head slice.
    pub copies: usize,
    /// Pictures of each drawn kind.
    pub drawn: usize,
    /// Altered copies of all learned files of a real kind together, about.
    pub others: usize,
    /// Folds over patients.
    pub folds: usize,
    /// Share of the head CT of each data set that passes out of fold.
    pub pass: f64,
    /// Share of it that is beyond doubt: whatever a header's words name, it passes.
    pub sure: f64,
    /// Seed of everything drawn.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            fit: FitSettings {
                cost: 0.01,
                shrinkage: 0.1,
                least_deviation: 0.02,
                network: MlpSettings::default(),
            },
            copies: 3,
            drawn: 400,
            others: 1200,
            folds: 5,
            pass: 0.98,
            sure: 0.9,
            seed: 2024,
        }
    }
}

/// Where things are and what they are called.
#[derive(Debug, Clone)]
pub struct Places {
    /// Folders of labelled head slices (see [`Dataset`]); the labels are used to balance the folds only.
    pub data: Vec<PathBuf>,
    /// A folder of images for each kind that is no head CT.
    pub not_head_ct: PathBuf,
    /// The guard file to write.
    pub out: PathBuf,
    /// Name and source of the data, for the header.
    pub data_name: String,
    /// Licence of the weights, for the header.
    pub licence: String,
}

/// A finished run.
pub struct Outcome {
    /// What was written.
    pub guard: Guard,
    /// Distances of the unaltered slices, each measured by a guard that had not seen its patient.
    pub out_of_fold: Vec<Row>,
}

/// A held-out slice: where it is from, and raw distances of itself and of its altered copies.
struct HeldOut {
    /// Which of the data sets.
    source: usize,
    unaltered: Raw,
    altered: Vec<Raw>,
}

/// Trains the guard and writes its file.
///
/// # Errors
/// [`super::TrainError`] naming what is missing or cannot be read.
pub fn train(settings: &Settings, places: &Places) -> Result<Outcome> {
    let mut sources = Vec::new();
    let (mut examples, mut paths, mut source_of) = (Vec::new(), Vec::new(), Vec::new());
    for (source, folder) in places.data.iter().enumerate() {
        let data = Dataset::open(folder)?;
        sources.push(examples::name(folder));
        source_of.resize(source_of.len() + data.examples.len(), source);
        paths.extend_from_slice(data.paths());
        examples.extend(data.examples);
    }
    // A patient of whom several data sets have slices is held out of all of them.
    let fold_of = folds::assign(&examples, settings.folds);
    let folders = Folder::all(&places.not_head_ct)?;
    let mut heads = examples::heads(&paths, settings.copies, settings.seed)?;
    let mut others = Vec::new();
    for folder in &folders {
        others.push(examples::learned_part(
            folder,
            settings.others,
            settings.seed,
        )?);
    }
    let bar = progress("drawing pictures", drawn::LEARNED.len());
    for kind in drawn::LEARNED {
        others.push(examples::drawn(kind, settings.drawn, settings.seed));
        bar.inc(1);
    }

    let bar = progress("fitting", 2 * settings.folds + 1);
    let fit_without = |heads: &[Head], fold: Option<usize>| {
        let guard = fit_on(heads, &others, settings.fit, |i| Some(fold_of[i]) != fold);
        bar.inc(1);
        guard
    };
    let hold_out = |heads: &[Head]| -> Vec<HeldOut> {
        // One after the other, for the memory; each uses all processors.
        let of_folds: Vec<Guard> = (0..settings.folds)
            .map(|fold| fit_without(heads, Some(fold)))
            .collect();
        let slices = heads.par_iter().zip(&fold_of).zip(&source_of);
        slices
            .map(|((head, &fold), &source)| HeldOut {
                source,
                unaltered: of_folds[fold].raw(&head.unaltered),
                altered: head.altered.iter().map(|x| of_folds[fold].raw(x)).collect(),
            })
            .collect()
    };
    // Whole scans reach down to the chest, and head sets hold what was put there by mistake: what a
    // guard that had not seen the patient takes for something else teaches nothing.
    let doubtful = hold_out(&heads);
    let scales = calibrate(&doubtful, settings.pass);
    for (head, held_out) in heads.iter_mut().zip(&doubtful) {
        head.taught &= largest_distance(&scales, &held_out.unaltered) <= 1.0;
    }
    let held_out = hold_out(&heads);
    let mut guard = fit_without(&heads, None);
    let scales = calibrate(&held_out, settings.pass);
    [guard.facts.network, guard.facts.planes, guard.facts.whole] = scales;
    guard.facts.doubt = worst_quantile(&held_out, settings.sure, &|raw| guard.distance(raw));
    guard.facts.version = env!("CARGO_PKG_VERSION").to_owned();
    guard.facts.licence = places.licence.clone();
    guard.facts.data = places.data_name.clone();
    guard.facts.settings = serde_json::to_value(settings).unwrap_or_default();
    guard.facts.protocol = format!(
        "{} folds over patients; the limit lets {} % of the held-out slices of each data set pass, \
         as they are; {} % are beyond doubt. Of the real pictures that are no head CT, the first, \
         third, fifth … of each kind in name order were learned",
        settings.folds,
        settings.pass * 100.0,
        settings.sure * 100.0
    );
    guard.facts.figures = figures(&guard, &held_out, &sources, &folders)?;
    write_atomically(&places.out, &guard.to_bytes()?)?;
    let out_of_fold = examples
        .iter()
        .zip(&held_out)
        .map(|(example, held_out)| {
            let (kind, part) = (&sources[held_out.source], report::OUT_OF_FOLD);
            let distance = guard.distance(&held_out.unaltered);
            Row::new(&guard, &example.file, kind, part, distance)
        })
        .collect();
    Ok(Outcome { guard, out_of_fold })
}

/// A guard fitted on the heads that `use_head` chooses by index.
fn fit_on(
    heads: &[Head],
    others: &[Others],
    settings: FitSettings,
    use_head: impl Fn(usize) -> bool,
) -> Guard {
    let used: Vec<&Head> = heads
        .iter()
        .enumerate()
        .filter_map(|(i, head)| (head.taught && use_head(i)).then_some(head))
        .collect();
    let positives: Vec<&Features> = used
        .iter()
        .flat_map(|head| std::iter::once(&head.unaltered).chain(&head.altered))
        .collect();
    let mut kinds: Vec<Kind> = others
        .iter()
        .map(|others| Kind {
            name: &others.kind,
            like: others.like,
            weight: others.weight,
            features: others.features.iter().collect(),
        })
        .collect();
    kinds.push(Kind {
        name: "other-window",
        like: Likeness::OtherWindow,
        weight: 1.0,
        features: used.iter().map(|head| &head.other_window).collect(),
    });
    fit(&positives, &kinds, settings)
}

/// The scores of network, planes and whole.
const SCORES: [fn(&Raw) -> f64; 3] = [|raw| raw.network, |raw| raw.planes, |raw| raw.whole];

/// As [`Guard::distance`], on scales that are not yet a guard's.
fn largest_distance(scales: &[Scale; 3], raw: &Raw) -> f64 {
    let distances = scales.iter().zip(SCORES);
    distances
        .map(|(scale, score)| scale.distance(score(raw)))
        .fold(0.0, f64::max)
}

/// The scales of network, planes and whole at which the share `pass` of the held-out slices of each
/// data set is no further than 1: first each of the three distances by itself, with a quarter as many
/// beyond 1 for planes and whole, then all together.
fn calibrate(held_out: &[HeldOut], pass: f64) -> [Scale; 3] {
    let seldom = 0.75 + 0.25 * pass;
    let shares = [pass, seldom, seldom];
    let alone = std::array::from_fn(|i| {
        let (score, share) = (SCORES[i], shares[i]);
        let typical = quantile(held_out.iter().map(|h| score(&h.unaltered)).collect(), 0.5);
        Scale {
            typical,
            reach: worst_quantile(held_out, share, &score) - typical,
        }
    });
    let limit = worst_quantile(held_out, pass, &|raw| largest_distance(&alone, raw));
    alone.map(|scale| Scale {
        reach: scale.reach * limit,
        ..scale
    })
}

/// The score at or below which lies the wanted share of the slices of every data set.
fn worst_quantile(held_out: &[HeldOut], share: f64, score: &dyn Fn(&Raw) -> f64) -> f64 {
    let sources: BTreeSet<usize> = held_out.iter().map(|h| h.source).collect();
    let of_source = |source| {
        let members = held_out.iter().filter(|h| h.source == source);
        quantile(members.map(|h| score(&h.unaltered)).collect(), share)
    };
    let quantiles = sources.into_iter().map(of_source);
    quantiles.max_by(f64::total_cmp).unwrap_or(0.0)
}

/// The least value at or below which lies the wanted share of all.
fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let wanted = (share * values.len() as f64).ceil() as usize;
    let at = wanted.clamp(1, values.len().max(1)) - 1;
    values.get(at).copied().unwrap_or(0.0)
}

/// What the header says of the finished guard.
fn figures(
    guard: &Guard,
    held_out: &[HeldOut],
    sources: &[String],
    folders: &[Folder],
) -> Result<BTreeMap<String, Figure>> {
    let passes = |raw: &Raw| guard.distance(raw) <= guard.facts.threshold;
    let share = |raws: &mut dyn Iterator<Item = &Raw>| {
        let (passed, all) = raws.fold((0, 0), |(p, n), raw| (p + usize::from(passes(raw)), n + 1));
        passed as f64 / f64::from(all.max(1))
    };
    let mut figures = BTreeMap::new();
    let mut add = |name: String, value: f64, protocol: &str| {
        let protocol = protocol.to_owned();
        figures.insert(
            name,
            Figure {
                value,
                low: None,
                high: None,
                protocol,
            },
        );
    };
    let mut groups: Vec<(String, Vec<&HeldOut>)> = vec![(String::new(), held_out.iter().collect())];
    for (i, source) in sources.iter().enumerate() {
        let members = held_out.iter().filter(|h| h.source == i).collect();
        groups.push((format!(" {source}"), members));
    }
    for (of, members) in &groups {
        add(
            format!("passed{of}"),
            share(&mut members.iter().map(|h| &h.unaltered)),
            "slices of held-out patients, as they are",
        );
        add(
            format!("passedAltered{of}"),
            share(&mut members.iter().flat_map(|h| &h.altered)),
            "altered copies of slices of held-out patients",
        );
    }
    let certain = |h: &&HeldOut| guard.distance(&h.unaltered) <= guard.facts.doubt;
    add(
        "beyondDoubt".into(),
        held_out.iter().filter(certain).count() as f64 / held_out.len().max(1) as f64,
        "slices of held-out patients, as they are, that pass whatever their header's words name",
    );
    for folder in folders {
        let rows =
            report::measure_files(guard, &folder.kind, report::HELD_BACK, &folder.held_back())?;
        let flagged = rows.iter().filter(|row| row.flagged).count();
        add(
            format!("flagged {}", folder.kind),
            flagged as f64 / rows.len().max(1) as f64,
            "files that were not learned",
        );
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibration_lets_the_wanted_share_of_every_data_set_pass() {
        let held_out: Vec<HeldOut> = (0..1000)
            .map(|i| {
                let (a, b) = (f64::from(i * 37 % 1000), f64::from(i * 91 % 1000));
                let source = usize::from(i >= 700);
                // The second data set is further away.
                let shift = source as f64 * 0.3;
                HeldOut {
                    source,
                    unaltered: Raw {
                        network: a / 100.0 - 9.0 + shift,
                        planes: b / 1000.0 - 1.5 + shift,
                        worst: 0,
                        whole: b / 500.0,
                    },
                    altered: Vec::new(),
                }
            })
            .collect();
        let [network, planes, whole] = calibrate(&held_out, 0.9);
        let passed = |source: usize| {
            let members: Vec<&Raw> = held_out
                .iter()
                .filter(|h| h.source == source)
                .map(|h| &h.unaltered)
                .collect();
            let passes = |r: &&&Raw| {
                let learned = network.distance(r.network).max(planes.distance(r.planes));
                learned.max(whole.distance(r.whole)) <= 1.0
            };
            members.iter().filter(passes).count() as f64 / members.len() as f64
        };
        assert!((passed(1) - 0.9).abs() < 0.005, "{}", passed(1));
        assert!(passed(0) > 0.9);
    }

    #[test]
    fn quantiles_are_values_that_are_there() {
        let values = vec![3.0, 1.0, 2.0, 4.0];
        assert_eq!(quantile(values.clone(), 0.25), 1.0);
        assert_eq!(quantile(values.clone(), 0.5), 2.0);
        assert_eq!(quantile(values.clone(), 0.51), 3.0);
        assert_eq!(quantile(values, 1.0), 4.0);
        assert_eq!(quantile(Vec::new(), 0.5), 0.0);
    }
}
