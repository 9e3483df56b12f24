//! The guard on what it should let through and on what it should not.

mod data;
mod drawn_dicom;

use std::path::{Path, PathBuf};

use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use haemolens::Classifier;
use haemolens::guard::{self, Guard};
use haemolens::phantom::{self, Kind};
use haemolens::preprocess::{Crop, resize};
use haemolens::slice::Slice;

fn drawn(width: usize, height: usize, level: impl Fn(usize, usize) -> u8) -> Slice {
    let grey = (0..width * height)
        .map(|i| level(i % width, i / width))
        .collect();
    Slice::new(width, height, grey).unwrap()
}

/// A byte that looks random, the same on every run.
fn scramble(x: usize, y: usize) -> u8 {
    let mut h = (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2c1b_3c6d);
    (h >> 16) as u8
}

#[test]
fn phantoms_pass_mirrored_and_at_any_size() {
    let guard = Guard::new().unwrap();
    for kind in Kind::ALL {
        let whole = phantom::draw(kind).into_slice();
        let mirrored = drawn(phantom::SIDE, phantom::SIDE, |x, y| {
            whole.grey()[y * phantom::SIDE + phantom::SIDE - 1 - x]
        });
        let crop = Crop {
            x: 0,
            y: 0,
            side: phantom::SIDE,
        };
        let resized = [128, 200, 333, 700]
            .map(|side| Slice::new(side, side, resize(&whole, crop, side)).unwrap());
        for slice in [whole, mirrored].iter().chain(&resized) {
            let verdict = guard.judge(slice);
            assert!(verdict.in_distribution(), "{kind:?}: {verdict:?}");
            assert!(verdict.distance <= 1.0);
        }
    }
}

#[test]
fn patterns_and_empty_pictures_are_flagged_with_a_reason() {
    let guard = Guard::new().unwrap();
    let pictures = [
        ("black", drawn(512, 512, |_, _| 0)),
        ("white", drawn(512, 512, |_, _| 255)),
        ("grey", drawn(300, 300, |_, _| 120)),
        ("noise", drawn(512, 512, scramble)),
        (
            "coarse noise",
            drawn(400, 400, |x, y| scramble(x / 9, y / 9)),
        ),
        ("gradient", drawn(400, 300, |x, _| (x * 255 / 399) as u8)),
        ("bars", drawn(640, 480, |x, _| (x / 80 * 36) as u8)),
        (
            "checks",
            drawn(
                320,
                320,
                |x, y| if (x / 40 + y / 40) % 2 == 0 { 255 } else { 0 },
            ),
        ),
        (
            "disc",
            drawn(512, 512, |x, y| {
                let (x, y) = (x as i32 - 256, y as i32 - 256);
                if x * x + y * y < 200 * 200 { 255 } else { 0 }
            }),
        ),
        (
            "lines of text",
            drawn(400, 500, |x, y| {
                if y % 20 < 11 && scramble(x / 2, y / 2) < 110 {
                    20
                } else {
                    250
                }
            }),
        ),
    ];
    for (name, slice) in &pictures {
        let verdict = guard.judge(slice);
        assert!(!verdict.in_distribution(), "{name}: {verdict:?}");
        let reason = verdict.reason.unwrap();
        assert!(reason.starts_with("This does not look like a CT slice of a head: "));
        assert!(reason.ends_with('.'), "{reason}");
    }
    let reason = |name: &str| {
        let (_, slice) = pictures.iter().find(|(n, _)| *n == name).unwrap();
        guard.judge(slice).reason.unwrap()
    };
    assert!(
        reason("grey").contains("nearly empty"),
        "{}",
        reason("grey")
    );
}

#[test]
fn stored_figures_keep_what_is_asked_of_the_guard() {
    let figures = Guard::new().unwrap().facts.figures;
    for (name, least) in [
        ("passed ct-ich", 0.98),
        ("passed rsna", 0.98),
        ("passed phe-sich", 0.98),
        ("flagged photo", 0.99),
        ("flagged brain-mri", 0.95),
    ] {
        let value = figures[name].value;
        assert!(value >= least, "{name}: {value}");
    }
}

/// Files of a folder in name order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Share of the files that the guard lets through.
fn passed(guard: &Guard, files: &[PathBuf]) -> f64 {
    let passes = |path: &&PathBuf| {
        let slice = Slice::from_bytes(&std::fs::read(path).unwrap()).unwrap();
        guard.judge(&slice).in_distribution()
    };
    files.iter().filter(passes).count() as f64 / files.len() as f64
}

#[test]
fn real_head_ct_passes() {
    let guard = Guard::new().unwrap();
    for (name, images) in [
        ("ct-ich", "brain"),
        ("rsna", "images"),
        ("rsna-boxes", "images"),
        ("phe-sich", "images"),
    ] {
        if let Some(folder) = data::folder(name) {
            let some: Vec<_> = files(&folder.join(images))
                .into_iter()
                .step_by(12)
                .collect();
            let share = passed(&guard, &some);
            assert!(share >= 0.98, "{name}: {share}");
        }
    }
    if let Some(folder) = data::folder("head-ct") {
        let share = passed(&guard, &files(&folder.join("images")));
        assert!(share >= 0.95, "head-ct: {share}");
    }
}

