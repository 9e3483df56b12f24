//! What a header says of its image.

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::codec::Colours;
use super::header::{Frame, Header};
use super::words;
use crate::Error;
use crate::slice::limits::{check_frames, check_size};
use crate::slice::window::Window;

/// How the stored values of a frame lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Pixels a column, and pixels a row.
    pub rows: usize,
    pub columns: usize,
    /// Values a pixel: 1 or 3.
    pub samples: usize,
    /// Bits that a value takes: 8 or 16.
    pub bits_allocated: u32,
    /// Bits that say something, and the highest of them.
    pub bits_stored: u32,
    pub high_bit: u32,
    /// Whether values are in two's complement.
    pub signed: bool,
    /// Whether all first samples come before all second ones, where that is for the header to say.
    pub planar: bool,
}

impl Layout {
    /// Pixels of a frame.
    pub fn pixels(&self) -> usize {
        self.rows * self.columns
    }

    /// Bytes of a value.
    pub fn bytes(&self) -> usize {
        self.bits_allocated as usize / 8
    }

    /// Bytes of a frame that is not compressed.
    pub fn frame_bytes(&self) -> usize {
        self.pixels() * self.samples * self.bytes()
    }

    /// The number that a stored value stands for: its bits alone, with their sign.
    pub fn number(&self, value: u16) -> i32 {
        let shifted = i32::from(value) >> (self.high_bit + 1 - self.bits_stored);
        let above = 32 - self.bits_stored;
        match self.signed {
            true => (shifted << above) >> above,
            false => ((shifted as u32) << above >> above) as i32,
        }
    }

    /// Reads and checks.
    fn read(header: &Header) -> Result<Self, Error> {
        let size = |tag, name: &str| match header.number(tag) {
            Some(size @ 1..) => Ok(size as usize),
            _ => Err(corrupt(&format!("its header does not say how many {name}"))),
        };
        let (rows, columns) = (size(tags::ROWS, "rows")?, size(tags::COLUMNS, "columns")?);
        check_size(columns, rows)?;
        let bits = |tag, or: i64| header.number(tag).unwrap_or(or).clamp(0, 64) as u32;
        let bits_allocated = bits(tags::BITS_ALLOCATED, 16);
        let bits_stored = bits(tags::BITS_STORED, bits_allocated.into());
        let layout = Self {
            rows,
            columns,
            samples: bits(tags::SAMPLES_PER_PIXEL, 1) as usize,
            bits_allocated,
            bits_stored,
            high_bit: bits(tags::HIGH_BIT, i64::from(bits_stored) - 1),
            signed: header.number(tags::PIXEL_REPRESENTATION) == Some(1),
            planar: header.number(tags::PLANAR_CONFIGURATION) == Some(1),
        };
        let sound = [8, 16].contains(&bits_allocated)
            && (1..=bits_allocated).contains(&bits_stored)
            && (bits_stored - 1..bits_allocated).contains(&layout.high_bit)
            && [1, 3].contains(&layout.samples)
            && !(layout.samples == 3 && bits_allocated != 8);
        if !sound {
            return Err(Error::UnsupportedFormat(format!(
                "Values of {bits_stored} bits in {bits_allocated}, {} a pixel, are not read from \
                 DICOM. Export the slice with 8 to 16 bits in grey, or with 8 in colour.",
                layout.samples
            )));
        }
        Ok(layout)
    }
}

/// What the values mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meaning {
    /// Hounsfield units, once rescaled.
    Hounsfield,
    /// Brightness, in the file's own window or from the least to the largest; inverted or not.
    Brightness {
        window: Option<Window>,
        inverted: bool,
    },
    /// Three samples, where the frame does not say otherwise of itself.
    Colour(Colours),
}

/// What belongs to a single frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Stored number → value.
    pub slope: f64,
    pub intercept: f64,
    /// Height of a pixel over its width.
    pub aspect: f64,
}

/// What a header says, as far as it matters here. No name, number or date of a person is read.
#[derive(Debug, Clone)]
pub struct Attributes {
    pub layout: Layout,
    pub meaning: Meaning,
    pub frames: usize,
    /// Stored numbers from the first to the second are outside of the image.
    pub padding: Option<(i32, i32)>,
    /// One for each frame.
    scales: Vec<Scale>,
    /// Why it cannot be a slice of a head CT, to go after a colon.
    pub unlike: Option<String>,
    /// The part of the body other than the head that its words name.
    pub other_part: Option<&'static str>,
}

