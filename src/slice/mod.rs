//! Bytes in, one grey 8-bit slice out. Knows file formats, never networks.
//!
//! ```
//! use haemolens::phantom::{self, Kind};
//! use haemolens::slice::{Content, Slice, Window};
//!
//! // One picture, or one of the slices of a file that may hold several.
//! let bytes = phantom::draw(Kind::Normal).to_bmp()?;
//! let slice = Slice::from_bytes(&bytes)?;
//! assert_eq!(Content::open(bytes)?.slice(0)?, slice);
//! // Grey levels are those of the brain window: bone is white.
//! assert_eq!(Window::BRAIN.grey(900.0), 255);
//! # Ok::<(), haemolens::Error>(())
//! ```

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
    /// ```
    /// use haemolens::slice::Slice;
    ///
    /// assert_eq!(Slice::new(3, 2, vec![0; 6])?.width(), 3);
    /// assert_eq!(Slice::new(3, 2, vec![0; 5]).unwrap_err().name(), "CorruptImage");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Slice;
    ///
    /// let mut bytes = phantom::draw(Kind::Normal).to_bmp()?;
    /// assert_eq!(Slice::from_bytes(&bytes)?.height(), phantom::SIDE);
    /// bytes.truncate(1000);
    /// assert_eq!(Slice::from_bytes(&bytes).unwrap_err().name(), "CorruptImage");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Content::open`], [`Content::only_one`] and [`Content::slice`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let content = Content::open(bytes)?;
        content.only_one()?;
        content.slice(0)
    }

    /// Pixels a row.
    ///
    /// ```
    /// use haemolens::slice::Slice;
    ///
    /// let slice = Slice::new(3, 2, vec![0; 6])?;
    /// let row = slice.grey().chunks(slice.width()).next();
    /// assert_eq!(row, Some(&[0, 0, 0][..]));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    ///
    /// ```
    /// use haemolens::slice::Slice;
    ///
    /// let slice = Slice::new(3, 2, vec![0; 6])?;
    /// assert_eq!(slice.grey().chunks(slice.width()).count(), slice.height());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn height(&self) -> usize {
        self.height
    }

    /// Grey levels 0–255, row-major.
    ///
    /// ```
    /// use haemolens::slice::Slice;
    ///
    /// let slice = Slice::new(3, 2, vec![10, 20, 30, 40, 50, 60])?;
    /// let (x, y) = (2, 1);
    /// assert_eq!(slice.grey()[y * slice.width() + x], 60);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
///
/// ```
/// use haemolens::slice::{Hounsfield, Window};
///
/// let measured = Hounsfield { width: 2, height: 1, values: vec![Hounsfield::OUTSIDE, 65] };
/// // In a window of one's own, as radiologists use for subdural blood.
/// let window = Window { level: 70.0, width: 150.0 };
/// let grey: Vec<u8> = measured.values.iter().map(|&value| window.grey(value.into())).collect();
/// assert_eq!(grey[0], 0);
/// assert!((100..155).contains(&grey[1]));
/// ```
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
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Content;
    ///
    /// let content = Content::open(phantom::draw(Kind::Normal).to_bmp()?)?;
    /// assert_eq!(content.slices(), 1);
    /// assert_eq!(Content::open(&b""[..]).unwrap_err().name(), "EmptyInput");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Content;
    ///
    /// let content = Content::open_member(phantom::draw(Kind::Normal).to_bmp()?)?;
    /// assert_eq!(content.slices(), 1);
    /// let error = Content::open_member(&b"PK\x03\x04 and so on"[..]).unwrap_err();
    /// assert!(error.to_string().contains("a ZIP archive inside of another"));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
    ///
    /// ```
    /// use haemolens::slice::Content;
    ///
    /// # use std::io::{Cursor, Write};
    /// # use haemolens::phantom::{self, Kind};
    /// # use zip::write::SimpleFileOptions;
    /// # let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    /// # for (name, bytes) in [
    /// #     ("head/2.bmp", phantom::draw(Kind::Normal).to_bmp()?),
    /// #     ("head/1.bmp", phantom::draw(Kind::Subdural).to_bmp()?),
    /// #     ("head/notes.txt", b"no picture, this".to_vec()),
    /// # ] {
    /// #     writer.start_file(name, SimpleFileOptions::default())?;
    /// #     writer.write_all(&bytes)?;
    /// # }
    /// # let zip = writer.finish()?.into_inner();
    /// // `zip` holds two pictures and a note.
    /// assert_eq!(Content::open(zip)?.slices(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn slices(&self) -> usize {
        self.0.iter().map(Part::slices).sum()
    }

    /// Decodes a slice, counted from 0.
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Content;
    ///
    /// let phantom = phantom::draw(Kind::Subdural);
    /// let content = Content::open(phantom.to_bmp()?)?;
    /// assert_eq!(content.slice(0)?, phantom.into_slice());
    /// assert!(content.slice(1).is_err());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
    /// ```
    /// use haemolens::slice::Content;
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
    /// let measured = Content::open(bytes)?.hounsfield(0)?.expect("it is CT");
    /// assert_eq!(measured.values, [40; 16 * 16]);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
    /// ```
    /// use haemolens::slice::Content;
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
    /// let error = Content::open(bytes)?.only_one().unwrap_err();
    /// assert_eq!(error.name(), "SeveralSlices");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
    ///
    /// ```
    /// use haemolens::slice::Content;
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
    /// # let mut bytes = bytes;
    /// # bytes[8..10].copy_from_slice(b"MR");
    /// // `bytes` are a DICOM file whose modality is MR.
    /// let content = Content::open(bytes)?;
    /// assert_eq!(
    ///     content.unlike(0),
    ///     Some("its header says that it is magnetic resonance, not CT")
    /// );
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn unlike(&self, index: usize) -> Option<&str> {
        match self.find(index)? {
            (Part::Raster(_), _) => None,
            (Part::Dicom(file), _) => file.unlike(),
        }
    }

    /// The part of the body that the file's header names for a slice, where it names one and not the
    /// head: evidence that [`crate::guard::Guard::doubt`] weighs.
    ///
    /// ```
    /// use haemolens::slice::Content;
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
    /// assert_eq!(Content::open(bytes)?.other_part(0), Some("CHEST"));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn other_part(&self, index: usize) -> Option<&'static str> {
        match self.find(index)? {
            (Part::Raster(_), _) => None,
            (Part::Dicom(file), _) => file.other_part(),
        }
    }

    /// Where the file itself says that a slice belongs; a picture says nothing.
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Content;
    /// use haemolens::slice::dicom::Place;
    ///
    /// let content = Content::open(phantom::draw(Kind::Normal).to_bmp()?)?;
    /// assert_eq!(content.place(0), Place::default());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
