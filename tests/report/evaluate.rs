//! `haemolens evaluate`: each protocol says what it measures, and refuses what it cannot.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use haemolens::phantom::{self, Kind};

use crate::data;
use crate::fixture::Fixture;

fn evaluate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_haemolens"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("evaluate")
        .args(arguments)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The data folder that the fixture's tables are of; the protocols that read stored margins want
/// its images to be there, and do not look into them.
fn write_data(fixture: &Fixture) -> PathBuf {
    write_source(fixture, "ct-ich")
}

/// The same slices as another source has them.
fn write_source(fixture: &Fixture, source: &str) -> PathBuf {
    let folder = fixture.path(source);
    std::fs::create_dir_all(&folder).unwrap();
    let mut labels = String::from("file,patient,hemorrhage\n");
    for row in fixture.held_out() {
        let patient = row.patient.trim_start_matches("ct-ich/");
        labels += &format!("{},{patient},{}\n", row.file, row.haemorrhage);
        std::fs::write(folder.join(&row.file), "").unwrap();
    }
    std::fs::write(folder.join("labels.csv"), labels).unwrap();
    folder
}

struct Paths {
    model: String,
    data: String,
    predictions: String,
    folds: String,
}

impl Paths {
    fn of(fixture: &Fixture) -> Self {
        let name = |path: &Path| path.to_str().unwrap().to_owned();
        Self {
            model: name(&fixture.path("alexnet-svm.safetensors")),
            data: name(&write_data(fixture)),
            predictions: name(&fixture.path("report/predictions")),
            folds: name(&fixture.path("folds.csv")),
        }
    }

    fn evaluate(&self, more: &[&str]) -> Output {
        let files = [
            self.model.as_str(),
            "--data",
            &self.data,
            "--predictions",
            &self.predictions,
            "--folds",
            &self.folds,
        ];
        evaluate(&[&files, more].concat())
    }
}

#[test]
fn stored_protocols_recompute_and_say_what_they_are() {
    let fixture = Fixture::whole();
    let paths = Paths::of(&fixture);
    let patient = text(&paths.evaluate(&["--protocol", "patient", "--preset", "paper"]));
    for part in [
        "alexnet-svm 0.0.1, preset paper, patient protocol",
        "never saw its patient",
        "alexnet-svm-paper-patient.csv",
        "60 slices of 12 patients; threshold that the other folds choose",
        "own decision",
        "trained otherwise",
        "accuracy                          0.900 (",
        "6 of 60",
    ] {
        assert!(patient.contains(part), "{part}: {patient}");
    }
    let paper = text(&paths.evaluate(&["--protocol", "paper", "--preset", "paper"]));
    assert!(
        paper.contains("for comparison with the paper's tables only"),
        "{paper}"
    );
    assert!(paper.contains("0 of 60"), "{paper}");
}

