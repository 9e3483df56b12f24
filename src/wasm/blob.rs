//! A file of the browser's (`Blob`), read piece by piece: only a worker can, and only there is it fast.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use js_sys::Uint8Array;
use web_sys::{Blob, FileReaderSync};

/// Bytes that are read first: most files are shorter, and are then read at once.
const FIRST: u64 = 1 << 20;
/// Bytes that are read after a leap; twice as many each time that reading goes on from there.
const LEAST: u64 = 4 << 10;
/// Most bytes that are kept.
const MOST: u64 = 256 << 10;
/// Bytes that are read at once of what is wanted whole.
const PIECE: u64 = 4 << 20;

/// Reads a blob in pieces; one of them is kept.
#[derive(Debug)]
pub struct BlobReader {
    blob: Blob,
    reader: FileReaderSync,
    length: u64,
    position: u64,
    /// The bytes that are kept, and where in the blob they begin.
    kept: Vec<u8>,
    start: u64,
    /// How many were read last.
    step: u64,
}

impl BlobReader {
    /// Reads the beginning.
    ///
    /// # Errors
    /// [`ErrorKind::PermissionDenied`], with a sentence for the user, when the browser does not give
    /// the bytes.
    pub fn open(blob: Blob) -> io::Result<Self> {
        let reader = FileReaderSync::new().map_err(|_| denied())?;
        let mut this = Self {
            length: blob.size() as u64,
            blob,
            reader,
            position: 0,
            kept: Vec::new(),
            start: 0,
            step: LEAST,
        };
        this.kept = match this.length {
            // An empty file, or one that is gone: whoever reads it is told.
            0 => this.all_of(&this.blob)?,
            length => this.fetch(0, FIRST.min(length))?,
        };
        Ok(this)
    }

    /// Bytes in all.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The first bytes, until anything else is read.
    pub fn head(&self) -> &[u8] {
        &self.kept
    }

    /// All bytes of a blob of which nothing but its beginning was read.
    ///
    /// # Errors
    /// As [`BlobReader::open`].
    pub fn whole(mut self) -> io::Result<Vec<u8>> {
        let mut bytes = std::mem::take(&mut self.kept);
        bytes.reserve_exact((self.length - bytes.len() as u64) as usize);
        while (bytes.len() as u64) < self.length {
            let from = bytes.len() as u64;
            bytes.extend(self.fetch(from, (from + PIECE).min(self.length))?);
        }
        Ok(bytes)
    }

    fn fetch(&self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let piece = self.blob.slice_with_f64_and_f64(from as f64, to as f64);
        let bytes = self.all_of(&piece.map_err(|_| denied())?)?;
        match bytes.len() as u64 == to - from {
            true => Ok(bytes),
            false => Err(denied()),
        }
    }

    fn all_of(&self, blob: &Blob) -> io::Result<Vec<u8>> {
        let buffer = self.reader.read_as_array_buffer(blob);
        Ok(Uint8Array::new(&buffer.map_err(|_| denied())?.into()).to_vec())
    }

    /// The bytes that are kept from the position on.
    fn ahead(&self) -> &[u8] {
        let passed = self.position.checked_sub(self.start);
        passed
            .and_then(|passed| self.kept.get(passed as usize..))
            .unwrap_or_default()
    }
}

impl Read for BlobReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ahead().is_empty() && self.position < self.length {
            let goes_on = self.position == self.start + self.kept.len() as u64;
            self.step = if goes_on {
                (2 * self.step).min(MOST)
            } else {
                LEAST
            };
            let end = (self.position + self.step).min(self.length);
            self.kept = self.fetch(self.position, end)?;
            self.start = self.position;
        }
        let count = self.ahead().read(out)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// The file was moved or changed since it was added, or may not be read.
fn denied() -> io::Error {
    io::Error::new(
        ErrorKind::PermissionDenied,
        "The browser was not allowed to read this file. Check that it is still where it was and \
         that you may open it, then add it again.",
    )
}
