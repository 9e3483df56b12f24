//! Where a slice belongs in its examination. Nothing in it names a person, a date or a place: what
//! identifies an examination is kept as a digest, to be compared and never shown.

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::header::{Frame, Header};

/// What a header says of a slice's place. All of it may be unsaid.
///
/// ```
/// use haemolens::slice::dicom::{Place, Plane};
///
/// // What is not said is left out, in JSON too.
/// let place: Place = serde_json::from_str(r#"{"plane": "axial", "position": 35.5}"#)?;
/// assert_eq!(place.plane, Plane::Axial);
/// assert_eq!(place, Place { plane: Plane::Axial, position: Some(35.5), ..Place::default() });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Place {
    /// Tells examinations apart: a digest of the Study Instance UID.
    pub study: Option<String>,
    /// Tells series apart: a digest of the Series Instance UID and of how the slices lie in space.
    pub series: Option<String>,
    /// Series Number.
    pub number: Option<i64>,
    /// Millimetres along the slices' normal: towards the head for axial slices, backwards for coronal
    /// and to the patient's left for sagittal ones.
    pub position: Option<f64>,
    /// Slice thickness in millimetres.
    pub thickness: Option<f64>,
    /// How the slices cut the body.
    pub plane: Plane,
    /// What the reconstruction is made to show.
    pub kernel: Kernel,
    /// Whether a contrast agent was given.
    pub contrast: bool,
    /// Whether it is a localiser (scout) image.
    pub localiser: bool,
    /// Instance Number, for slices that have no position.
    pub instance: Option<i64>,
}

/// How slices cut the body: by the axis that lies nearest to their normal, so that a tilted gantry
/// changes nothing.
///
/// ```
/// use haemolens::slice::dicom::{Place, Plane};
///
/// // From base to top, through the axial slices alone.
/// let at = |plane, position| Place { plane, position: Some(position), ..Place::default() };
/// let mut places =
///     vec![at(Plane::Axial, 10.0), at(Plane::Coronal, -80.0), at(Plane::Axial, 5.0)];
/// places.retain(|place| place.plane == Plane::Axial);
/// places.sort_by(|a, b| a.position.partial_cmp(&b.position).expect("plain numbers"));
/// assert_eq!(places[0].position, Some(5.0));
/// ```
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Plane {
    /// Across.
    Axial,
    /// From ear to ear.
    Coronal,
    /// From front to back.
    Sagittal,
    /// The file does not say.
    #[default]
    Unknown,
}

/// What a reconstruction's convolution kernel is made to show.
///
/// ```
/// use haemolens::slice::dicom::{Kernel, Place};
///
/// let place: Place = serde_json::from_str(r#"{"kernel": "bone"}"#)?;
/// assert_eq!(place.kernel, Kernel::Bone);
/// assert_eq!(Place::default().kernel, Kernel::Unknown);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Kernel {
    /// Brain and other soft tissue.
    Soft,
    /// Bone: sharp and noisy.
    Bone,
    /// The file does not say.
    #[default]
    Unknown,
}

/// The place of each frame.
pub fn read(object: &InMemDicomObject, frames: usize) -> Vec<Place> {
    let header = Header(object);
    let frames = header.frames(frames);
    // One location for all frames tells none of them apart.
    let location = match frames.len() {
        1 => header.decimal(tags::SLICE_LOCATION),
        _ => None,
    };
    let place = |frame| place(header, frame, location);
    frames.iter().map(place).collect()
}

fn place(header: Header, frame: &Frame, location: Option<f64>) -> Place {
    let six = frame.decimals(
        tags::PLANE_ORIENTATION_SEQUENCE,
        tags::IMAGE_ORIENTATION_PATIENT,
    );
    let three = frame.decimals(tags::PLANE_POSITION_SEQUENCE, tags::IMAGE_POSITION_PATIENT);
    let normal = six.as_deref().and_then(normal);
    let position = match (normal, three.as_deref()) {
        (Some(n), Some(&[x, y, z])) => Some(n[0] * x + n[1] * y + n[2] * z),
        _ => location,
    };
    let thickness = frame.decimals(tags::PIXEL_MEASURES_SEQUENCE, tags::SLICE_THICKNESS);
    let kernel = frame.text(tags::CT_RECONSTRUCTION_SEQUENCE, tags::CONVOLUTION_KERNEL);
    let agent = header.text(tags::CONTRAST_BOLUS_AGENT);
    Place {
        study: header
            .text(tags::STUDY_INSTANCE_UID)
            .map(|uid| digest(&uid)),
        // Slices of a reformat may share a series with those that they were made from.
        series: header.text(tags::SERIES_INSTANCE_UID).map(|uid| {
            let lies = normal.map(|n| n.map(|n| (n * 100.0).round() as i64));
            digest(&format!("{uid} {lies:?}"))
        }),
        number: header.number(tags::SERIES_NUMBER),
        position,
        thickness: thickness.map(|t| t[0]).filter(|t| *t > 0.0),
        plane: normal.map_or(Plane::Unknown, plane),
        kernel: kernel.map_or(Kernel::Unknown, |name| kind(&name)),
        contrast: agent.is_some_and(|agent| !NO_AGENT.contains(&agent.as_str())),
        localiser: header.is_localiser(),
        instance: header.number(tags::INSTANCE_NUMBER),
    }
}

