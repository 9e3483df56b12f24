//! ZIP archives, as PACS export them: the images in them, one by one.

mod directory;

use std::io::{Read, Seek};
use std::sync::Arc;

use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};
use zip::result::ZipError;

use super::{Content, Part, dicom, limits, raster};
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
    /// Its number in the archive.
    index: usize,
}

/// Whether bytes, or the first of them, are of a ZIP archive.
pub fn is_archive(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the list of files, and the beginning of each: what is no image is left out.
    ///
    /// # Errors
    /// [`Error::CorruptImage`] when it is damaged, [`Error::TooLarge`], and [`Error::NoPixelData`]
    /// when it holds no image.
    pub fn open(mut reader: R) -> Result<Self, Error> {
        let bytes = directory::check(&mut reader)?;
        // It begins as an archive does: nothing comes before it.
        let config = Config {
            archive_offset: ArchiveOffset::Known(0),
        };
        let mut zip = ZipArchive::with_config(config, reader).map_err(|e| explain(&e))?;
        limits::check_files(zip.len() as u64)?;
        let (mut packed, mut unpacked) = (0u64, 0u64);
        let mut members = Vec::new();
        for index in 0..zip.len() {
            let file = zip.by_index_raw(index).map_err(|e| explain(&e))?;
            packed = packed.saturating_add(file.compressed_size());
            unpacked = unpacked.saturating_add(file.size());
            let member = Member {
                name: String::from_utf8_lossy(file.name_raw()).into_owned(),
                bytes: file.size(),
                index,
            };
            let beside = member.name.split('/').any(|part| BESIDE.contains(&part));
            if file.is_file() && !beside {
                members.push(member);
            }
        }
        // Files may overlap, or lie about how long they are.
        limits::check_ratio(packed.min(bytes), unpacked)?;
        members.retain(|member| is_image(&mut zip, member));
        members.sort_by(|a, b| a.name.cmp(&b.name));
        if members.is_empty() {
            return Err(Error::NoPixelData(
                "The ZIP archive holds no image. Add one that holds DICOM, PNG or JPEG slices."
                    .into(),
            ));
        }
        Ok(Self {
            zip,
            members: members.into(),
        })
    }

    /// The images, in the order of their names.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Unpacks one of [`Archive::members`].
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::CorruptImage`], [`Error::UnsupportedFormat`] for what is packed
    /// in a way that is not read or behind a password, and [`Error::Internal`] when there is no such
    /// member.
    pub fn read(&mut self, member: usize) -> Result<Vec<u8>, Error> {
        let missing = || Error::Internal(format!("member {member} of an archive was asked for"));
        let Member { bytes, index, .. } = *self.members.get(member).ok_or_else(missing)?;
        limits::check_length(bytes)?;
        let file = self.zip.by_index(index).map_err(|e| explain(&e))?;
        // No more than the archive says, whatever is packed in it.
        let mut out = Vec::new();
        let read = file.take(bytes + 1).read_to_end(&mut out);
        read.map_err(|e| explain(&ZipError::Io(e)))?;
        if out.len() as u64 != bytes {
            return Err(damaged("a file in it is not as long as it says"));
        }
        Ok(out)
    }

    /// What one of [`Archive::members`] holds.
    ///
    /// # Errors
    /// Those of [`Archive::read`] and [`Content::open`], and [`Error::UnsupportedFormat`] for an
    /// archive in the archive.
    pub fn content(&mut self, member: usize) -> Result<Content, Error> {
        let bytes = self.read(member)?;
        Ok(Content(vec![Part::open(bytes.into())?]))
    }
}

/// Whether a member is worth being shown: an image, or something that has to be explained.
fn is_image<R: Read + Seek>(zip: &mut ZipArchive<R>, member: &Member) -> bool {
    let mut head = Vec::new();
    let read = zip.by_index(member.index).map(|file| {
        // A damaged one is found out when it is read.
        let _ = file.take(HEAD).read_to_end(&mut head);
    });
    read.is_err() || is_archive(&head) || dicom::is_dicom(&head) || raster::is_image(&head)
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
        other => damaged(&other.to_string()),
    }
}

fn damaged(cause: &str) -> Error {
    Error::CorruptImage(format!(
        "This ZIP archive is damaged or cut short ({cause}). Export or copy it again."
    ))
}
