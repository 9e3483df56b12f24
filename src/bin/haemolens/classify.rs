//! `haemolens classify`.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use haemolens::ModelName;
use haemolens::model::StoredModel;

use crate::examiner::Examiner;
use crate::files::{self, Found};
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::resume::{self, Answered};
use crate::sources::Sources;
use crate::stream::{self, Examined};

#[derive(clap::Args)]
pub struct Arguments {
    /// One JSON object a line.
    #[arg(long, group = "format")]
    json: bool,
    /// One row of comma-separated values a slice, after a header.
    #[arg(long, group = "format")]
    csv: bool,
    /// Write to this file instead of to standard output.
    #[arg(long, value_name = "FILE", requires = "format")]
    output: Option<PathBuf>,
    /// Go on with the output of a run that was stopped: files that it answers are left out.
    #[arg(long, requires = "output")]
    skip_existing: bool,
    #[command(flatten)]
    examiner: Examiner,
    /// Images, archives (ZIP) of them, or folders of both.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// Classifies every slice; a bad file is reported and the others go on.
pub fn run(a: &Arguments) -> Result<ExitCode, String> {
    let model = a.examiner.model.open()?;
    let (file, answered) = destination(a, &model.model)?;
    let mut output = Output::new(a.format(), file);
    if !answered.begun() {
        output.begin().or_else(unless_closed)?;
    }
    let found = || files::walk(a.paths.clone()).filter(is_not(a.output.as_deref()));
    let progress = Progress::over(|| found().count());
    let (of_archives, of_answered) = (progress.total(), progress.total());
    let mut failures = answered.failures;
    let sources = Sources::new(found(), move |members| of_archives.is_archive_of(members));
    let sources = sources.filter(|source| {
        let left_out = answered.files.contains(&source.name);
        if left_out {
            of_answered.leave_out();
        }
        !left_out
    });
    let put = |examined: Examined| {
        if examined.outcome.is_err() {
            failures += 1;
            progress.failed();
        }
        let written = match output.shows() {
            true => progress.aside(|| output.put(&examined)),
            false => output.put(&examined),
        };
        if examined.ends_file() {
            progress.done();
        }
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(e) => ControlFlow::Break(e),
        }
    };
    let ended = stream::examine_all(&model, a.examiner.jobs(), sources, put);
    progress.end();
    let ended = ended.map_err(|e| format!("{}: {e}", e.name()))?;
    ended.or_else(unless_closed)?;
    Ok(match failures {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

impl Arguments {
    fn format(&self) -> Format {
        match (self.json, self.csv) {
            (true, _) => Format::Json,
            (_, true) => Format::Csv,
            _ => Format::Text,
        }
    }
}

/// The file to write to, if one was named, and what it holds already.
fn destination(a: &Arguments, model: &StoredModel) -> Result<(Option<File>, Answered), String> {
    let Some(path) = &a.output else {
        return Ok((None, Answered::default()));
    };
    let card = &model.facts.card;
    let name = ModelName {
        name: card.name.clone(),
        version: card.version.clone(),
    };
    let (file, answered) = resume::open(path, a.format(), &name, a.skip_existing)?;
    Ok((Some(file), answered))
}

/// Whoever reads the answers may have had enough of them.
fn unless_closed(e: io::Error) -> Result<(), String> {
    match e.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(format!("the answers cannot be written: {e}")),
    }
}

/// Leaves the output out, which may lie in a folder that is examined.
fn is_not(output: Option<&Path>) -> impl Fn(&Found) -> bool + Send + use<> {
    let output = output.and_then(|path| path.canonicalize().ok());
    move |found| match (found, &output) {
        (Ok(path), Some(output)) if path.file_name() == output.file_name() => {
            path.canonicalize().ok().as_ref() != Some(output)
        }
        _ => true,
    }
}
