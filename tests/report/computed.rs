//! `Report` of a drawn project: every table, plot, gap and complaint.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use haemolens::model_card::Card;
use haemolens::train::TrainError;
use haemolens::train::report::{Report, markers};
use serde_json::{Value, json};

use crate::fixture::Fixture;

/// The report of a whole fixture, computed once.
fn whole() -> &'static Report {
    static WHOLE: OnceLock<Report> = OnceLock::new();
    WHOLE.get_or_init(|| Fixture::whole().compute())
}

#[test]
fn a_whole_report_has_no_gap_and_is_the_same_twice() {
    let report = whole();
    assert_eq!(report.gaps, []);
    assert!(!report.files["README.md"].contains("not yet run"));
    let again = Fixture::whole().compute();
    assert!(report.files == again.files && report.card == again.card);
}

#[test]
fn plots_are_well_formed_titled_and_shown() {
    let report = whole();
    let readme = &report.files["README.md"];
    let plots: Vec<_> = report
        .files
        .iter()
        .filter(|(name, _)| name.ends_with(".svg"))
        .collect();
    // Confusion, ROC and calibration of four protocols; four networks' learning curves by two;
    // kernels and maps of two layers, and scores, of three networks.
    assert_eq!(plots.len(), 3 * 4 + 4 * 2 + 3 * (2 * 2 + 1));
    for (name, svg) in plots {
        let document = roxmltree::Document::parse(svg).unwrap_or_else(|e| panic!("{name}: {e}"));
        let root = document.root_element();
        assert!(root.has_tag_name(("http://www.w3.org/2000/svg", "svg")));
        let title = root.children().find(|n| n.is_element()).unwrap();
        assert!(title.has_tag_name(("http://www.w3.org/2000/svg", "title")));
        assert!(title.text().unwrap().len() > 10, "{name}");
        assert!(readme.contains(&format!("({name})")), "{name} is not shown");
    }
}

#[test]
fn tables_hold_the_papers_numbers_beside_ours() {
    let report = whole();
    let json: Value = serde_json::from_str(&report.files["report.json"]).unwrap();
    let rows = |key: &str| -> Vec<Value> {
        let tables = json["tables"].as_array().unwrap();
        let table = tables.iter().find(|t| t["key"] == key).unwrap();
        table["rows"].as_array().unwrap().clone()
    };
    let has = |key: &str, row: Value| {
        let rows = rows(key);
        assert!(rows.contains(&row), "{key}: {row} is not in {rows:#?}");
    };
    let (paper, patient) = (
        "ours: preset paper, paper protocol",
        "ours: preset paper, patient protocol",
    );
    let own = "own decision, margin ≥ 0";
    has(
        "table2",
        json!([
            "AlexNet",
            "the paper",
            0.8,
            0.01,
            200,
            0.9412,
            0.9213,
            0.087,
            null
        ]),
    );
    // 70 of 100 images; the last test figures are those of epoch 2, epoch 3 has none.
    has(
        "table2",
        json!(["CNN", paper, 0.7, 0.001, 3, 0.9, 0.8, 0.05, 0.15]),
    );
    // Folds of 8 and 12 test images with accuracies 0.7 and 0.8 in turn.
    let mean = (0.7 * 8.0 * 3.0 + 0.8 * 12.0 * 2.0) / (8.0 * 3.0 + 12.0 * 2.0);
    let share = 200.0 / 248.0;
    has(
        "table2",
        json!([
            "CNN",
            format!("{patient}, 5 of 5 folds"),
            rounded(share),
            0.001,
            3,
            0.9,
            rounded(mean),
            0.05,
            0.15
        ]),
    );
    has(
        "table3",
        json!(["ours: linear probes of CNN", 0.1, 0.09, 0.08, 0.07, null]),
    );
    has(
        "table4",
        json!(["AlexNet-SVM", "the paper", null, 3790, 3543, 0.9348]),
    );
    has("table4", json!(["CNN", paper, own, 60, 60, 1.0]));
    has(
        "table5",
        json!(["CNN", patient, own, 0.8, 0.8, 0.8, 0.2, 12]),
    );
    has(
        "table5",
        json!(["CNN", "the paper", null, 0.89, 0.9, 0.86, 0.11, null]),
    );
    has("table6", json!(["CNN", paper, 100, 1.0]));
    has(
        "table6",
        json!([
            "autoencoder, Helwan et al. 2018",
            "as the paper cites it",
            2527,
            0.883
        ]),
    );
    let confusion = ["CNN", patient, own].map(Value::from);
    has(
        "confusion",
        json!([confusion.to_vec(), [24, 6, 6, 24].map(Value::from).to_vec()].concat()),
    );
    has("guard", json!(["photo", "held-back", 8, 7, 0.875]));
    // Each of the twelve patients bleeds somewhere: there is nothing to tell apart.
    let studies = rows("studies");
    assert_eq!(studies.len(), 6);
    let known = ["CNN", patient].map(Value::from).to_vec();
    let row = [
        known,
        [12, 12].map(Value::from).to_vec(),
        vec![Value::Null; 7],
    ]
    .concat();
    assert_eq!(studies[0], Value::from(row));
    let rounding = rows("rounding");
    let slices: Vec<_> = rounding
        .iter()
        .map(|row| [&row[2], &row[3], &row[6]])
        .collect();
    let expected = [
        [json!("First"), json!(60), json!(0.983333)],
        [json!("Other"), json!(60), json!(1.0)],
        [json!("pooled"), json!(120), json!(0.991667)],
    ];
    assert_eq!(slices, expected.each_ref().map(|row| row.each_ref()));
    // A network against itself trained otherwise: the same margins, so no slice divides them.
    let comparisons = rows("comparisons");
    assert_eq!(comparisons.len(), 15 + 10 + 6);
    let same = comparisons
        .iter()
        .find(|r| r[1] == "AlexNet-SVM, preset paper" && r[2] == "AlexNet-SVM, preset best")
        .unwrap();
    assert_eq!(
        (&same[8], &same[9], &same[10]),
        (&json!(0), &json!(0), &json!(1.0))
    );
}

