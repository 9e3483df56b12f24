//! The report's files: README.md, report.json, margins.json and the plots.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::entry::{Entry, Ruling};
use super::inputs::{
    GUARD_COMMAND, Gap, Inputs, SHIPPED, by_command, shipped_preset, store_command, train_command,
};
use super::pictures::{classified, kernels, maps};
use super::plots;
use super::table::{Cell, Table};
use super::{
    Report, by_source, card as model_card, commands, comparisons, figures, kinds, localisation,
    margins, operating, rounding, sizes, split_leakage, studies, tables,
};
use crate::engine::Trunk;
use crate::model::StoredModel;
use crate::model_card::Card;
use crate::phantom::{self, Kind};
use crate::train::predictions::{Network, Preset, Protocol};
use crate::train::{Result, TrainError};

/// Computes every file of the report.
///
/// # Errors
/// [`TrainError`] from the engine or a plot.
pub fn compute(inputs: &Inputs) -> Result<Report> {
    let paper = [
        tables::learning(inputs),
        tables::layers(inputs),
        tables::right_answers(inputs),
        tables::performance(inputs),
        tables::earlier_works(inputs),
        tables::internet(inputs),
    ];
    let ours = [
        figures::discrimination(inputs),
        figures::probabilities(inputs),
    ];
    let confusion = figures::confusion(inputs);
    let studies = studies::table(inputs);
    let comparisons = comparisons::comparisons(inputs);
    let rounding = rounding::rounding(inputs);
    let sizes = sizes::table(inputs);
    let leakage = split_leakage::table(inputs);
    let paragraph = split_leakage::paragraph(inputs);
    let sources = by_source::table(inputs);
    let places = localisation::table(inputs);
    let kinds = kinds::table(inputs);
    let [points, predictive] = [operating::table(inputs), operating::predictive(inputs)];

    let mut document = Document::default();
    document.say(INTRODUCTION);
    document.gaps(&inputs.gaps);
    document.say("## The paper's tables\n");
    paper.iter().for_each(|t| document.say(&t.markdown()));
    document.say("## By source\n");
    document.say(&sources.markdown());
    let command = train_command(Network::AlexNetSvm, Preset::Best, Protocol::Patient);
    for table in [&points, &predictive, &places, &kinds] {
        if table.rows.is_empty() {
            document.not_yet_run(&table.title, &command);
        } else {
            document.say(&table.markdown());
        }
    }
    document.say("## Every figure\n");
    ours.iter().for_each(|t| document.say(&t.markdown()));
    document.say(&confusion.markdown());
    document.by_protocol(
        inputs,
        "confusion",
        "Confusion matrices",
        plots::confusion::draw,
    )?;
    document.say("## Whole studies\n");
    document.say(&studies.markdown());
    document.say("## ROC curves\n");
    document.say(MARKERS);
    document.by_protocol(inputs, "roc", "ROC curves", plots::roc::draw)?;
    document.say("## Calibration\n");
    document
        .say("Ten bins of equally many slices; on the line, probabilities are what they say.\n");
    document.by_protocol(
        inputs,
        "calibration",
        "Calibration",
        plots::reliability::draw,
    )?;
    document.say("## Learning curves (the paper's Figures 7 to 9)\n");
    document.learning_curves(inputs)?;
    document.say("## Kernels and feature maps (the paper's Figures 10 and 11)\n");
    document.say(PICTURES);
    document.layers(inputs)?;
    document.say("## One classified image (the paper's Figure 6)\n");
    document.say(SCORES);
    document.classified(inputs)?;
    document.say("## Is it a head CT at all?\n");
    let guard = inputs.guard.as_ref().map(figures::guard);
    match &guard {
        Some(table) => document.say(&table.markdown()),
        None => document.not_yet_run("What the guard flags", GUARD_COMMAND),
    }
    document.say("## Differences between the networks\n");
    document.say(&comparisons.markdown());
    document.say(&rounding.markdown());
    document.say(&sizes.markdown());
    document.say("## Leakage of a random split\n");
    document.say(&format!("{paragraph}\n"));
    document.say(&leakage.markdown());

    let tables: Vec<Value> = paper
        .iter()
        .chain(&ours)
        .chain([
            &confusion,
            &studies,
            &comparisons,
            &rounding,
            &sizes,
            &leakage,
            &sources,
            &points,
            &predictive,
            &places,
            &kinds,
        ])
        .chain(&guard)
        .map(Table::json)
        .collect();
    let mut scores = BTreeMap::new();
    for (network, model) in &inputs.models {
        scores.insert(network.name(), classified::classify(model)?);
    }
    let json = rounded(json!({
        "about": "Recomputed by `haemolens report` from run logs, margins, folds and stored models.",
        "notYetRun": inputs.gaps,
        "figures": inputs.entries.iter().flat_map(entry_json).collect::<Vec<_>>(),
        "tables": tables,
        "commands": commands::commands(inputs),
        "leakage": paragraph,
        "classifiedPhantoms": scores,
    }));
    let json = serde_json::to_string_pretty(&json)
        .map_err(|e| TrainError::Data(format!("report.json cannot be written: {e}")))?;
    let mut files = document.files;
    files.insert(
        "README.md".into(),
        document.text.trim_end().to_owned() + "\n",
    );
    files.insert("report.json".into(), json + "\n");
    files.insert("margins.json".into(), margins_json(inputs)?);
    let mut sections = BTreeMap::new();
    let mut card_json = None;
    if let Some(computed) = model_card::compute(inputs)? {
        card_json = Some(card_text(&computed.card)?);
        sections = computed.sections;
        files.extend(computed.files);
    }
    Ok(Report {
        files,
        sections,
        card_json,
        card: card(
            inputs,
            &[&points, &predictive, &places, &kinds, &rounding],
            &paragraph,
            &leakage,
        ),
        gaps: inputs.gaps.clone(),
    })
}

