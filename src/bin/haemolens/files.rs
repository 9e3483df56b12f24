//! Files in and out.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use haemolens::Error;
use haemolens::phantom::{self, Kind};
use haemolens::preprocess::Preprocessing;
use haemolens::slice::Slice;
use haemolens::slice::limits;
use walkdir::WalkDir;

/// The index of a folder of DICOM files, which holds no image.
const INDEX: &str = "DICOMDIR";

/// A file, or what could not be looked into and why.
pub type Found = Result<PathBuf, (PathBuf, Error)>;

/// Every file named, and every file in the folders named but their index, in name order. A folder is
/// read when it is its turn.
pub fn walk(paths: Vec<PathBuf>) -> impl Iterator<Item = Found> + Send {
    paths.into_iter().flat_map(walk_one)
}

fn walk_one(path: PathBuf) -> Box<dyn Iterator<Item = Found> + Send> {
    if !path.is_dir() {
        return Box::new(std::iter::once(Ok(path)));
    }
    let entries = WalkDir::new(&path).sort_by_file_name().into_iter();
    Box::new(entries.filter_map(move |entry| match entry {
        Ok(entry) if !entry.file_type().is_file() || entry.file_name() == INDEX => None,
        Ok(entry) => Some(Ok(entry.into_path())),
        Err(e) => {
            let at = e.path().unwrap_or(&path).to_owned();
            Some(Err((at, unreadable("folder", &e))))
        }
    }))
}

/// As [`walk`], all at once, without what could not be looked into.
pub fn expand(paths: &[PathBuf]) -> Vec<PathBuf> {
    walk(paths.to_vec()).flatten().collect()
}

/// The bytes of a file, refused by its size before it is read.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |e: std::io::Error| unreadable("file", &e);
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    limits::check_length(size)?;
    // A file that grows meanwhile, or a pipe, is not read without end.
    let mut bytes = Vec::with_capacity(size as usize + 1);
    let mut most = file.take(limits::MAX_BYTES as u64 + 1);
    most.read_to_end(&mut bytes).map_err(unreadable)?;
    limits::check_length(bytes.len() as u64)?;
    Ok(bytes)
}

/// The error of what cannot be read from the disk.
pub fn unreadable(what: &str, cause: &dyn std::fmt::Display) -> Error {
    Error::CorruptImage(format!(
        "The {what} cannot be read: {cause}. Check its path and rights."
    ))
}

/// Writes each phantom as a BMP file.
pub fn write_phantoms(folder: &Path) -> Result<ExitCode, String> {
    let failed = |e: std::io::Error| format!("cannot write to {}: {e}", folder.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    for kind in Kind::ALL {
        let bmp = phantom::draw(kind).to_bmp().map_err(|e| e.to_string())?;
        std::fs::write(folder.join(format!("{}.bmp", kind.name())), bmp).map_err(failed)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints `hash  path` for each image.
pub fn print_hashes(paths: &[PathBuf]) -> Result<ExitCode, String> {
    for path in expand(paths) {
        let slice = read(&path)
            .and_then(|bytes| Slice::from_bytes(&bytes))
            .map_err(|e| format!("{}: {e}", path.display()))?;
        println!(
            "{}  {}",
            Preprocessing::ALEXNET.hash(&slice),
            path.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}
