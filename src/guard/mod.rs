//! Is the input a CT slice of a head at all? The classifiers answer whatever they are shown; the
//! guard says when not to listen.
//!
//! It measures the slice by itself (`features`) and takes the largest of three distances: that of a
//! small network of two layers, which parts head CT from all that was learned to be none; from one
//! side of linear SVM planes, each of which parts it from one kind of other picture and so knows the
//! reason; and from head CT as a whole (Mahalanobis distance under a shrunk covariance), for what is
//! like no kind that was learned. Where the distance leaves a doubt, the words of a DICOM header count.
//!
//! ```
//! use haemolens::guard::Guard;
//! use haemolens::phantom::{self, Kind};
//! use haemolens::slice::Slice;
//!
//! let guard = Guard::new()?;
//! assert!(guard.judge(&phantom::draw(Kind::Normal).into_slice()).in_distribution());
//! let verdict = guard.judge(&Slice::new(64, 64, vec![128; 64 * 64])?);
//! assert!(verdict.reason.is_some_and(|reason| reason.contains("nearly empty")));
//! # Ok::<(), haemolens::Error>(())
//! ```

mod features;
mod network;
mod stored;
mod view;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::slice::Slice;
use crate::svm::LinearSvm;

pub use features::DIMENSIONS;
pub use network::Network;
pub use stored::{Against, FORMAT, Facts, Scale};

/// The trained guard that every build carries (see `models/README.md`).
pub static GUARD: &[u8] = include_bytes!("../../models/guard.safetensors");

/// Standardised features beyond this are as strange as they get for network and planes, which could
/// otherwise be outvoted by one of them.
pub(crate) const MOST_DEVIATIONS: f32 = 5.0;

/// The least distance of a picture of two grey levels, twice as far as the limit: a window shows more
/// of a head than black and white, whatever its outline is like.
const BITONAL: f64 = 2.0;

/// Whether a picture has two grey levels at most.
fn is_bitonal(slice: &Slice) -> bool {
    let grey = slice.grey();
    let Some(&first) = grey.first() else {
        return true;
    };
    let second = grey.iter().find(|level| **level != first);
    let Some(&second) = second else { return true };
    grey.iter().all(|level| *level == first || *level == second)
}

/// What a picture that is no head CT looks like.
///
/// ```
/// use haemolens::guard::{Guard, Likeness};
///
/// // Each plane of the guard parts head CT from pictures that look like one of these.
/// let guard = Guard::new()?;
/// let mut planes = guard.facts.against.iter();
/// assert!(planes.any(|against| against.like == Likeness::MagneticResonance));
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Likeness {
    /// A photograph.
    Photograph,
    /// A screen, a drawing or a page.
    Document,
    /// Noise, a test card, a gradient.
    Pattern,
    /// Magnetic resonance.
    MagneticResonance,
    /// CT in another window than the brain's.
    OtherWindow,
    /// Another part of the body, or another kind of scan.
    OtherScan,
}

impl Likeness {
    fn words(self) -> &'static str {
        match self {
            Self::Photograph => "it looks more like a photograph",
            Self::Document => "it looks more like a screen, a drawing or a page",
            Self::Pattern => "it looks more like a pattern or a picture of something else",
            Self::MagneticResonance => {
                "it has no white ring of skull around evenly grey brain, as on magnetic resonance"
            }
            Self::OtherWindow => {
                "its contrast is not that of the brain window (level 40, width 80)"
            }
            Self::OtherScan => {
                "it looks more like another part of the body or another kind of scan"
            }
        }
    }
}

/// What the guard says of a slice.
///
/// ```
/// use haemolens::guard::Guard;
/// use haemolens::phantom::{self, Kind};
///
/// let guard = Guard::new()?;
/// let verdict = guard.judge(&phantom::draw(Kind::Subdural).into_slice());
/// assert!(verdict.distance <= guard.facts.threshold);
/// assert_eq!(verdict.reason, None);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// 0 for a typical head CT or one even more so, growing the less it is like one.
    pub distance: f64,
    /// Why it is not taken for a head CT, one sentence; `None` when it is.
    pub reason: Option<String>,
}

