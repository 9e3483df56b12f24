//! Bytes in, one grey 8-bit slice out. Knows file formats, never networks.

pub mod dicom;
pub mod raster;
mod window;

pub use self::window::Window;
use crate::Error;

/// One slice: grey levels 0–255, row-major, `width * height` long, upright.
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
    /// [`Error::CorruptImage`] when `grey` is not `width * height` long or a side is shorter than
    /// [`raster::MIN_SIDE`].
    pub fn new(width: usize, height: usize, grey: Vec<u8>) -> Result<Self, Error> {
        if width < raster::MIN_SIDE || height < raster::MIN_SIDE {
            return Err(Error::CorruptImage(format!(
                "The image is only {width}×{height} pixels, too small to hold a CT slice. Export \
                 the slice at full resolution (at least {0}×{0}).",
                raster::MIN_SIDE
            )));
        }
        if grey.len() != width * height {
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

/// What the bytes of a file hold: one slice or several, decoded one by one.
#[derive(Debug)]
pub struct Content(Kind);

#[derive(Debug)]
enum Kind {
    Raster(Slice),
    Dicom(Box<dicom::File>),
}

impl Content {
    /// Tells the format by what the bytes are, never by a name, and reads as far as the header.
    ///
    /// # Errors
    /// [`Error::EmptyInput`], [`Error::TooLarge`], and those of [`raster::decode`] and
    /// [`dicom::File::open`].
    pub fn open(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::EmptyInput);
        }
        raster::check_length(bytes)?;
        Ok(Self(match dicom::is_dicom(bytes) {
            true => Kind::Dicom(Box::new(dicom::File::open(bytes)?)),
            false => Kind::Raster(raster::decode(bytes)?),
        }))
    }

    /// How many slices there are.
    pub fn slices(&self) -> usize {
        match &self.0 {
            Kind::Raster(_) => 1,
            Kind::Dicom(file) => file.frames(),
        }
    }

    /// Decodes a slice, counted from 0.
    ///
    /// # Errors
    /// Those of [`dicom::File::slice`].
    pub fn slice(&self, index: usize) -> Result<Slice, Error> {
        match &self.0 {
            Kind::Raster(slice) => Ok(slice.clone()),
            Kind::Dicom(file) => file.slice(index),
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

    /// What the file itself says against its being a head CT, to go after a colon.
    pub fn unlike(&self) -> Option<&str> {
        match &self.0 {
            Kind::Raster(_) => None,
            Kind::Dicom(file) => file.unlike(),
        }
    }
}
