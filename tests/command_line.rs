//! The `haemolens` command as a user runs it.
#![cfg(feature = "cli")]

use std::path::Path;
use std::process::{Command, Output};

use haemolens::model::StoredModel;
use haemolens::retrain::{Examples, StoredPlane};
use haemolens::slice::Content;
use haemolens::{ALEXNET_SVM, Classifier};
use serde_json::Value;

fn haemolens(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_haemolens"))
        .args(arguments)
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn phantoms() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let out = haemolens(&["phantom", "--out", folder.path().to_str().unwrap()]);
    assert!(out.status.success(), "{out:?}");
    folder
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn name(path: &str) -> &str {
    Path::new(path).file_name().unwrap().to_str().unwrap()
}

#[test]
fn each_phantom_gets_the_label_it_was_drawn_for() {
    let folder = phantoms();
    let out = haemolens(&["classify", "--json", folder.path().to_str().unwrap()]);
    assert!(out.status.success(), "{out:?}");
    let found: Vec<(String, String)> = lines(&out)
        .iter()
        .map(|line| {
            let text = |key: &str| line[key].as_str().unwrap().to_owned();
            (name(&text("file")).to_owned(), text("label"))
        })
        .collect();
    let expected = [
        ("intraparenchymal.bmp", "haemorrhage"),
        ("normal.bmp", "normal"),
        ("subdural.bmp", "haemorrhage"),
    ]
    .map(|(file, label)| (file.to_owned(), label.to_owned()));
    assert_eq!(found, expected);
}

#[test]
fn json_has_every_field_of_the_contract() {
    let folder = phantoms();
    let out = haemolens(&[
        "classify",
        "--json",
        folder.path().join("normal.bmp").to_str().unwrap(),
    ]);
    let line = &lines(&out)[0];
    let number = |v: &Value| v.as_f64().unwrap_or_else(|| panic!("{v} is no number"));
    assert!((0.0..=1.0).contains(&number(&line["probability"])));
    assert!(number(&line["margin"]) < number(&line["threshold"]));
    assert!(line["inconclusive"].is_boolean());
    assert_eq!(line["inDistribution"], true);
    assert!((0.0..=1.0).contains(&number(&line["distance"])));
    assert!(line["reason"].is_null());
    for score in ["haemorrhage", "normal"] {
        assert!((0.0..=1.0).contains(&number(&line["scores"][score])));
    }
    assert_eq!(line["frame"], 0);
    assert_eq!(line["model"]["name"], "alexnet-svm");
    assert!(line["model"]["version"].is_string());
    let times = &line["elapsedMs"];
    let parts = ["decode", "preprocess", "inference"].map(|part| number(&times[part]));
    assert!(parts.iter().all(|&part| part > 0.0));
    assert!(number(&times["total"]) >= parts.iter().sum::<f64>() * 0.999);
}

#[test]
fn what_is_no_head_is_classified_all_the_same_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checks.png");
    let checks = image::GrayImage::from_fn(300, 200, |x, y| {
        image::Luma([if (x / 20 + y / 20) % 2 == 0 { 255 } else { 0 }])
    });
    checks.save(&path).unwrap();
    let out = haemolens(&["classify", "--json", path.to_str().unwrap()]);
    assert!(out.status.success(), "{out:?}");
    let line = &lines(&out)[0];
    assert!(line["label"].is_string());
    assert_eq!(line["inDistribution"], false);
    assert!(line["distance"].as_f64().unwrap() > 1.0);
    let reason = line["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("This does not look like a CT slice of a head: "),
        "{reason}"
    );
    let text = String::from_utf8(haemolens(&["classify", path.to_str().unwrap()]).stdout).unwrap();
    assert!(text.contains(reason), "{text}");
}

#[test]
fn a_bad_file_is_named_and_the_others_go_on() {
    let folder = phantoms();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("a-text.png"), "not an image").unwrap();
    std::fs::write(path("b-empty.png"), "").unwrap();
    let whole = std::fs::read(path("normal.bmp")).unwrap();
    std::fs::write(path("c-cut.bmp"), &whole[..whole.len() / 2]).unwrap();
    let missing = path("missing.png");
    let out = haemolens(&[
        "classify",
        "--json",
        folder.path().to_str().unwrap(),
        &missing,
    ]);
    assert_eq!(out.status.code(), Some(1));
    let lines = lines(&out);
    let errors: Vec<(&str, &str)> = lines
        .iter()
        .filter_map(|l| Some((name(l["file"].as_str()?), l["error"]["name"].as_str()?)))
        .collect();
    assert_eq!(
        errors,
        [
            ("a-text.png", "UnsupportedFormat"),
            ("b-empty.png", "EmptyInput"),
            ("c-cut.bmp", "CorruptImage"),
            ("missing.png", "CorruptImage"),
        ]
    );
    assert!(
        lines
            .iter()
            .all(|l| l["error"].is_null() || l["error"]["message"].as_str().unwrap().len() > 20)
    );
    assert_eq!(lines.iter().filter(|l| l["label"].is_string()).count(), 3);
}

