//! ZIP archives, as PACS export them: the images in them, one by one.

mod directory;

use std::io::{ErrorKind, Read, Seek};
use std::sync::Arc;

use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};
use zip::result::ZipError;

use super::{Content, dicom, limits, raster};
use crate::Error;

/// So much of a member's beginning tells what it is.
const HEAD: u64 = 512;

/// Names of what is beside images: the index of DICOM folders, and what systems leave behind.
const BESIDE: [&str; 3] = ["DICOMDIR", "__MACOSX", ".DS_Store"];

/// An archive whose images are unpacked one by one. A clone shares the list of them.
#[derive(Debug, Clone)]
pub struct Archive<R> {
    zip: ZipArchive<R>,
    members: Arc<[Member]>,
}

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path inside the archive, `/` between folders.
    pub name: String,
    /// Bytes once unpacked, as the archive says.
    pub bytes: u64,
    /// Its number in the archive, by which [`Archive::read`] finds it.
    pub index: usize,
}

/// Whether bytes, or the first of them, are of a ZIP archive.
pub fn is_archive(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// Whether a path, `/` or `\\` between folders, is of something that lies beside images.
pub fn is_beside(path: &str) -> bool {
    path.split(['/', '\\']).any(|part| BESIDE.contains(&part))
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the list of files, and the beginning of each: what is no image is left out.
    ///
    /// # Errors
    /// Those of [`Archive::list`] and [`Archive::keep_images`].
    pub fn open(reader: R) -> Result<Self, Error> {
        let mut archive = Self::list(reader)?;
        archive.keep_images()?;
        Ok(archive)
    }

    /// Reads the list of files and nothing else: what is no image is in it as well.
    ///
    /// # Errors
    /// [`Error::CorruptImage`] when it is damaged, and [`Error::TooLarge`].
    pub fn list(mut reader: R) -> Result<Self, Error> {
        let bytes = directory::check(&mut reader)?;
        // It begins as an archive does: nothing comes before it.
        let config = Config {
            archive_offset: ArchiveOffset::Known(0),
        };
        let zip = ZipArchive::with_config(config, reader).map_err(|e| explain(&e))?;
        limits::check_files(zip.len() as u64)?;
        let (mut packed, mut unpacked) = (0u64, 0u64);
        let mut members = Vec::new();
        for index in 0..zip.len() {
            let file = zip.by_index_data(index).map_err(|e| explain(&e))?;
            packed = packed.saturating_add(file.compressed_size());
            unpacked = unpacked.saturating_add(file.size());
            let member = Member {
                name: String::from_utf8_lossy(file.name_raw()).into_owned(),
                bytes: file.size(),
                index,
            };
            if file.is_file() && !is_beside(&member.name) {
                members.push(member);
            }
        }
        // Files may overlap, or lie about how long they are.
        limits::check_ratio(packed.min(bytes), unpacked)?;
        members.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self {
            zip,
            members: members.into(),
        })
    }

    /// Reads the beginning of each file, and leaves out what is no image.
    ///
    /// # Errors
    /// [`Error::NoPixelData`] when there is none.
    pub fn keep_images(&mut self) -> Result<(), Error> {
        let mut images = self.members.to_vec();
        images.retain(|member| is_image(&mut self.zip, member));
        if images.is_empty() {
            return Err(Error::NoPixelData(
                "The ZIP archive holds no image. Add one that holds DICOM, PNG or JPEG slices."
                    .into(),
            ));
        }
        self.members = images.into();
        Ok(())
    }

    /// The images, in the order of their names.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Unpacks the file of this number ([`Member::index`]).
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::CorruptImage`], [`Error::UnsupportedFormat`] for what is packed
    /// in a way that is not read or behind a password, and [`Error::Internal`] when there is no such
    /// member.
    pub fn read(&mut self, index: usize) -> Result<Vec<u8>, Error> {
        if index >= self.zip.len() {
            let missing = format!("file {index} of an archive was asked for");
            return Err(Error::Internal(missing));
        }
        let file = self.zip.by_index(index).map_err(|e| explain(&e))?;
        let bytes = file.size();
        limits::check_length(bytes)?;
        // No more than the archive says, whatever is packed in it.
        let mut out = Vec::new();
        let read = file.take(bytes + 1).read_to_end(&mut out);
        read.map_err(|e| explain(&ZipError::Io(e)))?;
        if out.len() as u64 != bytes {
            return Err(damaged("a file in it is not as long as it says"));
        }
        Ok(out)
    }

    /// What the file of this number holds.
    ///
    /// # Errors
    /// Those of [`Archive::read`] and [`Content::open_member`].
    pub fn content(&mut self, index: usize) -> Result<Content, Error> {
        Content::open_member(self.read(index)?)
    }
}

/// Whether a member is worth being shown: an image, or something that has to be explained.
fn is_image<R: Read + Seek>(zip: &mut ZipArchive<R>, member: &Member) -> bool {
    let mut head = Vec::new();
    let read = zip
        .by_index(member.index)
        .map(|file| file.take(HEAD).read_to_end(&mut head));
    let known = is_archive(&head) || dicom::is_dicom(&head) || raster::is_image(&head);
    known || !matches!(read, Ok(Ok(_)))
}

/// The error of an archive inside of another.
pub(crate) fn nested() -> Error {
    Error::UnsupportedFormat(
        "This is a ZIP archive inside of another. Unpack it and add what it holds.".into(),
    )
}

fn explain(error: &ZipError) -> Error {
    match error {
        ZipError::UnsupportedArchive(what) => Error::UnsupportedFormat(format!(
            "A file in this ZIP archive cannot be unpacked here ({what}). Unpack the archive \
             yourself, and add the folder."
        )),
        ZipError::CompressionMethodNotSupported(method) => Error::UnsupportedFormat(format!(
            "A file in this ZIP archive is packed by method {method}, which is not read. Unpack \
             the archive yourself, and add the folder."
        )),
        ZipError::InvalidPassword => Error::UnsupportedFormat(
            "This ZIP archive is locked by a password. Unpack it yourself, and add the folder."
                .into(),
        ),
        // The file is whole, but for the one who would read it.
        ZipError::Io(cause) if cause.kind() == ErrorKind::PermissionDenied => {
            Error::CorruptImage(cause.to_string())
        }
        other => damaged(&other.to_string()),
    }
}

fn damaged(cause: &str) -> Error {
    Error::CorruptImage(format!(
        "This ZIP archive is damaged or cut short ({cause}). Export or copy it again."
    ))
}
