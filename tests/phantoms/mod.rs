//! A small data set of phantoms, and convolutions that know nothing.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use haemolens::architecture::{IMAGENET_LRN, Network};
use haemolens::phantom::{self, Kind, SIDE};
use haemolens::train::augment::Copies;
use image::GrayImage;

const DRAWN: Copies = Copies::Drawn { count: 3, seed: 9 };

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
            let altered = DRAWN.alteration(patient * 3 + slice, 2).apply(&grey, SIDE);
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

/// Convolutions drawn at random, of the paper's shapes.
pub fn write_convolutions(path: &Path) {
    let mut tensors = HashMap::new();
    let mut channels = 3;
    for conv in &Network::alexnet_svm(1, IMAGENET_LRN).convs {
        let depth = channels / conv.groups;
        let shape = (conv.filters, depth, conv.kernel, conv.kernel);
        let deviation = (2.0 / (depth * conv.kernel * conv.kernel) as f64).sqrt();
        let weight = Tensor::randn(0f32, deviation as f32, shape, &Device::Cpu).unwrap();
        let bias = Tensor::zeros(conv.filters, weight.dtype(), &Device::Cpu).unwrap();
        tensors.insert(format!("{}.weight", conv.name), weight);
        tensors.insert(format!("{}.bias", conv.name), bias);
        channels = conv.filters;
    }
    candle_core::safetensors::save(&tensors, path).unwrap();
}
