//! What the guard learns from and is measured on: head slices and their altered copies, and other
//! pictures, real and drawn.

use std::path::{Path, PathBuf};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::drawn::Kind;
use super::vary;
use crate::guard::{Likeness, measure};
use crate::slice::Slice;
use crate::train::{Result, TrainError, file_error, progress};

/// A feature vector.
pub type Features = Vec<f32>;

/// The streams of random numbers of each purpose, so that none shares another's.
#[derive(Clone, Copy)]
enum Purpose {
    Head = 1,
    OtherWindow = 2,
    Other = 3,
}

fn stream(seed: u64, purpose: Purpose, index: usize, copy: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream((purpose as u64) << 56 | (index as u64) << 24 | copy as u64);
    rng
}

/// Reads a slice and names the file if that fails.
pub fn read(path: &Path) -> Result<Slice> {
    let bytes = std::fs::read(path).map_err(file_error(path))?;
    Slice::from_bytes(&bytes).map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))
}

/// What a folder is called.
pub fn name(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Share of bright pixels below which a slice shows no more than the head-rest.
const LEAST_SHOWN: f64 = 0.01;
/// Grey level (0–255) from which a pixel is bright.
const BRIGHT: u8 = 60;

/// A head slice, measured.
pub struct Head {
    /// Whether it is learned from. The first slices of a scan often lie above the head and show nothing;
    /// they count in every figure and teach nothing.
    pub taught: bool,
    /// As it is.
    pub unaltered: Features,
    /// Altered copies that are still head CT.
    pub altered: Vec<Features>,
    /// A copy in a window that the classifiers have not learned.
    pub other_window: Features,
}

/// Measures every slice with `copies` altered copies.
///
/// # Errors
/// [`TrainError`] naming the image that cannot be read.
pub fn heads(paths: &[PathBuf], copies: usize, seed: u64) -> Result<Vec<Head>> {
    let bar = progress("measuring head slices", paths.len());
    paths
        .par_iter()
        .enumerate()
        .map(|(i, path)| {
            let slice = read(path)?;
            let bright = slice.grey().iter().filter(|&&v| v >= BRIGHT).count();
            let head = Head {
                taught: bright as f64 >= LEAST_SHOWN * slice.grey().len() as f64,
                unaltered: measure(&slice),
                altered: (0..copies)
                    .map(|c| measure(&vary::head(&mut stream(seed, Purpose::Head, i, c), &slice)))
                    .collect(),
                other_window: measure(&vary::other_window(
                    &mut stream(seed, Purpose::OtherWindow, i, 0),
                    &slice,
                )),
            };
            bar.inc(1);
            Ok(head)
        })
        .collect()
}

/// The files of one kind of pictures that are no head CT: a folder named after the kind.
pub struct Folder {
    /// The folder's name.
    pub kind: String,
    /// Its files in name order.
    pub files: Vec<PathBuf>,
}

impl Folder {
    /// Every folder in `root`, in name order.
    ///
    /// # Errors
    /// [`TrainError`] when `root` cannot be read or holds no folder with files.
    pub fn all(root: &Path) -> Result<Vec<Self>> {
        let sorted = |folder: &Path| -> Result<Vec<PathBuf>> {
            let entries = std::fs::read_dir(folder).map_err(file_error(folder))?;
            let mut paths = entries
                .map(|entry| entry.map(|e| e.path()).map_err(file_error(folder)))
                .collect::<Result<Vec<_>>>()?;
            paths.sort();
            Ok(paths)
        };
        let mut folders = Vec::new();
        for path in sorted(root)?.into_iter().filter(|path| path.is_dir()) {
            let files: Vec<_> = sorted(&path)?
                .into_iter()
                .filter(|file| file.is_file())
                .collect();
            let kind = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            if let (Some(kind), false) = (kind, files.is_empty()) {
                folders.push(Self { kind, files });
            }
        }
        if folders.is_empty() {
            return Err(TrainError::Data(format!(
                "{} holds no folders of images; it needs one for each kind, such as photo/",
                root.display()
            )));
        }
        Ok(folders)
    }

    /// The files that may be learned from: the first, third, fifth … in name order.
    pub fn learned(&self) -> Vec<PathBuf> {
        self.files.iter().step_by(2).cloned().collect()
    }

    /// The others, on which figures are measured.
    pub fn held_back(&self) -> Vec<PathBuf> {
        self.files.iter().skip(1).step_by(2).cloned().collect()
    }

    /// What a visitor is told that the kind looks like.
    pub fn like(&self) -> Likeness {
        match self.kind.as_str() {
            "photo" => Likeness::Photograph,
            "other" => Likeness::Document,
            "brain-mri" => Likeness::MagneticResonance,
            _ => Likeness::OtherScan,
        }
    }

    /// Whether its pictures show heads, and are altered as head CT is.
    fn shows_heads(&self) -> bool {
        self.like() == Likeness::MagneticResonance
    }
}

/// How often the network sees real pictures of heads that are no CT: they are the nearest of all.
const NEAR_WEIGHT: f32 = 6.0;

/// A kind of pictures that are no head CT, measured.
pub struct Others {
    /// Name of the kind.
    pub kind: String,
    /// What a visitor is told that it looks like.
    pub like: Likeness,
    /// How often the network sees it, against other kinds.
    pub weight: f32,
    /// A vector a picture.
    pub features: Vec<Features>,
}

/// Measures the learned part of a folder: each file as it is and altered copies of it, about
/// `wanted` pictures in all.
///
/// # Errors
/// [`TrainError`] naming the image that cannot be read.
pub fn learned_part(folder: &Folder, wanted: usize, seed: u64) -> Result<Others> {
    let files = folder.learned();
    let copies = wanted / files.len();
    let bar = progress(&format!("measuring {}", folder.kind), files.len());
    let measured: Vec<Vec<Features>> = files
        .par_iter()
        .enumerate()
        .map(|(i, path)| {
            let slice = read(path)?;
            let altered = (0..copies).map(|c| {
                let rng = &mut stream(seed, Purpose::Other, i, c);
                measure(&if folder.shows_heads() {
                    vary::head(rng, &slice)
                } else {
                    vary::picture(rng, &slice)
                })
            });
            let all = std::iter::once(measure(&slice)).chain(altered).collect();
            bar.inc(1);
            Ok(all)
        })
        .collect::<Result<_>>()?;
    Ok(Others {
        kind: folder.kind.clone(),
        like: folder.like(),
        weight: if folder.shows_heads() {
            NEAR_WEIGHT
        } else {
            1.0
        },
        features: measured.into_iter().flatten().collect(),
    })
}

/// Draws and measures `count` pictures of a kind, those of the series named by `seed`.
pub fn drawn(kind: Kind, count: usize, seed: u64) -> Others {
    let draw = |i| measure(&kind.draw(seed, i as u64).into_slice());
    Others {
        kind: kind.name.to_owned(),
        like: kind.like,
        weight: kind.weight,
        features: (0..count).into_par_iter().map(draw).collect(),
    }
}
