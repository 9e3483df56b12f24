//! A small data set of phantoms, and convolutions that know nothing.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use haemolens::architecture::Conv;
use haemolens::phantom::{self, Kind, SIDE};
use haemolens::train::augment::Alteration;
use image::GrayImage;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Eight patients with three altered phantoms each; every second patient bleeds.
pub fn write_data(folder: &Path) {
    std::fs::create_dir_all(folder.join("images")).unwrap();
    let mut table = String::from("file,patient,hemorrhage\n");
    for patient in 0..8 {
        let kind = match patient % 4 {
            1 => Kind::Intraparenchymal,
            3 => Kind::Subdural,
            _ => Kind::Normal,
        };
        let grey = phantom::draw(kind).into_slice().grey().to_vec();
        for slice in 0..3 {
            let altered = alteration(9, patient * 3 + slice, 2).apply(&grey, SIDE);
            let file = format!("{patient}-{slice}.png");
            GrayImage::from_raw(SIDE as u32, SIDE as u32, altered)
                .unwrap()
                .save(folder.join("images").join(&file))
                .unwrap();
            table += &format!("{file},p{patient},{}\n", u8::from(kind != Kind::Normal));
        }
    }
    std::fs::write(folder.join("labels.csv"), table).unwrap();
}

/// Copy `number` of image `index`: itself, its mirror image, then as other heads and scanners would
/// have it; odd ones are mirrored.
pub fn alteration(seed: u64, index: usize, number: usize) -> Alteration {
    let mirror = number % 2 == 1;
    if number < 2 {
        return Alteration {
            mirror,
            ..Alteration::NONE
        };
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream((index as u64) << 16 | number as u64);
    Alteration {
        mirror,
        degrees: rng.random_range(-20.0..20.0),
        scale: rng.random_range(0.88..1.08),
        shift: [rng.random_range(-0.04..0.04), rng.random_range(-0.04..0.04)],
        contrast: rng.random_range(0.8..1.25),
        brightness: rng.random_range(-14.0..14.0),
    }
}

/// Convolutions drawn at random, the same ones in every run.
pub fn write_convolutions(path: &Path, convs: &[Conv]) {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut tensors = HashMap::new();
    let mut channels = 3;
    for conv in convs {
        let depth = channels / conv.groups;
        let shape = (conv.filters, depth, conv.kernel, conv.kernel);
        // Uniform with the deviation of He's rule.
        let bound = (6.0 / (depth * conv.kernel * conv.kernel) as f32).sqrt();
        let count = conv.filters * depth * conv.kernel * conv.kernel;
        let weight: Vec<f32> = (0..count)
            .map(|_| rng.random_range(-bound..bound))
            .collect();
        let weight = Tensor::from_vec(weight, shape, &Device::Cpu).unwrap();
        let bias = Tensor::zeros(conv.filters, weight.dtype(), &Device::Cpu).unwrap();
        tensors.insert(format!("{}.weight", conv.name), weight);
        tensors.insert(format!("{}.bias", conv.name), bias);
        channels = conv.filters;
    }
    candle_core::safetensors::save(&tensors, path).unwrap();
}
