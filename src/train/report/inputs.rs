//! The committed files that the report is computed from, and what is missing among them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::by_source::{BySource, MODELS, PROTOCOLS};
use super::card::prose::Prose;
use super::entry::{Entry, JudgedTable};
use crate::model::{ModelCard, StoredModel};
use crate::model_card::sha256;
use crate::train::card::calibrate;
use crate::train::dataset::Sources;
use crate::train::predictions::kinds::{self, KindMargins};
use crate::train::predictions::places::{self, TopPlace};
use crate::train::predictions::{self, FIRST_SOURCE, Network, Preset, Protocol, TableName};
use crate::train::slice_facts::{self, FactsOf};
use crate::train::{Result, TrainError, file_error, folds};

pub use crate::train::run_log::{Epoch, RunLog};
use crate::train::runs::F32_FOLDER;

pub use crate::train::runs::probe::Probe;

/// What the guard flagged, as its own training and evaluation write it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuardSummary {
    /// Distance from which an image is flagged.
    pub threshold: f64,
    /// What it was trained on and how its threshold was set.
    pub protocol: String,
    /// Images by kind and part.
    pub shares: Vec<GuardShare>,
}

/// The images of one kind and part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuardShare {
    /// What they show.
    pub kind: String,
    /// How they stand to what the guard learned.
    pub part: String,
    /// How many there are.
    pub images: usize,
    /// How many were flagged.
    pub flagged: usize,
}

/// Something that the report would show if it were there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// What is missing.
    pub what: String,
    /// The command that makes it.
    pub command: String,
}

/// What each command would add, in the order of the commands' first gaps.
pub fn by_command(gaps: &[Gap]) -> Vec<(&str, Vec<&str>)> {
    let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
    for gap in gaps {
        match commands
            .iter_mut()
            .find(|(command, _)| *command == gap.command)
        {
            Some((_, missing)) => missing.push(&gap.what),
            None => commands.push((&gap.command, vec![&gap.what])),
        }
    }
    commands
}

/// A stored model that the card describes.
pub struct ModelFile {
    /// How it was trained.
    pub preset: Preset,
    /// The file's name.
    pub name: String,
    /// The file's SHA-256.
    pub sha256: String,
    /// What its header says.
    pub header: ModelCard,
}

/// Everything that the report is computed from.
pub struct Inputs {
    /// The table of sources; empty where there is none.
    pub sources: Sources,
    /// The slices of CT-ICH in the tables of margins, and the external images, in order of protocol,
    /// network and preset. All networks have these slices in common.
    pub entries: Vec<Entry>,
    /// The tables of AlexNet-SVM that is trained on all sources and of the open one, by source.
    pub by_source: Vec<BySource>,
    /// Held-out margins by the networks in f32, where the other tables are of their int8 forms.
    pub whole: Vec<BySource>,
    /// Whether maps point at the blood.
    pub places: Vec<(TableName, Vec<TopPlace>)>,
    /// Margins of the kinds of haemorrhage.
    pub kinds: Vec<(TableName, Vec<KindMargins>)>,
    /// Run logs in order of network, preset, protocol and fold.
    pub runs: Vec<RunLog>,
    /// Linear probes; empty where there are none.
    pub probes: Vec<Probe>,
    /// What the guard flagged.
    pub guard: Option<GuardSummary>,
    /// The shipped models by network.
    pub models: BTreeMap<Network, StoredModel>,
    /// The files of AlexNet-SVM that is trained on all sources and of the open one.
    pub files: Vec<ModelFile>,
    /// What is known of slices besides their labels; empty where there is no table.
    pub facts: FactsOf,
    /// The words of the model card, where somebody has written them.
    pub prose: Option<Prose>,
    /// What is missing.
    pub gaps: Vec<Gap>,
}

