use super::*;
use crate::calibration::OperatingPoint;
use crate::classification::{Elapsed, Label, ModelName, Scores};
use crate::model::{Facts, StoredModel};
use crate::slice::dicom::{Kernel, Plane};
use crate::{ALEXNET_SVM, Error, guard};

fn facts() -> Facts {
    StoredModel::from_program(ALEXNET_SVM).unwrap().facts
}

/// What a model of these facts answers.
fn answers_by(facts: &Facts, study: &Study) -> Vec<StudyAnswer> {
    let model = ModelName {
        name: facts.card.name.clone(),
        version: facts.card.version.clone(),
    };
    study.answers(&Terms::learned(facts), &model)
}

/// An answer for a slice that is taken for a head CT.
fn said(margin: f64) -> Classification {
    Classification {
        label: Label::Normal,
        probability: 0.5,
        margin,
        threshold: 0.0,
        operating_point: OperatingPoint::Balanced,
        prevalence: None,
        inconclusive: false,
        kinds: Vec::new(),
        scores: Scores {
            haemorrhage: 0.5,
            normal: 0.5,
        },
        in_distribution: true,
        distance: 0.5,
        reason: None,
        frame: 0,
        model: ModelName {
            name: "drawn".into(),
            version: "0".into(),
        },
        elapsed_ms: Elapsed::default(),
    }
}

fn rejected(margin: f64, cause: &str) -> Classification {
    Classification {
        in_distribution: false,
        distance: 2.0,
        reason: Some(guard::reason(cause)),
        ..said(margin)
    }
}

/// A place in the only examination, in the series of that number.
fn place(series: i64, position: f64) -> Place {
    Place {
        study: Some("study".into()),
        series: Some(format!("series {series}")),
        number: Some(series),
        position: Some(position),
        thickness: Some(5.0),
        plane: Plane::Axial,
        kernel: Kernel::Soft,
        ..Place::default()
    }
}

/// Adds a series of slices one beside the other; `change` says what else is special about them.
fn add_series(
    study: &mut Study,
    number: i64,
    thickness: f64,
    margins: &[f64],
    change: impl Fn(&mut Place),
) {
    for (i, &margin) in margins.iter().enumerate() {
        let mut place = place(number, i as f64 * thickness);
        place.thickness = Some(thickness);
        place.instance = Some(i as i64);
        change(&mut place);
        study.add(format!("{number}/IM{i}"), said(margin), place);
    }
}

