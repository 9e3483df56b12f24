//! The report: every figure recomputed from committed files, as Markdown, JSON and SVG.
//!
//! [`inputs`] reads what is there and notes what is missing; [`tables`], [`figures`],
//! [`studies`], [`by_source`], [`operating`], [`localisation`], [`kinds`], [`comparisons`], [`rounding`] and
//! [`split_leakage`] make tables of it, [`margins`] histograms; [`commands`] says what made their
//! numbers; [`plots`] and [`pictures`] draw; [`card`] computes the model card; [`document`] puts it all
//! together. The same files always give the same bytes.

pub mod by_source;
pub mod card;
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
    /// The generated part of the model card that is called `report`: the figures.
    pub card: String,
    /// Its other generated parts, by name.
    pub sections: BTreeMap<&'static str, String>,
    /// The whole model card as JSON, where somebody has written its words.
    pub card_json: Option<String>,
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

    /// Writes the files into `out`, the generated parts into the model card at `card`, if that has places
    /// for them, and `card.json` beside it.
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
        if let Some(json) = &self.card_json {
            write_atomically(&card.with_file_name("card.json"), json.as_bytes())?;
        }
        if card.is_file() {
            let text = std::fs::read_to_string(card).map_err(file_error(card))?;
            if let Some(text) = self.in_card(&text)? {
                write_atomically(card, text.as_bytes())?;
            }
        }
        Ok(())
    }

    /// A model card with its generated parts renewed; `None` where it has no place for any.
    ///
    /// # Errors
    /// [`TrainError::Data`] when a place has no end.
    pub fn in_card(&self, card: &str) -> Result<Option<String>> {
        let parts = self.sections.iter().map(|(name, text)| (*name, text));
        let mut renewed = None;
        for (name, text) in parts.chain([("report", &self.card)]) {
            let before = renewed.as_deref().unwrap_or(card);
            if let Some(after) = with_part(before, name, text)? {
                renewed = Some(after);
            }
        }
        Ok(renewed)
    }
}

/// Where a generated part of the model card begins and ends.
pub fn markers(part: &str) -> [String; 2] {
    [
        format!("<!-- {part}:begin (written by `haemolens report`) -->"),
        format!("<!-- {part}:end -->"),
    ]
}

/// A model card with one part renewed; `None` where it has no place for it.
fn with_part(card: &str, part: &str, text: &str) -> Result<Option<String>> {
    let [begin, end] = markers(part);
    let Some((before, rest)) = card.split_once(&begin) else {
        return Ok(None);
    };
    let (_, after) = rest
        .split_once(&end)
        .ok_or_else(|| TrainError::Data(format!("the model card has {begin} but no {end}")))?;
    let text = text.trim_end();
    Ok(Some(format!("{before}{begin}\n{text}\n{end}{after}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_generated_parts_of_a_card_change() {
        let report = Report {
            files: BTreeMap::new(),
            card: "new\n".into(),
            sections: [("use", "for all\n".to_owned()), ("limits", String::new())].into(),
            card_json: None,
            gaps: Vec::new(),
        };
        let place = |part: &str, text: &str| {
            let [begin, end] = markers(part);
            format!("{begin}\n{text}\n{end}")
        };
        let card = |text: [&str; 2]| {
            format!(
                "before\n{}\nbetween\n{}\nafter\n",
                place("use", text[0]),
                place("report", text[1])
            )
        };
        let renewed = report.in_card(&card(["old", "old"])).unwrap().unwrap();
        assert_eq!(renewed, card(["for all", "new"]));
        assert_eq!(report.in_card("no place").unwrap(), None);
        assert!(report.in_card(&markers("use")[0]).is_err());
    }
}
