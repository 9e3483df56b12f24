//! DICOM → grey slices: whatever window a file asks for, CT is shown in the brain window, which is
//! what the classifiers know. Nothing that names a person is read.

mod attributes;
mod codec;
mod fragments;
mod pixels;
mod rle;
#[cfg(test)]
mod tests;

use dicom_core::Tag;
use dicom_core::value::Value;
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::transfer_syntax::TransferSyntaxIndex;
use dicom_object::{InMemDicomObject, OpenFileOptions};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

use self::attributes::{Attributes, corrupt};
use self::codec::{Codec, Fault};
use super::Slice;
use crate::Error;

/// Explicit VR big endian: retired, and met all the same.
const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";

/// Most frames of a file.
pub const MAX_FRAMES: usize = 10_000;

/// Bytes before the magic word of a file with a preamble.
const PREAMBLE: usize = 128;
const MAGIC: &[u8] = b"DICM";

/// A DICOM file whose frames can be decoded one by one.
#[derive(Debug)]
pub struct File {
    attributes: Attributes,
    codec: Codec,
    /// Its transfer syntax.
    syntax: String,
    /// The bytes of each frame.
    frames: Vec<Vec<u8>>,
}

/// Whether bytes are of a DICOM file, by what they hold: with its preamble or without, or a data set
/// by itself.
pub fn is_dicom(bytes: &[u8]) -> bool {
    bytes.get(PREAMBLE..PREAMBLE + MAGIC.len()) == Some(MAGIC) || bare(bytes).is_some()
}

/// The transfer syntax that a file without a preamble begins as.
fn bare(bytes: &[u8]) -> Option<Bare> {
    if bytes.starts_with(MAGIC) {
        return Some(Bare::Magic);
    }
    let &[g0, g1, _, _, v0, v1, l0, l1] = bytes.first_chunk::<8>()?;
    let explicit = [v0, v1].iter().all(u8::is_ascii_uppercase);
    match [g0, g1] {
        [2, 0] if explicit => Some(Bare::Meta),
        [8, 0] if explicit => Some(Bare::DataSet(uids::EXPLICIT_VR_LITTLE_ENDIAN)),
        [0, 8] if explicit => Some(Bare::DataSet(BIG_ENDIAN)),
        [8, 0] => {
            let length = u32::from_le_bytes([v0, v1, l0, l1]) as usize;
            let fits = length < 1 << 12 && length <= bytes.len();
            fits.then_some(Bare::DataSet(uids::IMPLICIT_VR_LITTLE_ENDIAN))
        }
        _ => None,
    }
}

/// How a file without a preamble begins.
enum Bare {
    /// With the magic word.
    Magic,
    /// With the file meta group.
    Meta,
    /// With the data set, of this transfer syntax.
    DataSet(&'static str),
}

impl File {
    /// Reads the header and finds the frames.
    ///
    /// # Errors
    /// Every [`Error`] that bytes can cause.
    pub fn open(bytes: &[u8]) -> Result<Self, Error> {
        let (object, syntax) = read(bytes)?;
        let Some(pixel_data) = object.get(tags::PIXEL_DATA) else {
            return Err(no_pixels(&object));
        };
        let attributes = Attributes::read(&object)?;
        let codec = Codec::of(&syntax).ok_or_else(|| unread(&syntax, None))?;
        let frames = match (pixel_data.value(), codec) {
            (Value::Primitive(values), Codec::Native) => {
                fragments::of_native(&values.to_bytes(), &attributes)
            }
            (
                Value::PixelSequence(sequence),
                Codec::Rle | Codec::Jpeg | Codec::JpegLs | Codec::Jpeg2000,
            ) => fragments::of_sequence(sequence, attributes.frames),
            _ => Err("its pixels are not stored as its transfer syntax says".into()),
        };
        Ok(Self {
            frames: frames.map_err(|cause| corrupt(&cause))?,
            attributes,
            codec,
            syntax,
        })
    }

    /// How many slices there are.
    pub fn frames(&self) -> usize {
        self.frames.len()
    }

    /// Why the header says that this is no slice of a head CT.
    pub fn unlike(&self) -> Option<&str> {
        self.attributes.unlike.as_deref()
    }

    /// Decodes a slice.
    ///
    /// # Errors
    /// [`Error::CorruptImage`], [`Error::UnsupportedTransferSyntax`], and [`Error::Internal`] where
    /// there is no such frame.
    pub fn slice(&self, frame: usize) -> Result<Slice, Error> {
        let bytes = self.frames.get(frame).ok_or_else(|| {
            Error::Internal(format!("frame {frame} of {} was asked for", self.frames()))
        })?;
        let decoded = self.codec.decode(bytes, &self.attributes.layout);
        let values = decoded.map_err(|fault| match fault {
            Fault::Damaged(cause) => corrupt(&cause),
            Fault::Unread(what) => unread(&self.syntax, Some(&what)),
        })?;
        pixels::slice(&values, &self.attributes, frame)
    }
}

/// The data set and its transfer syntax.
fn read(bytes: &[u8]) -> Result<(InMemDicomObject, String), Error> {
    let damaged = |e: &dyn std::fmt::Display| corrupt(&e.to_string());
    let bytes = match bare(bytes) {
        Some(Bare::DataSet(syntax)) => {
            let found = TransferSyntaxRegistry.get(syntax);
            let found = found.ok_or_else(|| Error::Internal(format!("{syntax} is not known")))?;
            let object = InMemDicomObject::read_dataset_with_ts(bytes, found);
            return Ok((object.map_err(|e| damaged(&e))?, syntax.to_owned()));
        }
        // The reader wants the magic word, which some leave out with the preamble.
        Some(Bare::Meta) => [MAGIC, bytes].concat(),
        Some(Bare::Magic) => bytes.to_vec(),
        None => bytes[PREAMBLE..].to_vec(),
    };
    let object = OpenFileOptions::new()
        .read_preamble(dicom_object::file::ReadPreamble::Never)
        .from_reader(&bytes[..]);
    let object = object.map_err(|e| {
        let cause = chain(&e);
        match syntax_of(&bytes) {
            Some(syntax) if TransferSyntaxRegistry.get(&syntax).is_none() => unread(&syntax, None),
            _ => corrupt(&cause),
        }
    })?;
    let syntax = object.meta().transfer_syntax().to_owned();
    Ok((object.into_inner(), syntax))
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    causes.map(|e| e.to_string()).collect::<Vec<_>>().join(": ")
}

/// The transfer syntax of a file that could not be read further than its meta group.
fn syntax_of(bytes: &[u8]) -> Option<String> {
    let table = dicom_object::FileMetaTable::from_reader(bytes).ok()?;
    Some(table.transfer_syntax().to_owned())
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
