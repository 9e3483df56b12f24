//! Pixel data as a transfer syntax stores it → stored values.

use dicom_dictionary_std::uids;
use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};
use jpeg_decoder::PixelFormat;

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

    /// The stored values of one frame.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn decode(self, bytes: &[u8], layout: &Layout) -> Result<Values, Fault> {
        let values = match self {
            Self::Native => native(bytes, layout),
            Self::Rle => {
                let form = (layout.samples, layout.bytes());
                let bytes = rle::decode(bytes, layout.pixels(), form)?;
                words(&bytes, layout.bytes())
            }
            Self::Jpeg => jpeg(bytes, layout)?,
            Self::JpegLs => jpeg_ls(bytes, layout)?,
            Self::Jpeg2000 => jpeg_2000(bytes, layout)?,
        };
        match values.len() == layout.pixels() * layout.samples {
            true => Ok(values),
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

fn same_size(width: usize, height: usize, layout: &Layout) -> Result<(), String> {
    if (width, height) == (layout.columns, layout.rows) {
        return Ok(());
    }
    let (columns, rows) = (layout.columns, layout.rows);
    Err(format!(
        "it is {width}×{height} pixels, and its header says {columns}×{rows}"
    ))
}

fn jpeg(bytes: &[u8], layout: &Layout) -> Result<Values, Fault> {
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    let fault = |e: jpeg_decoder::Error| match e {
        jpeg_decoder::Error::Unsupported(what) => Fault::Unread(format!("{what:?}")),
        other => Fault::Damaged(other.to_string()),
    };
    decoder.read_info().map_err(fault)?;
    let info = decoder.info().ok_or("it has no frame header")?;
    same_size(info.width.into(), info.height.into(), layout)?;
    let samples = match info.pixel_format {
        PixelFormat::L8 | PixelFormat::L16 => 1,
        PixelFormat::RGB24 => 3,
        PixelFormat::CMYK32 => 4,
    };
    if samples != layout.samples {
        return Err(format!("it has {samples} samples a pixel").into());
    }
    let decoded = decoder.decode().map_err(fault)?;
    Ok(match info.pixel_format {
        // The decoder's words are of this machine's order.
        PixelFormat::L16 => {
            let words = decoded.as_chunks::<2>().0.iter();
            words.map(|&word| u16::from_ne_bytes(word)).collect()
        }
        _ => words(&decoded, 1),
    })
}

fn jpeg_ls(bytes: &[u8], layout: &Layout) -> Result<Values, Fault> {
    if layout.samples != 1 {
        return Err(Fault::Unread("colours in JPEG-LS".into()));
    }
    let (columns, rows) = (layout.columns as u32, layout.rows as u32);
    let decoded = jpegls::decode(bytes, columns, rows);
    let (values, _, _) = decoded.map_err(|e| match e {
        jpegls::CodecError::Unsupported(what) => Fault::Unread(what),
        other => Fault::Damaged(other.to_string()),
    })?;
    Ok(values)
}

fn jpeg_2000(bytes: &[u8], layout: &Layout) -> Result<Values, Fault> {
    let image = Image::new(bytes, &DecodeSettings::default()).map_err(|e| e.to_string())?;
    same_size(image.width() as usize, image.height() as usize, layout)?;
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|e| e.to_string())?;
    let planes = decoded.components();
    let fits = |plane: &hayro_jpeg2000::ComponentData| {
        plane.samples().len() == layout.pixels() && plane.bit_depth() <= 16
    };
    if planes.len() != layout.samples || !planes.iter().all(fits) {
        return Err("its components are not those that the header says".into());
    }
    // The decoder shifts all values as if they were unsigned.
    let shift = match is_signed(bytes) {
        true => -(1 << (planes[0].bit_depth() - 1)),
        false => 0,
    };
    let value = |sample: f32| ((sample + 0.5).floor() as i32 + shift) as u16;
    let pixels = 0..layout.pixels();
    let samples = pixels.flat_map(|i| planes.iter().map(move |plane| plane.samples()[i]));
    Ok(samples.map(value).collect())
}

/// Whether the first component of a codestream is signed (SIZ, the Ssiz field).
fn is_signed(bytes: &[u8]) -> bool {
    const SIZ: [u8; 4] = [0xff, 0x4f, 0xff, 0x51];
    const TO_SSIZ: usize = 42;
    let start = bytes.windows(SIZ.len()).position(|window| window == SIZ);
    let ssiz = start.and_then(|start| bytes.get(start + TO_SSIZ));
    ssiz.is_some_and(|ssiz| ssiz & 0x80 != 0)
}