const INTRODUCTION: &str = "\
# Report

Everything here is computed by `haemolens report` from committed files: margins (`predictions/`), run
logs (`runs/`), folds (`../folds.csv`), the table of sources (`../sources.toml`) and stored models
(`../*.safetensors`). Run it again to check:
it gives the same bytes. The same numbers stand in [report.json](report.json), and histograms of
the margins in [margins.json](margins.json). No image of a data set is here. **Not a medical device.**

- **Patient protocol**: five folds over patients; every slice is judged by a network that never saw
  its patient. A slice is called haemorrhage from the threshold on that the other folds choose, or,
  where that is said, by the network's own decision. Each fold holds its share of patients with and
  without haemorrhage and of slices with it.
- **Source protocol**: a family of sources is left out as a whole and judged by a network that was
  trained on the others: what to expect of another hospital. Threshold, probability and inconclusive
  band are what the other families give, each left out in turn.
- **Paper protocol**: CT-ICH, every slice in five copies (itself, its mirror image, turned by 70, 160
  and 270 degrees), 70 % of them for training and 30 % for testing, drawn at random: copies of a
  slice and slices of a patient stand on both sides. For comparison with the paper's tables only.
- **External protocol**: `head-ct`, slices found on the web, which nothing was trained, tuned or
  calibrated on; the shipped int8 models with their own thresholds.
- **Preset** `paper` trains on CT-ICH as the paper says and is measured in f32, but for the external
  images; `best` trains as well as we can on all sources, `open` likewise on CT-ICH alone, whose terms are
  permissive; both are measured in int8, as the page runs them.
- **Folds**: all networks have those of [folds.csv](../folds.csv), so that comparisons are paired.

All tables but those by source are of CT-ICH and of `head-ct`, the slices that all networks have in
common; the thresholds and probabilities of `best` are nevertheless fitted on all sources that count.

Intervals are 95 %, from 2,000 resamplings of the patients (of the images for `head-ct`, whose
patients are not known).
";

const MARKERS: &str = "\
A marker stands where the rule of decision does: off the curve where every fold has a threshold of
its own.
";

const PICTURES: &str = "\
Of the stored int8 models. Kernels: zero is mid-grey, each tile's largest weight black or white; of a
filter with several input channels the one with the largest weights is shown. Maps: what the engine
computes of the intraparenchymal phantom after ReLU and normalisation, before pooling; each tile's
largest activation is white.
";

const SCORES: &str = "\
The phantoms as each network sees them, with its two scores, haemorrhage and normal, each calibrated
on its own; they need not sum to one.
";

