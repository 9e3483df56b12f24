//! Bytes in, one grey 8-bit slice out. Knows file formats, never networks.

pub mod archive;
pub mod dicom;
pub mod limits;
pub mod raster;
mod window;

use std::borrow::Cow;
use std::io::Cursor;

use self::archive::{Archive, Member};
use self::dicom::Place;
use self::limits::MAX_UNPACKED_BYTES;
pub use self::window::Window;
use crate::Error;

/// One slice: grey levels 0–255, row-major, `width * height` long, upright.
///
/// ```
/// let slice = haemolens::slice::Slice::new(2, 1, vec![0, 255])?;
/// assert_eq!((slice.width(), slice.height()), (2, 1));
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    width: usize,
    height: usize,
    grey: Vec<u8>,
}

impl Slice {
    /// A slice from row-major grey levels.
    ///
    /// # Errors
    /// [`Error::CorruptImage`] when `grey` is not `width * height` long, or empty.
    pub fn new(width: usize, height: usize, grey: Vec<u8>) -> Result<Self, Error> {
        if grey.is_empty() || grey.len() != width * height {
            return Err(Error::CorruptImage(format!(
                "{} grey levels do not fill {width}×{height} pixels.",
                grey.len()
            )));
        }
        Ok(Self {
            width,
            height,
            grey,
        })
    }

    /// Reads the one slice that `bytes` hold.
    ///
    /// # Errors
    /// Those of [`Content::open`], [`Content::only_one`] and [`Content::slice`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let content = Content::open(bytes)?;
        content.only_one()?;
        content.slice(0)
    }

    /// Pixels a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Grey levels 0–255, row-major.
    pub fn grey(&self) -> &[u8] {
        &self.grey
    }

    /// Grey levels of row `y`.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.grey[y * self.width..][..self.width]
    }
}

/// What a CT slice measured: a value for each of the pixels that [`Slice`] has as grey levels in the
/// brain window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hounsfield {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Hounsfield units, row-major, `width * height` long.
    pub values: Vec<i16>,
}

impl Hounsfield {
    /// The value of what lies outside of the image.
    pub const OUTSIDE: i16 = i16::MIN;
}

/// What the bytes of a file hold: one slice or several, decoded one by one.
///
/// ```
/// use haemolens::phantom::{self, Kind};
/// use haemolens::slice::Content;
///
/// let content = Content::open(phantom::draw(Kind::Normal).to_bmp()?)?;
/// assert_eq!(content.slices(), 1);
/// assert_eq!(content.slice(0)?.grey().len(), phantom::SIDE * phantom::SIDE);
/// // A picture has grey levels only; DICOM CT has what the scanner measured.
/// assert!(content.hounsfield(0)?.is_none());
///
/// let error = Content::open(&b"no picture, this"[..])?.slice(0).unwrap_err();
/// assert_eq!(error.name(), "UnsupportedFormat");
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug)]
pub struct Content(Vec<Part>);

/// A file that holds slices: the only one, or one in an archive.
#[derive(Debug)]
enum Part {
    /// A picture, not yet decoded.
    Raster(Vec<u8>),
    Dicom(Box<dicom::File>),
}

