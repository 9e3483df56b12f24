//! Whole examinations, drawn as hospitals export them: the answer comes from the slices that show the
//! head best, whatever lies beside them and in whatever order.
#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::{Command, Output};

use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use haemolens::phantom::{self, Kind};
use haemolens::study::{Basis, Failure, SeriesKind};
use haemolens::{Classifier, Label, Study, StudyAnswer};
use serde_json::Value;
use zip::write::SimpleFileOptions;

mod data;
mod drawn_dicom;

use drawn_dicom::{PATIENT, ct, file, hounsfield, put};

const EXPLICIT: &str = uids::EXPLICIT_VR_LITTLE_ENDIAN;
const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
const CORONAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0];
/// A gantry tilted by 20 degrees.
const TILTED: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 0.939_692_62, -0.342_020_14];
/// What no output may ever hold, and what tags hold it.
const SECRETS: [&str; 4] = ["PID-4711", "19550307", "St Elsewhere", "Dr House"];

/// What a series is.
#[derive(Clone, Copy)]
struct Drawn {
    number: i64,
    thickness: f64,
    orientation: [f64; 6],
    kernel: &'static str,
}

const STANDARD: Drawn = Drawn {
    number: 2,
    thickness: 5.0,
    orientation: TILTED,
    kernel: "H31s",
};

/// Slice `index` of a series: a phantom, a little different from its neighbours.
fn slice(series: Drawn, kind: Kind, index: usize) -> InMemDicomObject {
    let (side, mut values) = hounsfield(kind);
    let shade = (index % 5) as i32;
    for value in values.iter_mut().filter(|v| (1..70).contains(*v)) {
        *value += shade;
    }
    let mut object = ct(side, &[values]);
    let mut text = |tag, vr, value: String| put(&mut object, tag, vr, value);
    text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.840.99.1".into());
    let uid = format!("1.2.840.99.1.{}", series.number);
    text(tags::SERIES_INSTANCE_UID, VR::UI, uid);
    text(tags::SERIES_NUMBER, VR::IS, series.number.to_string());
    text(tags::INSTANCE_NUMBER, VR::IS, (index + 1).to_string());
    text(tags::SLICE_THICKNESS, VR::DS, series.thickness.to_string());
    text(tags::CONVOLUTION_KERNEL, VR::SH, series.kernel.into());
    let [_, _, _, _, y, z] = series.orientation;
    let along = index as f64 * series.thickness;
    let multi = |values: &[f64]| {
        let values: Vec<String> = values.iter().map(f64::to_string).collect();
        values.join("\\")
    };
    let position = multi(&[-120.0, -100.0 - z * along, -40.0 + y * along]);
    text(tags::IMAGE_POSITION_PATIENT, VR::DS, position);
    let orientation = multi(&series.orientation);
    text(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, orientation);
    text(tags::PATIENT_ID, VR::LO, SECRETS[0].into());
    text(tags::PATIENT_BIRTH_DATE, VR::DA, SECRETS[1].into());
    text(tags::INSTITUTION_NAME, VR::LO, SECRETS[2].into());
    text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, SECRETS[3].into());
    object
}

type Files = BTreeMap<String, Vec<u8>>;

/// Twelve slices of which the fifth to the seventh bleed, from the feet to the head; their names run
/// the other way.
fn standard(change: impl Fn(usize, &mut InMemDicomObject)) -> Files {
    head(4..7, change)
}

/// Twelve slices of which some bleed.
fn head(bleeding: std::ops::Range<usize>, change: impl Fn(usize, &mut InMemDicomObject)) -> Files {
    let mut files = Files::new();
    for index in 0..12 {
        let kind = match bleeding.contains(&index) {
            true => Kind::Subdural,
            false => Kind::Normal,
        };
        let mut object = slice(STANDARD, kind, index);
        change(index, &mut object);
        files.insert(format!("A/IM{}", 12 - index), file(object, EXPLICIT));
    }
    files
}