/// What a protocol's slices are.
fn slices_of(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Patient => "CT-ICH, patients never seen",
        Protocol::Source => "CT-ICH, left out as a whole",
        Protocol::Paper => "CT-ICH, random split after augmentation",
        Protocol::External => "head-ct, external",
    }
}

/// The report as it grows.
#[derive(Default)]
struct Document {
    text: String,
    files: BTreeMap<String, String>,
}

impl Document {
    fn say(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}");
    }

    /// Adds a plot as a file and shows it.
    fn show(&mut self, name: &str, title: &str, svg: String) {
        let path = format!("plots/{name}.svg");
        self.say(&format!("![{title}]({path})\n"));
        self.files.insert(path, svg);
    }

    fn not_yet_run(&mut self, what: &str, command: &str) {
        self.say(&format!("{what}: not yet run: `{command}`\n"));
    }

    fn gaps(&mut self, gaps: &[Gap]) {
        if gaps.is_empty() {
            return;
        }
        self.say("## Not yet run\n");
        let rows = by_command(gaps).into_iter().map(|(command, missing)| {
            vec![
                Cell::Text(format!("`{command}`")),
                Cell::Text(missing.join("; ")),
            ]
        });
        let table = Table {
            key: "gaps",
            title: String::new(),
            note: String::new(),
            columns: vec!["command", "what it will give"],
            rows: rows.collect(),
        };
        self.say(&table.grid());
    }

    /// One plot for each protocol.
    fn by_protocol(
        &mut self,
        inputs: &Inputs,
        name: &str,
        title: &str,
        draw: fn(&str, &[&Entry]) -> Result<String>,
    ) -> Result<()> {
        for protocol in Protocol::ALL {
            let entries: Vec<&Entry> = inputs.of(protocol).collect();
            let title = format!(
                "{title}, {} protocol ({})",
                protocol.name(),
                slices_of(protocol)
            );
            if entries.is_empty() {
                let preset = match protocol {
                    Protocol::Source => Preset::Best,
                    _ => Preset::Paper,
                };
                let command = train_command(Network::AlexNetSvm, preset, protocol);
                self.not_yet_run(&title, &command);
            } else {
                let plot = draw(&title, &entries)?;
                self.show(&format!("{name}-{}", protocol.name()), &title, plot);
            }
        }
        Ok(())
    }

    fn learning_curves(&mut self, inputs: &Inputs) -> Result<()> {
        for network in Network::ALL {
            for preset in Preset::ALL {
                for protocol in [Protocol::Paper, Protocol::Patient] {
                    let runs = inputs.runs_of(network, preset, protocol);
                    let (preset_name, protocol_name) = (preset.name(), protocol.name());
                    let title = format!(
                        "{}: preset {preset_name}, {protocol_name} protocol",
                        network.title()
                    );
                    if runs.is_empty() {
                        if preset == Preset::Paper {
                            let command = train_command(network, preset, protocol);
                            self.not_yet_run(&title, &command);
                        }
                        continue;
                    }
                    if runs.iter().all(|run| run.epochs.len() < 2) {
                        continue; // Only measured at its end: no curve.
                    }
                    let loss = if network.has_softmax() {
                        "cross-entropy"
                    } else {
                        "squared hinge"
                    };
                    let title = match runs.len() {
                        1 => title,
                        n => format!("{title}, {n} folds (pale) and their mean"),
                    };
                    let plot = plots::learning::draw(&title, loss, &runs)?;
                    let name = format!("learning-{}-{preset_name}-{protocol_name}", network.name());
                    self.say(&format!("{title}:\n"));
                    self.show(&name, &title, plot);
                }
            }
        }
        Ok(())
    }

    fn layers(&mut self, inputs: &Inputs) -> Result<()> {
        for (network, model) in shipped(inputs) {
            let Some(model) = model else {
                let command = store_command(network, shipped_preset(network));
                self.not_yet_run(network.title(), &command);
                continue;
            };
            let slice = phantom::draw(Kind::Intraparenchymal).into_slice();
            let (grey, _) = model.facts.preprocessing.apply(&slice);
            let network_name = network.name();
            let convs = &model.facts.architecture.convs;
            let maps =
                Trunk::new(&model.facts.architecture, &model.convs)?.convolved_maps(&grey)?;
            for layer in [0, convs.len() - 1] {
                let conv = &convs[layer].name;
                let title = format!("{}, {conv}: kernels", network.title());
                let drawn = kernels::draw(&title, model, layer)?;
                self.show(&format!("kernels-{network_name}-{conv}"), &title, drawn);
                let title = format!("{}, {conv}: feature maps", network.title());
                let (side, steps) = &maps[layer];
                let drawn = maps::draw(&title, *side, steps)?;
                self.show(&format!("maps-{network_name}-{conv}"), &title, drawn);
            }
        }
        Ok(())
    }

    fn classified(&mut self, inputs: &Inputs) -> Result<()> {
        for (network, model) in shipped(inputs) {
            let Some(model) = model else {
                let command = store_command(network, shipped_preset(network));
                self.not_yet_run(network.title(), &command);
                continue;
            };
            let title = format!("{}: scores of the phantoms", network.title());
            let drawn = classified::draw(&title, model)?;
            self.show(&format!("classified-{}", network.name()), &title, drawn);
        }
        Ok(())
    }
}

