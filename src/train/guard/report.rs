//! What the guard says of whole folders, image by image and as shares of each kind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::examples::{Others, read};
use crate::guard::Guard;
use crate::train::{Result, TrainError, write_atomically};

/// Part: measured by a guard that had not seen the patient.
pub const OUT_OF_FOLD: &str = "out-of-fold";
/// Part: real files that were not learned, of kinds that were.
pub const HELD_BACK: &str = "held-back";
/// Part: data sets that nothing was learned from.
pub const EXTERNAL: &str = "external";
/// Part: drawn anew, of kinds that were learned.
pub const DRAWN_ANEW: &str = "drawn-anew";
/// Part: drawn, of kinds that were never learned.
pub const DRAWN_UNSEEN: &str = "drawn-unseen";

/// One image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its file name, or its number where it was drawn.
    pub file: String,
    /// What it shows.
    pub kind: String,
    /// How it stands to what was learned.
    pub part: String,
    /// The guard's distance, to four decimals.
    pub distance: f64,
    /// Whether it was taken for something else than a head CT.
    pub flagged: bool,
}

impl Row {
    /// Of an image whose distance is known.
    pub fn new(guard: &Guard, file: &str, kind: &str, part: &str, distance: f64) -> Self {
        Self {
            file: file.to_owned(),
            kind: kind.to_owned(),
            part: part.to_owned(),
            distance: (distance * 1e4).round() / 1e4,
            flagged: distance > guard.facts.threshold,
        }
    }
}

/// Judges files.
///
/// # Errors
/// [`TrainError`] naming the image that cannot be read.
pub fn measure_files(guard: &Guard, kind: &str, part: &str, files: &[PathBuf]) -> Result<Vec<Row>> {
    files
        .par_iter()
        .map(|path| {
            let verdict = guard.judge(&read(path)?);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok(Row::new(guard, &name, kind, part, verdict.distance))
        })
        .collect()
}

/// Judges drawn pictures.
pub fn measure_drawn(guard: &Guard, part: &str, others: &Others) -> Vec<Row> {
    let distance = |features: &Vec<f32>| guard.distance(&guard.raw(features));
    let row = |(i, features)| {
        Row::new(
            guard,
            &format!("{i}"),
            &others.kind,
            part,
            distance(features),
        )
    };
    others.features.iter().enumerate().map(row).collect()
}

/// The images of one kind and part.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// What they show.
    pub kind: String,
    /// How they stand to what was learned.
    pub part: String,
    /// How many there are.
    pub images: usize,
    /// How many were flagged.
    pub flagged: usize,
}

impl Share {
    /// Flagged images over all, 0–1.
    pub fn flagged_share(&self) -> f64 {
        self.flagged as f64 / self.images as f64
    }
}

/// Shares by part and kind, in the order in which they first appear.
pub fn shares(rows: &[Row]) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    let mut place: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in rows {
        let at = *place.entry((&row.part, &row.kind)).or_insert_with(|| {
            shares.push(Share {
                kind: row.kind.clone(),
                part: row.part.clone(),
                images: 0,
                flagged: 0,
            });
            shares.len() - 1
        });
        shares[at].images += 1;
        shares[at].flagged += usize::from(row.flagged);
    }
    shares
}

/// Writes the table of images.
///
/// # Errors
/// [`TrainError`] naming the file that cannot be written.
pub fn write_table(path: &Path, rows: &[Row]) -> Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |e: &dyn std::fmt::Display| TrainError::Data(format!("{}: {e}", path.display()));
    for row in rows {
        writer.serialize(row).map_err(|e| failed(&e))?;
    }
    write_atomically(path, &writer.into_inner().map_err(|e| failed(&e))?)
}

/// Reads a table that [`write_table`] wrote.
///
/// # Errors
/// [`TrainError`] naming the file and row that are missing or wrong.
pub fn read_table(path: &Path) -> Result<Vec<Row>> {
    let wrong = |e: csv::Error| TrainError::Data(format!("{}: {e}", path.display()));
    let mut reader = csv::Reader::from_path(path).map_err(wrong)?;
    reader.deserialize().map(|row| row.map_err(wrong)).collect()
}

/// Writes threshold, figures of the header and shares as JSON.
///
/// # Errors
/// [`TrainError`] naming the file that cannot be written.
pub fn write_summary(path: &Path, guard: &Guard, rows: &[Row]) -> Result<()> {
    let facts = &guard.facts;
    let summary = serde_json::json!({
        "version": facts.version,
        "threshold": facts.threshold,
        "protocol": facts.protocol,
        "figures": facts.figures,
        "shares": shares(rows),
    });
    write_atomically(path, format!("{summary:#}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_read_back_and_shares_add_up() {
        let row = |file: &str, kind: &str, part: &str, distance: f64| Row {
            file: file.into(),
            kind: kind.into(),
            part: part.into(),
            distance,
            flagged: distance > 1.0,
        };
        let rows = [
            row("a.jpg", "photo", HELD_BACK, 2.5),
            row("b, c.jpg", "photo", HELD_BACK, 0.1),
            row("0", "noise", DRAWN_ANEW, 7.0),
        ];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guard.csv");
        write_table(&path, &rows).unwrap();
        assert_eq!(read_table(&path).unwrap(), rows);
        let shares = shares(&rows);
        assert_eq!(shares.len(), 2);
        assert_eq!((shares[0].images, shares[0].flagged), (2, 1));
        assert_eq!(shares[1].flagged_share(), 1.0);
    }
}
