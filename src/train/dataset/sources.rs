//! The table of data sets: what each is, on which terms, and what it may be used for.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use crate::train::{Result, TrainError, file_error};

/// Whether slices without haemorrhage may stand for normal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normals {
    /// They may.
    Alone,
    /// Only where another source has normal slices that may.
    WithOthers,
    /// It has none.
    None,
}

/// A data set, as a table of sources describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name, which is its folder's.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Who made it and where it is described.
    pub citation: String,
    /// On which terms it was published, in words.
    pub terms: String,
    /// The same as an SPDX expression.
    pub licence: String,
    /// Sources of one family are left out together, and may share patients.
    pub family: String,
    /// How much of a batch it gives, as against the other sources of the same class.
    pub weight: f64,
    /// Whether models may be trained on it.
    pub training: bool,
    /// Whether its slices without haemorrhage may stand for normal ones.
    pub normals: Normals,
    /// Whether figures on it count as skill, and thresholds and probabilities are fitted on it.
    pub figures: bool,
    /// Whether it holds whole examinations.
    pub studies: bool,
}

impl Source {
    /// A data set that no table describes: a family of its own that may be used for everything.
    ///
    /// ```
    /// use haemolens::train::dataset::Source;
    ///
    /// let source = Source::unlisted("phantoms");
    /// assert!(source.training && source.figures);
    /// assert_eq!(source.family, "phantoms");
    /// ```
    pub fn unlisted(name: &str) -> Self {
        Self {
            name: name.into(),
            title: name.into(),
            citation: String::new(),
            terms: "not stated".into(),
            licence: "LicenseRef-not-stated".into(),
            family: name.into(),
            weight: 1.0,
            training: true,
            normals: Normals::Alone,
            figures: true,
            studies: true,
        }
    }
}

/// A table of sources (TOML, an array `source` of tables).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// The sources in the table's order.
    #[serde(rename = "source")]
    pub all: Vec<Source>,
}

impl Sources {
    /// Reads a table.
    ///
    /// ```
    /// use haemolens::train::dataset::Sources;
    ///
    /// let table = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/sources.toml");
    /// let sources = Sources::read(&table)?;
    /// assert_eq!(sources.all[0].name, "ct-ich");
    /// assert!(!sources.get("head-ct").training, "for external tests only");
    /// # Ok::<(), haemolens::train::TrainError>(())
    /// ```
    ///
    /// # Errors
    /// [`TrainError`] naming the table and what is wrong with it.
    pub fn read(table: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(table).map_err(file_error(table))?;
        let wrong = |e: String| TrainError::Data(format!("{}: {e}", table.display()));
        let sources: Self = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        let mut names = BTreeSet::new();
        for source in &sources.all {
            if !names.insert(&source.name) {
                return Err(wrong(format!("{} stands there twice", source.name)));
            }
            if !(source.weight >= 0.0 && source.weight.is_finite()) {
                return Err(wrong(format!(
                    "{} weighs {}: a weight is 0 or more",
                    source.name, source.weight
                )));
            }
        }
        Ok(sources)
    }

    /// Reads a table if it is there; nothing is listed if not.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_if_there(table: &Path) -> Result<Self> {
        if table.is_file() {
            Self::read(table)
        } else {
            Ok(Self::default())
        }
    }

    /// The source of that name, as listed; else [`Source::unlisted`].
    pub fn get(&self, name: &str) -> Source {
        let listed = self.all.iter().find(|s| s.name == name);
        listed.cloned().unwrap_or_else(|| Source::unlisted(name))
    }

    /// The sources that a model may be trained on: all that the table allows, or those of `only`, in
    /// the table's order.
    ///
    /// # Errors
    /// [`TrainError::Data`] for a name that is not listed or not for training, and where no source
    /// has normal slices that may stand alone.
    pub fn for_training(&self, only: &[String]) -> Result<Vec<&Source>> {
        for name in only {
            let listed = self.all.iter().find(|s| s.name == *name);
            let why = match listed {
                None => "is not in the table of sources",
                Some(source) if !source.training => {
                    "is for external tests only: nothing is trained, tuned or chosen on it"
                }
                Some(_) => continue,
            };
            return Err(TrainError::Data(format!(
                "{name} {why}; there are {}",
                self.names(|s| s.training)
            )));
        }
        let wanted = |s: &&Source| s.training && (only.is_empty() || only.contains(&s.name));
        let chosen: Vec<&Source> = self.all.iter().filter(wanted).collect();
        if !chosen.iter().any(|s| s.normals == Normals::Alone) {
            return Err(TrainError::Data(format!(
                "none of the sources has normal slices that may stand alone: add one of {}",
                self.names(|s| s.training && s.normals == Normals::Alone)
            )));
        }
        Ok(chosen)
    }

    fn names(&self, of: impl Fn(&Source) -> bool) -> String {
        let names = self.all.iter().filter(|s| of(s)).map(|s| s.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Sources {
        Sources::read(Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/models/sources.toml"
        )))
        .unwrap()
    }

    #[test]
    fn what_is_for_external_tests_is_refused_by_name_and_never_taken() {
        let sources = table();
        let all = sources.for_training(&[]).unwrap();
        assert_eq!(all.len(), 5);
        assert!(all.iter().all(|s| s.name != "head-ct"));
        let told = sources.for_training(&["ct-ich".into(), "head-ct".into()]);
        let told = told.unwrap_err().to_string();
        assert!(told.contains("head-ct is for external tests"), "{told}");
        let told = sources.for_training(&["ctich".into()]).unwrap_err();
        assert!(told.to_string().contains("ctich is not in"), "{told}");
    }

    #[test]
    fn normals_that_tell_the_level_of_the_slice_are_never_the_only_ones() {
        let sources = table();
        let told = sources.for_training(&["phe-sich".into(), "rsna-boxes".into()]);
        let told = told.unwrap_err().to_string();
        assert!(
            told.contains("add one of ct-ich, rsna, rsna-small"),
            "{told}"
        );
        assert!(
            table()
                .for_training(&["phe-sich".into(), "ct-ich".into()])
                .is_ok()
        );
    }

    #[test]
    fn a_table_that_makes_no_sense_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sources.toml");
        let text =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/models/sources.toml"))
                .unwrap();
        let complaint = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Sources::read(&path).unwrap_err().to_string()
        };
        let twice = text.replace("name = \"rsna-small\"", "name = \"rsna\"");
        assert!(complaint(&twice).contains("rsna stands there twice"));
        assert!(complaint(&text.replace("weight = 0.0", "weight = -1.0")).contains("head-ct"));
        let told = complaint(&text.replace("with-others", "sometimes"));
        assert!(
            told.contains("sources.toml") && told.contains("sometimes"),
            "{told}"
        );
        assert!(complaint(&text.replace("studies", "studie")).contains("studie"));
    }
}