impl Attributes {
    /// Reads and checks.
    ///
    /// # Errors
    /// [`Error::CorruptImage`], [`Error::TooLarge`] and [`Error::UnsupportedFormat`].
    pub fn read(object: &InMemDicomObject) -> Result<Self, Error> {
        let header = Header(object);
        let layout = Layout::read(&header)?;
        let frames = header.number(tags::NUMBER_OF_FRAMES).unwrap_or(1).max(1) as usize;
        check_frames(frames)?;
        let scales = header.frames(frames);
        let scales = scales.iter().map(|frame| header.scale(frame)).collect();
        // Whether they are signed is for the values to say, not for the element's own type.
        let limit = |tag| {
            let word = header.number(tag)? as u16;
            Some(if layout.signed {
                i32::from(word as i16)
            } else {
                i32::from(word)
            })
        };
        let padding = limit(tags::PIXEL_PADDING_VALUE).map(|first| {
            let last = limit(tags::PIXEL_PADDING_RANGE_LIMIT).unwrap_or(first);
            (first.min(last), first.max(last))
        });
        Ok(Self {
            meaning: header.meaning(&layout)?,
            unlike: header.unlike(),
            other_part: words::other_part(&header),
            frames,
            padding,
            scales,
            layout,
        })
    }

    /// The scale of a frame.
    pub fn scale(&self, frame: usize) -> Scale {
        self.scales[frame]
    }
}

impl Header<'_> {
    fn scale(&self, frame: &Frame) -> Scale {
        let transformed = tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE;
        let first = |values: Option<Vec<f64>>, or: f64| values.map_or(or, |values| values[0]);
        let spacing = frame.decimals(tags::PIXEL_MEASURES_SEQUENCE, tags::PIXEL_SPACING);
        let spacing = spacing
            .or_else(|| self.decimals(tags::IMAGER_PIXEL_SPACING))
            .or_else(|| self.decimals(tags::PIXEL_ASPECT_RATIO));
        let aspect = match spacing.as_deref() {
            Some(&[height, width]) if height > 0.0 && width > 0.0 => height / width,
            _ => 1.0,
        };
        Scale {
            slope: first(frame.decimals(transformed, tags::RESCALE_SLOPE), 1.0),
            intercept: first(frame.decimals(transformed, tags::RESCALE_INTERCEPT), 0.0),
            aspect,
        }
    }

    fn meaning(&self, layout: &Layout) -> Result<Meaning, Error> {
        let photometric = self.text(tags::PHOTOMETRIC_INTERPRETATION);
        let photometric = photometric.as_deref().unwrap_or("MONOCHROME2");
        match (photometric, layout.samples) {
            ("MONOCHROME1" | "MONOCHROME2", 1) => {}
            ("RGB", 3) | ("YBR_RCT" | "YBR_ICT", 3) => {
                return Ok(Meaning::Colour(Colours::Rgb));
            }
            ("YBR_FULL" | "YBR_FULL_422", 3) => return Ok(Meaning::Colour(Colours::LumaFirst)),
            (other, samples) => {
                return Err(Error::UnsupportedFormat(format!(
                    "Pixels of the kind {other} with {samples} values each are not read from \
                     DICOM. Export the slice in grey or in RGB."
                )));
            }
        }
        // A secondary capture is a picture of a screen: what it says of values is not about tissue.
        let captured = self.text(tags::CONVERSION_TYPE).is_some();
        let ct = self.text(tags::MODALITY).as_deref() == Some("CT");
        if ct && !captured && layout.bits_stored > 8 {
            return Ok(Meaning::Hounsfield);
        }
        let window = self
            .decimal(tags::WINDOW_CENTER)
            .zip(self.decimal(tags::WINDOW_WIDTH))
            .filter(|(_, width)| *width >= 1.0)
            .map(|(level, width)| Window { level, width });
        Ok(Meaning::Brightness {
            // Eight bits are what was on the screen.
            window: window.or((layout.bits_stored == 8).then(|| Window::of_range(0.0, 255.0))),
            inverted: photometric == "MONOCHROME1",
        })
    }

    /// Why this cannot be a slice of a head CT.
    fn unlike(&self) -> Option<String> {
        if let Some(modality) = self.text(tags::MODALITY).filter(|m| m != "CT") {
            let known = MODALITIES.iter().find(|(code, _)| *code == modality);
            if let Some((_, name)) = known {
                return Some(format!("its header says that it is {name}, not CT"));
            }
        }
        self.is_localiser()
            .then(|| "its header says that it is a localiser (scout) image".into())
    }
}

/// Kinds of examination that are not CT. Others, such as OT, say nothing.
const MODALITIES: [(&str, &str); 10] = [
    ("MR", "magnetic resonance"),
    ("CR", "a radiograph"),
    ("DX", "a radiograph"),
    ("MG", "a mammogram"),
    ("US", "ultrasound"),
    ("PT", "positron emission tomography"),
    ("NM", "nuclear medicine"),
    ("XA", "an angiogram"),
    ("RF", "fluoroscopy"),
    ("OPT", "optical tomography"),
];

/// The error of a DICOM file that cannot be read.
pub fn corrupt(cause: &str) -> Error {
    Error::CorruptImage(format!(
        "This DICOM file is damaged or cut short ({cause}). Export or copy it again."
    ))
}
