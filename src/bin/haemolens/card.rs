//! `haemolens card`: the model card as text or JSON.

use std::fmt::Write;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use haemolens::ALEXNET_SVM;
use haemolens::model::{ModelCard, StoredModel};
use haemolens::model_card::{Card, Collection, Interval, Model, Performance};
use serde_json::json;

use crate::files;

/// The width of a line of text.
const WIDTH: usize = 96;

#[derive(clap::Args)]
pub struct Arguments {
    /// A stored model in the place of the built-in one. Of a model that this program does not know, what
    /// its header says.
    model: Option<PathBuf>,
    /// The card as JSON (schema: models/card.schema.json); of an unknown model, its header's card.
    #[arg(long)]
    json: bool,
}

pub fn run(a: &Arguments) -> Result<ExitCode, String> {
    let file = match &a.model {
        Some(path) => files::read(path).map_err(|e| format!("{}: {e}", path.display()))?,
        None => ALEXNET_SVM.to_vec(),
    };
    let stored = StoredModel::from_bytes(&file);
    let header = stored.map_err(|e| e.to_string())?.facts.card;
    let card = Card::embedded().map_err(|e| format!("the model card of this build: {e}"))?;
    let known = card.model_of(&file).cloned();
    let text = match (known, a.json) {
        (Some(model), true) => {
            let of_one = Card {
                models: vec![model],
                ..card
            };
            pretty(&json!(of_one))?
        }
        (None, true) => pretty(&json!(header))?,
        (Some(model), false) => text(&card, &model),
        (None, false) => of_header(&header),
    };
    // A reader that has seen enough, such as `head`, is no fault.
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.to_string()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn pretty(value: &serde_json::Value) -> Result<String, String> {
    let text = serde_json::to_string_pretty(value).map_err(|e| e.to_string())?;
    Ok(text + "\n")
}

/// The card of a model that it knows.
fn text(card: &Card, model: &Model) -> String {
    let mut out = Page::default();
    out.line(&format!(
        "{} {} ({})",
        model.name, model.version, model.title
    ));
    out.line(&card.notice);
    out.head("Intended use");
    out.line(&card.intended_use.purpose);
    out.list(&card.intended_use.users);
    out.line(&format!("Input: {}", card.intended_use.input));
    out.line(&format!("Output: {}", card.intended_use.output));
    out.head("Out of scope");
    out.list(&card.out_of_scope);
    out.head("Made from");
    out.line(&format!("Licence of the weights: {}", model.licence));
    out.line(&model.data);
    out.line(&model.protocol);
    out.head("Sources");
    for source in &card.sources {
        let counts = &source.counts;
        out.line(&format!(
            "{}: {} slices, {} with haemorrhage, of {} patients. {}",
            source.title, counts.slices, counts.haemorrhages, counts.patients, source.citation
        ));
        out.list(&told(&source.collection));
    }
    out.line(&card.partition.method);
    out.head("Figures, with 95 % intervals over patients");
    for measured in &model.performance {
        out.item(&performance(measured));
    }
    out.head("Failures");
    out.line(&model.failures.summary);
    for count in &model.failures.counts {
        out.item(&format!(
            "{}: {} of {} haemorrhages missed, {} of {} normal slices false alarms",
            count.slices_of, count.missed, count.haemorrhages, count.false_alarms, count.normals
        ));
    }
    for slice in &model.failures.slices {
        out.item(&format!(
            "{} {}/{}: probability {:.3}",
            slice.failure, slice.source, slice.file, slice.probability
        ));
    }
    out.head("Limitations");
    out.list(&card.limitations);
    out.head("Not measured");
    out.list(&card.not_measured);
    out.head("Comparison with people");
    out.line(&card.human_comparison);
    out.head("Maintenance");
    out.line(&card.maintenance.updates);
    out.line(&card.maintenance.report_a_fault);
    out.text
}

fn told(collection: &Collection) -> [String; 7] {
    [
        format!("Setting: {}", collection.setting),
        format!("Dates: {}", collection.dates),
        format!("Whose scans: {}", collection.eligibility),
        format!("Scanners: {}", collection.scanners),
        format!("Slice thickness: {}", collection.slice_thickness),
        format!("Reference standard: {}", collection.reference_standard),
        format!("What of it is used: {}", collection.selection),
    ]
}

/// `held-out patients, CT-ICH, kind SDH: 60 slices of 4 patients, 60 with haemorrhage: auc 0.9 (…)`.
fn performance(p: &Performance) -> String {
    let mut text = format!("{}, {}", p.protocol, p.slices_of);
    if p.by != "source" {
        let _ = write!(text, ", {} {}", p.by, p.group);
    }
    let _ = write!(
        text,
        ": {} slices of {} patients, {} with haemorrhage",
        p.slices, p.patients, p.haemorrhages
    );
    for (name, figure) in &p.figures {
        let _ = write!(text, ", {name} {}", interval(figure));
    }
    text
}

fn interval(figure: &Interval) -> String {
    match (figure.low, figure.high) {
        (Some(low), Some(high)) => format!("{:.3} ({low:.3} to {high:.3})", figure.value),
        _ => format!("{:.3}", figure.value),
    }
}

/// What a header says of a model that nothing else is known of.
fn of_header(header: &ModelCard) -> String {
    let mut out = Page::default();
    out.line(&format!("{} {}", header.name, header.version));
    out.line("Not a medical device. This program knows no more of this model than its file's header says.");
    out.head("Made from");
    out.line(&format!("Licence of the weights: {}", header.licence));
    out.line(&header.data);
    out.line(&header.protocol);
    out.head("Figures");
    for (name, figure) in &header.figures {
        let shown = Interval {
            value: figure.value,
            low: figure.low,
            high: figure.high,
        };
        out.item(&format!(
            "{name} {} [{}]",
            interval(&shown),
            figure.protocol
        ));
    }
    out.text
}

/// Text that is broken into lines.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn head(&mut self, title: &str) {
        let _ = writeln!(
            self.text,
            "\n{title}\n{}",
            "-".repeat(title.chars().count())
        );
    }

    fn line(&mut self, words: &str) {
        self.wrapped(words, "", "");
    }

    fn item(&mut self, words: &str) {
        self.wrapped(words, "- ", "  ");
    }

    fn list(&mut self, items: &[String]) {
        for item in items {
            self.item(item);
        }
    }

    fn wrapped(&mut self, words: &str, first: &str, others: &str) {
        let mut line = first.to_owned();
        let mut begun = false;
        for word in words.split_whitespace() {
            if begun && line.chars().count() + 1 + word.chars().count() > WIDTH {
                let _ = writeln!(self.text, "{line}");
                line = others.to_owned();
                begun = false;
            }
            if begun {
                line.push(' ');
            }
            line.push_str(word);
            begun = true;
        }
        let _ = writeln!(self.text, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_items_are_indented() {
        let mut page = Page::default();
        page.item(&"haemorrhage ".repeat(20));
        let lines: Vec<&str> = page.text.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert!(lines[0].starts_with("- haemorrhage") && lines[1].starts_with("  haemorrhage"));
        assert_eq!(page.text.split_whitespace().count(), 1 + 20);
    }

    #[test]
    fn the_built_in_models_card_says_what_it_is_not_for_and_how_it_fails() {
        let card = Card::embedded().unwrap();
        let model = card.model_of(ALEXNET_SVM).unwrap();
        let text = text(&card, model);
        for part in [
            "Not a medical device",
            "Children.",
            "held-out patients",
            "kind SDH",
            "miss ",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