#[test]
fn a_stored_model_takes_the_place_of_the_built_in_one_and_a_damaged_one_is_refused() {
    let folder = phantoms();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let margin = |out: &Output| lines(out)[0]["margin"].as_f64().unwrap();
    let (slice, model) = (path("subdural.bmp"), path("model.safetensors"));
    let with_model = ["classify", "--json", "--model", &model, &slice];

    let mut stored = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
    stored.haemorrhage.bias += 1.0;
    stored.facts.card.version = "7.7.7".into();
    std::fs::write(&model, stored.to_bytes().unwrap()).unwrap();
    let ours = haemolens(&with_model);
    let built_in = haemolens(&["classify", "--json", &slice]);
    assert!((margin(&ours) - margin(&built_in) - 1.0).abs() < 1e-6);
    assert_eq!(lines(&ours)[0]["model"]["version"], "7.7.7");

    std::fs::write(&model, &ALEXNET_SVM[..1_000_000]).unwrap();
    let refused = haemolens(&with_model);
    assert_eq!(refused.status.code(), Some(1));
    let complaint = String::from_utf8(refused.stderr).unwrap();
    assert!(complaint.contains("CorruptModel"), "{complaint}");
}

#[test]
fn the_card_is_of_the_model_that_is_asked_for_and_of_a_strangers_file_only_its_header() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let text = |arguments: &[&str]| {
        let out = haemolens(arguments);
        assert!(out.status.success(), "{out:?}");
        String::from_utf8(out.stdout).unwrap()
    };
    let own = text(&["card"]);
    for part in [
        "Not a medical device",
        "Out of scope",
        "CT-ICH, kind SDH: ",
        "Limitations",
    ] {
        assert!(own.contains(part), "{part}: {own}");
    }
    let open = models.join("alexnet-svm-open.safetensors");
    let json: Value =
        serde_json::from_str(&text(&["card", "--json", open.to_str().unwrap()])).unwrap();
    assert_eq!(json["models"].as_array().unwrap().len(), 1);
    assert_eq!(json["models"][0]["licence"], "CC-BY-4.0");
    assert!(json["outOfScope"].as_array().unwrap().len() > 3);
    // The same name and figures, but other probabilities: not the model that was measured.
    let mut stranger = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
    stranger.facts.calibration.haemorrhage.offset += 0.01;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    std::fs::write(&path, stranger.to_bytes().unwrap()).unwrap();
    let path = path.to_str().unwrap();
    let told = text(&["card", path]);
    assert!(
        told.contains("no more of this model") && told.contains("aucPatient"),
        "{told}"
    );
    assert!(!told.contains("Out of scope"), "{told}");
    let json: Value = serde_json::from_str(&text(&["card", "--json", path])).unwrap();
    assert_eq!(json["name"], "alexnet-svm");
    assert!(json.get("models").is_none());
}

#[test]
fn a_plane_of_ones_own_answers_in_the_place_of_the_models_and_another_networks_is_refused() {
    let folder = phantoms();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (slice, file, model) = (
        path("subdural.bmp"),
        path("plane.json"),
        path("model.safetensors"),
    );
    let mut classifier = Classifier::new().unwrap();
    let mut examples = Examples::default();
    for (group, name) in ["normal.bmp", "subdural.bmp"].iter().enumerate() {
        let content = Content::open(std::fs::read(path(name)).unwrap()).unwrap();
        let (_, units) = classifier.describe(&content, 0).unwrap();
        examples.add(&units, group == 1, group).unwrap();
    }
    let network = classifier.network_name().unwrap();
    let plane = StoredPlane::learn(network, &examples, 5).unwrap();
    std::fs::write(&file, plane.to_json().unwrap()).unwrap();

    let answer = &lines(&haemolens(&[
        "classify", "--json", "--plane", &file, &slice,
    ]))[0];
    classifier.use_plane(&plane).unwrap();
    let expected = classifier
        .classify(&std::fs::read(&slice).unwrap())
        .unwrap();
    assert_eq!(answer["margin"].as_f64().unwrap(), expected.margin);
    assert_eq!(answer["model"]["name"], "alexnet-svm-own");
    let explained = haemolens(&["explain", "--plane", &file, &slice]);
    assert!(explained.status.success());

    let mut other = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
    other.linears[0].layer.bias[3] += 1.0;
    std::fs::write(&model, other.to_bytes().unwrap()).unwrap();
    let refused = haemolens(&["classify", "--model", &model, "--plane", &file, &slice]);
    assert_eq!(refused.status.code(), Some(1));
    let complaint = String::from_utf8(refused.stderr).unwrap();
    assert!(
        complaint.contains("plane.json: CorruptModel: The plane reads"),
        "{complaint}"
    );
}