/// The networks that are shipped, with their stored models where they are there.
fn shipped(inputs: &Inputs) -> [(Network, Option<&StoredModel>); 3] {
    SHIPPED.map(|network| (network, inputs.models.get(&network)))
}

/// A table's figures, one object for each rule of decision.
fn entry_json(entry: &Entry) -> Vec<Value> {
    let of_ruling = |ruling: &Ruling| {
        let figures: BTreeMap<&str, Value> = ruling
            .figures
            .iter()
            .map(|(measure, estimate)| (measure.name(), json!(estimate)))
            .collect();
        json!({
            "network": entry.name.network,
            "preset": entry.name.preset,
            "protocol": entry.name.protocol,
            "decision": ruling.words(),
            "slices": entry.rows.len(),
            "patients": ruling.assessment.patients(),
            "figures": figures,
            "confusion": ruling.assessment.confusion(),
            "reliability": ruling.assessment.reliability(),
        })
    };
    entry.rulings.iter().map(of_ruling).collect()
}

/// The histograms of margins, one a line.
fn margins_json(inputs: &Inputs) -> Result<String> {
    let lines = margins::histograms(inputs)
        .iter()
        .map(|histogram| serde_json::to_value(histogram).map(|v| rounded(v).to_string()))
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|e| TrainError::Data(format!("margins.json cannot be written: {e}")))?;
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}

/// The model card as JSON.
fn card_text(card: &Card) -> Result<String> {
    let text =
        serde_json::to_value(card).and_then(|card| serde_json::to_string_pretty(&rounded(card)));
    let text = text.map_err(|e| TrainError::Data(format!("card.json cannot be written: {e}")))?;
    Ok(text + "\n")
}

/// Numbers with six decimals: more would be noise, and differ from machine to machine.
fn rounded(value: Value) -> Value {
    match value {
        Value::Number(n) if n.is_f64() => {
            let exact = n.as_f64().unwrap_or(f64::NAN);
            json!((exact * 1e6).round() / 1e6)
        }
        Value::Array(values) => values.into_iter().map(rounded).collect(),
        Value::Object(fields) => fields.into_iter().map(|(k, v)| (k, rounded(v))).collect(),
        other => other,
    }
}

/// The generated part of the model card: the figures of AlexNet-SVM and of its open form, and the
/// leakage of a random split.
fn card(inputs: &Inputs, tables: &[&Table], paragraph: &str, leakage: &Table) -> String {
    let mut out = by_source::card(inputs);
    for table in tables.iter().filter(|table| !table.rows.is_empty()) {
        let _ = write!(out, "\n{}: {}\n\n{}", table.title, table.note, table.grid());
    }
    let studies = studies::card(inputs);
    if !studies.is_empty() {
        let _ = write!(out, "\n{studies}");
    }
    let _ = write!(out, "\n{paragraph}\n");
    if !leakage.rows.is_empty() {
        let _ = write!(out, "\n{}", leakage.grid());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_wherever_they_stand() {
        let value = json!({"a": [0.12345678, 3], "b": {"c": 2e-9}, "d": "0.12345678"});
        let expected = json!({"a": [0.123457, 3], "b": {"c": 0.0}, "d": "0.12345678"});
        assert_eq!(rounded(value), expected);
    }
}