impl Verdict {
    /// Whether the slice is taken for a head CT.
    ///
    /// ```
    /// use haemolens::guard::Guard;
    /// use haemolens::slice::Slice;
    ///
    /// // Stripes are no head.
    /// let stripes = (0..128 * 128).map(|i| if i % 128 / 8 % 2 == 0 { 0 } else { 255 });
    /// let slice = Slice::new(128, 128, stripes.collect())?;
    /// assert!(!Guard::new()?.judge(&slice).in_distribution());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn in_distribution(&self) -> bool {
        self.reason.is_none()
    }
}

/// How [`reason`] begins.
const REASON: &str = "This does not look like a CT slice of a head: ";

/// The sentence that says why a picture is not taken for a head CT.
///
/// ```
/// use haemolens::guard::reason;
///
/// assert_eq!(
///     reason("it is nearly empty"),
///     "This does not look like a CT slice of a head: it is nearly empty."
/// );
/// ```
pub fn reason(cause: &str) -> String {
    format!("{REASON}{cause}.")
}

/// The cause that a [`reason`] gives.
///
/// ```
/// use haemolens::guard::{cause, reason};
///
/// // To count how often each cause is met among the slices of a series.
/// assert_eq!(cause(&reason("it is nearly empty")), "it is nearly empty");
/// ```
pub fn cause(reason: &str) -> &str {
    let cause = reason.strip_prefix(REASON).unwrap_or(reason);
    cause.strip_suffix('.').unwrap_or(cause)
}

/// A guard ready to judge.
///
/// ```
/// use haemolens::guard::{DIMENSIONS, Guard};
///
/// let guard = Guard::new()?;
/// assert_eq!(guard.planes.len(), guard.facts.against.len());
/// assert!(guard.planes.iter().all(|plane| plane.weights.len() == DIMENSIONS));
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// The header.
    pub facts: Facts,
    /// Mean of each feature over head CT.
    pub mean: Vec<f32>,
    /// What each centred feature is divided by.
    pub deviation: Vec<f32>,
    /// Head CT (positive) against all kinds together.
    pub network: Network,
    /// Head CT (positive) against each kind of [`Facts::against`].
    pub planes: Vec<LinearSvm>,
    /// Cholesky factor of the covariance of the standardised features, lower triangle, row-major.
    pub spread: Vec<f32>,
}

/// How far a feature vector is from head CT, before scaling; larger is further.
///
/// ```
/// use haemolens::guard::{Guard, measure};
/// use haemolens::slice::Slice;
///
/// let guard = Guard::new()?;
/// let raw = guard.raw(&measure(&Slice::new(64, 64, vec![128; 64 * 64])?));
/// // On the wrong side of at least one plane, and this is the one that it is furthest beyond.
/// assert!(raw.planes > 0.0 && raw.network > 0.0);
/// assert!(raw.worst < guard.facts.against.len());
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Raw {
    /// The network's output, negated.
    pub network: f64,
    /// The worst of the planes' margins, negated.
    pub planes: f64,
    /// Which plane that is.
    pub worst: usize,
    /// Root mean square of the decorrelated features.
    pub whole: f64,
}

impl Guard {
    /// The embedded guard.
    ///
    /// ```
    /// use haemolens::guard::{GUARD, Guard};
    ///
    /// assert_eq!(Guard::new()?, Guard::from_bytes(GUARD)?);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when the embedded bytes are damaged.
    pub fn new() -> Result<Self, Error> {
        Self::from_bytes(GUARD)
    }

    /// Judges a slice.
    ///
    /// ```
    /// use haemolens::guard::Guard;
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let guard = Guard::new()?;
    /// for kind in Kind::ALL {
    ///     let verdict = guard.judge(&phantom::draw(kind).into_slice());
    ///     assert!(verdict.in_distribution(), "{:?}", verdict.reason);
    /// }
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn judge(&self, slice: &Slice) -> Verdict {
        let view = view::View::of(slice);
        let raw = self.raw(&features::features(&view));
        let is_bitonal = is_bitonal(slice);
        let distance = match is_bitonal {
            true => self.distance(&raw).max(BITONAL),
            false => self.distance(&raw),
        };
        let reason = (distance > self.facts.threshold).then(|| {
            let Facts {
                network, planes, ..
            } = &self.facts;
            let learned = network
                .distance(raw.network)
                .max(planes.distance(raw.planes));
            let words = if view.top - view.low < view::LEAST_SPAN {
                "it is nearly empty"
            } else if is_bitonal {
                Likeness::Pattern.words()
            } else if learned > self.facts.threshold {
                self.facts.against[raw.worst].like.words()
            } else {
                "it is unlike the slices that the guard has learned"
            };
            reason(words)
        });
        Verdict { distance, reason }
    }

