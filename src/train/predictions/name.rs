//! Which network's margins a table holds, and what they were measured on.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::train::{Result, file_error};

/// What margins were measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Unaltered slices of patients that the network never saw, pooled over folds.
    Patient,
    /// Unaltered slices of a source by a network that never saw its family of sources.
    Source,
    /// The paper's test set: 30 % of all altered copies of all slices, drawn at random, so that
    /// other copies of a slice and other slices of its patient were trained on.
    Paper,
    /// Images that nothing was trained, tuned or calibrated on, by the shipped model.
    External,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 4] = [Self::Patient, Self::Source, Self::Paper, Self::External];

    /// Its name in file names and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Source => "source",
            Self::Paper => "paper",
            Self::External => "external",
        }
    }
}

/// How a network was trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// As the paper says.
    Paper,
    /// As well as we can, on every source.
    Best,
    /// The same on CT-ICH alone, whose terms are permissive.
    Open,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 3] = [Self::Paper, Self::Best, Self::Open];

    /// Its name in file names and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Best => "best",
            Self::Open => "open",
        }
    }
}

/// The networks that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// The paper's network trained from nothing.
    Cnn,
    /// The same without batch norm and dropout.
    CnnPlain,
    /// ImageNet convolutions, three fully connected layers, softmax.
    #[serde(rename = "alexnet")]
    AlexNet,
    /// ImageNet convolutions, one fully connected layer, linear SVM.
    #[serde(rename = "alexnet-svm")]
    AlexNetSvm,
}

impl Network {
    /// Every network.
    pub const ALL: [Self; 4] = [Self::Cnn, Self::CnnPlain, Self::AlexNet, Self::AlexNetSvm];

    /// Its name in file names, in models and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cnn => "cnn",
            Self::CnnPlain => "cnn-plain",
            Self::AlexNet => "alexnet",
            Self::AlexNetSvm => "alexnet-svm",
        }
    }

    /// Its name in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cnn => "CNN",
            Self::CnnPlain => "CNN without batch norm and dropout",
            Self::AlexNet => "AlexNet",
            Self::AlexNetSvm => "AlexNet-SVM",
        }
    }

    /// Whether its margin is a difference of logits, so that it has a probability of its own.
    pub fn has_softmax(self) -> bool {
        self != Self::AlexNetSvm
    }

    /// The network of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|n| n.name() == name)
    }
}

/// Names a table: `<network>-<preset>-<protocol>.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableName {
    /// Whose margins.
    pub network: Network,
    /// How it was trained.
    pub preset: Preset,
    /// What it was measured on.
    pub protocol: Protocol,
}

impl TableName {
    /// The file's name.
    pub fn file(&self) -> String {
        let (network, preset) = (self.network.name(), self.preset.name());
        format!("{network}-{preset}-{}.csv", self.protocol.name())
    }

    /// The name of the stored model whose margins it may hold.
    pub fn model(&self) -> String {
        match self.preset {
            Preset::Open => format!("{}-open", self.network.name()),
            Preset::Best | Preset::Paper => self.network.name().into(),
        }
    }

    /// Every table that there could be.
    pub fn every() -> impl Iterator<Item = Self> {
        Network::ALL.into_iter().flat_map(|network| {
            Preset::ALL.into_iter().flat_map(move |preset| {
                Protocol::ALL.into_iter().map(move |protocol| Self {
                    network,
                    preset,
                    protocol,
                })
            })
        })
    }

    /// The table that a file's name names.
    pub fn of_file(file: &str) -> Option<Self> {
        Self::every().find(|name| name.file() == file)
    }

    /// The tables in a folder, in order; files of other names are passed over. A folder that is not
    /// there holds none.
    ///
    /// # Errors
    /// [`TrainError::File`](crate::train::TrainError::File) when the folder cannot be read.
    pub fn all_in(folder: &Path) -> Result<Vec<Self>> {
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(file_error(folder))? {
            let file = entry.map_err(file_error(folder))?.file_name();
            names.extend(file.to_str().and_then(Self::of_file));
        }
        names.sort();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_other_files_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let name = |network, preset, protocol| TableName {
            network,
            preset,
            protocol,
        };
        let names = [
            name(Network::Cnn, Preset::Paper, Protocol::Paper),
            name(Network::CnnPlain, Preset::Paper, Protocol::Patient),
            name(Network::AlexNetSvm, Preset::Best, Protocol::External),
        ];
        assert_eq!(names[2].file(), "alexnet-svm-best-external.csv");
        for name in &names {
            std::fs::write(folder.path().join(name.file()), "").unwrap();
        }
        for other in ["guard.csv", "alexnet-svm-best-external.csv.partial"] {
            std::fs::write(folder.path().join(other), "").unwrap();
        }
        assert_eq!(TableName::all_in(folder.path()).unwrap(), names);
        let absent = folder.path().join("absent");
        assert_eq!(TableName::all_in(&absent).unwrap(), []);
    }

    #[test]
    fn serialised_names_are_those_of_the_files() {
        for network in Network::ALL {
            assert_eq!(serde_json::to_value(network).unwrap(), network.name());
        }
        for protocol in Protocol::ALL {
            assert_eq!(serde_json::to_value(protocol).unwrap(), protocol.name());
        }
    }
}
