//! Pixel data as a transfer syntax stores it → stored values.
//!
//! HTJ2K is not read. `dicom-toolkit-jpeg2000` 0.5 gets refinement passes wrong: it writes a stripe's
//! significance over that of the stripe before while that is still wanted. `openjp2` 0.6 calls C's
//! allocator, and gives null pointers back to Rust's when it drops a damaged tile. `j2k` needs Rust 1.99.

mod jpeg;
mod jpeg_2000;
mod jpeg_header;
#[cfg(test)]
mod tests;

use dicom_dictionary_std::uids;

use super::attributes::Layout;
use super::{BIG_ENDIAN, rle};

/// How pixel data are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// As they are.
    Native,
    /// PackBits of planes of bytes.
    Rle,
    /// Baseline, extended and lossless JPEG.
    Jpeg,
    /// JPEG-LS, lossless or near.
    JpegLs,
    /// JPEG 2000, reversible or not.
    Jpeg2000,
}

/// Why a frame could not be decoded.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// What is wrong with it.
    Damaged(String),
    /// What the decoder does not know.
    Unread(String),
}

impl From<String> for Fault {
    fn from(words: String) -> Self {
        Self::Damaged(words)
    }
}

impl From<&str> for Fault {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

/// One frame's stored values, row by row, samples of a pixel together.
pub type Values = Vec<u16>;

/// What three samples of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Red, green and blue.
    Rgb,
    /// Luma and two differences.
    LumaFirst,
}

/// A frame.
#[derive(Debug)]
pub struct Decoded {
    pub values: Values,
    /// What it says of its samples itself, whatever the header says of them.
    pub colours: Option<Colours>,
}

impl From<Values> for Decoded {
    fn from(values: Values) -> Self {
        Self {
            values,
            colours: None,
        }
    }
}

impl Codec {
    /// Of a transfer syntax, if it is read.
    pub fn of(uid: &str) -> Option<Self> {
        Some(match uid {
            uids::IMPLICIT_VR_LITTLE_ENDIAN
            | uids::EXPLICIT_VR_LITTLE_ENDIAN
            | BIG_ENDIAN
            | uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN => Self::Native,
            uids::RLE_LOSSLESS => Self::Rle,
            uids::JPEG_BASELINE8_BIT
            | uids::JPEG_EXTENDED12_BIT
            | uids::JPEG_LOSSLESS
            | uids::JPEG_LOSSLESS_SV1 => Self::Jpeg,
            uids::JPEGLS_LOSSLESS | uids::JPEGLS_NEAR_LOSSLESS => Self::JpegLs,
            uids::JPEG2000_LOSSLESS | uids::JPEG2000 => Self::Jpeg2000,
            _ => return None,
        })
    }

    /// One frame.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn decode(self, bytes: &[u8], layout: &Layout) -> Result<Decoded, Fault> {
        let decoded = match self {
            Self::Native => native(bytes, layout).into(),
            Self::Rle => {
                let form = (layout.samples, layout.bytes());
                let bytes = rle::decode(bytes, layout.pixels(), form)?;
                words(&bytes, layout.bytes()).into()
            }
            Self::Jpeg => jpeg::decode(bytes, layout)?,
            Self::JpegLs => jpeg::decode_ls(bytes, layout)?,
            Self::Jpeg2000 => jpeg_2000::decode(bytes, layout)?,
        };
        match decoded.values.len() == layout.pixels() * layout.samples {
            true => Ok(decoded),
            false => Err("it has fewer or more pixels than the header says".into()),
        }
    }
}

/// Bytes → values of one or two bytes, little endian.
fn words(bytes: &[u8], length: usize) -> Values {
    match length {
        1 => bytes.iter().map(|&byte| byte.into()).collect(),
        _ => bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&word| u16::from_le_bytes(word))
            .collect(),
    }
}

fn native(bytes: &[u8], layout: &Layout) -> Values {
    let values = words(bytes, layout.bytes());
    if !layout.planar {
        return values;
    }
    let pixels = layout.pixels();
    let samples = (0..pixels).flat_map(|i| values.iter().skip(i).step_by(pixels));
    samples.copied().collect()
}

/// Refuses a frame that is not what the header says, before anything is allocated for it.
fn same_form(
    (width, height): (usize, usize),
    samples: usize,
    bits: u32,
    layout: &Layout,
) -> Result<(), String> {
    let (columns, rows) = (layout.columns, layout.rows);
    if (width, height) != (columns, rows) {
        return Err(format!(
            "it is {width}×{height} pixels, and its header says {columns}×{rows}"
        ));
    }
    if samples != layout.samples {
        return Err(format!(
            "it has {samples} samples a pixel, and its header says {}",
            layout.samples
        ));
    }
    if bits > layout.bits_allocated {
        return Err(format!(
            "its values have {bits} bits, and its header has room for {}",
            layout.bits_allocated
        ));
    }
    Ok(())
}
