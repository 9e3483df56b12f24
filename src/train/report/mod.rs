//! The report: every figure recomputed from committed files, as Markdown, JSON and SVG.
//!
//! [`inputs`] reads what is there and notes what is missing; [`tables`], [`figures`],
//! [`studies`], [`by_source`], [`operating`], [`localisation`], [`kinds`], [`comparisons`], [`rounding`] and
//! [`split_leakage`] make tables of it, [`margins`] histograms; [`commands`] says what made their
//! numbers; [`plots`] and [`pictures`] draw; [`document`] puts it all together. The same files always give the same bytes.

pub mod by_source;
pub mod commands;
pub mod comparisons;
pub mod document;
pub mod entry;
pub mod figures;
pub mod inputs;
pub mod kinds;
pub mod localisation;
pub mod margins;
pub mod operating;
pub mod paper;
pub mod pictures;
pub mod plots;
pub mod rounding;
pub mod sizes;
pub mod split_leakage;
pub mod studies;
pub mod table;
pub mod tables;

use std::collections::BTreeMap;
use std::path::Path;

use super::{Result, TrainError, file_error, write_atomically};
use inputs::{Gap, Inputs};

/// Everything that a report is made of.
pub struct Report {
    /// The files by their names in the report's folder.
    pub files: BTreeMap<String, String>,
    /// The part of the model card that is generated.
    pub card: String,
    /// What is missing.
    pub gaps: Vec<Gap>,
}

impl Report {
    /// Computes the report from the stored models and `folds.csv` in `models`, and the run logs and
    /// predictions in `inputs`.
    ///
    /// # Errors
    /// [`TrainError`] naming the file that cannot be understood; a missing one is a [`Gap`].
    pub fn compute(models: &Path, inputs: &Path) -> Result<Self> {
        document::compute(&Inputs::read(models, inputs)?)
    }

    /// Writes the files into `out`, and the generated part into the model card at `card`, if that
    /// has a place for it.
    ///
    /// # Errors
    /// [`TrainError`] naming the file.
    pub fn write(&self, out: &Path, card: &Path) -> Result<()> {
        for (name, content) in &self.files {
            let path = out.join(name);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(file_error(folder))?;
            }
            write_atomically(&path, content.as_bytes())?;
        }
        if card.is_file() {
            let text = std::fs::read_to_string(card).map_err(file_error(card))?;
            if let Some(text) = self.in_card(&text)? {
                write_atomically(card, text.as_bytes())?;
            }
        }
        Ok(())
    }

    /// A model card with its generated part renewed; `None` where it has no place for one.
    ///
    /// # Errors
    /// [`TrainError::Data`] when the place has no end.
    pub fn in_card(&self, card: &str) -> Result<Option<String>> {
        let Some((before, rest)) = card.split_once(CARD_BEGIN) else {
            return Ok(None);
        };
        let (_, after) = rest.split_once(CARD_END).ok_or_else(|| {
            TrainError::Data(format!("the model card has {CARD_BEGIN} but no {CARD_END}"))
        })?;
        let card = self.card.trim_end();
        Ok(Some(format!(
            "{before}{CARD_BEGIN}\n{card}\n{CARD_END}{after}"
        )))
    }
}

/// Where the generated part of the model card begins.
pub const CARD_BEGIN: &str = "<!-- report:begin (written by `haemolens report`) -->";
/// Where it ends.
pub const CARD_END: &str = "<!-- report:end -->";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_generated_part_of_a_card_changes() {
        let report = Report {
            files: BTreeMap::new(),
            card: "new\n".into(),
            gaps: Vec::new(),
        };
        let card = format!("before\n{CARD_BEGIN}\nold\n{CARD_END}\nafter\n");
        let renewed = report.in_card(&card).unwrap().unwrap();
        assert_eq!(
            renewed,
            format!("before\n{CARD_BEGIN}\nnew\n{CARD_END}\nafter\n")
        );
        assert_eq!(report.in_card("no place").unwrap(), None);
        assert!(report.in_card(CARD_BEGIN).is_err());
    }
}