impl Inputs {
    /// Reads `sources.toml`, `folds.csv`, `slices.csv`, `card.toml` and the stored models in `models`, and
    /// `runs/` and `predictions/` in `report`. What is missing becomes a [`Gap`].
    ///
    /// # Errors
    /// [`TrainError`] naming the file that cannot be read or understood.
    pub fn read(models: &Path, report: &Path) -> Result<Self> {
        let mut gaps = Vec::new();
        let sources = Sources::read_if_there(&models.join("sources.toml"))?;
        let tables = tables(models, report, &sources, &mut gaps)?;
        let entries = tables.iter().filter_map(|table| match table.name.protocol {
            Protocol::External => table.entry(|_| true),
            _ => table.entry(|source| source == FIRST_SOURCE),
        });
        let entries = entries.collect();
        let by_source = tables
            .iter()
            .filter(|t| {
                t.name.network == Network::AlexNetSvm
                    && MODELS.contains(&t.name.preset)
                    && PROTOCOLS.contains(&t.name.protocol)
            })
            .map(|table| BySource::of(table, &sources))
            .collect();
        let folder = report.join("predictions").join(F32_FOLDER);
        let whole = TableName::all_in(&folder)?.into_iter();
        let whole = whole
            .filter(|n| matches!(n.protocol, Protocol::Patient | Protocol::Source))
            .map(|name| {
                let table = JudgedTable::open(&folder, name, &BTreeMap::new(), &sources)?;
                Ok(BySource::of(&table, &sources))
            })
            .collect::<Result<_>>()?;
        let places = held_out_places(&report.join("predictions"), &mut gaps)?;
        let kinds = held_out_kinds(&report.join("predictions"), &mut gaps)?;
        let runs = runs(&report.join("runs"))?;
        for (network, protocol) in paper_runs() {
            let here = |r: &&RunLog| {
                (r.network, r.preset, r.protocol) == (network, Preset::Paper, protocol)
            };
            let wanted = match protocol {
                Protocol::Patient => folds::FOLDS,
                _ => 1,
            };
            let found = runs.iter().filter(here).count();
            if found < wanted {
                gaps.push(Gap {
                    what: format!("learning curves ({found} of {wanted} run logs are there)"),
                    command: train_command(network, Preset::Paper, protocol),
                });
            }
        }
        let probes: Vec<Probe> = list(&report.join("runs/probes.json"))?;
        for network in PROBED {
            if !probes.iter().any(|p| p.network == network) {
                gaps.push(Gap {
                    what: "linear probes (Table 3)".into(),
                    command: probe_command(network),
                });
            }
        }
        let path = report.join("guard.json");
        let guard = path.is_file().then(|| json(&path)).transpose()?;
        if guard.is_none() {
            gaps.push(Gap {
                what: "what the guard flags".into(),
                command: GUARD_COMMAND.into(),
            });
        }
        let facts = known_facts(&models.join("slices.csv"), &mut gaps)?;
        let prose = Prose::read_if_there(&models.join("card.toml"))?;
        let files = model_files(models)?;
        let models = stored_models(models, &mut gaps)?;
        Ok(Self {
            sources,
            entries,
            by_source,
            whole,
            places,
            kinds,
            runs,
            probes,
            guard,
            models,
            files,
            facts,
            prose,
            gaps,
        })
    }

    /// The entry of a table, if it is there.
    pub fn entry(&self, network: Network, preset: Preset, protocol: Protocol) -> Option<&Entry> {
        let name = TableName {
            network,
            preset,
            protocol,
        };
        self.entries.iter().find(|e| e.name == name)
    }

    /// The entries of a protocol.
    pub fn of(&self, protocol: Protocol) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |e| e.name.protocol == protocol)
    }

    /// The logs of a network's runs by a protocol.
    pub fn runs_of(&self, network: Network, preset: Preset, protocol: Protocol) -> Vec<&RunLog> {
        let wanted = (network, preset, protocol);
        self.runs
            .iter()
            .filter(|r| (r.network, r.preset, r.protocol) == wanted)
            .collect()
    }
}

/// The runs that the paper's tables are compared with.
fn paper_runs() -> impl Iterator<Item = (Network, Protocol)> {
    [Protocol::Paper, Protocol::Patient]
        .into_iter()
        .flat_map(|protocol| Network::ALL.map(|network| (network, protocol)))
}

/// Whether a whole report holds this table.
pub fn is_expected(name: TableName) -> bool {
    expected().contains(&name)
}

fn expected() -> Vec<TableName> {
    let table = |network, preset, protocol| TableName {
        network,
        preset,
        protocol,
    };
    let paper = paper_runs().map(|(network, protocol)| table(network, Preset::Paper, protocol));
    let best = Protocol::ALL.map(|protocol| table(Network::AlexNetSvm, Preset::Best, protocol));
    let open = PROTOCOLS.map(|protocol| table(Network::AlexNetSvm, Preset::Open, protocol));
    let external = [Network::Cnn, Network::AlexNet]
        .map(|network| table(network, Preset::Paper, Protocol::External));
    paper.chain(best).chain(open).chain(external).collect()
}

/// The command that trains the guard and measures it.
pub const GUARD_COMMAND: &str = "haemolens evaluate-guard --report models/report";

