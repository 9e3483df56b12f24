//! ZIP archives, as PACS export them: the images in them, one by one.
//!
//! ```
//! use std::io::Cursor;
//! use haemolens::slice::archive::Archive;
//!
//! # use std::io::Write;
//! # use haemolens::phantom::{self, Kind};
//! # use zip::write::SimpleFileOptions;
//! # let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
//! # for (name, bytes) in [
//! #     ("head/2.bmp", phantom::draw(Kind::Normal).to_bmp()?),
//! #     ("head/1.bmp", phantom::draw(Kind::Subdural).to_bmp()?),
//! #     ("head/notes.txt", b"no picture, this".to_vec()),
//! # ] {
//! #     writer.start_file(name, SimpleFileOptions::default())?;
//! #     writer.write_all(&bytes)?;
//! # }
//! # let zip = writer.finish()?.into_inner();
//! // `zip` holds head/1.bmp, head/2.bmp and head/notes.txt; it may be a file as well.
//! let mut archive = Archive::open(Cursor::new(zip))?;
//! for member in archive.members().to_vec() {
//!     assert_eq!(archive.content(member.index)?.slices(), 1, "{}", member.name);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
///
/// ```
/// use std::io::Cursor;
/// use haemolens::slice::archive::Archive;
///
/// # use std::io::Write;
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
/// // `zip` holds head/1.bmp, head/2.bmp and head/notes.txt.
/// let archive = Archive::open(Cursor::new(&zip))?;
/// let mut another = archive.clone();
/// assert_eq!(another.members(), archive.members());
/// assert!(another.read(archive.members()[0].index)?.starts_with(b"BM"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Archive<R> {
    zip: ZipArchive<R>,
    members: Arc<[Member]>,
}

/// A file in an archive.
///
/// ```
/// use std::io::Cursor;
/// use haemolens::slice::archive::Archive;
///
/// # use std::io::Write;
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
/// // `zip` holds head/2.bmp, then head/1.bmp.
/// let archive = Archive::open(Cursor::new(zip))?;
/// let first = &archive.members()[0];
/// assert_eq!((&first.name[..], first.index), ("head/1.bmp", 1));
/// assert!(first.bytes > 512 * 512);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use haemolens::slice::archive::is_archive;
///
/// assert!(is_archive(b"PK\x03\x04 and so on"));
/// assert!(!is_archive(b"BM and so on"));
/// ```
pub fn is_archive(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// Whether a path, `/` or `\\` between folders, is of something that lies beside images.
///
/// ```
/// use haemolens::slice::archive::is_beside;
///
/// assert!(is_beside("exam/DICOMDIR") && is_beside("__MACOSX/1.png"));
/// assert!(!is_beside("exam/IM0001"));
/// ```
pub fn is_beside(path: &str) -> bool {
    path.split(['/', '\\']).any(|part| BESIDE.contains(&part))
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the list of files, and the beginning of each: what is no image is left out.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use haemolens::slice::archive::Archive;
    ///
    /// # use std::io::Write;
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
    /// // `zip` holds head/1.bmp, head/2.bmp and head/notes.txt.
    /// let archive = Archive::open(Cursor::new(zip))?;
    /// let names: Vec<&str> = archive.members().iter().map(|member| &member.name[..]).collect();
    /// assert_eq!(names, ["head/1.bmp", "head/2.bmp"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// ```
    /// use std::io::Cursor;
    /// use haemolens::slice::archive::Archive;
    ///
    /// # use std::io::Write;
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
    /// // `zip` holds head/1.bmp, head/2.bmp and head/notes.txt.
    /// let archive = Archive::list(Cursor::new(zip))?;
    /// assert_eq!(archive.members()[2].name, "head/notes.txt");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// ```
    /// use std::io::Cursor;
    /// use haemolens::slice::archive::Archive;
    ///
    /// # use std::io::Write;
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
    /// // `zip` holds head/1.bmp, head/2.bmp and head/notes.txt.
    /// let mut archive = Archive::list(Cursor::new(zip))?;
    /// let before = archive.members().len();
    /// archive.keep_images()?;
    /// assert_eq!((before, archive.members().len()), (3, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// use std::io::Cursor;
    /// use haemolens::slice::archive::Archive;
    ///
    /// # use std::io::Write;
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
    /// // `zip` holds head/2.bmp, then head/1.bmp, of one size.
    /// let archive = Archive::open(Cursor::new(zip))?;
    /// let [first, second] = archive.members() else { panic!("there are two pictures") };
    /// assert_eq!((&first.name[..], &second.name[..]), ("head/1.bmp", "head/2.bmp"));
    /// assert_eq!(first.bytes, second.bytes);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Unpacks the file of this number ([`Member::index`]).
    ///
    /// ```
    /// use std::io::Cursor;
    /// use haemolens::slice::archive::Archive;
    ///
    /// # use std::io::Write;
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
    /// // `zip` holds head/1.bmp, head/2.bmp and head/notes.txt.
    /// let mut archive = Archive::list(Cursor::new(zip))?;
    /// let notes = archive.members()[2].index;
    /// assert_eq!(archive.read(notes)?, b"no picture, this");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// ```
    /// use std::io::Cursor;
    /// use haemolens::slice::archive::Archive;
    ///
    /// # use std::io::Write;
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
    /// // `zip` holds head/1.bmp, head/2.bmp and head/notes.txt.
    /// let mut archive = Archive::open(Cursor::new(zip))?;
    /// let first = archive.members()[0].index;
    /// assert_eq!(archive.content(first)?.slice(0)?.width(), 512);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
