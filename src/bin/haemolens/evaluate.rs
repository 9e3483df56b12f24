//! `haemolens evaluate`: what is measured depends on the protocol, and the output says which.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use haemolens::model::StoredModel;
use haemolens::network::reference::Reference;
use haemolens::train::card::{calibrate, patient_figures, predict};
use haemolens::train::dataset::{Dataset, Example, Sources};
use haemolens::train::predictions::{self, Network, Prediction, Preset, Protocol, TableName};
use haemolens::train::report::entry::{JudgedTable, Ruling};
use haemolens::train::report::table::estimate_text;
use haemolens::train::{Result, TrainError, agreement, folds};

use crate::offline::print_figures;

#[derive(Args)]
pub struct Evaluate {
    /// A stored model; not needed with --margins.
    #[arg(required_unless_present = "margins")]
    model: Option<PathBuf>,
    /// Labelled folders: labels.csv (file, patient, hemorrhage) and its images; the name of each is
    /// its source's. Figures are given for each and for all that count.
    #[arg(long, required_unless_present = "margins", num_args = 1..)]
    data: Vec<PathBuf>,
    /// Table of sources: which belong together, and which count.
    #[arg(long, default_value = "models/sources.toml")]
    sources: PathBuf,
    /// What to measure.
    #[arg(long, value_enum, default_value_t = Measured::External)]
    protocol: Measured,
    /// How the network was trained that --protocol patient or paper measures; found out where it
    /// is left out.
    #[arg(long, value_enum)]
    preset: Option<Training>,
    /// Tables of stored margins that --protocol patient and paper read.
    #[arg(long, default_value = "models/report/predictions")]
    predictions: PathBuf,
    /// The fold of each patient.
    #[arg(long, default_value = "models/folds.csv")]
    folds: PathBuf,
    /// Only recompute the patient protocol's figures from this table of held-out margins.
    #[arg(long, conflicts_with_all = ["model", "data"])]
    margins: Option<PathBuf>,
    /// Also compare the int8 engine with an f32 network: the file that `train` leaves in its work
    /// folder.
    #[arg(long)]
    reference: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Measured {
    /// Run the model on every slice of the folder and use its own threshold: for slices that it
    /// was not trained on.
    External,
    /// Recompute from stored margins of slices whose patients each network never saw, after
    /// checking them against the folder's labels and the folds.
    Patient,
    /// Recompute from stored margins of sources that each network never saw, after checking them
    /// against the folders' labels.
    Source,
    /// Recompute from the stored margins of the paper's random split, whose figures leakage makes too good; for
    /// comparison with its tables only.
    Paper,
}

#[derive(Clone, Copy, ValueEnum)]
enum Training {
    Paper,
    Best,
    Open,
}

impl From<Training> for Preset {
    fn from(training: Training) -> Self {
        match training {
            Training::Paper => Self::Paper,
            Training::Best => Self::Best,
            Training::Open => Self::Open,
        }
    }
}

pub fn run(a: &Evaluate) -> Result<()> {
    let sources = Sources::read_if_there(&a.sources)?;
    if let Some(table) = &a.margins {
        let held_out = predictions::counting(&predictions::read(table)?, &sources);
        print_figures(&patient_figures(&held_out, &calibrate(&held_out))?);
        return Ok(());
    }
    let Some(path) = &a.model else {
        return Ok(());
    };
    let bytes = std::fs::read(path).map_err(|e| TrainError::File(path.display().to_string(), e))?;
    let model = StoredModel::from_bytes(&bytes)?;
    let dataset = Dataset::open_each(&sources, &a.data)?;
    let task = Task {
        a,
        model: &model,
        sources: &sources,
        examples: &dataset.examples,
    };
    match a.protocol {
        Measured::External => task.external(predict(&model, dataset.clone())?)?,
        Measured::Patient => task.stored(Protocol::Patient)?,
        Measured::Source => task.stored(Protocol::Source)?,
        Measured::Paper => task.stored(Protocol::Paper)?,
    }
    if let Some(reference) = &a.reference {
        let inputs = dataset.inputs(model.facts.preprocessing)?;
        let reference = Reference::open(&model.facts.architecture, reference)?;
        print_agreement(&agreement::compare(&model, &reference, &inputs)?);
    }
    Ok(())
}

/// A model to be measured on labelled slices.
struct Task<'a> {
    a: &'a Evaluate,
    model: &'a StoredModel,
    sources: &'a Sources,
    examples: &'a [Example],
}

