//! `haemolens explain`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use haemolens::slice::Content;
use haemolens::{Error, Explanation, HaemorrhageKind};
use serde_json::json;

use crate::examiner::ChosenModel;
use crate::files;

#[derive(clap::Args)]
pub struct Arguments {
    /// Picture to write: the slice with the map over it (PNG; orange counts towards haemorrhage, blue
    /// against it).
    #[arg(long)]
    out: Option<PathBuf>,
    /// The numbers as one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    model: ChosenModel,
    /// Which of the file's slices, counted from 0.
    #[arg(long, default_value_t = 0)]
    frame: usize,
    /// The map of one kind of haemorrhage instead: EDH, IPH, IVH, SAH or SDH.
    #[arg(long, value_parser = kind)]
    kind: Option<HaemorrhageKind>,
    /// Image.
    image: PathBuf,
}

/// Explains one slice: where in it its margin comes from.
pub fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let model = arguments.model.open()?;
    let mut classifier = model.classifier().map_err(|e| e.to_string())?;
    let file = arguments.image.display();
    let failed = |e: Error| format!("{file}: {}: {e}", e.name());
    let bytes = files::read(&arguments.image).map_err(failed)?;
    let content = Content::open(&bytes).map_err(failed)?;
    let frame = arguments.frame;
    if frame >= content.slices() {
        let slices = match content.slices() {
            1 => "1 slice".into(),
            count => format!("{count} slices"),
        };
        return Err(format!("{file}: the file holds {slices}, counted from 0."));
    }
    let explanation = match arguments.kind {
        None => classifier.explain(&content, frame),
        Some(kind) => classifier.explain_kind(&content, frame, kind),
    };
    let explanation = explanation.map_err(failed)?;
    if let Some(out) = &arguments.out {
        let slice = content.slice(frame).map_err(failed)?;
        write(out, &explanation.png_over(&slice).map_err(failed)?)?;
    }
    if arguments.json {
        let mut line = json!(explanation);
        line["file"] = json!(file.to_string());
        println!("{line}");
    } else {
        print(&explanation);
    }
    Ok(ExitCode::SUCCESS)
}

fn kind(code: &str) -> Result<HaemorrhageKind, String> {
    HaemorrhageKind::from_code(code)
        .ok_or_else(|| "the kinds are EDH, IPH, IVH, SAH and SDH".to_owned())
}

fn write(out: &Path, png: &[u8]) -> Result<(), String> {
    std::fs::write(out, png).map_err(|e| format!("cannot write to {}: {e}", out.display()))
}

/// The map row by row, and that it sums to the margin.
fn print(explanation: &Explanation) {
    for row in explanation.contributions.chunks(explanation.columns) {
        let row: Vec<String> = row.iter().map(|c| format!("{c:+8.4}")).collect();
        println!("{}", row.join(" "));
    }
    let sum: f64 = explanation
        .contributions
        .iter()
        .map(|&c| f64::from(c))
        .sum();
    println!(
        "contributions {sum:+.5}, constant {:+.5}, rounding {:+.5}: margin {:+.5}",
        explanation.constant, explanation.rounding, explanation.margin
    );
}