#[test]
fn sources_are_measured_apart_and_pooled_and_what_does_not_count_is_aside() {
    let report = whole();
    let json: Value = serde_json::from_str(&report.files["report.json"]).unwrap();
    let rows = |key: &str| -> Vec<Value> {
        let tables = json["tables"].as_array().unwrap();
        let table = tables.iter().find(|t| t["key"] == key).unwrap();
        table["rows"].as_array().unwrap().clone()
    };
    let found: Vec<String> = rows("sources")
        .iter()
        .map(|row| {
            let auc = row[6]["value"].as_f64().unwrap();
            let [protocol, slices, model, counts] =
                [0, 1, 2, 13].map(|column| row[column].as_str().unwrap());
            format!(
                "{protocol} | {slices} | {model} | {} | {auc:.2} | {counts}",
                row[3]
            )
        })
        .collect();
    let expected = [
        "held-out patients | First | all sources | 60 | 0.90 | yes",
        "held-out patients | First | open, CT-ICH alone | 60 | 0.81 | yes",
        "held-out patients | Other | all sources | 60 | 1.00 | yes",
        "held-out patients | Aside | all sources | 60 | 0.00 | no: says nothing of skill",
        "held-out patients | pooled | all sources | 120 | 0.95 | yes",
        "source left out | First | all sources | 60 | 0.90 | yes",
        "source left out | Other | all sources | 60 | 1.00 | yes",
        "source that the model never saw | Other | open, CT-ICH alone | 60 | 1.00 | yes",
        "source left out | Aside | all sources | 60 | 0.00 | no: says nothing of skill",
        "source that the model never saw | Aside | open, CT-ICH alone | 60 | 0.00 | no: says \
         nothing of skill",
        "source left out | pooled | all sources | 120 | 0.95 | yes",
        "external | head-ct | all sources | 60 | 0.90 | yes",
        "external | head-ct | open, CT-ICH alone | 60 | 0.81 | yes",
    ];
    assert_eq!(found, expected);
    for row in [
        "| held-out patients | pooled |",
        "| external | head-ct | open",
    ] {
        assert!(report.card.contains(row), "{row}: {}", report.card);
    }
    assert!(!report.card.contains("Aside"), "{}", report.card);
}