impl Task<'_> {
    /// The folders as they were given.
    fn data(&self) -> String {
        let folders = self
            .a
            .data
            .iter()
            .map(|folder| folder.display().to_string());
        folders.collect::<Vec<_>>().join(", ")
    }

    /// Reads the margins that the model has given by its own calibration.
    fn external(&self, rows: Vec<Prediction>) -> Result<()> {
        let network = network(self.model)?;
        let name = TableName {
            network,
            preset: Preset::Best,
            protocol: Protocol::External,
        };
        let table = JudgedTable::external(name, rows, &self.model.facts.calibration)?;
        println!(
            "{}: the shipped model with its own threshold on every slice of {}",
            title(self.model),
            self.data()
        );
        if let Some(table) = self.trained_on(network)? {
            println!(
                "These are the slices that it was fitted on ({}): the figures are no measure of its \
                 quality. Measure it with --protocol patient.",
                table.display()
            );
        }
        self.print(&table);
        Ok(())
    }

    /// The table of held-out margins of the same slices, if there is one.
    fn trained_on(&self, network: Network) -> Result<Option<PathBuf>> {
        let of = |e| -> (&str, &str) {
            let e: &Example = e;
            (&e.source, &e.file)
        };
        let files: BTreeSet<(&str, &str)> = self.examples.iter().map(of).collect();
        let folder = &self.a.predictions;
        let presets = match self.is_open() {
            true => vec![Preset::Open],
            false => vec![Preset::Paper, Preset::Best],
        };
        for name in TableName::all_in(folder)? {
            if name.network == network
                && presets.contains(&name.preset)
                && name.protocol == Protocol::Patient
            {
                let path = folder.join(name.file());
                let rows = predictions::read(&path)?;
                let is_same = |p: &Prediction| files.contains(&(&p.source, &p.file));
                if rows.iter().any(is_same) {
                    return Ok(Some(path));
                }
            }
        }
        Ok(None)
    }

    /// Recomputes from stored margins.
    fn stored(&self, protocol: Protocol) -> Result<()> {
        let Self { a, model, .. } = self;
        let name = TableName {
            network: network(model)?,
            preset: self.preset()?,
            protocol,
        };
        let path = a.predictions.join(name.file());
        if !path.is_file() {
            return Err(TrainError::Data(format!(
                "{} is not there: this network has not been measured by the {} protocol. Tables at \
                 hand: {}",
                path.display(),
                protocol.name(),
                at_hand(&a.predictions)?
            )));
        }
        let fold_of = folds::read(&a.folds)?;
        let table = match (protocol, name.preset) {
            // The open model itself reads the sources that it never saw.
            (Protocol::Source, Preset::Open) => {
                let rows = predictions::read(&path)?;
                JudgedTable::external(name, rows, &model.facts.calibration)?
            }
            _ => JudgedTable::open(&a.predictions, name, &fold_of, self.sources)?,
        };
        predictions::verify(protocol, &table.rows, self.examples, &fold_of)
            .map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
        let what = match protocol {
            Protocol::Patient => {
                "patient protocol: each slice was measured by a network that never saw its patient"
            }
            Protocol::Source => {
                "source protocol: each slice was measured by a network that never saw its source, \
                 nor any of the same family"
            }
            _ => {
                "paper protocol: copies of the same slices and other slices of the same patients \
                 were trained on; for comparison with the paper's tables only"
            }
        };
        println!("{}, preset {}, {what}", title(model), name.preset.name());
        println!(
            "Recomputed from {}, which agrees with the labels of {} and with {}.",
            path.display(),
            self.data(),
            a.folds.display()
        );
        if self.gave_threshold(name.preset)? {
            println!("The model itself was refitted on all patients with the same settings.");
        } else {
            println!("The model itself was trained otherwise: these figures are not its own.");
        }
        self.print(&table);
        Ok(())
    }

    /// Figures of each source, and of all that count together.
    fn print(&self, table: &JudgedTable) {
        let names = table.sources(self.sources);
        if names.len() > 1 {
            for name in &names {
                let source = self.sources.get(name);
                let aside = match source.figures {
                    true => "",
                    false => " (does not count: says nothing of skill)",
                };
                println!("\n{}{aside}", source.title);
                if let Some(entry) = table.entry(|of| of == name) {
                    print_ruling(entry.main());
                }
            }
            println!("\nAll sources that count, every slice weighing the same");
        }
        let counts = |name: &str| names.len() == 1 || self.sources.get(name).figures;
        if let Some(entry) = table.entry(counts) {
            entry.rulings.iter().for_each(print_ruling);
        }
    }

    fn is_open(&self) -> bool {
        self.model.facts.card.name.ends_with(OPEN)
    }

    /// The preset asked for, or the one whose held-out margins gave the model its threshold.
    fn preset(&self) -> Result<Preset> {
        if let Some(preset) = self.a.preset {
            return Ok(preset.into());
        }
        for preset in Preset::ALL {
            if self.gave_threshold(preset)? {
                return Ok(preset);
            }
        }
        Err(TrainError::Data(format!(
            "no table of held-out margins in {} gave {} its threshold. Name the one to measure with \
             --preset, or train again with --predictions. Tables at hand: {}",
            self.a.predictions.display(),
            title(self.model),
            at_hand(&self.a.predictions)?
        )))
    }

    /// Whether the held-out margins of a preset are those that gave the model its threshold.
    fn gave_threshold(&self, preset: Preset) -> Result<bool> {
        let held_out = TableName {
            network: network(self.model)?,
            preset,
            protocol: Protocol::Patient,
        };
        let path = self.a.predictions.join(held_out.file());
        if !path.is_file() {
            return Ok(false);
        }
        let held_out = predictions::counting(&predictions::read(&path)?, self.sources);
        Ok(calibrate(&held_out).threshold.balanced
            == self.model.facts.calibration.threshold.balanced)
    }
}