#[test]
fn an_operating_point_and_a_prevalence_change_the_answer_and_not_the_margin() {
    let folder = phantoms();
    let slice = folder.path().join("intraparenchymal.bmp");
    let on = |command: &str, terms: &[&str]| {
        let path = slice.to_str().unwrap();
        haemolens(&[&[command, "--json"], terms, &[path]].concat())
    };
    let answer = |command: &str, terms: &[&str]| lines(&on(command, terms))[0].clone();
    for command in ["classify", "study"] {
        let usual = answer(command, &[]);
        assert_eq!(usual["operatingPoint"], "balanced");
        let points = ["screening", "balanced", "confirming"];
        let thresholds = points.map(|point| {
            let found = answer(command, &["--operating-point", point]);
            assert_eq!(found["operatingPoint"], point);
            assert_eq!(found["margin"], usual["margin"]);
            assert_eq!(found["probability"], usual["probability"]);
            let threshold = number(&found["threshold"]);
            let label = match number(&found["margin"]) >= threshold {
                true => "haemorrhage",
                false => "normal",
            };
            assert_eq!(found["label"], label, "{command}, {point}");
            threshold
        });
        assert!(thresholds[0] < thresholds[1] && thresholds[1] < thresholds[2]);
        let log_odds = |answer: &Value, key: &str| {
            let p = number(&answer[key]);
            (p / (1.0 - p)).ln()
        };
        let rare = answer(command, &["--prevalence", "0.02"]);
        assert_eq!(rare["prevalence"], 0.02);
        let moved = log_odds(&rare, "probability") - log_odds(&usual, "probability");
        let expected = log_odds(&rare, "prevalence") - log_odds(&usual, "prevalence");
        assert!((moved - expected).abs() < 1e-9, "{command}");
        let kinds = |answer: &Value| number(&answer["kinds"][1]["probability"]);
        assert!(kinds(&rare) < kinds(&usual), "{command}");
    }
    let wrong = on("classify", &["--prevalence", "12"]);
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("between 0 and 1"));
    let wrong = on("classify", &["--operating-point", "keen"]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("screening, balanced or confirming"));
}

#[test]
fn an_explanation_sums_to_the_margin_and_is_drawn_over_the_slice() {
    let folder = phantoms();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (slice, map) = (path("subdural.bmp"), path("map.png"));
    let out = haemolens(&["explain", &slice, "--out", &map, "--json"]);
    assert!(out.status.success(), "{out:?}");
    let line = &lines(&out)[0];
    let number = |v: &Value| v.as_f64().unwrap_or_else(|| panic!("{v} is no number"));
    let contributions = line["contributions"].as_array().unwrap();
    let places = number(&line["columns"]) * number(&line["rows"]);
    assert_eq!(contributions.len() as f64, places);
    let sum: f64 = contributions.iter().map(number).sum();
    let whole = sum + number(&line["constant"]) + number(&line["rounding"]);
    let answer = lines(&haemolens(&["classify", "--json", &slice]));
    assert!((whole - number(&answer[0]["margin"])).abs() < 1e-5);
    assert_eq!(line["classification"]["label"], "haemorrhage");
    assert_eq!(name(line["file"].as_str().unwrap()), "subdural.bmp");

    let drawn = image::open(&map).unwrap().into_rgb8();
    let grey = image::open(&slice).unwrap().into_luma8();
    assert_eq!(drawn.dimensions(), grey.dimensions());
    let coloured = drawn.pixels().filter(|p| p.0[0] != p.0[2]).count();
    // Blood lies in few places, and only they are coloured.
    assert!(
        (512 * 512 / 100..512 * 512 / 2).contains(&coloured),
        "{coloured}"
    );

    let of_kind = lines(&haemolens(&["explain", "--kind", "SDH", "--json", &slice]));
    let kinds = answer[0]["kinds"].as_array().unwrap();
    let subdural = kinds.iter().find(|score| score["kind"] == "SDH").unwrap();
    assert_eq!(of_kind[0]["kind"], "SDH");
    assert_eq!(of_kind[0]["margin"], subdural["margin"]);
    let unknown = haemolens(&["explain", "--kind", "ICH", &slice]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("the kinds are EDH"));
    let cnn = concat!(env!("CARGO_MANIFEST_DIR"), "/models/cnn.safetensors");
    let untaught = haemolens(&["explain", "--kind", "SDH", "--model", cnn, &slice]);
    assert!(String::from_utf8_lossy(&untaught.stderr).contains("UnknownKind"));

    let text = String::from_utf8(haemolens(&["explain", &slice]).stdout).unwrap();
    let last = text.lines().last().unwrap();
    let margin = format!("margin {:+.5}", number(&answer[0]["margin"]));
    assert!(
        text.lines().count() as f64 == number(&line["rows"]) + 1.0 && last.ends_with(&margin),
        "{text}"
    );

    for (arguments, word) in [
        (vec!["explain", &slice, "--frame", "1"], "1 slice"),
        (vec!["explain", "nowhere.png"], "CorruptImage"),
        (
            vec!["explain", &slice, "--out", "/nowhere/map.png"],
            "cannot write",
        ),
    ] {
        let out = haemolens(&arguments);
        assert_eq!(out.status.code(), Some(1));
        let complaint = String::from_utf8(out.stderr).unwrap();
        assert!(complaint.contains(word), "{complaint}");
    }
}