#[test]
fn several_folders_are_measured_apart_and_pooled() {
    let fixture = Fixture::whole();
    let paths = Paths::of(&fixture);
    let [other, aside] = ["other", "aside"].map(|source| write_source(&fixture, source));
    let sources = fixture.path("sources.toml");
    let more = |protocol: &'static str| {
        let [other, aside, sources] = [&other, &aside, &sources].map(|p| p.to_str().unwrap());
        let told = paths.evaluate(&[
            "--data",
            other,
            "--data",
            aside,
            "--sources",
            sources,
            "--preset",
            "best",
            "--protocol",
            protocol,
        ]);
        text(&told)
    };
    for (protocol, words) in [
        ("patient", "never saw its patient"),
        ("source", "never saw its source"),
    ] {
        let told = more(protocol);
        for part in [
            words,
            "\nFirst\n\n60 slices of 12 patients;",
            "\nOther\n",
            "\nAside (does not count: says nothing of skill)\n",
            "\nAll sources that count, every slice weighing the same\n\n120 slices of 24 patients;",
            "AUC                               0.948 (",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
    // Without one of the folders there are margins of slices that nobody can check.
    let alone = complaint(&paths.evaluate(&["--protocol", "patient", "--preset", "best"]));
    assert!(alone.contains("of the source other"), "{alone}");
}

#[test]
fn stored_protocols_refuse_other_data_other_folds_and_what_was_not_run() {
    let fixture = Fixture::whole();
    let paths = Paths::of(&fixture);
    let patient = ["--protocol", "patient", "--preset", "best"];
    let told = complaint(&paths.evaluate(&patient[..2]));
    assert!(
        told.contains("--preset") && told.contains("alexnet-svm-best-patient.csv"),
        "{told}"
    );

    let folds = std::fs::read_to_string(&paths.folds).unwrap();
    std::fs::write(&paths.folds, folds.replace("p1,1", "p1,2")).unwrap();
    let told = complaint(&paths.evaluate(&patient));
    assert!(told.contains("fold 1") && told.contains("fold 2"), "{told}");
    std::fs::write(&paths.folds, folds).unwrap();

    let labels = Path::new(&paths.data).join("labels.csv");
    let table = std::fs::read_to_string(&labels).unwrap();
    std::fs::write(&labels, table.replace("7.png,p7,0", "7.png,p7,1")).unwrap();
    let told = complaint(&paths.evaluate(&patient));
    assert!(
        told.contains("7.png") && told.contains("alexnet-svm-best-patient.csv"),
        "{told}"
    );

    let gone = Path::new(&paths.predictions).join("alexnet-svm-best-paper.csv");
    std::fs::remove_file(gone).unwrap();
    let told = complaint(&paths.evaluate(&["--protocol", "paper", "--preset", "best"]));
    assert!(
        told.contains("has not been measured by the paper protocol"),
        "{told}"
    );
    assert!(
        told.contains("Tables at hand: cnn-paper-patient.csv"),
        "{told}"
    );
}

#[test]
fn the_external_protocol_runs_the_model_and_warns_of_its_own_slices() {
    let fixture = Fixture::whole();
    let paths = Paths::of(&fixture);
    let folder = fixture.path("phantoms");
    std::fs::create_dir_all(&folder).unwrap();
    let mut labels = String::from("file,hemorrhage\n");
    for (i, kind) in Kind::ALL.into_iter().enumerate() {
        let file = format!("{i}.bmp");
        std::fs::write(folder.join(&file), phantom::draw(kind).to_bmp().unwrap()).unwrap();
        labels += &format!("{file},{}\n", u8::from(kind != Kind::Normal));
    }
    std::fs::write(folder.join("labels.csv"), labels).unwrap();
    let model = fixture.path("shipped.safetensors");
    std::fs::write(&model, haemolens::ALEXNET_SVM).unwrap();
    let arguments = [
        model.to_str().unwrap(),
        "--data",
        folder.to_str().unwrap(),
        "--predictions",
        &paths.predictions,
    ];
    let told = text(&evaluate(&arguments));
    assert!(
        told.contains("the shipped model with its own threshold"),
        "{told}"
    );
    assert!(
        told.contains("AUC                               1.000"),
        "{told}"
    );
    assert!(
        told.contains("0 of 3") && !told.contains("fitted on"),
        "{told}"
    );

    // The same slices under names that the model was fitted on.
    let table = fixture.path("report/predictions/alexnet-svm-best-patient.csv");
    let held_out = std::fs::read_to_string(&table).unwrap();
    std::fs::write(
        &table,
        held_out.replace("\nct-ich,0.png", "\nphantoms,0.bmp"),
    )
    .unwrap();
    let told = text(&evaluate(&arguments));
    assert!(told.contains("the slices that it was fitted on"), "{told}");
    assert!(told.contains("--protocol patient"), "{told}");
}

#[test]
fn the_shipped_model_is_measured_by_the_committed_margins() {
    let sources = ["ct-ich", "rsna", "rsna-boxes", "rsna-small", "phe-sich"];
    let folders: Option<Vec<_>> = sources.map(data::folder).into_iter().collect();
    let Some(folders) = folders else {
        return;
    };
    let mut arguments = vec![
        "models/alexnet-svm.safetensors",
        "--protocol",
        "patient",
        "--data",
    ];
    arguments.extend(folders.iter().filter_map(|folder| folder.to_str()));
    let told = text(&evaluate(&arguments));
    let report = std::fs::read_to_string("models/report/report.json").unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let figures = report["figures"].as_array().unwrap();
    let of_shipped = figures
        .iter()
        .find(|f| {
            (&f["network"], &f["preset"], &f["protocol"])
                == (&"alexnet-svm".into(), &"best".into(), &"patient".into())
        })
        .unwrap();
    assert!(told.contains("refitted on all patients"), "{told}");
    for (name, words) in [("auc", "AUC"), ("specificity", "specificity")] {
        let value = of_shipped["figures"][name]["value"].as_f64().unwrap();
        let line = format!("  {words:34}{value:.3} (");
        assert!(told.contains(&line), "{line}: {told}");
    }
}