impl Content {
    /// Tells the format by what the bytes are, never by a name, and reads what is before the pixels.
    /// Files in an archive come in the order of their names.
    ///
    /// # Errors
    /// [`Error::EmptyInput`], [`Error::TooLarge`], and those of [`dicom::File::open`] and of
    /// [`Archive`].
    pub fn open<'a>(bytes: impl Into<Cow<'a, [u8]>>) -> Result<Self, Error> {
        let bytes = bytes.into();
        if !archive::is_archive(&bytes) {
            return Self::open_member(bytes);
        }
        limits::check_length(bytes.len() as u64)?;
        let mut archive = Archive::open(Cursor::new(bytes))?;
        let lengths = archive.members().iter().map(|member| member.bytes);
        let unpacked = lengths.fold(0, u64::saturating_add);
        if unpacked > MAX_UNPACKED_BYTES {
            return Err(Error::TooLarge(format!(
                "The ZIP archive unpacks to {} MB; at most {} MB are read at once. Unpack it and \
                 add the folder.",
                unpacked >> 20,
                MAX_UNPACKED_BYTES >> 20
            )));
        }
        let mut parts = Vec::new();
        for Member { name, index, .. } in archive.members().to_vec() {
            let content = archive.content(index).map_err(|e| e.of(&name))?;
            parts.extend(content.0);
        }
        let content = Self(parts);
        limits::check_frames(content.slices())?;
        Ok(content)
    }

    /// The same of a file that was unpacked from an archive, in which there must be no other archive.
    ///
    /// # Errors
    /// As [`Content::open`], and [`Error::UnsupportedFormat`] for an archive.
    pub fn open_member<'a>(bytes: impl Into<Cow<'a, [u8]>>) -> Result<Self, Error> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Err(Error::EmptyInput);
        }
        limits::check_length(bytes.len() as u64)?;
        Ok(Self(vec![Part::open(bytes)?]))
    }

    /// How many slices there are.
    pub fn slices(&self) -> usize {
        self.0.iter().map(Part::slices).sum()
    }

    /// Decodes a slice, counted from 0.
    ///
    /// # Errors
    /// Those of [`raster::decode`] and [`dicom::File::slice`], and [`Error::Internal`] where there is
    /// no such slice.
    pub fn slice(&self, index: usize) -> Result<Slice, Error> {
        match self.find(index) {
            Some((Part::Raster(bytes), _)) => raster::decode(bytes),
            Some((Part::Dicom(file), frame)) => file.slice(frame),
            None => Err(self.no_such(index)),
        }
    }

    /// The Hounsfield units of a slice, counted from 0; `None` for a picture and for values that mean
    /// something else.
    ///
    /// # Errors
    /// As [`Content::slice`].
    pub fn hounsfield(&self, index: usize) -> Result<Option<Hounsfield>, Error> {
        match self.find(index) {
            Some((Part::Raster(_), _)) => Ok(None),
            Some((Part::Dicom(file), frame)) => file.hounsfield(frame),
            None => Err(self.no_such(index)),
        }
    }

    /// Refuses a file with more than one slice.
    ///
    /// # Errors
    /// [`Error::SeveralSlices`].
    pub fn only_one(&self) -> Result<(), Error> {
        match self.slices() {
            1 => Ok(()),
            count => Err(Error::SeveralSlices(format!(
                "The file holds {count} slices. Ask for all of them (classifyAll), or export one."
            ))),
        }
    }

    /// What the file itself says against a slice's being of a head CT, to go after a colon.
    pub fn unlike(&self, index: usize) -> Option<&str> {
        match self.find(index)? {
            (Part::Raster(_), _) => None,
            (Part::Dicom(file), _) => file.unlike(),
        }
    }

    /// Where the file itself says that a slice belongs; a picture says nothing.
    pub fn place(&self, index: usize) -> Place {
        match self.find(index) {
            Some((Part::Dicom(file), frame)) => file.place(frame),
            _ => Place::default(),
        }
    }

    fn no_such(&self, index: usize) -> Error {
        Error::Internal(format!("slice {index} of {} was asked for", self.slices()))
    }

    /// The part that holds a slice, and its number there.
    fn find(&self, mut index: usize) -> Option<(&Part, usize)> {
        for part in &self.0 {
            if index < part.slices() {
                return Some((part, index));
            }
            index -= part.slices();
        }
        None
    }
}

impl Part {
    fn open(bytes: Cow<[u8]>) -> Result<Self, Error> {
        if archive::is_archive(&bytes) {
            return Err(archive::nested());
        }
        Ok(match dicom::is_dicom(&bytes) {
            true => Self::Dicom(Box::new(dicom::File::open(&bytes)?)),
            false => Self::Raster(bytes.into_owned()),
        })
    }

    fn slices(&self) -> usize {
        match self {
            Self::Raster(_) => 1,
            Self::Dicom(file) => file.frames(),
        }
    }
}
