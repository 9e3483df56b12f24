//! Where a model fails on held-out patients: how often, on which slices, and what these have in common.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::held_out::HeldOut;
use super::performance::THIRDS;
use crate::HaemorrhageKind;
use crate::model_card::{FailedPatient, FailedSlice, FailureCount, Failures, Trait};
use crate::train::report::by_source::POOLED;
use crate::train::{Result, TrainError};

/// So many slices of each sort, and so many patients, stand in the card.
const SHOWN: usize = 10;
/// A patient with so many failures holds several.
const SEVERAL: usize = 3;

/// The failures among held-out slices. Sources without normal slices, and those on which no figure
/// counts, are counted but not pooled.
pub fn of(all: &[HeldOut]) -> Failures {
    let counting: Vec<HeldOut> = all.iter().filter(|s| s.source.figures).copied().collect();
    let counts = counts(all, &counting);
    let traits = traits(&counting);
    let patients = by_patient(&counting);
    Failures {
        summary: summary(&counting, &traits, &patients),
        counts,
        traits,
        patients: patients.into_iter().take(SHOWN).collect(),
        slices: [surest(&counting, true), surest(&counting, false)].concat(),
    }
}

fn counts(all: &[HeldOut], counting: &[HeldOut]) -> Vec<FailureCount> {
    let mut sources: Vec<(&str, Vec<HeldOut>)> = Vec::new();
    for slice in all {
        let title = slice.source.title.as_str();
        match sources.iter_mut().find(|(known, _)| *known == title) {
            Some((_, slices)) => slices.push(*slice),
            None => sources.push((title, vec![*slice])),
        }
    }
    let several = counting
        .iter()
        .any(|s| s.source.name != counting[0].source.name);
    if several {
        sources.push((POOLED, counting.to_vec()));
    }
    sources
        .into_iter()
        .map(|(title, slices)| count(title, &slices))
        .collect()
}

fn count(title: &str, slices: &[HeldOut]) -> FailureCount {
    let number = |bleeds: bool, of: fn(&HeldOut) -> bool| {
        slices
            .iter()
            .filter(|s| s.bleeds() == bleeds && of(s))
            .count()
    };
    let unsure: fn(&HeldOut) -> bool = |s| !s.is_right() && s.judged.inconclusive;
    FailureCount {
        slices_of: title.into(),
        haemorrhages: number(true, |_| true),
        missed: number(true, |s| !s.is_right()),
        missed_inconclusive: number(true, unsure),
        normals: number(false, |_| true),
        false_alarms: number(false, |s| !s.is_right()),
        false_alarms_inconclusive: number(false, unsure),
    }
}

/// What is asked of a slice: a number, or 1 and 0 for yes and no; nothing where it is not known.
type Question = Box<dyn Fn(&HeldOut) -> Option<f64>>;

fn yes(answer: bool) -> f64 {
    f64::from(u8::from(answer))
}

/// What may tell misses from haemorrhages that are found.
fn of_misses() -> Vec<(String, Question)> {
    let mut questions: Vec<(String, Question)> =
        vec![(MEDIAN_AREA.into(), Box::new(|s: &HeldOut| s.box_area()))];
    for (i, kind) in HaemorrhageKind::ALL.into_iter().enumerate() {
        let shows = move |s: &HeldOut| s.kinds.map(|shown| yes(shown[i]));
        questions.push((format!("shows {}", kind.code()), Box::new(shows)));
    }
    let several = |s: &HeldOut| s.kinds.map(|_| yes(s.codes().len() > 1));
    questions.push(("shows several kinds".into(), Box::new(several)));
    let alone = |s: &HeldOut| s.beside_haemorrhage.map(|beside| yes(!beside));
    questions.push((
        "no haemorrhage on the slice above or below".into(),
        Box::new(alone),
    ));
    questions
}

/// What may tell false alarms from normal slices that are passed.
fn of_false_alarms() -> Vec<(String, Question)> {
    vec![
        (
            "of a patient with haemorrhage".into(),
            Box::new(|s: &HeldOut| s.patient_bleeds.map(yes)),
        ),
        (
            "haemorrhage on the slice above or below".into(),
            Box::new(|s: &HeldOut| s.beside_haemorrhage.map(yes)),
        ),
    ]
}

/// The same of both.
fn of_both() -> Vec<(String, Question)> {
    let mut questions: Vec<(String, Question)> = Vec::new();
    for (third, name) in THIRDS.into_iter().enumerate() {
        let lies = move |s: &HeldOut| s.third().map(|of| yes(of == third));
        questions.push((format!("in the {name} of the examination"), Box::new(lies)));
    }
    let fracture = |s: &HeldOut| s.fracture().map(yes);
    questions.push(("fracture on the slice".into(), Box::new(fracture)));
    questions
}

const MEDIAN_AREA: &str = "area of boxes, median";