/// What is written where no contrast agent was given.
const NO_AGENT: [&str; 7] = ["NONE", "NO", "N", "NO CONTRAST", "WITHOUT", "W/O", "0"];

/// The axis that lies nearest to a normal: 0 towards the left, 1 backwards, 2 towards the head.
fn axis(normal: [f64; 3]) -> usize {
    let nearest = (0..3).max_by(|&a, &b| normal[a].abs().total_cmp(&normal[b].abs()));
    nearest.unwrap_or(2)
}

fn plane(normal: [f64; 3]) -> Plane {
    [Plane::Sagittal, Plane::Coronal, Plane::Axial][axis(normal)]
}

/// The normal of a plane from the directions of its rows and columns, on the side of the axis that
/// it lies nearest to: mirrored slices are stacked the same way.
fn normal(six: &[f64]) -> Option<[f64; 3]> {
    let &[a, b, c, d, e, f] = six else {
        return None;
    };
    let n = [b * f - c * e, c * d - a * f, a * e - b * d];
    let length = n.iter().map(|n| n * n).sum::<f64>().sqrt();
    let length = length * n[axis(n)].signum();
    (length != 0.0).then(|| n.map(|n| n / length))
}

fn digest(text: &str) -> String {
    /// Enough of a digest to tell the series of a hospital apart.
    const BYTES: usize = 8;
    let digest = Sha256::digest(text.as_bytes());
    digest[..BYTES].iter().map(|b| format!("{b:02x}")).collect()
}

/// Tells kernels by the makers' names, in capitals: GE's words, the numbers of Siemens (`H60S`,
/// `HR64`) and Canon (`FC30`), Philips' letters.
fn kind(name: &str) -> Kernel {
    let letters: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
    let digits = name[letters.len()..]
        .chars()
        .take_while(char::is_ascii_digit);
    let number: Option<u32> = digits.collect::<String>().parse().ok();
    let bone = match (&letters[..], number) {
        ("BONE" | "BONEPLUS" | "EDGE" | "LUNG" | "ULTRA", _) => true,
        ("STANDARD" | "STND" | "SOFT" | "SMOOTH" | "BRAIN", _) => false,
        // Canon: 20 to 29 are for brain, 30 and 80 upwards for bone and lung.
        ("FC", Some(number)) => {
            (30..40).contains(&number) || (50..60).contains(&number) || number >= 80
        }
        // Siemens: the larger the number, the sharper.
        (
            "H" | "B" | "J" | "T" | "U" | "HR" | "BR" | "BL" | "HC" | "HV" | "BV" | "QR",
            Some(number),
        ) => number >= 50,
        // Philips.
        ("A" | "B" | "C" | "UA" | "UB" | "UC", None) => false,
        ("D" | "E" | "L" | "YA" | "YB" | "YC" | "YD" | "YE", None) => true,
        _ => return Kernel::Unknown,
    };
    if bone { Kernel::Bone } else { Kernel::Soft }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_known_by_the_names_of_their_makers() {
        for name in [
            "BONE", "BONEPLUS", "H60S", "HR64\\3", "J70H\\3", "FC30", "FC81", "YC",
        ] {
            assert_eq!(kind(name), Kernel::Bone, "{name}");
        }
        for name in [
            "STANDARD", "SOFT", "H31S", "HR40F\\2", "J37S", "FC21", "FC68", "UB",
        ] {
            assert_eq!(kind(name), Kernel::Soft, "{name}");
        }
        for name in ["", "12", "SOMETHING", "Ä"] {
            assert_eq!(kind(name), Kernel::Unknown, "{name}");
        }
    }

    #[test]
    fn axial_slices_are_stacked_towards_the_head() {
        assert_eq!(
            normal(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
            Some([0.0, 0.0, 1.0])
        );
        // A gantry tilted by 30 degrees.
        let (sin, cos) = (0.5, 0.75f64.sqrt());
        let tilted = normal(&[1.0, 0.0, 0.0, 0.0, cos, -sin]).unwrap();
        assert!((tilted[1] - sin).abs() < 1e-9 && (tilted[2] - cos).abs() < 1e-9);
        assert_eq!(plane(tilted), Plane::Axial);
        // Rows from left to right.
        let mirrored = normal(&[-1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(mirrored, Some([0.0, 0.0, 1.0]));
        assert_eq!(normal(&[0.0; 6]), None);
        assert_eq!(normal(&[1.0]), None);
    }

    #[test]
    fn reformats_are_told_by_their_plane() {
        let coronal = normal(&[1.0, 0.0, 0.0, 0.0, 0.0, -1.0]).unwrap();
        let sagittal = normal(&[0.0, 1.0, 0.0, 0.0, 0.0, -1.0]).unwrap();
        assert_eq!(
            [coronal, sagittal].map(plane),
            [Plane::Coronal, Plane::Sagittal]
        );
    }
}
