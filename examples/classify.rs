//! Classifies slices and says where the margin of each comes from:
//!
//! ```sh
//! cargo run --release --example classify -- slice.dcm picture.png
//! ```

use std::error::Error;
use std::process::ExitCode;

use haemolens::Classifier;
use haemolens::slice::Content;

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let mut classifier = match Classifier::new() {
        Ok(classifier) => classifier,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let mut code = ExitCode::SUCCESS;
    for path in &paths {
        if let Err(error) = report(&mut classifier, path) {
            eprintln!("{path}: {error}");
            code = ExitCode::FAILURE;
        }
    }
    code
}

/// Prints a line for each slice of a file.
fn report(classifier: &mut Classifier, path: &str) -> Result<(), Box<dyn Error>> {
    let content = Content::open(std::fs::read(path)?)?;
    for slice in 0..content.slices() {
        let explanation = classifier.explain(&content, slice)?;
        let answer = &explanation.classification;
        let strongest = explanation
            .contributions
            .iter()
            .copied()
            .fold(f32::NEG_INFINITY, f32::max);
        println!(
            "{path}\t{slice}\t{}\t{:.3}\tstrongest place {strongest:+.3}",
            answer.label, answer.probability
        );
    }
    Ok(())
}
