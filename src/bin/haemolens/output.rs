//! Answers as text, JSON lines or CSV; always whole lines, each written at once.

use std::fs::File;
use std::io::{self, IsTerminal, Write};

use serde_json::{Map, Value, json};

use haemolens::{KindScore, Label};

use crate::stream::Examined;

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Sentences; errors go to standard error.
    Text,
    /// One JSON object a line.
    Json,
    /// RFC 4180, with a header.
    Csv,
}

/// The columns of CSV: the paths of the values in the JSON object, where a kind of haemorrhage stands
/// under its code.
// The last one is never quoted: a row is whole when it has them all and its line ends.
pub const COLUMNS: [&str; 33] = [
    "file",
    "frame",
    "frames",
    "label",
    "probability",
    "margin",
    "threshold",
    "operatingPoint",
    "prevalence",
    "inconclusive",
    "scores.haemorrhage",
    "scores.normal",
    "kinds.EDH.probability",
    "kinds.EDH.margin",
    "kinds.IPH.probability",
    "kinds.IPH.margin",
    "kinds.IVH.probability",
    "kinds.IVH.margin",
    "kinds.SAH.probability",
    "kinds.SAH.margin",
    "kinds.SDH.probability",
    "kinds.SDH.margin",
    "inDistribution",
    "distance",
    "reason",
    "error.name",
    "error.message",
    "model.name",
    "model.version",
    "elapsedMs.decode",
    "elapsedMs.preprocess",
    "elapsedMs.inference",
    "elapsedMs.total",
];

/// Where answers go.
pub struct Output {
    format: Format,
    file: Option<File>,
}

impl Output {
    /// To a file, at its end, or to standard output.
    pub fn new(format: Format, file: Option<File>) -> Self {
        Self { format, file }
    }

    /// Writes what comes before all answers.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(&mut self) -> io::Result<()> {
        match self.format {
            Format::Csv => self.write(&csv_line(COLUMNS.map(str::to_owned))?),
            Format::Text | Format::Json => Ok(()),
        }
    }

    /// Whether what is written may show up on the terminal where a bar is drawn.
    pub fn shows(&self) -> bool {
        self.format == Format::Text || self.file.is_none() && io::stdout().is_terminal()
    }

    /// Writes an answer or an error.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&mut self, examined: &Examined) -> io::Result<()> {
        match self.format {
            Format::Json => self.write(format!("{}\n", object(examined)).as_bytes()),
            Format::Csv => self.write(&csv_line(row(&object(examined)))?),
            Format::Text => {
                let text = text(examined);
                match examined.outcome {
                    Ok(_) => self.write(text.as_bytes()),
                    Err(_) => io::stderr().write_all(text.as_bytes()),
                }
            }
        }
    }

    /// Whole lines in one go, so that an end at any time leaves whole lines.
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(lines),
            None => {
                let mut out = io::stdout().lock();
                out.write_all(lines).and_then(|()| out.flush())
            }
        }
    }
}

/// The JSON object of a slice, or of a file without an answer.
fn object(examined: &Examined) -> Value {
    let mut object = match &examined.outcome {
        Ok(answer) => json!(answer),
        Err(e) => json!({"error": {"name": e.name(), "message": e.to_string()}}),
    };
    object["file"] = json!(examined.file);
    if let Some((frame, frames)) = examined.slice {
        object["frame"] = json!(frame);
        object["frames"] = json!(frames);
    }
    object
}

/// The row of an object.
fn row(object: &Value) -> [String; COLUMNS.len()] {
    let object = with_kinds_by_code(object);
    COLUMNS.map(|path| {
        let value = path.split('.').fold(&object, |value, key| &value[key]);
        match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    })
}

/// The object with its list of kinds as an object by their codes.
fn with_kinds_by_code(object: &Value) -> Value {
    let mut object = object.clone();
    let Some(Value::Array(kinds)) = object.get("kinds") else {
        return object;
    };
    let by_code = kinds.iter().filter_map(|score| {
        let scores = json!({"probability": score["probability"], "margin": score["margin"]});
        Some((score["kind"].as_str()?.to_owned(), scores))
    });
    let by_code: Map<String, Value> = by_code.collect();
    object["kinds"] = Value::Object(by_code);
    object
}

fn csv_line(fields: [String; COLUMNS.len()]) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(fields)?;
    writer.into_inner().map_err(|e| e.into_error())
}

fn text(examined: &Examined) -> String {
    let slice = match examined.slice {
        Some((frame, frames)) if frames > 1 => format!(" ({} of {frames})", frame + 1),
        _ => String::new(),
    };
    let file = format!("{}{slice}", examined.file);
    let answer = match &examined.outcome {
        Ok(answer) => answer,
        Err(e) => return format!("{file}: {}: {e}\n", e.name()),
    };
    let reason = match &answer.reason {
        Some(reason) => format!("{file}: {reason} It was classified all the same:\n"),
        None => String::new(),
    };
    let label = answer.label;
    format!(
        "{reason}{file}: {label}{}, probability of haemorrhage {:.0} %{}, margin {:+.3} (threshold \
         {:+.3}, {}){}, {:.0} ms\n",
        if answer.inconclusive {
            " (inconclusive)"
        } else {
            ""
        },
        answer.probability * 100.0,
        where_common(answer.prevalence),
        answer.margin,
        answer.threshold,
        answer.operating_point,
        likely_kinds(answer.label, answer.inconclusive, &answer.kinds),
        answer.elapsed_ms.total,
    )
}

/// The likelier kinds of a haemorrhage or of an inconclusive answer, the likeliest first.
pub fn likely_kinds(label: Label, inconclusive: bool, kinds: &[KindScore]) -> String {
    const MIN_PROBABILITY: f64 = 0.1;
    if label == Label::Normal && !inconclusive {
        return String::new();
    }
    let mut scores: Vec<KindScore> = kinds.to_vec();
    scores.retain(|score| score.probability >= MIN_PROBABILITY);
    scores.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let words = scores.iter();
    let words = words.map(|score| format!(", {} {:.0} %", score.kind, score.probability * 100.0));
    words.collect()
}

/// The share of haemorrhage that a probability is for, where the model says.
pub fn where_common(prevalence: Option<f64>) -> String {
    match prevalence {
        Some(share) => format!(" (where {:.3} % show one)", share * 100.0).replace(".000", ""),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use haemolens::slice::dicom::Place;
    use haemolens::{Classifier, Error, phantom};

    use super::*;

    /// The paths of all values in an object.
    fn paths(value: &Value, before: &str, out: &mut BTreeSet<String>) {
        let Value::Object(entries) = value else {
            out.insert(before.to_owned());
            return;
        };
        for (key, value) in entries {
            let dot = if before.is_empty() { "" } else { "." };
            paths(value, &format!("{before}{dot}{key}"), out);
        }
    }

    #[test]
    fn csv_has_a_column_for_every_value_of_the_json() {
        let slice = phantom::draw(phantom::Kind::Normal).into_slice();
        let (answer, _) = Classifier::new().unwrap().classify_slice(&slice).unwrap();
        let unlike = haemolens::Classification {
            reason: Some("It is a chest.".into()),
            ..answer
        };
        let mut found = BTreeSet::new();
        for outcome in [Ok(unlike), Err(Error::EmptyInput)] {
            let examined = Examined {
                file: "a.png".into(),
                slice: Some((0, 1)),
                place: Place::default(),
                outcome,
            };
            paths(&with_kinds_by_code(&object(&examined)), "", &mut found);
        }
        assert_eq!(found, COLUMNS.map(str::to_owned).into_iter().collect());
    }
}
