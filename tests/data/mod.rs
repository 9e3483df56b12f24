//! Where real images are, if they are there at all.

use std::path::{Path, PathBuf};

/// A folder of the data set, in `HAEMOLENS_DATA` or beside the checkout; says so when it is absent.
pub fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("HAEMOLENS_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let folder = root.join(name);
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}