/// The networks whose layers are probed (Table 3).
pub const PROBED: [Network; 2] = [Network::Cnn, Network::AlexNet];

/// The networks whose stored models are shipped.
pub const SHIPPED: [Network; 3] = [Network::Cnn, Network::AlexNet, Network::AlexNetSvm];

/// What a command says of the data, where it is more than one folder.
fn data_of(preset: Preset) -> &'static str {
    match preset {
        Preset::Paper => "",
        Preset::Best => " --sources models/sources.toml",
        Preset::Open => " --sources models/sources.toml --only ct-ich",
    }
}

/// The preset of a network whose stored model is shipped under its name.
pub fn shipped_preset(network: Network) -> Preset {
    match network {
        Network::AlexNetSvm => Preset::Best,
        _ => Preset::Paper,
    }
}

/// The stored model that is trained on CT-ICH alone.
pub const OPEN_MODEL: &str = "alexnet-svm-open.safetensors";

/// The command that trains and stores a network.
pub fn store_command(network: Network, preset: Preset) -> String {
    let (name, data) = (network.name(), data_of(preset));
    match preset {
        Preset::Open => format!(
            "haemolens train {name} --preset open{data} --out models/{name}-open.safetensors"
        ),
        _ => format!("haemolens train {name}{data} --out models/{name}.safetensors"),
    }
}

/// The command that trains a network and writes its logs and margins.
pub fn train_command(network: Network, preset: Preset, protocol: Protocol) -> String {
    match (protocol, preset) {
        // The stored model is measured when it is made.
        (Protocol::External, _) => store_command(network, preset) + " --external DIR",
        (Protocol::Source, Preset::Open) => store_command(network, preset),
        _ => format!(
            "haemolens train {} --preset {}{} --protocol {}",
            network.name(),
            preset.name(),
            match protocol {
                // The paper's is one of CT-ICH alone, whatever the preset.
                Protocol::Paper => "",
                _ => data_of(preset),
            },
            protocol.name()
        ),
    }
}

/// The command that probes a network's layers.
pub fn probe_command(network: Network) -> String {
    format!("haemolens train {} --probe", network.name())
}

fn held_out_places(folder: &Path, gaps: &mut Vec<Gap>) -> Result<Vec<(TableName, Vec<TopPlace>)>> {
    let tables = places::all_in(folder)?;
    want_held_out(&tables, places::file, gaps);
    Ok(tables)
}

fn held_out_kinds(
    folder: &Path,
    gaps: &mut Vec<Gap>,
) -> Result<Vec<(TableName, Vec<KindMargins>)>> {
    let tables = kinds::all_in(folder)?;
    want_held_out(&tables, kinds::file, gaps);
    Ok(tables)
}

/// Notes which of our models has no table of held-out slices.
fn want_held_out<T>(
    tables: &[(TableName, Vec<T>)],
    file: fn(TableName) -> String,
    gaps: &mut Vec<Gap>,
) {
    for preset in MODELS {
        let name = TableName {
            network: Network::AlexNetSvm,
            preset,
            protocol: Protocol::Patient,
        };
        if !tables.iter().any(|(found, _)| *found == name) {
            gaps.push(Gap {
                what: format!("`{}`", file(name)),
                command: train_command(name.network, preset, name.protocol),
            });
        }
    }
}

fn tables(
    models: &Path,
    report: &Path,
    sources: &Sources,
    gaps: &mut Vec<Gap>,
) -> Result<Vec<JudgedTable>> {
    let folder = report.join("predictions");
    let mut names = TableName::all_in(&folder)?;
    let path = models.join("folds.csv");
    let fold_of = if path.is_file() {
        folds::read(&path)?
    } else {
        gaps.push(Gap {
            what: format!("{}, and with it the paper protocol", path.display()),
            command: "haemolens report --data DIR".into(),
        });
        names.retain(|n| n.protocol != Protocol::Paper);
        BTreeMap::new()
    };
    for name in expected().into_iter().filter(|n| !names.contains(n)) {
        gaps.push(Gap {
            what: format!("`{}`", name.file()),
            command: train_command(name.network, name.preset, name.protocol),
        });
    }
    let mut tables = Vec::new();
    for &name in &names {
        let stored = matches!(
            (name.protocol, name.preset),
            (Protocol::External, _) | (Protocol::Source, Preset::Open)
        );
        if !stored {
            tables.push(JudgedTable::open(&folder, name, &fold_of, sources)?);
            continue;
        }
        // The shipped threshold and probabilities were chosen on the held-out margins.
        let held_out = TableName {
            protocol: Protocol::Patient,
            ..name
        };
        if names.contains(&held_out) {
            let held_out = predictions::read(&folder.join(held_out.file()))?;
            let calibration = calibrate(&predictions::counting(&held_out, sources));
            let rows = predictions::read(&folder.join(name.file()))?;
            tables.push(JudgedTable::external(name, rows, &calibration)?);
        } else {
            gaps.push(Gap {
                what: format!(
                    "the threshold of {}, which the held-out margins give",
                    name.file()
                ),
                command: train_command(name.network, name.preset, Protocol::Patient),
            });
        }
    }
    tables.sort_by_key(|t| (t.name.protocol, t.name.network, t.name.preset));
    Ok(tables)
}