fn only(study: &Study) -> StudyAnswer {
    let mut answers = answers_by(&facts(), study);
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

fn kinds(answer: &StudyAnswer) -> Vec<(SeriesKind, bool)> {
    answer.series.iter().map(|s| (s.kind, s.used)).collect()
}

/// Thirty margins that rise, then fall; all different.
fn hill(top: f64) -> Vec<f64> {
    let margin = |i: usize| top - 0.1 * i.abs_diff(17) as f64 - 0.001 * i as f64;
    (0..30).map(margin).collect()
}

#[test]
fn the_answer_is_the_study_calibration_of_the_highest_margins() {
    let mut study = Study::new();
    let margins = hill(1.5);
    add_series(&mut study, 2, 5.0, &margins, |_| {});
    let (answer, facts) = (only(&study), facts());
    let calibration = facts.study.expect("the shipped model has learned studies");
    let margin = crate::calibration::study_margin(calibration.share, &margins);
    assert_eq!(answer.margin, Some(margin));
    assert_eq!(
        answer.probability,
        Some(calibration.haemorrhage.probability(margin))
    );
    assert_eq!(answer.threshold, calibration.threshold.balanced);
    assert_eq!(answer.label, Some(Label::Haemorrhage));
    assert_eq!(answer.basis, Basis::StudyCalibration);
    assert!(answer.in_distribution && answer.reason.is_none());
    assert_eq!(answer.slices, 30);
    let leading: Vec<f64> = answer.leading.iter().map(|l| l.margin).collect();
    let mut highest = margins.clone();
    highest.sort_by(|a, b| b.total_cmp(a));
    assert_eq!(leading, highest[..5]);
    assert_eq!((answer.leading[0].series, answer.leading[0].slice), (0, 17));
    assert_eq!(answer.leading[0].file, "2/IM17");
    assert_eq!(answer.series[0].margin, answer.margin);
}

#[test]
fn a_model_that_has_not_learned_studies_lets_the_highest_slice_answer_and_says_so() {
    let mut study = Study::new();
    add_series(&mut study, 2, 5.0, &hill(1.5), |_| {});
    let mut facts = facts();
    facts.study = None;
    let answer = answers_by(&facts, &study).remove(0);
    assert_eq!(answer.basis, Basis::HighestSlice);
    assert_eq!(answer.leading.len(), 1);
    assert_eq!(answer.margin, Some(answer.leading[0].margin));
    assert_eq!(answer.probability, Some(answer.leading[0].probability));
    assert_eq!(answer.threshold, facts.calibration.threshold.balanced);
}

#[test]
fn slices_for_the_brain_of_the_usual_thickness_answer_where_there_are_some() {
    let mut study = Study::new();
    let scout = rejected(9.0, "its header says that it is a localiser (scout) image");
    let localiser = Place {
        localiser: true,
        ..place(1, 0.0)
    };
    study.add("1/scout", scout, localiser);
    add_series(&mut study, 2, 5.0, &hill(0.0), |_| {});
    let more = |by: f64, count: usize| -> Vec<f64> {
        let margin = |i| by + 0.003 * i as f64;
        (0..count).map(margin).collect()
    };
    add_series(&mut study, 3, 1.0, &more(5.0, 150), |_| {});
    add_series(&mut study, 4, 5.0, &more(6.0, 30), |p| {
        p.kernel = Kernel::Bone
    });
    add_series(&mut study, 5, 5.0, &more(7.0, 30), |p| p.contrast = true);
    add_series(&mut study, 6, 3.0, &more(8.0, 60), |p| {
        p.plane = Plane::Coronal
    });
    let answer = only(&study);
    use SeriesKind::{Bone, Contrast, Localiser, Reformat, Standard, Thin};
    let expected = [
        (Localiser, false),
        (Standard, true),
        (Thin, false),
        (Bone, false),
        (Contrast, false),
        (Reformat, false),
    ];
    assert_eq!(kinds(&answer), expected);
    assert!(answer.margin.unwrap() < 0.0, "{:?}", answer.margin);
    for series in &answer.series {
        assert_eq!(series.used, series.why.is_none());
    }
    assert!(answer.series[0].margin.is_none() && answer.series[5].margin.unwrap() > 7.0);

    // Without them, the thin ones; then bone, contrast and reformats.
    for gone in 2..6 {
        study.members.retain(|m| m.place.number != Some(gone));
        let answer = only(&study);
        let used: Vec<Option<i64>> = answer
            .series
            .iter()
            .filter(|s| s.used)
            .map(|s| s.number)
            .collect();
        assert_eq!(used, [Some(gone + 1)]);
    }
}

#[test]
fn two_series_with_the_same_slices_count_once_and_two_halves_of_a_head_both() {
    let mut study = Study::new();
    add_series(&mut study, 2, 5.0, &hill(1.0), |_| {});
    let alone = only(&study);
    // The same places once more, smoother.
    let smoother: Vec<f64> = hill(0.9);
    add_series(&mut study, 3, 5.0, &smoother, |p| {
        p.kernel = Kernel::Unknown
    });
    let both = only(&study);
    assert_eq!(
        kinds(&both),
        [(SeriesKind::Standard, true), (SeriesKind::Standard, false)]
    );
    assert_eq!(both.margin, alone.margin);
    assert!(both.series[1].why.as_ref().unwrap().contains("series 2"));

    let mut halves = Study::new();
    let (low, high) = (hill(1.0)[..15].to_vec(), hill(1.0)[15..].to_vec());
    add_series(&mut halves, 2, 5.0, &low, |_| {});
    add_series(&mut halves, 3, 5.0, &high, |p| {
        p.position = p.position.map(|z| z + 75.0)
    });
    let answer = only(&halves);
    assert_eq!(answer.slices, 30);
    assert_eq!(answer.margin, alone.margin);

    // A series that was sent again under another identity, without positions.
    let mut again = Study::new();
    for number in [2, 3] {
        add_series(&mut again, number, 5.0, &hill(1.0), |p| p.position = None);
    }
    let answer = only(&again);
    assert_eq!((answer.slices, answer.margin), (30, alone.margin));
}

#[test]
fn a_few_slices_taken_to_aim_do_not_answer_for_the_head() {
    let mut study = Study::new();
    add_series(&mut study, 2, 10.0, &[3.0, 3.1], |_| {});
    add_series(&mut study, 3, 1.0, &hill(0.0).repeat(5), |_| {});
    add_series(&mut study, 4, 10.0, &[3.2; 20], |p| p.position = Some(0.0));
    for (i, member) in study.members.iter_mut().enumerate() {
        member.classification.margin += 1e-6 * i as f64;
    }
    let answer = only(&study);
    let expected = [
        (SeriesKind::Standard, false),
        (SeriesKind::Thin, true),
        (SeriesKind::Dynamic, false),
    ];
    assert_eq!(kinds(&answer), expected);
    let why = answer.series[0].why.as_ref().unwrap();
    assert_eq!(why, "it shows 20 mm of the head, another series 150 mm");
}

#[test]
fn what_guard_or_header_reject_never_counts() {
    let mut study = Study::new();
    add_series(&mut study, 2, 5.0, &hill(0.0), |_| {});
    let clean = only(&study);
    study.add(
        "2/IM99",
        rejected(9.0, "it is nearly empty"),
        place(2, 150.0),
    );
    let answer = only(&study);
    assert_eq!((answer.margin, answer.slices), (clean.margin, 30));
    let last = answer.series[0].slices.last().unwrap();
    assert!(!last.in_distribution && last.reason.is_some());

    let mut chest = Study::new();
    for i in 0..40 {
        let z = f64::from(i) * 5.0;
        // A few of a chest may pass for a head.
        let answer = match i % 10 {
            0 => said(2.0 + z),
            _ => rejected(
                3.0,
                "it looks more like another part of the body or another kind of scan",
            ),
        };
        chest.add(format!("IM{i}"), answer, place(1, z));
    }
    let answer = only(&chest);
    assert_eq!(kinds(&answer), [(SeriesKind::NotHeadCt, false)]);
    assert!(!answer.in_distribution && answer.label.is_none() && answer.probability.is_none());
    let reason = answer.reason.unwrap();
    assert_eq!(
        reason,
        "Too few of the 40 slices look like CT slices of a head: it looks more like another part of the \
         body or another kind of scan."
    );
    assert!(answer.leading.is_empty());
}

#[test]
fn slices_are_in_order_by_position_else_by_instance_else_by_name() {
    let order = |change: &dyn Fn(usize, &mut Place)| -> Vec<String> {
        let mut study = Study::new();
        for (i, name) in ["IM10", "IM2", "IM1"].into_iter().enumerate() {
            let mut place = Place {
                instance: Some([30, 10, 20][i]),
                ..place(1, [2.0, 1.0, 3.0][i])
            };
            change(i, &mut place);
            study.add(name, said(0.1 * i as f64), place);
        }
        let answer = only(&study);
        answer.series[0]
            .slices
            .iter()
            .map(|s| s.file.clone())
            .collect()
    };
    assert_eq!(order(&|_, _| {}), ["IM2", "IM10", "IM1"]);
    // One position is missing: none is used.
    let lacking = |i: usize, p: &mut Place| p.position = p.position.filter(|_| i != 1);
    assert_eq!(order(&lacking), ["IM2", "IM1", "IM10"]);
    let bare = |_: usize, p: &mut Place| (p.position, p.instance) = (None, None);
    assert_eq!(order(&bare), ["IM1", "IM2", "IM10"]);
}

#[test]
fn a_file_that_stands_there_twice_counts_once() {
    let mut study = Study::new();
    add_series(&mut study, 2, 5.0, &hill(0.0), |_| {});
    let once = only(&study);
    let copies: Vec<Member> = study.members.iter().take(7).cloned().collect();
    for copy in copies {
        study.add(
            format!("copy/{}", copy.file),
            copy.classification,
            copy.place,
        );
    }
    let answer = only(&study);
    assert_eq!((answer.margin, answer.slices), (once.margin, 30));
    assert_eq!(answer.series[0].duplicates, 7);
}

#[test]
fn the_answer_does_not_depend_on_the_order_in_which_slices_came() {
    let mut study = Study::new();
    add_series(&mut study, 2, 5.0, &hill(1.0), |_| {});
    add_series(&mut study, 3, 5.0, &hill(1.0), |p| p.instance = None);
    add_series(&mut study, 4, 1.0, &hill(0.3), |p| p.series = None);
    for name in ["b.png", "a10.png", "a9.png"] {
        study.add(name, said(0.25), Place::default());
        study.add_failure(Failure::new(format!("{name}.txt"), &Error::EmptyInput));
    }
    let forwards = answers_by(&facts(), &study);
    assert_eq!(forwards.len(), 2);
    study.members.reverse();
    study.failures.reverse();
    assert_eq!(answers_by(&facts(), &study), forwards);
    study.members.rotate_left(17);
    study.failures.rotate_left(1);
    assert_eq!(answers_by(&facts(), &study), forwards);
}

#[test]
fn examinations_are_kept_apart_and_failures_go_where_they_lie() {
    let mut study = Study::new();
    for (name, uid) in [
        ("x/1", "one"),
        ("x/2", "one"),
        ("y/1", "two"),
        ("p/1.png", ""),
        ("q/1.png", ""),
    ] {
        let place = Place {
            study: Some(uid.to_owned()).filter(|uid| !uid.is_empty()),
            ..Place::default()
        };
        study.add(name, said(name.len() as f64), place);
    }
    for name in ["x/broken", "y/broken", "z/broken"] {
        study.add_failure(Failure::new(name, &Error::EmptyInput));
    }
    let answers = answers_by(&facts(), &study);
    let files = |a: &StudyAnswer| -> Vec<String> {
        let slices = a.series.iter().flat_map(|s| &s.slices).map(|s| &s.file);
        slices
            .chain(a.failed.iter().map(|f| &f.file))
            .cloned()
            .collect()
    };
    let found: Vec<Vec<String>> = answers.iter().map(files).collect();
    let expected = [
        vec!["p/1.png"],
        vec!["q/1.png"],
        // The same bits at no place: one slice.
        vec!["x/1", "x/broken"],
        vec!["y/1", "y/broken"],
        vec!["z/broken"],
    ];
    assert_eq!(found, expected);
    let stray = answers.last().unwrap();
    assert_eq!(stray.reason.as_deref(), Some("No slice could be read."));
    assert_eq!(stray.failed[0].error.name, "EmptyInput");
    assert!(answers_by(&facts(), &Study::new()).is_empty() && Study::new().is_empty());
}
