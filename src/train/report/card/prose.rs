//! The words of the model card, `card.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::model_card::{Collection, Guideline, IntendedUse};
use crate::train::{Result, TrainError, file_error};

/// What people have written for the card.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prose {
    /// What it is of.
    pub title: String,
    /// What comes before everything else.
    pub notice: String,
    /// What the models are for.
    pub intended_use: IntendedUse,
    /// What they are not for.
    pub out_of_scope: Vec<String>,
    /// How the data were divided.
    pub partition: String,
    /// How each source was collected and labelled.
    pub collections: BTreeMap<String, Collection>,
    /// How people did on the same slices.
    pub human_comparison: String,
    /// What nobody has measured.
    pub not_measured: Vec<String>,
    /// What to bear in mind.
    pub limitations: Vec<String>,
    /// What becomes of the models.
    pub maintenance: Upkeep,
    /// Where the items of reporting guidelines are found.
    pub guidelines: Vec<Guideline>,
}

/// What becomes of the models.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Upkeep {
    /// Who looks after them, and when they change.
    pub updates: String,
    /// How to report a fault.
    pub report_a_fault: String,
}

impl Prose {
    /// Reads the words if they are there.
    ///
    /// # Errors
    /// [`TrainError`] naming the file and what is wrong with it.
    pub fn read_if_there(path: &Path) -> Result<Option<Self>> {
        if !path.is_file() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(path).map_err(file_error(path))?;
        let prose = toml::from_str(&text);
        let prose = prose.map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
        Ok(Some(prose))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_name_every_source_and_what_is_misspelt_is_told() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let path = models.join("card.toml");
        let prose = Prose::read_if_there(&path).unwrap().unwrap();
        let sources = crate::train::dataset::Sources::read(&models.join("sources.toml")).unwrap();
        for source in sources.all {
            assert!(
                prose.collections.contains_key(&source.name),
                "{}",
                source.name
            );
        }
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("card.toml");
        assert_eq!(Prose::read_if_there(&other).unwrap(), None);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&other, text.replace("outOfScope", "outOfScop")).unwrap();
        let told = Prose::read_if_there(&other).unwrap_err().to_string();
        assert!(
            told.contains("card.toml") && told.contains("outOfScop"),
            "{told}"
        );
    }
}