#[test]
fn held_back_pictures_of_other_things_are_flagged() {
    let guard = Guard::new().unwrap();
    let Some(folder) = data::folder("not-head-ct") else {
        return;
    };
    for (kind, most_passed) in [("photo", 0.0), ("other", 0.0), ("brain-mri", 0.05)] {
        // Training learns the first, third, fifth … file.
        let held_back: Vec<_> = files(&folder.join(kind))
            .into_iter()
            .skip(1)
            .step_by(2)
            .collect();
        let share = passed(&guard, &held_back);
        assert!(share <= most_passed, "{kind}: {share} passed");
    }
}

#[cfg(feature = "train")]
#[test]
fn drawn_pictures_of_learned_and_of_unseen_kinds_are_flagged() {
    use haemolens::train::guard::{MEASURING_SEED, drawn, examples};
    let guard = Guard::new().unwrap();
    for (kinds, least) in [(&drawn::LEARNED[..], 0.95), (&drawn::HELD_BACK[..], 0.95)] {
        for kind in kinds {
            let pictures = examples::drawn(*kind, 40, MEASURING_SEED).features;
            let far = |x: &&Vec<f32>| guard.distance(&guard.raw(x)) > guard.facts.threshold;
            let share = pictures.iter().filter(far).count() as f64 / 40.0;
            assert!(share >= least, "{}: {share} flagged", kind.name);
        }
    }
}

/// The phantom's Hounsfield units, as high a picture as it was and `times` as wide.
fn widened(times: f64) -> Vec<i32> {
    let (side, values) = drawn_dicom::hounsfield(Kind::Normal);
    let middle = side as f64 / 2.0;
    let from = |i: usize| {
        let x = ((i % side) as f64 + 0.5 - middle) / times + middle;
        values[i / side * side + x as usize]
    };
    (0..side * side).map(from).collect()
}

/// A DICOM file of these values, whose header says just this of the part of the body.
fn described(values: &[i32], words: &[(Tag, &str)]) -> Vec<u8> {
    let side = values.len().isqrt();
    let mut object = drawn_dicom::ct(side, &[values.to_vec()]);
    object.remove_element(tags::BODY_PART_EXAMINED);
    for &(tag, text) in words {
        drawn_dicom::put(&mut object, tag, VR::LO, text);
    }
    drawn_dicom::file(object, uids::EXPLICIT_VR_LITTLE_ENDIAN)
}

const CHEST: &[(Tag, &str)] = &[
    (tags::STUDY_DESCRIPTION, "CHEST"),
    (tags::SERIES_DESCRIPTION, "HELICAL CHEST"),
    (tags::BODY_PART_EXAMINED, "CHEST"),
];

#[test]
fn words_of_the_header_decide_where_the_pixels_leave_a_doubt() {
    let mut classifier = Classifier::new().unwrap();
    let facts = Guard::new().unwrap().facts;
    let doubtful = (0..400).map(|step| widened(1.0 + 0.005 * f64::from(step)));
    let mut doubtful = doubtful.filter(|values| {
        let answer = classifier.classify(&described(values, &[])).unwrap();
        answer.distance > facts.doubt && answer.distance <= facts.threshold
    });
    let doubtful = doubtful.next().expect("between a head and what is none");
    for silent in [
        &[][..],
        &[(tags::STUDY_DESCRIPTION, "e+1")],
        &[(tags::STUDY_DESCRIPTION, "HEAD")],
        &[(tags::STUDY_DESCRIPTION, "CT HEAD AND CHEST")],
        &[
            (tags::STUDY_DESCRIPTION, "CHEST"),
            (tags::SERIES_DESCRIPTION, "Neurocranium 4.0"),
        ],
    ] {
        let answer = classifier.classify(&described(&doubtful, silent)).unwrap();
        assert!(answer.in_distribution, "{silent:?}: {:?}", answer.reason);
    }
    let term = [(tags::BODY_PART_EXAMINED, "CHEST")];
    let answer = classifier.classify(&described(&doubtful, &term)).unwrap();
    assert!(!answer.in_distribution);
    let answer = classifier.classify(&described(&doubtful, CHEST)).unwrap();
    assert!(!answer.in_distribution);
    let reason = answer.reason.unwrap();
    assert!(guard::cause(&reason).contains("(CHEST)"), "{reason}");
    assert!(
        !reason.contains("HELICAL"),
        "what a person wrote is not repeated: {reason}"
    );
}

#[test]
fn words_of_the_header_decide_nothing_where_the_pixels_are_sure() {
    let mut classifier = Classifier::new().unwrap();
    let (_, head) = drawn_dicom::hounsfield(Kind::Normal);
    let answer = classifier.classify(&described(&head, CHEST)).unwrap();
    assert!(
        answer.in_distribution,
        "headers are often wrong: {answer:?}"
    );
    let empty = vec![-1000; head.len()];
    let head = &[(tags::STUDY_DESCRIPTION, "HEAD")];
    let answer = classifier.classify(&described(&empty, head)).unwrap();
    assert!(!answer.in_distribution);
}

#[test]
fn a_chest_is_flagged_in_every_encoding() {
    let Some(folder) = data::folder("dicom/nema-wg04") else {
        return;
    };
    let mut classifier = Classifier::new().unwrap();
    let mut seen = 0;
    for path in files(&folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".dcm") {
            continue;
        }
        let answer = classifier.classify(&std::fs::read(&path).unwrap()).unwrap();
        // CT1 is a chest, CT2 a head.
        let head = name.starts_with("CT2");
        assert_eq!(answer.in_distribution, head, "{name}: {}", answer.distance);
        seen += 1;
    }
    assert_eq!(seen, 14);
}