/// The traits that are known of failures and of slices that are called right.
fn traits(slices: &[HeldOut]) -> Vec<Trait> {
    let mut out = Vec::new();
    for (of, bleeds, questions) in [
        ("misses", true, of_misses()),
        ("false alarms", false, of_false_alarms()),
    ] {
        for (name, question) in questions.into_iter().chain(of_both()) {
            let known = |right: bool| -> Vec<f64> {
                let class = slices
                    .iter()
                    .filter(|s| s.bleeds() == bleeds && s.is_right() == right);
                class.filter_map(&question).collect()
            };
            let (failed, right) = (known(false), known(true));
            if failed.is_empty() || right.is_empty() {
                continue;
            }
            let middle = if name == MEDIAN_AREA { median } else { mean };
            out.push(Trait {
                of: of.into(),
                name,
                failed: middle(&failed),
                failed_slices: failed.len(),
                right: middle(&right),
                right_slices: right.len(),
            });
        }
    }
    out
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

/// The patients with several failures, those with the most first.
fn by_patient(slices: &[HeldOut]) -> Vec<FailedPatient> {
    let mut patients: BTreeMap<&str, Vec<HeldOut>> = BTreeMap::new();
    for slice in slices {
        patients.entry(&slice.row.patient).or_default().push(*slice);
    }
    let counted = patients.into_iter().map(|(patient, slices)| {
        let FailureCount {
            haemorrhages,
            missed,
            normals,
            false_alarms,
            ..
        } = count(patient, &slices);
        FailedPatient {
            patient: patient.into(),
            haemorrhages,
            missed,
            normals,
            false_alarms,
        }
    });
    let failed = |p: &FailedPatient| p.missed + p.false_alarms;
    let mut several: Vec<FailedPatient> = counted.filter(|p| failed(p) >= SEVERAL).collect();
    several.sort_by_key(|p| std::cmp::Reverse(failed(p)));
    several
}

/// The failures of a class that the network is surest of.
fn surest(slices: &[HeldOut], bleeds: bool) -> Vec<FailedSlice> {
    let failed = slices
        .iter()
        .filter(|s| s.bleeds() == bleeds && !s.is_right());
    let mut failed: Vec<&HeldOut> = failed.collect();
    failed.sort_by(|a, b| {
        let order = a.judged.probability.total_cmp(&b.judged.probability);
        if bleeds { order } else { order.reverse() }
    });
    failed.into_iter().take(SHOWN).map(failed_slice).collect()
}

fn failed_slice(s: &HeldOut) -> FailedSlice {
    let facts = s.facts;
    FailedSlice {
        failure: if s.bleeds() { "miss" } else { "false alarm" }.into(),
        source: s.row.source.clone(),
        file: s.row.file.clone(),
        patient: s.row.patient.clone(),
        kinds: s.codes().into_iter().map(Into::into).collect(),
        box_area: s.box_area(),
        slice: facts.and_then(|f| Some([f.slice?, f.slices?])),
        fracture: s.fracture(),
        margin: s.judged.scored.margin,
        probability: s.judged.probability,
        inconclusive: s.judged.inconclusive,
    }
}

/// Every failure, one a row, as CSV.
///
/// # Errors
/// None with a table in memory.
pub fn csv(all: &[HeldOut]) -> Result<String> {
    let wrong = |e: String| TrainError::Data(format!("failures cannot be written: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = [
        "failure",
        "source",
        "file",
        "patient",
        "kinds",
        "box_area",
        "slice",
        "slices",
        "fracture",
        "margin",
        "probability",
        "inconclusive",
    ];
    writer
        .write_record(head)
        .map_err(|e| wrong(e.to_string()))?;
    for s in all.iter().filter(|s| !s.is_right()).map(failed_slice) {
        let number = |n: Option<usize>| n.map_or(String::new(), |n| n.to_string());
        let row = [
            s.failure,
            s.source,
            s.file,
            s.patient,
            s.kinds.join("+"),
            s.box_area.map_or(String::new(), |area| area.to_string()),
            number(s.slice.map(|[slice, _]| slice)),
            number(s.slice.map(|[_, slices]| slices)),
            number(s.fracture.map(usize::from)),
            format!("{:.4}", s.margin),
            format!("{:.4}", s.probability),
            u8::from(s.inconclusive).to_string(),
        ];
        writer.write_record(row).map_err(|e| wrong(e.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|e| wrong(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| wrong(e.to_string()))
}

/// What the counts and traits say, in sentences.
fn summary(slices: &[HeldOut], traits: &[Trait], patients: &[FailedPatient]) -> String {
    let all = count(POOLED, slices);
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    let mut text = format!(
        "Of {} held-out slices with haemorrhage {} ({:.0} %) are called normal, {} of them with an \
         inconclusive answer; of {} normal slices {} ({:.0} %) are called haemorrhage, {} of them with \
         an inconclusive answer.",
        all.haemorrhages,
        all.missed,
        percent(all.missed, all.haemorrhages),
        all.missed_inconclusive,
        all.normals,
        all.false_alarms,
        percent(all.false_alarms, all.normals),
        all.false_alarms_inconclusive,
    );
    if let Some(area) = traits.iter().find(|t| t.name == MEDIAN_AREA) {
        let _ = write!(
            text,
            " Where boxes are drawn, those of misses cover {:.1} % of the head's square and those of \
             haemorrhages that are found {:.1} % (medians).",
            area.failed * 100.0,
            area.right * 100.0
        );
    }
    // The kind, the level or the place that differs most between failures and the others.
    for of in ["misses", "false alarms"] {
        let own = traits
            .iter()
            .filter(|t| t.of == of && t.name != MEDIAN_AREA);
        let most = own.max_by(|a, b| {
            (a.failed - a.right)
                .abs()
                .total_cmp(&(b.failed - b.right).abs())
        });
        if let Some(most) = most {
            let _ = write!(
                text,
                " What sets {of} apart most: \u{201c}{}\u{201d} holds for {:.0} % of them and for {:.0} % of the \
                 slices of that class that are called right.",
                most.name,
                most.failed * 100.0,
                most.right * 100.0
            );
        }
    }
    let in_several: usize = patients.iter().map(|p| p.missed + p.false_alarms).sum();
    let _ = write!(
        text,
        " {} patients have {SEVERAL} failures or more; they hold {in_several} of all {}.",
        patients.len(),
        all.missed + all.false_alarms
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::dataset::Source;
    use crate::train::evaluate::{Judged, Scored};
    use crate::train::predictions::Prediction;
    use crate::train::slice_facts::SliceFacts;

    #[test]
    fn failures_are_counted_named_and_compared_with_what_is_right() {
        let source = Source::unlisted("scans");
        // Six slices of a patient, the lower three with small bleeds, of which two are missed; the highest
        // one is a false alarm.
        let rows: Vec<Prediction> = (1..=6)
            .map(|i| Prediction {
                source: "scans".into(),
                file: format!("{i}.png"),
                variant: 0,
                patient: "scans/7".into(),
                fold: Some(0),
                haemorrhage: u8::from(i <= 3),
                margin: 0.0,
                normal_margin: 0.0,
            })
            .collect();
        let facts: Vec<SliceFacts> = (1..=6)
            .map(|i| SliceFacts {
                source: "scans".into(),
                file: format!("{i}.png"),
                slice: Some(i),
                slices: Some(6),
                fracture: Some(0),
                box_area: (i <= 3).then_some(i as f64 / 100.0),
            })
            .collect();
        let judged: Vec<Judged> = (1..=6)
            .map(|i| Judged {
                scored: Scored {
                    patient: 0,
                    fold: 0,
                    haemorrhage: i <= 3,
                    margin: i as f64,
                },
                called: i == 3 || i == 6,
                probability: i as f64 / 10.0,
                output: 0.0,
                inconclusive: i == 2,
            })
            .collect();
        let slices: Vec<HeldOut> = (0..6)
            .map(|i| HeldOut {
                source: &source,
                row: &rows[i],
                judged: &judged[i],
                kinds: Some([false, i < 3, false, false, false]),
                facts: Some(&facts[i]),
                beside_haemorrhage: Some(i < 4),
                patient_bleeds: Some(true),
            })
            .collect();
        let failures = of(&slices);
        assert_eq!(failures.counts.len(), 1, "one source is not pooled");
        let count = &failures.counts[0];
        assert_eq!(
            (count.haemorrhages, count.missed, count.missed_inconclusive),
            (3, 2, 1)
        );
        assert_eq!((count.normals, count.false_alarms), (3, 1));
        let area = &failures.traits[0];
        assert_eq!((area.failed, area.right), (0.015, 0.03));
        let high = failures
            .traits
            .iter()
            .rfind(|t| t.name.contains("highest third"))
            .unwrap();
        assert_eq!(
            (high.of.as_str(), high.failed, high.right),
            ("false alarms", 1.0, 0.5)
        );
        let files: Vec<&str> = failures.slices.iter().map(|s| s.file.as_str()).collect();
        assert_eq!(files, ["1.png", "2.png", "6.png"], "the surest miss first");
        assert_eq!(failures.patients[0].missed, 2);
        assert!(
            failures
                .summary
                .contains("Of 3 held-out slices with haemorrhage 2 (67 %)")
        );
        let table = csv(&slices).unwrap();
        assert_eq!(table.lines().count(), 1 + 3);
        assert!(table.contains("miss,scans,1.png,scans/7,IPH,0.01,1,6,0,1.0000,0.1000,0"));
    }
}
