//! What each fuzz target does with its bytes. `tests/fuzz_corpus.rs` does the same with the committed
//! corpora, without a fuzzer. Whatever the bytes, nothing may panic, and what comes out must be whole.
#![allow(dead_code, reason = "each program uses one of these")]

use haemolens::engine::Engine;
use haemolens::model::StoredModel;
use haemolens::preprocess::Preprocessing;
use haemolens::slice::limits::{MAX_PIXELS, MAX_SIDE, MIN_SIDE};
use haemolens::slice::{Content, Slice, raster};

/// What is done with the bytes of an input.
pub type Target = fn(&[u8]);

/// All targets by the name of their corpus.
pub const ALL: [(&str, Target); 6] = [
    ("raster", raster),
    ("dicom", dicom),
    ("rle", rle),
    ("archive", archive),
    ("model", model),
    ("preprocess", preprocess),
];

/// A picture.
pub fn raster(data: &[u8]) {
    if let Ok(slice) = raster::decode(data) {
        check(&slice);
    }
}

/// A DICOM file.
pub fn dicom(data: &[u8]) {
    // Without a preamble, which would only be 128 bytes more to change in vain.
    let Ok(content) = Content::open([b"DICM", data].concat()) else {
        return;
    };
    every_slice(&content);
}

/// A frame packed by runs: rows, columns and bytes a pixel, then the fragment.
pub fn rle(data: &[u8]) {
    let Some((&[rows, columns, bytes, samples], fragment)) = data.split_first_chunk() else {
        return;
    };
    let (bytes, samples) = (1 + usize::from(bytes % 2), [1, 3][usize::from(samples % 2)]);
    let pixels = usize::from(rows) * usize::from(columns);
    let decoded = haemolens::slice::dicom::rle::decode(fragment, pixels, (samples, bytes));
    if let Ok(decoded) = decoded {
        assert_eq!(decoded.len(), pixels * samples * bytes);
    }
}

/// An archive of images.
pub fn archive(data: &[u8]) {
    if let Ok(content) = Content::open([b"PK\x03\x04", data].concat()) {
        every_slice(&content);
    }
}

/// A model file, but for its digest: no chance would find one that fits.
pub fn model(data: &[u8]) {
    /// What is larger runs too long.
    const LARGEST_SIDE: usize = 64;
    let Ok(model) = StoredModel::from_program(data) else {
        return;
    };
    let side = model.facts.preprocessing.side;
    if side > LARGEST_SIDE {
        return;
    }
    let mut engine = Engine::new(&model).expect("a model that was accepted runs");
    let units = engine.features(&vec![127; side * side]);
    let units = units.expect("a model that was accepted answers");
    let margin = model.haemorrhage.margin(units);
    assert!(margin.is_finite(), "the margin is {margin}");
}

/// A slice: its width, then its grey levels, row by row.
pub fn preprocess(data: &[u8]) {
    let Some((&[low, high], grey)) = data.split_first_chunk() else {
        return;
    };
    let width = usize::from(u16::from_le_bytes([low, high])).max(1);
    let height = grey.len() / width;
    let Ok(slice) = Slice::new(width, height, grey[..width * height].to_vec()) else {
        return;
    };
    for settings in [Preprocessing::ALEXNET, Preprocessing::CNN] {
        let (input, crop) = settings.apply(&slice);
        assert_eq!(input.len(), settings.side * settings.side);
        assert!(crop.side > 0);
    }
}

fn every_slice(content: &Content) {
    /// Frames of a file are alike.
    const MOST: usize = 8;
    for index in 0..content.slices().min(MOST) {
        let slice = content.slice(index);
        if let Ok(slice) = &slice {
            check(slice);
        }
        if let (Ok(slice), Ok(Some(units))) = (slice, content.hounsfield(index)) {
            assert_eq!((units.width, units.height), (slice.width(), slice.height()));
            assert_eq!(units.values.len(), slice.grey().len());
        }
        let _ = (content.unlike(index), content.place(index));
    }
}

fn check(slice: &Slice) {
    let (width, height) = (slice.width(), slice.height());
    assert_eq!(slice.grey().len(), width * height);
    assert!((MIN_SIDE..=MAX_SIDE).contains(&width) && (MIN_SIDE..=MAX_SIDE).contains(&height));
    assert!(width * height <= MAX_PIXELS);
}