#[test]
fn maps_that_point_at_the_blood_are_counted_beside_chance() {
    let report = whole();
    let json: Value = serde_json::from_str(&report.files["report.json"]).unwrap();
    let tables = json["tables"].as_array().unwrap();
    let places = tables.iter().find(|t| t["key"] == "places").unwrap();
    let rows = places["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2 * 3);
    let pooled = &rows[2];
    assert_eq!(
        (&pooled[1], &pooled[2], &pooled[3], &pooled[4]),
        (
            &json!("pooled"),
            &json!("all sources"),
            &json!(8),
            &json!(4)
        )
    );
    let [hits, chance] = [5, 6].map(|column| &pooled[column]);
    assert_eq!(
        (&hits["value"], &chance["value"]),
        (&json!(0.75), &json!(0.25))
    );
    let low = hits["low"].as_f64().unwrap();
    assert!((0.4..0.75).contains(&low), "{hits}");
    assert_eq!(chance["low"], chance["high"]);
    assert!(
        report.card.contains("highest place in a box"),
        "{}",
        report.card
    );
}

fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[test]
fn leakage_is_told_from_the_numbers_and_stands_in_the_card() {
    let report = whole();
    let json: Value = serde_json::from_str(&report.files["report.json"]).unwrap();
    let paragraph = json["leakage"].as_str().unwrap();
    for part in [
        "AlexNet-SVM (preset paper) then reaches an accuracy of 100.0 % and an AUC of 1.000",
        "reaches an accuracy of 90.0 %",
        "Over the 5 networks measured both ways",
        "adds +10.0 to +20.0 points of accuracy",
        "leakage, not skill",
    ] {
        assert!(paragraph.contains(part), "{part}: {paragraph}");
    }
    assert!(report.card.contains(paragraph));
    assert!(report.files["README.md"].contains(paragraph));
}

#[test]
fn histograms_count_every_margin_once_on_one_axis_a_network() {
    let report = whole();
    let margins: Vec<Value> = serde_json::from_str(&report.files["margins.json"]).unwrap();
    let json: Value = serde_json::from_str(&report.files["report.json"]).unwrap();
    let same = |a: &Value, b: &Value, keys: &[&str]| keys.iter().all(|key| a[key] == b[key]);
    let mut axes: BTreeMap<String, [Value; 2]> = BTreeMap::new();
    for histogram in &margins {
        let of = ["network", "preset", "protocol"];
        let mut figures = json["figures"].as_array().unwrap().iter();
        let figures = figures.find(|f| same(f, histogram, &of)).unwrap();
        let sum = |class: &str| -> u64 {
            let counts = histogram[class].as_array().unwrap().iter();
            counts.map(|count| count.as_u64().unwrap()).sum()
        };
        let confusion = |cell: &str| figures["confusion"][cell].as_u64().unwrap();
        let haemorrhages = confusion("truePositive") + confusion("falseNegative");
        assert_eq!(sum("haemorrhage"), haemorrhages, "{histogram}");
        let whole = sum("haemorrhage") + sum("normal");
        assert_eq!(Some(whole), figures["slices"].as_u64());
        let axis = [histogram["lowest"].clone(), histogram["highest"].clone()];
        let network = format!("{} {}", histogram["network"], histogram["preset"]);
        assert_eq!(*axes.entry(network).or_insert(axis.clone()), axis);
    }
    assert!(margins.len() > axes.len(), "protocols share an axis");
}

#[test]
fn every_row_of_ours_has_its_command() {
    let json: Value = serde_json::from_str(&whole().files["report.json"]).unwrap();
    let commands = json["commands"].as_array().unwrap();
    let mut found = 0;
    for table in json["tables"].as_array().unwrap() {
        for row in table["rows"].as_array().unwrap() {
            let words: Vec<&str> = row
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .collect();
            let Some(source) = words.iter().find(|word| word.starts_with("ours:")) else {
                continue;
            };
            let is_of = |made: &Value, key: &str, fits: &dyn Fn(&str) -> bool| {
                made[key].as_str().is_none_or(fits)
            };
            let made = commands.iter().find(|made| {
                is_of(made, "table", &|key| Some(key) == table["key"].as_str())
                    && is_of(made, "network", &|title| words.contains(&title))
                    && is_of(made, "source", &|begin| source.starts_with(begin))
            });
            let made = made.unwrap_or_else(|| panic!("{words:?} has no command"));
            assert!(
                made["command"]
                    .as_str()
                    .unwrap()
                    .starts_with("haemolens train ")
            );
            found += 1;
        }
    }
    assert!(found > 20, "only {found} rows");
}

#[test]
fn what_is_missing_is_a_gap_with_its_command() {
    let fixture = Fixture::empty();
    let report = fixture.compute();
    let commands: BTreeSet<&str> = report.gaps.iter().map(|g| g.command.as_str()).collect();
    for command in [
        "haemolens train cnn --preset paper --protocol paper",
        "haemolens train alexnet --preset paper --protocol patient",
        "haemolens train alexnet-svm --sources models/sources.toml --out \
         models/alexnet-svm.safetensors",
        "haemolens train alexnet-svm --preset best --sources models/sources.toml --protocol source",
        "haemolens train alexnet-svm --preset open --sources models/sources.toml --only ct-ich --out \
         models/alexnet-svm-open.safetensors",
        "haemolens report --data DIR",
    ] {
        assert!(commands.contains(command), "{command} not in {commands:?}");
        let readme = &report.files["README.md"];
        assert!(readme.contains(&format!("`{command}`")), "{command}");
    }
    assert!(report.card.contains("Not yet run"));
}

#[test]
fn files_that_cannot_be_understood_are_named() {
    let complaint = |name: &str, content: &str| -> String {
        let fixture = Fixture::whole();
        std::fs::write(fixture.path(name), content).unwrap();
        let error: TrainError = fixture.try_compute().err().expect(name);
        error.to_string()
    };
    let log = "report/runs/cnn-paper-paper.json";
    assert!(complaint(log, "{").contains("cnn-paper-paper.json"));
    let table = "report/predictions/cnn-paper-patient.csv";
    assert!(complaint(table, "file,margin\na.png,x\n").contains("cnn-paper-patient.csv"));
    let one_fold = "file,variant,patient,fold,haemorrhage,margin,normal_margin\n\
                    a.png,0,p,0,1,0.5,-0.5\nb.png,0,q,0,0,-0.5,0.5\n";
    let told = complaint(table, one_fold);
    assert!(
        told.contains("cnn-paper-patient.csv") && told.contains("fold"),
        "{told}"
    );
    assert!(complaint("cnn.safetensors", "no model").contains("cnn.safetensors"));
    assert!(complaint("folds.csv", "patient,fold\np0,0\n").contains("--data DIR"));
}

#[test]
fn the_card_has_each_models_figures_by_group_and_its_failures_by_name() {
    let report = whole();
    let card: Card = serde_json::from_str(report.card_json.as_deref().unwrap()).unwrap();
    let names: Vec<&str> = card.models.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["alexnet-svm", "alexnet-svm-open"]);
    let model = &card.models[0];
    // Every eighth slice of each class is wrong in the first source, none in the second.
    let wrong: Vec<_> = model
        .failures
        .counts
        .iter()
        .map(|c| {
            (
                c.slices_of.as_str(),
                c.haemorrhages,
                c.missed,
                c.false_alarms,
            )
        })
        .collect();
    let expected = [
        ("First", 30, 3, 3),
        ("Other", 30, 0, 0),
        ("Aside", 30, 30, 30),
        ("pooled", 60, 3, 3),
    ];
    assert_eq!(wrong, expected);
    let files: Vec<&str> = model
        .failures
        .slices
        .iter()
        .map(|s| s.file.as_str())
        .collect();
    assert_eq!(
        files,
        ["47.png", "30.png", "15.png", "31.png", "46.png", "14.png"]
    );
    let rows = &report.files["failures-alexnet-svm-best-patient.csv"];
    assert_eq!(rows.lines().count(), 1 + 6 + 60);
    let group = |by: &str, name: &str| {
        let mut found = model.performance.iter();
        found
            .find(|p| p.by == by && p.slices_of == "First" && p.group.starts_with(name))
            .unwrap()
    };
    let smallest = group("size", "smallest third");
    assert_eq!((smallest.slices, smallest.haemorrhages), (10, 10));
    // One of the ten smallest is missed: the sixteenth slice, of those up to the twentieth.
    assert_eq!(smallest.figures["sensitivity"].value, 0.9);
    assert_eq!(group("level", "lowest third").slices, 24);
    assert_eq!(group("fracture", "fracture").slices, 12);
    assert!(group("source", "First").figures["auc"].low.is_some());
    let source = &card.sources[0];
    assert_eq!(
        (
            source.title.as_str(),
            source.counts.slices,
            source.counts.patients
        ),
        ("First", 60, 12)
    );
    let dealt: usize = card.partition.folds.iter().map(|f| f.counts.slices).sum();
    assert_eq!(dealt, 180);
    assert!(report.sections["failures"].contains("ct-ich/47.png"));
    assert!(report.sections["use"].contains("- Children."));
}

#[test]
fn the_report_is_written_where_it_is_asked_for() {
    let (fixture, report) = (Fixture::empty(), whole());
    let card = fixture.path("README.md");
    let [begin, end] = markers("report");
    let place = format!("# Card\n{begin}\nstale\n{end}\nend\n");
    std::fs::write(&card, place).unwrap();
    report.write(&fixture.path("out"), &card).unwrap();
    let written: BTreeMap<String, String> = report
        .files
        .keys()
        .map(|name| {
            let path = fixture.path("out").join(name);
            (name.clone(), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    assert!(written == report.files);
    let json = std::fs::read_to_string(fixture.path("card.json")).ok();
    assert!(json == report.card_json && json.is_some());
    let card = std::fs::read_to_string(card).unwrap();
    assert!(card.contains(report.card.trim_end()) && !card.contains("stale"));
}
