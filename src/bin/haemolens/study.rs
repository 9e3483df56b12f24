//! `haemolens study`.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use haemolens::slice::archive;
use haemolens::study::{Basis, Complaint, Failure, LeadingSlice, SeriesAnswer, StudyAnswer};
use haemolens::{Classifier, Label, Study};
use serde_json::json;

use crate::{classify, files};

#[derive(clap::Args)]
pub struct Arguments {
    /// One JSON object for each examination, one a line.
    #[arg(long)]
    json: bool,
    /// A stored model in the place of the built-in one.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Folders, ZIP archives or files of examinations.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// Answers for every examination; a file that cannot be read is listed, and the others count.
pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let mut classifier = match &arguments.model {
        Some(path) => classify::open_model(path)?,
        None => Classifier::new().map_err(|e| e.to_string())?,
    };
    let mut study = Study::new();
    for path in files::expand(&arguments.paths) {
        add(&mut classifier, &mut study, &path);
    }
    let answers = classifier.answer_study(&study);
    if answers.is_empty() {
        return Err("there is no file in what was named".into());
    }
    let mut text = String::new();
    for (number, answer) in answers.iter().enumerate() {
        if arguments.json {
            text += &format!("{}\n", json!(answer));
            continue;
        }
        if answers.len() > 1 {
            let gap = if number == 0 { "" } else { "\n" };
            text += &format!("{gap}Examination {} of {}\n", number + 1, answers.len());
        }
        text += &words(answer);
    }
    print(&text)?;
    let failed = answers.iter().any(|answer| !answer.failed.is_empty());
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Classifies a file, or an archive's files one at a time, into the study.
fn add(classifier: &mut Classifier, study: &mut Study, path: &Path) {
    let name = path.display().to_string();
    match archive_at(path) {
        Some(file) => classifier.add_archive_to_study(study, &name, BufReader::new(file)),
        None => match files::read(path) {
            Ok(bytes) => classifier.add_to_study(study, &name, &bytes),
            Err(error) => study.add_failure(Failure::new(name, &error)),
        },
    }
}

/// The file, if it is a ZIP archive.
fn archive_at(path: &Path) -> Option<File> {
    let mut head = [0; 4];
    let mut file = File::open(path).ok()?;
    file.read_exact(&mut head).ok()?;
    file.rewind().ok()?;
    archive::is_archive(&head).then_some(file)
}

/// Writes to standard output; a reader that has seen enough is no mistake.
fn print(text: &str) -> Result<(), String> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot write the answer: {error}"))
        }
        _ => Ok(()),
    }
}

/// The answer first, then the slices that carry it, then the series.
fn words(answer: &StudyAnswer) -> String {
    let mut lines = vec![verdict(answer)];
    lines.extend(answer.reason.clone());
    if answer.label.is_some() && answer.basis == Basis::HighestSlice {
        lines.push(
            "This model has learned nothing of whole studies: its highest slice answers, and the \
             more slices, the higher that is."
                .into(),
        );
    }
    if !answer.leading.is_empty() {
        let of = answer.slices;
        lines.push(format!("\nThe slices that say it most, of {of}:"));
    }
    lines.extend(answer.leading.iter().map(|slice| leading(answer, slice)));
    if !answer.series.is_empty() {
        lines.push("\nSeries:".into());
    }
    lines.extend(answer.series.iter().map(series));
    if !answer.failed.is_empty() {
        lines.push("\nNot read:".into());
    }
    lines.extend(answer.failed.iter().map(|failure| {
        let Complaint { name, message } = &failure.error;
        format!("  {}: {name}: {message}", failure.file)
    }));
    lines.join("\n") + "\n"
}

fn verdict(answer: &StudyAnswer) -> String {
    let (Some(label), Some(probability), Some(margin)) =
        (answer.label, answer.probability, answer.margin)
    else {
        return "no answer".into();
    };
    let label = match label {
        Label::Haemorrhage => "haemorrhage",
        Label::Normal => "normal",
    };
    let sure = if answer.inconclusive {
        " (inconclusive)"
    } else {
        ""
    };
    format!(
        "{label}{sure}, probability of haemorrhage {}, margin {margin:+.3} (threshold {:+.3})",
        percent(probability),
        answer.threshold
    )
}

fn leading(answer: &StudyAnswer, slice: &LeadingSlice) -> String {
    let series = &answer.series[slice.series];
    let number = series.number;
    let of_series = number.map_or(String::new(), |number| format!("series {number}, "));
    let frame = match slice.frame {
        0 => String::new(),
        frame => format!(" (frame {})", frame + 1),
    };
    format!(
        "  {:>5}  {of_series}slice {} of {}: {}{frame}",
        percent(slice.probability),
        slice.slice + 1,
        series.slices.len(),
        slice.file
    )
}

fn series(series: &SeriesAnswer) -> String {
    let number = series.number.map_or("–".into(), |n| n.to_string());
    let thickness = series
        .thickness
        .map_or(String::new(), |t| format!(", {t:.1} mm"));
    let slices = match series.slices.len() {
        1 => "1 slice".to_owned(),
        several => format!("{several} slices"),
    };
    let alone = series
        .probability
        .map_or(String::new(), |p| format!(" (by itself {})", percent(p)));
    let used = match &series.why {
        None => "used".to_owned(),
        Some(why) => format!("not used: {why}{alone}"),
    };
    let kind = series.kind.words();
    format!("  {number:>5}  {kind}{thickness}, {slices}: {used}")
}

fn percent(probability: f64) -> String {
    format!("{:.0} %", probability * 100.0)
}