/// What the name of a model that is trained on CT-ICH alone ends with.
const OPEN: &str = "-open";

fn network(model: &StoredModel) -> Result<Network> {
    let name = &model.facts.card.name;
    Network::from_name(name.strip_suffix(OPEN).unwrap_or(name)).ok_or_else(|| {
        let known: Vec<&str> = Network::ALL.iter().map(|n| n.name()).collect();
        TrainError::Data(format!(
            "the model is called “{name}”; stored margins are of {}",
            known.join(", ")
        ))
    })
}

fn at_hand(folder: &Path) -> Result<String> {
    let files: Vec<String> = TableName::all_in(folder)?
        .iter()
        .map(TableName::file)
        .collect();
    Ok(if files.is_empty() {
        format!("none in {}", folder.display())
    } else {
        files.join(", ")
    })
}

fn title(model: &StoredModel) -> String {
    format!("{} {}", model.facts.card.name, model.facts.card.version)
}

fn print_ruling(ruling: &Ruling) {
    let confusion = ruling.assessment.confusion();
    println!(
        "\n{} slices of {} patients; {}",
        confusion.slices(),
        ruling.assessment.patients(),
        ruling.words()
    );
    for (measure, estimate) in &ruling.figures {
        println!("  {:34}{}", measure.title(), estimate_text(estimate));
    }
    println!(
        "  {:34}{} of {}",
        "misclassified",
        confusion.misclassified(),
        confusion.slices()
    );
}

fn print_agreement(a: &agreement::Agreement) {
    println!(
        "\nint8 against f32 on {} slices: same label {:.4}, margin correlation {:.6}, largest \
         difference {:.4}",
        a.slices, a.same_label, a.correlation, a.largest_difference
    );
}