fn runs(folder: &Path) -> Result<Vec<RunLog>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut runs: Vec<RunLog> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(file_error(folder))? {
        let entry = entry.map_err(file_error(folder))?;
        if is_log(&entry.file_name().to_string_lossy()) {
            runs.push(json(&entry.path())?);
        }
    }
    runs.sort_by_key(|r| (r.network, r.preset, r.protocol, r.fold));
    Ok(runs)
}

/// Whether a file is the log of a measured run: it is named like the table of its margins, in the
/// patient protocol with the fold after it.
fn is_log(file: &str) -> bool {
    let Some(stem) = file.strip_suffix(".json") else {
        return false;
    };
    let run = stem.rsplit_once("-fold").map_or(stem, |(run, _)| run);
    TableName::of_file(&format!("{run}.csv")).is_some()
}

fn list<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Vec<T>> {
    if path.is_file() {
        json(path)
    } else {
        Ok(Vec::new())
    }
}

fn json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).map_err(file_error(path))?;
    serde_json::from_str(&text).map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))
}

fn known_facts(path: &Path, gaps: &mut Vec<Gap>) -> Result<FactsOf> {
    if path.is_file() {
        return slice_facts::read(path);
    }
    gaps.push(Gap {
        what: "size of bleeds and level of slices".into(),
        command: "haemolens report --data DIR".into(),
    });
    Ok(FactsOf::new())
}

/// The files of our two models that are there.
fn model_files(folder: &Path) -> Result<Vec<ModelFile>> {
    let mut files = Vec::new();
    for preset in MODELS {
        let name = match preset {
            Preset::Open => OPEN_MODEL.to_owned(),
            _ => format!("{}.safetensors", Network::AlexNetSvm.name()),
        };
        let path = folder.join(&name);
        if !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(&path).map_err(file_error(&path))?;
        let model = StoredModel::from_bytes(&bytes)
            .map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
        files.push(ModelFile {
            preset,
            name,
            sha256: sha256(&bytes),
            header: model.facts.card,
        });
    }
    Ok(files)
}

fn stored_models(folder: &Path, gaps: &mut Vec<Gap>) -> Result<BTreeMap<Network, StoredModel>> {
    let mut models = BTreeMap::new();
    for network in SHIPPED {
        let path = folder.join(format!("{}.safetensors", network.name()));
        if !path.is_file() {
            gaps.push(Gap {
                what: "kernels, feature maps and scores of phantoms".into(),
                command: store_command(network, shipped_preset(network)),
            });
            continue;
        }
        let bytes = std::fs::read(&path).map_err(file_error(&path))?;
        let model = StoredModel::from_bytes(&bytes)
            .map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
        models.insert(network, model);
    }
    if !folder.join(OPEN_MODEL).is_file() {
        gaps.push(Gap {
            what: "the open model".into(),
            command: store_command(Network::AlexNetSvm, Preset::Open),
        });
    }
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_told_by_their_names() {
        for log in [
            "cnn-plain-paper-paper.json",
            "alexnet-svm-best-patient-fold4.json",
        ] {
            assert!(is_log(log), "{log}");
        }
        for other in [
            "probes.json",
            "sizes.json",
            "cnn-paper-ship.json",
            "cnn-paper-paper.json.partial",
        ] {
            assert!(!is_log(other), "{other}");
        }
    }

    #[test]
    fn gaps_are_gathered_by_command() {
        let gap = |what: &str, command: &str| Gap {
            what: what.into(),
            command: command.into(),
        };
        let gaps = [gap("a", "x"), gap("b", "y"), gap("c", "x")];
        let expected = [("x", vec!["a", "c"]), ("y", vec!["b"])];
        assert_eq!(by_command(&gaps), expected);
    }
}
