//! The stored guard: a safetensors file with its facts as JSON in the header.
//!
//! | tensor | type, shape | meaning |
//! |---|---|---|
//! | `mean`, `deviation` | f32, features | of head-CT slices; features are centred and divided by them |
//! | `planes.weight` | f32, kinds × features | one plane against each kind of other picture |
//! | `planes.bias` | f32, kinds | their offsets |
//! | `hidden.weight` | f32, units × features | first layer of the small network |
//! | `hidden.bias` | f32, units | its offsets |
//! | `output.weight` | f32, units | second layer |
//! | `output.bias` | f32, 1 | its offset |
//! | `spread` | f32, features · (features + 1) / 2 | Cholesky factor of the features' shrunk covariance, lower triangle, row-major |

use std::collections::{BTreeMap, HashMap};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::features::DIMENSIONS;
use super::{Guard, Likeness, Network};
use crate::Error;
use crate::model::Figure;
use crate::svm::LinearSvm;

/// Version of this layout; a file of another is refused.
pub const FORMAT: u32 = 2;
/// More hidden units than any guard has.
const MOST_UNITS: usize = 1024;
/// Key of the facts in the safetensors header.
const FACTS_KEY: &str = "haemolens-guard";

/// A kind of picture that a plane parts from head CT.
///
/// ```
/// use haemolens::guard::{Guard, Likeness};
///
/// let guard = Guard::new()?;
/// let mut kinds = guard.facts.against.iter();
/// let photo = kinds.find(|against| against.kind == "photo").expect("it has learned photographs");
/// assert_eq!(photo.like, Likeness::Photograph);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Against {
    /// Its name in the training run.
    pub kind: String,
    /// What a visitor is told that such a picture looks like.
    pub like: Likeness,
}

/// Raw score → distance: 0 at a typical head CT, 1 where an input is no longer taken for one.
///
/// ```
/// use haemolens::guard::Scale;
///
/// let scale = Scale { typical: -0.9, reach: 0.9 };
/// assert_eq!((scale.distance(-0.9), scale.distance(0.0)), (0.0, 1.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Raw score of the typical head CT.
    pub typical: f64,
    /// From there to the raw score at the limit.
    pub reach: f64,
}

impl Scale {
    /// The distance that a raw score stands for.
    ///
    /// ```
    /// use haemolens::guard::Scale;
    ///
    /// let scale = Scale { typical: 0.5, reach: 0.25 };
    /// assert_eq!(scale.distance(1.0), 2.0);
    /// assert!(scale.distance(0.4) < 0.0, "nearer than the typical head CT");
    /// ```
    pub fn distance(&self, raw: f64) -> f64 {
        (raw - self.typical) / self.reach
    }
}

/// Everything in the header.
///
/// ```
/// use haemolens::guard::{FORMAT, Guard};
///
/// let facts = Guard::new()?.facts;
/// assert_eq!(facts.format, FORMAT);
/// // Of the slices of patients that it had not seen, this share passed.
/// assert!(facts.figures["passed"].value > 0.95);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Layout version, [`FORMAT`].
    pub format: u32,
    /// Version of the weights.
    pub version: String,
    /// Licence of the weights.
    pub licence: String,
    /// What it was trained on.
    pub data: String,
    /// How it was trained, split and calibrated.
    pub protocol: String,
    /// The numbers it was trained with.
    pub settings: serde_json::Value,
    /// What each plane parts from head CT, in the planes' order.
    pub against: Vec<Against>,
    /// Scale of the small network's output, negated.
    pub network: Scale,
    /// Scale of the planes' worst margin.
    pub planes: Scale,
    /// Scale of the distance from head CT as a whole.
    pub whole: Scale,
    /// Largest distance of an input that is taken for a head CT.
    pub threshold: f64,
    /// Distance from which a header that names another part of the body decides (see
    /// [`Guard::doubt`]).
    pub doubt: f64,
    /// Measured figures by name.
    pub figures: BTreeMap<String, Figure>,
}

