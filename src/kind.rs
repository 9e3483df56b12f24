//! The five kinds of intracranial haemorrhage.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where in the head the blood lies. A slice may show several kinds.
///
/// ```
/// use haemolens::HaemorrhageKind;
///
/// let codes: Vec<&str> = HaemorrhageKind::ALL.iter().map(|kind| kind.code()).collect();
/// assert_eq!(codes, ["EDH", "IPH", "IVH", "SAH", "SDH"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum HaemorrhageKind {
    /// Between skull and dura.
    #[serde(rename = "EDH")]
    Epidural,
    /// In the brain itself.
    #[serde(rename = "IPH")]
    Intraparenchymal,
    /// In the ventricles.
    #[serde(rename = "IVH")]
    Intraventricular,
    /// Between arachnoid and brain.
    #[serde(rename = "SAH")]
    Subarachnoid,
    /// Between dura and arachnoid.
    #[serde(rename = "SDH")]
    Subdural,
}

impl HaemorrhageKind {
    /// Every kind, in the order of their codes.
    ///
    /// ```
    /// use haemolens::HaemorrhageKind;
    ///
    /// assert!(HaemorrhageKind::ALL.is_sorted_by_key(|kind| kind.code()));
    /// ```
    pub const ALL: [Self; 5] = [
        Self::Epidural,
        Self::Intraparenchymal,
        Self::Intraventricular,
        Self::Subarachnoid,
        Self::Subdural,
    ];

    /// Its code: `EDH`, `IPH`, `IVH`, `SAH` or `SDH`.
    ///
    /// ```
    /// assert_eq!(haemolens::HaemorrhageKind::Subdural.code(), "SDH");
    /// ```
    pub const fn code(self) -> &'static str {
        match self {
            Self::Epidural => "EDH",
            Self::Intraparenchymal => "IPH",
            Self::Intraventricular => "IVH",
            Self::Subarachnoid => "SAH",
            Self::Subdural => "SDH",
        }
    }

    /// The kind of a code.
    ///
    /// ```
    /// use haemolens::HaemorrhageKind;
    ///
    /// assert_eq!(HaemorrhageKind::from_code("IVH"), Some(HaemorrhageKind::Intraventricular));
    /// assert_eq!(HaemorrhageKind::from_code("ICH"), None);
    /// ```
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Its code.
///
/// ```
/// assert_eq!(haemolens::HaemorrhageKind::Epidural.to_string(), "EDH");
/// ```
impl fmt::Display for HaemorrhageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
