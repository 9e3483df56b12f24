//! Files in and out.

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

/// Every file named, and every file in the folders named but their index, in name order.
pub fn expand(paths: &[PathBuf]) -> Vec<PathBuf> {
    let files_of = |path: &PathBuf| -> Vec<PathBuf> {
        if !path.is_dir() {
            return vec![path.clone()];
        }
        WalkDir::new(path)
            .sort_by_file_name()
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file() && entry.file_name() != INDEX)
            .map(walkdir::DirEntry::into_path)
            .collect()
    };
    paths.iter().flat_map(files_of).collect()
}

/// The bytes of a file, refused by its size before it is read.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |e: std::io::Error| {
        Error::CorruptImage(format!(
            "The file cannot be read: {e}. Check its path and rights."
        ))
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    limits::check_length(size)?;
    std::fs::read(path).map_err(unreadable)
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
