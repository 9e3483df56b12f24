//! `haemolens study`.

use std::convert::Infallible;
use std::io::{ErrorKind, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use haemolens::Study;
use haemolens::study::{Basis, Complaint, Failure, LeadingSlice, SeriesAnswer, StudyAnswer};
use serde_json::json;

use crate::examiner::Examiner;
use crate::files;
use crate::output;
use crate::sources::Sources;
use crate::stream::{self, Examined};

#[derive(clap::Args)]
pub struct Arguments {
    /// One JSON object for each examination, one a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    examiner: Examiner,
    /// Folders, ZIP archives or files of examinations.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// Answers for every examination; a file that cannot be read is listed, and the others count.
pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let model = arguments.examiner.model.open()?;
    let mut study = Study::new();
    let sources = Sources::new(files::walk(arguments.paths.clone()), |_| ());
    let gather = |examined: Examined| {
        add(&mut study, examined);
        ControlFlow::<Infallible>::Continue(())
    };
    let jobs = arguments.examiner.jobs();
    let Ok(()) = stream::examine_all(&model, jobs, sources, gather).map_err(|e| e.to_string())?;
    let classifier = model.classifier().map_err(|e| e.to_string())?;
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

/// Adds a slice, or what could not be read.
fn add(study: &mut Study, examined: Examined) {
    let Examined {
        file,
        slice,
        place,
        outcome,
    } = examined;
    match (outcome, slice) {
        (Ok(answer), _) => study.add(file, answer, place),
        (Err(error), Some((frame, frames))) if frames > 1 => {
            let error = error.of(&format!("slice {}", frame + 1));
            study.add_failure(Failure::new(file, &error));
        }
        (Err(error), _) => study.add_failure(Failure::new(file, &error)),
    }
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
    let sure = if answer.inconclusive {
        " (inconclusive)"
    } else {
        ""
    };
    format!(
        "{label}{sure}, probability of haemorrhage {}{}, margin {margin:+.3} (threshold {:+.3}, \
         {}){}",
        percent(probability),
        output::where_common(answer.prevalence),
        answer.threshold,
        answer.operating_point,
        output::likely_kinds(label, answer.inconclusive, &answer.kinds),
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
