//! DICOM → grey slices: whatever window a file asks for, CT is shown in the brain window, which is
//! what the classifiers know. Nothing that names a person is read.
//!
//! ```
//! use haemolens::slice::dicom::{File, is_dicom};
//!
//! // The fewest elements that make a slice of 16×16 pixels, in Implicit VR Little Endian.
//! let element = |tag: [u8; 4], value: &[u8]| {
//!     [&tag[..], &(value.len() as u32).to_le_bytes()[..], value].concat()
//! };
//! let bytes = [
//!     element([0x08, 0, 0x60, 0], b"CT"),
//!     element([0x28, 0, 0x10, 0], &[16, 0]),
//!     element([0x28, 0, 0x11, 0], &[16, 0]),
//!     element([0xE0, 0x7F, 0x10, 0], &[40, 0].repeat(16 * 16)),
//! ]
//! .concat();
//! assert!(is_dicom(&bytes));
//! // 40 Hounsfield units are the middle of the brain window.
//! assert!(File::open(&bytes)?.slice(0)?.grey().iter().all(|&grey| grey.abs_diff(128) < 2));
//! # Ok::<(), haemolens::Error>(())
//! ```

mod attributes;
mod codec;
mod fragments;
mod header;
mod pixels;
mod place;
mod reader;
pub mod rle;
#[cfg(test)]
mod tests;
mod words;

use dicom_core::Tag;
use dicom_core::value::Value;
use dicom_dictionary_std::tags;
use dicom_encoding::transfer_syntax::TransferSyntaxIndex;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

use self::attributes::{Attributes, corrupt};
use self::codec::{Codec, Decoded, Fault};
pub use self::place::{Kernel, Place, Plane};
pub use self::reader::is_dicom;
use super::{Hounsfield, Slice};
use crate::Error;

/// Explicit VR big endian: retired, and met all the same.
const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";

/// A DICOM file whose frames can be decoded one by one.
///
/// ```
/// use haemolens::slice::dicom::File;
///
/// # let element = |tag: [u8; 4], value: &[u8]| {
/// #     [&tag[..], &(value.len() as u32).to_le_bytes()[..], value].concat()
/// # };
/// # let bytes = [
/// #     element([0x08, 0, 0x60, 0], b"CT"),
/// #     element([0x28, 0, 0x10, 0], &[16, 0]),
/// #     element([0x28, 0, 0x11, 0], &[16, 0]),
/// #     element([0xE0, 0x7F, 0x10, 0], &[40, 0].repeat(16 * 16)),
/// # ]
/// # .concat();
/// // `bytes` are a DICOM file of one frame.
/// let file = File::open(&bytes)?;
/// for frame in 0..file.frames() {
///     assert_eq!(file.slice(frame)?.width(), 16);
/// }
/// assert_eq!(file.frames(), 1);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug)]
pub struct File {
    attributes: Attributes,
    /// One for each frame.
    places: Vec<Place>,
    codec: Codec,
    /// Its transfer syntax.
    syntax: String,
    /// The bytes of each frame.
    frames: Vec<Vec<u8>>,
}

impl File {
    /// Reads the header and finds the frames.
    ///
    /// ```
    /// use haemolens::slice::dicom::File;
    ///
    /// # let element = |tag: [u8; 4], value: &[u8]| {
    /// #     [&tag[..], &(value.len() as u32).to_le_bytes()[..], value].concat()
    /// # };
    /// # let bytes = [
    /// #     element([0x08, 0, 0x60, 0], b"CT"),
    /// #     element([0x28, 0, 0x10, 0], &[16, 0]),
    /// #     element([0x28, 0, 0x11, 0], &[16, 0]),
    /// #     element([0xE0, 0x7F, 0x10, 0], &[40, 0].repeat(16 * 16)),
    /// # ]
    /// # .concat();
    /// // `bytes` are a DICOM file that ends with its pixels.
    /// assert!(File::open(&bytes).is_ok());
    /// let error = File::open(&bytes[..bytes.len() - 2]).unwrap_err();
    /// assert_eq!(error.name(), "CorruptImage");
    /// ```
    ///
    /// # Errors
    /// Every [`Error`] that bytes can cause.
    pub fn open(bytes: &[u8]) -> Result<Self, Error> {
        let (object, syntax) = reader::read(bytes)?;
        let Some(pixel_data) = object.get(tags::PIXEL_DATA) else {
            return Err(no_pixels(&object));
        };
        let attributes = Attributes::read(&object)?;
        let places = place::read(&object, attributes.frames);
        let codec = Codec::of(&syntax).ok_or_else(|| unread(&syntax, None))?;
        let frames = match (pixel_data.value(), codec) {
            (Value::Primitive(values), Codec::Native) => {
                fragments::of_native(&values.to_bytes(), &attributes)
            }
            (
                Value::PixelSequence(sequence),
                Codec::Rle | Codec::Jpeg | Codec::JpegLs | Codec::Jpeg2000,
            ) => {
                let table = object.get(tags::EXTENDED_OFFSET_TABLE);
                let table = table.and_then(|e| e.to_multi_int::<u64>().ok());
                fragments::of_sequence(sequence, &table.unwrap_or_default(), attributes.frames)
            }
            _ => Err("its pixels are not stored as its transfer syntax says".into()),
        };
        Ok(Self {
            frames: frames.map_err(|cause| corrupt(&cause))?,
            attributes,
            places,
            codec,
            syntax,
        })
    }

