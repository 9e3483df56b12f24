//! `haemolens classify`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use haemolens::model::StoredModel;
use haemolens::{Classification, Classifier, Error, Label};
use serde_json::json;

use crate::files;

#[derive(clap::Args)]
pub struct Arguments {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// A stored model in the place of the built-in one.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Images, or folders of them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// Classifies every file; a bad one is reported and the others go on.
pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let mut classifier = match &arguments.model {
        Some(path) => open_model(path)?,
        None => Classifier::new().map_err(|e| e.to_string())?,
    };
    let mut code = ExitCode::SUCCESS;
    for file in files::expand(&arguments.paths) {
        let answers = files::read(&file).and_then(|bytes| classifier.classify_all(&bytes));
        if answers.is_err() {
            code = ExitCode::FAILURE;
        }
        if arguments.json {
            print_json(&file, answers);
        } else {
            print_text(&file, answers);
        }
    }
    Ok(code)
}

pub fn open_model(path: &Path) -> Result<Classifier, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    StoredModel::from_bytes(&bytes)
        .and_then(Classifier::from_model)
        .map_err(|e| format!("{}: {}: {e}", path.display(), e.name()))
}

fn print_json(file: &Path, answers: Result<Vec<Classification>, Error>) {
    let file = file.display().to_string();
    match answers {
        Ok(answers) => {
            for answer in answers {
                let mut line = json!(answer);
                line["file"] = json!(file);
                println!("{line}");
            }
        }
        Err(e) => println!(
            "{}",
            json!({"file": file, "error": {"name": e.name(), "message": e.to_string()}})
        ),
    }
}

fn print_text(file: &Path, answers: Result<Vec<Classification>, Error>) {
    match answers {
        Ok(answers) => {
            let (count, several) = (answers.len(), answers.len() > 1);
            for a in answers {
                let place = match several {
                    true => format!(" ({} of {count})", a.frame + 1),
                    false => String::new(),
                };
                let label = match a.label {
                    Label::Haemorrhage => "haemorrhage",
                    Label::Normal => "normal",
                };
                if let Some(reason) = &a.reason {
                    println!(
                        "{}{place}: {reason} It was classified all the same:",
                        file.display()
                    );
                }
                println!(
                    "{}{place}: {label}{}, probability of haemorrhage {:.0} %, margin {:+.3} \
                     (threshold {:+.3}), {:.0} ms",
                    file.display(),
                    if a.inconclusive {
                        " (inconclusive)"
                    } else {
                        ""
                    },
                    a.probability * 100.0,
                    a.margin,
                    a.threshold,
                    a.elapsed_ms.total,
                );
            }
        }
        Err(e) => eprintln!("{}: {}: {e}", file.display(), e.name()),
    }
}
