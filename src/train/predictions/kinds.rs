//! Margins of the kinds of haemorrhage, as a table.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{TableName, qualified, rows};
use crate::HaemorrhageKind;
use crate::train::Result;

/// A row of the table: a slice whose kinds are known.
#[derive(Debug, Clone, PartialEq)]
pub struct KindMargins {
    /// The source that the slice is of.
    pub source: String,
    /// The slice's name in its source's `labels.csv`.
    pub file: String,
    /// Its patient, `family/patient`.
    pub patient: String,
    /// The fold that it was held out in; empty where the model never saw its data set.
    pub fold: Option<usize>,
    /// Which kinds it shows, in the order of [`HaemorrhageKind::ALL`].
    pub shown: [bool; 5],
    /// Margins in that order.
    pub margins: [f64; 5],
}

impl KindMargins {
    /// Whether the slice shows haemorrhage of any kind.
    pub fn haemorrhage(&self) -> bool {
        self.shown.contains(&true)
    }
}

/// As it stands in the file.
#[derive(Serialize, Deserialize)]
struct Row {
    source: String,
    file: String,
    patient: String,
    fold: Option<usize>,
    /// Codes of the kinds that the slice shows, apart by `+`; empty where it shows none.
    kinds: String,
    #[serde(rename = "EDH")]
    edh: f64,
    #[serde(rename = "IPH")]
    iph: f64,
    #[serde(rename = "IVH")]
    ivh: f64,
    #[serde(rename = "SAH")]
    sah: f64,
    #[serde(rename = "SDH")]
    sdh: f64,
}

impl From<&KindMargins> for Row {
    fn from(of: &KindMargins) -> Self {
        let shown = HaemorrhageKind::ALL.into_iter().zip(of.shown);
        let codes = shown.filter(|(_, shown)| *shown).map(|(k, _)| k.code());
        let [edh, iph, ivh, sah, sdh] = of.margins;
        Self {
            source: of.source.clone(),
            file: of.file.clone(),
            patient: of.patient.clone(),
            fold: of.fold,
            kinds: codes.collect::<Vec<_>>().join("+"),
            edh,
            iph,
            ivh,
            sah,
            sdh,
        }
    }
}

impl Row {
    /// The row, or what is wrong with it.
    fn read(self) -> std::result::Result<KindMargins, String> {
        let mut shown = [false; 5];
        for code in self.kinds.split('+').filter(|code| !code.is_empty()) {
            let kind = HaemorrhageKind::ALL.iter().position(|k| k.code() == code);
            let kind = kind.ok_or_else(|| format!("{}: there is no kind {code}", self.file))?;
            shown[kind] = true;
        }
        Ok(KindMargins {
            patient: qualified(&self.source, self.patient),
            source: self.source,
            file: self.file,
            fold: self.fold,
            shown,
            margins: [self.edh, self.iph, self.ivh, self.sah, self.sdh],
        })
    }
}

/// The file of a table of kinds: `kinds-<network>-<preset>-<protocol>.csv`.
///
/// ```
/// use haemolens::train::predictions::{Network, Preset, Protocol, TableName, kinds};
///
/// let name = TableName {
///     network: Network::AlexNetSvm,
///     preset: Preset::Best,
///     protocol: Protocol::Source,
/// };
/// assert_eq!(kinds::file(name), "kinds-alexnet-svm-best-source.csv");
/// ```
pub fn file(name: TableName) -> String {
    format!("kinds-{}", name.file())
}

/// Writes the table, in the order of sources and files.
///
/// # Errors
/// [`crate::train::TrainError`] naming the file.
pub fn write(path: &Path, table: &[KindMargins]) -> Result<()> {
    let mut table: Vec<&KindMargins> = table.iter().collect();
    table.sort_by(|a, b| (&a.source, &a.file).cmp(&(&b.source, &b.file)));
    rows::write(path, table.into_iter().map(Row::from))
}

/// Reads a table.
///
/// # Errors
/// [`crate::train::TrainError::Data`] naming the file and the row that is wrong.
pub fn read(path: &Path) -> Result<Vec<KindMargins>> {
    rows::read(path, Row::read)
}

/// The tables of kinds in a folder, in order.
///
/// # Errors
/// As [`read`].
pub fn all_in(folder: &Path) -> Result<Vec<(TableName, Vec<KindMargins>)>> {
    let mut tables = Vec::new();
    for name in TableName::every() {
        let path = folder.join(file(name));
        if path.is_file() {
            tables.push((name, read(&path)?));
        }
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_back_and_an_unknown_kind_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/kinds.csv");
        let row = |file: &str, shown: [bool; 5]| KindMargins {
            source: "rsna".into(),
            file: file.into(),
            patient: "rsna/7".into(),
            fold: Some(2),
            shown,
            margins: [0.1 + 0.2, -1.0 / 3.0, 0.0, 1.5, -2.0],
        };
        let table = [
            row("b.jpg", [false, true, false, false, true]),
            row("a.jpg", [false; 5]),
        ];
        write(&path, &table).unwrap();
        let read_back = read(&path).unwrap();
        assert_eq!(read_back, [table[1].clone(), table[0].clone()]);
        assert!(read_back[1].haemorrhage() && !read_back[0].haemorrhage());
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("IPH+SDH", "IPH+ICH")).unwrap();
        let told = read(&path).unwrap_err().to_string();
        assert!(told.contains("b.jpg") && told.contains("ICH"), "{told}");
    }
}
