//! Bytes in, one grey 8-bit slice out. Knows file formats, never networks.

pub mod raster;

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
    /// Those of [`raster::decode`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::EmptyInput);
        }
        raster::decode(bytes)
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
