//! What there is to examine, one by one: files, and the files in archives, which are never unpacked as
//! a whole.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use haemolens::Error;
use haemolens::slice::Content;
use haemolens::slice::archive::{self, Archive};

use crate::files::{self, Found};

/// A file to examine, not yet opened.
pub struct Source {
    /// Its path; in an archive, the archive's and then its own.
    pub name: String,
    origin: Origin,
}

enum Origin {
    File(PathBuf),
    Member(Archive<SharedFile>, usize),
    Failed(Error),
}

impl Source {
    /// Reads it, and what is before its pixels.
    ///
    /// # Errors
    /// Every [`Error`] that bytes can cause.
    pub fn open(self) -> Result<Content, Error> {
        match self.origin {
            Origin::File(path) => Content::open(files::read(&path)?),
            Origin::Member(mut archive, index) => archive.content(index),
            Origin::Failed(e) => Err(e),
        }
    }

    fn failed(path: &Path, error: Error) -> Self {
        Self {
            name: path.display().to_string(),
            origin: Origin::Failed(error),
        }
    }
}

/// Sources, each made when it is asked for.
pub struct Sources<W, O> {
    found: W,
    /// The archive that is open, its path, and which of its members are left.
    archive: Option<(Archive<SharedFile>, String, Range<usize>)>,
    opened: O,
}

impl<W: Iterator<Item = Found>, O: FnMut(usize)> Sources<W, O> {
    /// Of the files that were found. `opened` is told how many members each archive has.
    pub fn new(found: W, opened: O) -> Self {
        Self {
            found,
            archive: None,
            opened,
        }
    }

    fn member(&mut self) -> Option<Source> {
        let (archive, path, left) = self.archive.as_mut()?;
        let member = &archive.members()[left.next()?];
        Some(Source {
            name: format!("{path}/{}", member.name),
            origin: Origin::Member(archive.clone(), member.index),
        })
    }
}

impl<W: Iterator<Item = Found>, O: FnMut(usize)> Iterator for Sources<W, O> {
    type Item = Source;

    fn next(&mut self) -> Option<Source> {
        loop {
            if let Some(member) = self.member() {
                return Some(member);
            }
            self.archive = None;
            let path = match self.found.next()? {
                Ok(path) => path,
                Err((path, error)) => return Some(Source::failed(&path, error)),
            };
            let name = path.display().to_string();
            if !is_archive(&path) {
                return Some(Source {
                    name,
                    origin: Origin::File(path),
                });
            }
            let opened = SharedFile::open(&path).map_err(|e| files::unreadable("file", &e));
            match opened.and_then(Archive::open) {
                Ok(archive) => {
                    let members = archive.members().len();
                    (self.opened)(members);
                    self.archive = Some((archive, name, 0..members));
                }
                Err(e) => return Some(Source::failed(&path, e)),
            }
        }
    }
}

/// Whether a file begins as an archive does. What cannot be read says so when it is its turn; what is
/// no file, such as a pipe, can be read only once.
fn is_archive(path: &Path) -> bool {
    let mut head = [0; 4];
    path.is_file()
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut head).is_ok())
        && archive::is_archive(&head)
}

/// A file that several threads read, each at a place of its own.
#[derive(Debug, Clone)]
struct SharedFile {
    file: Arc<Mutex<File>>,
    at: u64,
    bytes: u64,
}

impl SharedFile {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self {
            bytes: file.metadata()?.len(),
            file: Arc::new(Mutex::new(file)),
            at: 0,
        })
    }
}

impl Read for SharedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for SharedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(further) => self.bytes.checked_add_signed(further),
            SeekFrom::Current(further) => self.at.checked_add_signed(further),
        };
        self.at = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