impl Guard {
    /// Reads and checks a guard file.
    ///
    /// ```
    /// use haemolens::guard::{GUARD, Guard};
    ///
    /// assert!(Guard::from_bytes(GUARD).is_ok());
    /// let error = Guard::from_bytes(&GUARD[..GUARD.len() - 1]).unwrap_err();
    /// assert_eq!(error.name(), "CorruptModel");
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when the file is damaged, of another format, or its tensors do not
    /// fit this version's features.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|e| corrupt(&e))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| corrupt(&e))?;
        let facts = metadata
            .metadata()
            .as_ref()
            .and_then(|m| m.get(FACTS_KEY))
            .ok_or_else(|| corrupt(&"its header holds no guard's facts"))?;
        let facts: Facts = serde_json::from_str(facts).map_err(|e| corrupt(&e))?;
        if facts.format != FORMAT {
            return Err(corrupt(&format!(
                "it is of format {}, this version reads format {FORMAT}",
                facts.format
            )));
        }
        let kinds = facts.against.len();
        let scales = [facts.network, facts.planes, facts.whole];
        if kinds == 0 || scales.iter().any(|scale| scale.reach <= 0.0) {
            return Err(corrupt(&"it has no planes, or scales that are no scales"));
        }
        let units = tensors.tensor("output.weight").map_err(|e| corrupt(&e))?;
        let units = units.shape().iter().product();
        if !(1..=MOST_UNITS).contains(&units) {
            return Err(corrupt(&format!("its network has {units} hidden units")));
        }
        let hidden = floats(&tensors, "hidden.weight", units * DIMENSIONS)?;
        let hidden_biases = floats(&tensors, "hidden.bias", units)?;
        let weights = floats(&tensors, "planes.weight", kinds * DIMENSIONS)?;
        let biases = floats(&tensors, "planes.bias", kinds)?;
        let guard = Self {
            mean: floats(&tensors, "mean", DIMENSIONS)?,
            deviation: floats(&tensors, "deviation", DIMENSIONS)?,
            planes: affine(&weights, biases),
            network: Network {
                hidden: affine(&hidden, hidden_biases),
                output: LinearSvm {
                    weights: floats(&tensors, "output.weight", units)?,
                    bias: floats(&tensors, "output.bias", 1)?[0],
                },
            },
            spread: floats(&tensors, "spread", DIMENSIONS * (DIMENSIONS + 1) / 2)?,
            facts,
        };
        let diagonal = (0..DIMENSIONS).map(|i| guard.spread[i * (i + 3) / 2]);
        if diagonal
            .chain(guard.deviation.iter().copied())
            .any(|v| v <= 0.0)
        {
            return Err(corrupt(&"its deviations are not all positive"));
        }
        Ok(guard)
    }

    /// The file's bytes; the same guard always gives the same bytes.
    ///
    /// ```
    /// use haemolens::guard::Guard;
    ///
    /// let mut guard = Guard::new()?;
    /// guard.facts.version = "2".into();
    /// let bytes = guard.to_bytes()?; // for std::fs::write
    /// assert_eq!(Guard::from_bytes(&bytes)?, guard);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Internal`] when it cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let internal = |e: &dyn std::fmt::Display| Error::Internal(e.to_string());
        let bytes = |values: &mut dyn Iterator<Item = f32>| -> Vec<u8> {
            values.flat_map(f32::to_le_bytes).collect()
        };
        let kinds = self.planes.len();
        let Network { hidden, output } = &self.network;
        let tensors = [
            (
                "deviation",
                vec![DIMENSIONS],
                bytes(&mut self.deviation.iter().copied()),
            ),
            (
                "hidden.bias",
                vec![hidden.len()],
                bytes(&mut hidden.iter().map(|unit| unit.bias)),
            ),
            (
                "hidden.weight",
                vec![hidden.len(), DIMENSIONS],
                bytes(&mut hidden.iter().flat_map(|unit| unit.weights.iter().copied())),
            ),
            (
                "mean",
                vec![DIMENSIONS],
                bytes(&mut self.mean.iter().copied()),
            ),
            (
                "output.bias",
                vec![1],
                bytes(&mut std::iter::once(output.bias)),
            ),
            (
                "output.weight",
                vec![output.weights.len()],
                bytes(&mut output.weights.iter().copied()),
            ),
            (
                "planes.bias",
                vec![kinds],
                bytes(&mut self.planes.iter().map(|p| p.bias)),
            ),
            (
                "planes.weight",
                vec![kinds, DIMENSIONS],
                bytes(&mut self.planes.iter().flat_map(|p| p.weights.iter().copied())),
            ),
            (
                "spread",
                vec![self.spread.len()],
                bytes(&mut self.spread.iter().copied()),
            ),
        ];
        let views = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (*name, view))
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| internal(&e))?;
        let facts = serde_json::to_string(&self.facts).map_err(|e| internal(&e))?;
        let header = HashMap::from([(FACTS_KEY.to_owned(), facts)]);
        safetensors::serialize(views, Some(header)).map_err(|e| internal(&e))
    }
}

fn corrupt(cause: &dyn std::fmt::Display) -> Error {
    Error::CorruptModel(format!(
        "The guard's file cannot be used: {cause}. Get a fresh copy, or train it again."
    ))
}

/// Rows of weights with their offsets.
fn affine(weights: &[f32], biases: Vec<f32>) -> Vec<LinearSvm> {
    let rows = weights.chunks_exact(DIMENSIONS).map(<[f32]>::to_vec);
    let pairs = rows.zip(biases);
    pairs
        .map(|(weights, bias)| LinearSvm { weights, bias })
        .collect()
}

fn floats(tensors: &SafeTensors, name: &str, len: usize) -> Result<Vec<f32>, Error> {
    let view = tensors.tensor(name).map_err(|e| corrupt(&e))?;
    let found: usize = view.shape().iter().product();
    if view.dtype() != Dtype::F32 || found != len {
        return Err(corrupt(&format!(
            "{name} is {:?} × {found} where F32 × {len} is needed",
            view.dtype()
        )));
    }
    let values: Vec<f32> = view
        .data()
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    if values.iter().any(|v| !v.is_finite()) {
        return Err(corrupt(&format!("{name} holds no plain numbers")));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::GUARD;

    #[test]
    fn what_is_read_is_written_back_to_the_byte() {
        assert_eq!(Guard::from_bytes(GUARD).unwrap().to_bytes().unwrap(), GUARD);
    }

    #[test]
    fn damaged_files_are_refused_by_name() {
        let cut = &GUARD[..GUARD.len() - 100];
        let mut format = GUARD.to_vec();
        let at = format
            .windows(8)
            .position(|w| w == b"\"format\\")
            .expect("the header names it");
        format[at + 1] ^= 1;
        let mut endless = GUARD.to_vec();
        let at = endless.len() - 4;
        endless[at..].copy_from_slice(&f32::NAN.to_le_bytes());
        let other_model = crate::ALEXNET_SVM;
        for bytes in [&[][..], b"no guard", cut, &format, &endless, other_model] {
            let error = Guard::from_bytes(bytes).unwrap_err();
            assert_eq!(error.name(), "CorruptModel", "{error}");
        }
    }
}