    /// How many slices there are.
    ///
    /// ```
    /// use haemolens::slice::dicom::File;
    ///
    /// # let element = |tag: [u8; 4], value: &[u8]| {
    /// #     [&tag[..], &(value.len() as u32).to_le_bytes()[..], value].concat()
    /// # };
    /// # let bytes = [
    /// #     element([0x08, 0, 0x60, 0], b"CT"),
    /// #     element([0x28, 0, 0x08, 0], b"2 "),
    /// #     element([0x28, 0, 0x10, 0], &[16, 0]),
    /// #     element([0x28, 0, 0x11, 0], &[16, 0]),
    /// #     element([0xE0, 0x7F, 0x10, 0], &[40, 0].repeat(2 * 16 * 16)),
    /// # ]
    /// # .concat();
    /// // `bytes` are a DICOM file of two frames.
    /// assert_eq!(File::open(&bytes)?.frames(), 2);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn frames(&self) -> usize {
        self.frames.len()
    }

    /// Why the header says that this is no slice of a head CT.
    ///
    /// ```
    /// use haemolens::slice::dicom::File;
    ///
    /// # let element = |tag: [u8; 4], value: &[u8]| {
    /// #     [&tag[..], &(value.len() as u32).to_le_bytes()[..], value].concat()
    /// # };
    /// # let bytes = [
    /// #     element([0x08, 0, 0x60, 0], b"CT"),
    /// #     element([0x28, 0, 0x10, 0], &[16, 0]),
    /// #     element([0x28, 0, 0x11, 0], &[16, 0]),
    /// #     element([0xE0, 0x7F, 0x10, 0], &[40, 0].repeat(16 * 16)),
    /// # ]
    /// # .concat();
    /// // `bytes` are a DICOM file whose modality is CT.
    /// assert_eq!(File::open(&bytes)?.unlike(), None);
    /// # let mut bytes = bytes;
    /// # bytes[8..10].copy_from_slice(b"US");
    /// // And these say US.
    /// let said = File::open(&bytes)?.unlike().map(str::to_owned);
    /// assert!(said.is_some_and(|words| words.contains("ultrasound")));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn unlike(&self) -> Option<&str> {
        self.attributes.unlike.as_deref()
    }

    /// The part of the body that the header names, as a term or in descriptions of any of many
    /// languages, where it names one and not the head. Such words are often wrong: they are evidence,
    /// for the guard to weigh.
    ///
    /// ```
    /// use haemolens::slice::dicom::File;
    ///
    /// # let element = |tag: [u8; 4], value: &[u8]| {
    /// #     [&tag[..], &(value.len() as u32).to_le_bytes()[..], value].concat()
    /// # };
    /// # let bytes = [
    /// #     element([0x08, 0, 0x60, 0], b"CT"),
    /// #     element([0x08, 0, 0x30, 0x10], b"CT CHEST"),
    /// #     element([0x28, 0, 0x10, 0], &[16, 0]),
    /// #     element([0x28, 0, 0x11, 0], &[16, 0]),
    /// #     element([0xE0, 0x7F, 0x10, 0], &[40, 0].repeat(16 * 16)),
    /// # ]
    /// # .concat();
    /// // `bytes` are a DICOM file whose study is described as "CT CHEST".
    /// assert_eq!(File::open(&bytes)?.other_part(), Some("CHEST"));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn other_part(&self) -> Option<&'static str> {
        self.attributes.other_part
    }

    /// Where a frame belongs in its examination.
    ///
    /// ```
    /// use haemolens::slice::dicom::{File, Plane};
    ///
    /// # let element = |tag: [u8; 4], value: &[u8]| {
    /// #     [&tag[..], &(value.len() as u32).to_le_bytes()[..], value].concat()
    /// # };
    /// # let bytes = [
    /// #     element([0x08, 0, 0x60, 0], b"CT"),
    /// #     element([0x28, 0, 0x10, 0], &[16, 0]),
    /// #     element([0x28, 0, 0x11, 0], &[16, 0]),
    /// #     element([0xE0, 0x7F, 0x10, 0], &[40, 0].repeat(16 * 16)),
    /// # ]
    /// # .concat();
    /// // `bytes` are a DICOM file that does not say how its slice lies in space.
    /// let place = File::open(&bytes)?.place(0);
    /// assert_eq!((place.plane, place.position), (Plane::Unknown, None));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn place(&self, frame: usize) -> Place {
        self.places.get(frame).cloned().unwrap_or_default()
    }

    /// Decodes a slice.
    ///
    /// ```
    /// use haemolens::slice::Window;
    /// use haemolens::slice::dicom::File;
    ///
    /// # let element = |tag: [u8; 4], value: &[u8]| {
    /// #     [&tag[..], &(value.len() as u32).to_le_bytes()[..], value].concat()
    /// # };
    /// # let bytes = [
    /// #     element([0x08, 0, 0x60, 0], b"CT"),
    /// #     element([0x28, 0, 0x10, 0], &[16, 0]),
    /// #     element([0x28, 0, 0x11, 0], &[16, 0]),
    /// #     element([0xE0, 0x7F, 0x10, 0], &[40, 0].repeat(16 * 16)),
    /// # ]
    /// # .concat();
    /// // `bytes` are a DICOM file of 16×16 pixels that all measure 40.
    /// let slice = File::open(&bytes)?.slice(0)?;
    /// assert_eq!(slice.grey(), [Window::BRAIN.grey(40.0); 16 * 16]);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptImage`], [`Error::UnsupportedTransferSyntax`], and [`Error::Internal`] where
    /// there is no such frame.
    pub fn slice(&self, frame: usize) -> Result<Slice, Error> {
        pixels::slice(&self.decode(frame)?, &self.attributes, frame)
    }

    /// The Hounsfield units of a slice's pixels; `None` where its values mean something else.
    ///
    /// ```
    /// use haemolens::slice::dicom::File;
    ///
    /// # let element = |tag: [u8; 4], value: &[u8]| {
    /// #     [&tag[..], &(value.len() as u32).to_le_bytes()[..], value].concat()
    /// # };
    /// # let bytes = [
    /// #     element([0x08, 0, 0x60, 0], b"CT"),
    /// #     element([0x28, 0, 0x10, 0], &[16, 0]),
    /// #     element([0x28, 0, 0x11, 0], &[16, 0]),
    /// #     element([0xE0, 0x7F, 0x10, 0], &[40, 0].repeat(16 * 16)),
    /// # ]
    /// # .concat();
    /// // `bytes` are a DICOM file of 16×16 pixels that all measure 40.
    /// let measured = File::open(&bytes)?.hounsfield(0)?.expect("it is CT");
    /// assert_eq!((measured.width, measured.values[0]), (16, 40));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`File::slice`].
    pub fn hounsfield(&self, frame: usize) -> Result<Option<Hounsfield>, Error> {
        pixels::hounsfield(&self.decode(frame)?, &self.attributes, frame)
    }

    fn decode(&self, frame: usize) -> Result<Decoded, Error> {
        let bytes = self.frames.get(frame).ok_or_else(|| {
            Error::Internal(format!("frame {frame} of {} was asked for", self.frames()))
        })?;
        let decoded = self.codec.decode(bytes, &self.attributes.layout);
        decoded.map_err(|fault| match fault {
            Fault::Damaged(cause) => corrupt(&cause),
            Fault::Unread(what) => unread(&self.syntax, Some(&what)),
        })
    }
}

fn no_pixels(object: &InMemDicomObject) -> Error {
    const DIRECTORY: Tag = tags::DIRECTORY_RECORD_SEQUENCE;
    Error::NoPixelData(match object.get(DIRECTORY) {
        Some(_) => "This is the index of a DICOM folder (DICOMDIR), not an image. Add the files \
                    that lie beside it."
            .into(),
        None => "This DICOM file holds no image: it may be a report or a plan. Leave it out, or \
                 export the slices of the examination."
            .into(),
    })
}

fn unread(syntax: &str, what: Option<&str>) -> Error {
    let found = TransferSyntaxRegistry.get(syntax);
    let name = found.map_or("a compression that is not known here", |found| found.name());
    let what = what.map_or(String::new(), |what| format!(": {what}"));
    Error::UnsupportedTransferSyntax(format!(
        "This DICOM file is stored as {name} ({syntax}{what}), which is not read. Export it \
         without compression (Explicit VR Little Endian), as JPEG lossless or as JPEG 2000."
    ))
}