/// An examination as it comes from an archive of images.
fn examination() -> Files {
    let mut files = standard(|_, _| {});
    let localiser = Drawn {
        number: 1,
        orientation: CORONAL,
        ..STANDARD
    };
    let mut scout = slice(localiser, Kind::Subdural, 0);
    let types = PrimitiveValue::from("ORIGINAL\\PRIMARY\\LOCALIZER");
    put(&mut scout, tags::IMAGE_TYPE, VR::CS, types);
    files.insert("A/SCOUT".into(), file(scout, EXPLICIT));
    let thin = Drawn {
        number: 3,
        thickness: 1.0,
        ..STANDARD
    };
    let bone = Drawn {
        number: 4,
        kernel: "H60s",
        orientation: AXIAL,
        ..STANDARD
    };
    let reformat = Drawn {
        number: 5,
        thickness: 3.0,
        orientation: CORONAL,
        ..STANDARD
    };
    for (folder, series) in [("B", thin), ("C", bone), ("D", reformat)] {
        for index in 0..4 {
            let object = slice(series, Kind::Intraparenchymal, index);
            files.insert(format!("{folder}/{index}"), file(object, EXPLICIT));
        }
    }
    files
}

fn write(folder: &Path, files: &Files) {
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn zipped(files: &Files) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn study(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_haemolens"))
        .arg("study")
        .args(arguments)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = text(output);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn classify(files: &Files) -> Vec<StudyAnswer> {
    Classifier::new().unwrap().classify_study(files)
}

fn only(files: &Files) -> StudyAnswer {
    let mut answers = classify(files);
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

/// An answer without the names of files, for they may differ.
fn nameless(mut answer: StudyAnswer) -> StudyAnswer {
    answer.leading.iter_mut().for_each(|l| l.file.clear());
    let slices = answer.series.iter_mut().flat_map(|s| &mut s.slices);
    slices.for_each(|s| s.file.clear());
    answer
}

#[test]
fn the_series_for_the_brain_answers_and_the_bleeding_slices_carry_it() {
    let answer = only(&examination());
    let found: Vec<(Option<i64>, SeriesKind, bool, usize)> = answer
        .series
        .iter()
        .map(|s| (s.number, s.kind, s.used, s.slices.len()))
        .collect();
    let expected = [
        (Some(1), SeriesKind::Localiser, false, 1),
        (Some(2), SeriesKind::Standard, true, 12),
        (Some(3), SeriesKind::Thin, false, 4),
        (Some(4), SeriesKind::Bone, false, 4),
        (Some(5), SeriesKind::Reformat, false, 4),
    ];
    assert_eq!(found, expected);
    let brain = &answer.series[1];
    assert_eq!(brain.thickness, Some(5.0));
    let positions: Vec<f64> = brain.slices.iter().map(|s| s.position.unwrap()).collect();
    let steps = positions.windows(2).map(|w| w[1] - w[0]);
    assert!(steps.into_iter().all(|step| (step - 5.0).abs() < 1e-6));
    assert_eq!(brain.slices[0].file, "A/IM12");

    assert_eq!(answer.basis, Basis::StudyCalibration);
    assert_eq!(answer.slices, 12);
    let mut carrying: Vec<usize> = answer.leading.iter().map(|l| l.slice).take(3).collect();
    carrying.sort_unstable();
    assert_eq!(carrying, [4, 5, 6]);
    let falling = answer
        .leading
        .windows(2)
        .all(|w| w[0].margin >= w[1].margin);
    assert!(falling && answer.leading.iter().all(|l| l.series == 1));
    assert!((2..=5).contains(&answer.leading.len()));
    assert_eq!(brain.margin, answer.margin);
    let called = match answer.margin.unwrap() >= answer.threshold {
        true => Label::Haemorrhage,
        false => Label::Normal,
    };
    assert_eq!(answer.label, Some(called));
    let (none, all) = (only(&head(0..0, |_, _| {})), only(&head(0..12, |_, _| {})));
    assert!(none.probability < answer.probability && answer.probability < all.probability);
    assert!(answer.failed.is_empty() && answer.in_distribution);
}

#[test]
fn folder_archive_and_bytes_in_any_order_give_one_answer() {
    let files = examination();
    let expected = only(&files);
    let mut classifier = Classifier::new().unwrap();
    let backwards = classifier.classify_study(files.iter().rev());
    assert_eq!(backwards, std::slice::from_ref(&expected));
    let archived = classifier.classify_study([("x.zip", zipped(&files))]);
    assert_eq!(archived[0].series[1].slices[0].file, "x.zip/A/IM12");
    assert_eq!(nameless(archived[0].clone()), nameless(expected.clone()));

    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("exam"), &files);
    // What lies beside images.
    std::fs::write(folder.path().join("exam/DICOMDIR"), "index").unwrap();
    std::fs::write(folder.path().join("x.zip"), zipped(&files)).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for name in ["exam", "x.zip"] {
        let out = study(&["--json", &path(name)]);
        assert!(out.status.success(), "{out:?}");
        let lines = lines(&out);
        assert_eq!(lines.len(), 1);
        let number = |key: &str| lines[0][key].as_f64();
        assert_eq!(number("margin"), expected.margin);
        assert_eq!(number("probability"), expected.probability);
        assert_eq!(lines[0]["label"], serde_json::json!(expected.label));
        assert_eq!(lines[0]["series"].as_array().unwrap().len(), 5);
        assert_eq!(lines[0]["leading"][0]["slice"], expected.leading[0].slice);
        assert_eq!(lines[0]["basis"], "studyCalibration");
    }
    // Both at once: the same slices twice.
    let out = study(&["--json", &path("exam"), &path("x.zip")]);
    let line = &lines(&out)[0];
    assert_eq!(line["margin"].as_f64(), expected.margin);
    assert_eq!(line["series"][1]["duplicates"], 12);
}

#[test]
fn nothing_that_names_a_person_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = examination();
    let bytes = files["A/IM1"].clone();
    let holds = |secret: &str| bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
    assert!(SECRETS.into_iter().chain([PATIENT]).all(holds));
    files.insert("A/BROKEN".into(), bytes[..bytes.len() / 2].to_vec());
    write(folder.path(), &files);
    let path = folder.path().to_str().unwrap();
    for arguments in [&["--json", path][..], &[path]] {
        let out = study(arguments);
        assert_eq!(out.status.code(), Some(1), "{out:?}");
        let shown = text(&out) + &String::from_utf8(out.stderr).unwrap();
        assert!(
            shown.contains("CorruptImage") && shown.contains("BROKEN"),
            "{shown}"
        );
        for secret in SECRETS.into_iter().chain(["Doe", "Jane", "1.2.840.99"]) {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
    }
}

#[test]
fn slices_without_positions_go_by_their_numbers_and_frames_of_one_file_are_slices() {
    let whole = only(&standard(|_, _| {}));
    let bare = only(&standard(|_, object| {
        object.remove_element(tags::IMAGE_POSITION_PATIENT);
    }));
    let order = |a: &StudyAnswer| -> Vec<String> {
        a.series[0].slices.iter().map(|s| s.file.clone()).collect()
    };
    assert_eq!(order(&bare), order(&whole));
    assert_eq!(bare.margin, whole.margin);
    assert!(bare.series[0].slices.iter().all(|s| s.position.is_none()));

    let mut frames = Vec::new();
    for kind in [Kind::Normal, Kind::Subdural, Kind::Normal] {
        frames.push(hounsfield(kind).1);
    }
    let many = file(ct(hounsfield(Kind::Normal).0, &frames), EXPLICIT);
    let answer = only(&Files::from([("many".to_owned(), many)]));
    // The first and the last are the same to the bit, and nothing says that they lie apart.
    assert_eq!((answer.slices, answer.series[0].duplicates), (2, 1));
    assert_eq!((answer.leading[0].frame, answer.leading[0].slice), (1, 1));
}

#[test]
fn what_is_no_head_ct_gets_no_answer_but_a_reason() {
    let other = standard(|_, object| put(object, tags::MODALITY, VR::CS, "MR"));
    let answer = only(&other);
    assert!(!answer.in_distribution);
    assert_eq!((answer.label, answer.probability), (None, None));
    let reason = answer.reason.unwrap();
    assert!(reason.contains("magnetic resonance"), "{reason}");
    assert_eq!(answer.series[0].kind, SeriesKind::NotHeadCt);

    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &other);
    let out = study(&["--json", folder.path().to_str().unwrap()]);
    let line = &lines(&out)[0];
    assert_eq!(line["inDistribution"], false);
    assert!(line.get("label").is_none() && line.get("probability").is_none());
    let shown = text(&study(&[folder.path().to_str().unwrap()]));
    assert!(
        shown.starts_with("no answer\n") && shown.contains(&reason),
        "{shown}"
    );
}

#[test]
fn pictures_of_a_folder_are_a_study_and_the_text_reads_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(path("one")).unwrap();
    std::fs::create_dir_all(path("two")).unwrap();
    for (name, kind) in [
        ("one/slice10.bmp", Kind::Subdural),
        ("one/slice9.bmp", Kind::Normal),
        ("two/slice1.bmp", Kind::Normal),
    ] {
        std::fs::write(path(name), phantom::draw(kind).to_bmp().unwrap()).unwrap();
    }
    let out = study(&[folder.path().to_str().unwrap()]);
    assert!(out.status.success(), "{out:?}");
    let shown = text(&out);
    for part in [
        "Examination 1 of 2\n",
        "probability of haemorrhage",
        "\nThe slices that say it most, of 2:\n",
        "slice 2 of 2: ",
        "slice10.bmp",
        "Examination 2 of 2\nnormal",
        "pictures, 2 slices: used",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let nothing = tempfile::tempdir().unwrap();
    let out = study(&[nothing.path().to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(1));
}

#[test]
fn answers_that_workers_gathered_in_any_order_come_to_the_same() {
    let files = examination();
    let expected = only(&files);
    let mut gathered: Vec<Study> = Vec::new();
    for chunk in files.iter().collect::<Vec<_>>().chunks(5) {
        let mut classifier = Classifier::new().unwrap();
        let mut study = Study::new();
        for (name, bytes) in chunk {
            classifier.add_to_study(&mut study, name, bytes);
        }
        gathered.push(study);
    }
    let mut whole = Study::new();
    for study in gathered.into_iter().rev() {
        whole.join(study);
    }
    let classifier = Classifier::new().unwrap();
    assert_eq!(classifier.answer_study(&whole), [expected]);
    whole.add_failure(Failure::new("A/x", &haemolens::Error::EmptyInput));
    let failed = &classifier.answer_study(&whole)[0].failed;
    assert_eq!(failed[0].error.name, "EmptyInput");
}

#[test]
fn a_head_of_a_hospital_is_a_series_from_its_base_to_its_top() {
    let Some(folder) = data::folder("dicom/ge-head") else {
        return;
    };
    let mut files = Files::new();
    for name in ["02", "06", "10", "14", "18", "22", "26"] {
        let bytes = std::fs::read(folder.join(format!("{name}.dcm"))).unwrap();
        files.insert(format!("{name}.dcm"), bytes);
    }
    let answer = only(&files);
    assert_eq!(answer.series.len(), 1, "{answer:#?}");
    let series = &answer.series[0];
    assert!(
        series.used && series.kind == SeriesKind::Standard,
        "{series:#?}"
    );
    let positions: Vec<f64> = series.slices.iter().map(|s| s.position.unwrap()).collect();
    assert!(positions.is_sorted(), "{positions:?}");
    let mut names: Vec<&str> = series.slices.iter().map(|s| s.file.as_str()).collect();
    if names[0] != "02.dcm" {
        names.reverse();
    }
    assert!(names.is_sorted(), "{names:?}");
}

#[test]
fn patients_that_bleed_stand_out_among_scans_of_a_hospital() {
    let Some(folder) = data::folder("ct-ich") else {
        return;
    };
    let table = std::fs::read_to_string(folder.join("labels.csv")).unwrap();
    let mut patients: BTreeMap<&str, (bool, Vec<&str>)> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (bleeds, files) = patients.entry(fields[1]).or_default();
        *bleeds |= fields[3] == "1";
        files.push(fields[0]);
    }
    let mut classifier = Classifier::new().unwrap();
    let mut mean = |bleeding: bool| -> f64 {
        const SCANS: usize = 3;
        let chosen = patients.values().filter(|(bleeds, _)| *bleeds == bleeding);
        let mut sum = 0.0;
        for (_, files) in chosen.take(SCANS) {
            let read = |file: &&str| {
                let bytes = std::fs::read(folder.join("brain").join(file)).unwrap();
                (file.to_string(), bytes)
            };
            let answer = classifier.classify_study(files.iter().map(read)).remove(0);
            assert_eq!(answer.series[0].kind, SeriesKind::Pictures);
            assert!(answer.slices + 3 > files.len(), "{:?}", answer.reason);
            let order: Vec<&str> = answer.series[0]
                .slices
                .iter()
                .map(|s| &s.file[..])
                .collect();
            assert!(order.is_sorted(), "{order:?}");
            sum += answer.probability.unwrap();
        }
        sum / SCANS as f64
    };
    // The shipped model was fitted on them: this measures that studies are read, not how well.
    let (bleeding, normal) = (mean(true), mean(false));
    assert!(bleeding > normal + 0.2, "{bleeding} {normal}");
}