    /// What speaks against a slice that the pixels leave in doubt: a header that names another part of
    /// the body, to go after a colon. `None` where it names none, where the distance is that of most
    /// head CT, and where it is so large that the pixels have said enough.
    ///
    /// ```
    /// use haemolens::guard::Guard;
    ///
    /// let guard = Guard::new()?;
    /// let doubtful = (guard.facts.doubt + guard.facts.threshold) / 2.0;
    /// let cause = guard.doubt(doubtful, Some("CHEST")).expect("both speak against it");
    /// assert!(cause.contains("CHEST"));
    /// assert_eq!(guard.doubt(doubtful, None), None);
    /// assert_eq!(guard.doubt(0.0, Some("CHEST")), None, "headers are often wrong");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn doubt(&self, distance: f64, named: Option<&str>) -> Option<String> {
        let doubtful = distance > self.facts.doubt && distance <= self.facts.threshold;
        let named = named.filter(|_| doubtful)?;
        Some(format!(
            "its header names another part of the body ({named}), and the picture alone leaves a doubt"
        ))
    }

    /// The distance of a feature vector: 0 at the typical head CT or nearer.
    ///
    /// ```
    /// use haemolens::guard::{Guard, measure};
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let guard = Guard::new()?;
    /// let slice = phantom::draw(Kind::Normal).into_slice();
    /// let raw = guard.raw(&measure(&slice));
    /// assert_eq!(guard.distance(&raw), guard.judge(&slice).distance);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn distance(&self, raw: &Raw) -> f64 {
        let network = self.facts.network.distance(raw.network);
        let planes = self.facts.planes.distance(raw.planes);
        let whole = self.facts.whole.distance(raw.whole);
        network.max(planes).max(whole).max(0.0)
    }

    /// The unscaled distances of a feature vector.
    ///
    /// ```
    /// use haemolens::guard::{Guard, measure};
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Slice;
    ///
    /// let guard = Guard::new()?;
    /// let head = guard.raw(&measure(&phantom::draw(Kind::Normal).into_slice()));
    /// let blank = guard.raw(&measure(&Slice::new(64, 64, vec![0; 64 * 64])?));
    /// assert!(head.planes < blank.planes && head.whole < blank.whole);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn raw(&self, features: &[f32]) -> Raw {
        debug_assert_eq!(features.len(), DIMENSIONS);
        let standard: Vec<f32> = features
            .iter()
            .zip(&self.mean)
            .zip(&self.deviation)
            .map(|((x, mean), deviation)| (x - mean) / deviation)
            .collect();
        let bounded: Vec<f32> = standard
            .iter()
            .map(|z| z.clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS))
            .collect();
        let margins = self
            .planes
            .iter()
            .map(|plane| f64::from(plane.margin(&bounded)));
        let (worst, margin) = margins
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or((0, 0.0));
        Raw {
            network: -f64::from(self.network.logit(&bounded)),
            planes: -margin,
            worst,
            whole: f64::from(self.whole(&standard)),
        }
    }

    /// Mahalanobis distance over √features, by forward substitution in the Cholesky factor.
    fn whole(&self, standard: &[f32]) -> f32 {
        let mut solved: Vec<f32> = Vec::with_capacity(standard.len());
        let mut sum = 0f32;
        let mut row_start = 0;
        for (i, z) in standard.iter().enumerate() {
            let row = &self.spread[row_start..=row_start + i];
            let known: f32 = row[..i].iter().zip(&solved).map(|(l, y)| l * y).sum();
            let y = (z - known) / row[i];
            sum += y * y;
            solved.push(y);
            row_start += i + 1;
        }
        (sum / standard.len() as f32).sqrt()
    }
}

/// The feature vector of a slice, [`DIMENSIONS`] long: what training sees is what judging sees.
///
/// ```
/// use haemolens::guard::{DIMENSIONS, measure};
/// use haemolens::phantom::{self, Kind};
///
/// let features = measure(&phantom::draw(Kind::Normal).into_slice());
/// assert_eq!(features.len(), DIMENSIONS);
/// assert!(features.iter().all(|feature| feature.is_finite()));
/// ```
pub fn measure(slice: &Slice) -> Vec<f32> {
    features::features(&view::View::of(slice))
}
