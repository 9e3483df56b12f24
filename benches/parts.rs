//! What the parts of an answer take on this machine: `cargo bench`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use haemolens::ALEXNET_SVM;
use haemolens::engine::Engine;
use haemolens::engine::kernels::{self, Kernels, PANEL, ROWS, UNITS};
use haemolens::guard::Guard;
use haemolens::model::StoredModel;
use haemolens::phantom::{self, Kind};
use haemolens::preprocess::{Preprocessing, head_crop, resize};
use haemolens::slice::Slice;

/// Each form that this processor runs.
fn forms() -> [(&'static str, Kernels); 2] {
    [
        ("portable", kernels::PORTABLE),
        ("fastest", kernels::fastest()),
    ]
}

/// One point of one panel of conv4's tiles: sixteen filters of 384 channels, sixteen tiles.
fn panel(c: &mut Criterion) {
    const DEPTH: usize = 384;
    const TILES: usize = 8 * ROWS;
    let weights: Vec<i16> = (0..PANEL * DEPTH)
        .map(|i| (i % 2_287) as i16 - 1_143)
        .collect();
    let rows: Vec<i16> = (0..TILES * DEPTH)
        .map(|i| (i % 2_041) as i16 - 1_020)
        .collect();
    let mut sums = vec![[0; PANEL]; TILES];
    let mut group = c.benchmark_group("panel, products");
    group.throughput(Throughput::Elements((PANEL * DEPTH * TILES) as u64));
    for (form, kernels) in forms() {
        group.bench_function(form, |b| {
            b.iter(|| (kernels.panel)(black_box(&weights), black_box(&rows), DEPTH, &mut sums));
        });
    }
}

/// Four units of an FC6 that reads all 9216 inputs.
fn units(c: &mut Criterion) {
    const INPUTS: usize = 9_216;
    let weights: Vec<i8> = (0..UNITS * INPUTS).map(|i| (i % 255) as u8 as i8).collect();
    let x: Vec<i16> = (0..INPUTS).map(|i| (i % 256) as i16).collect();
    let rows: [&[i8]; UNITS] = std::array::from_fn(|u| &weights[u * INPUTS..][..INPUTS]);
    let mut group = c.benchmark_group("units, products");
    group.throughput(Throughput::Elements((UNITS * INPUTS) as u64));
    for (form, kernels) in forms() {
        group.bench_function(form, |b| {
            b.iter(|| (kernels.units)(black_box(rows), black_box(&x)));
        });
    }
}

/// A phantom as large as a hospital's exports.
fn slice() -> Slice {
    const SIDE: usize = 650;
    let small = phantom::draw(Kind::Subdural).into_slice();
    let (width, height) = (small.width(), small.height());
    let grey = (0..SIDE * SIDE)
        .map(|i| small.grey()[i / SIDE * height / SIDE * width + i % SIDE * width / SIDE])
        .collect();
    Slice::new(SIDE, SIDE, grey).expect("as many grey levels as pixels")
}

fn preprocessing(c: &mut Criterion) {
    let slice = slice();
    let Preprocessing {
        side,
        head_threshold,
    } = Preprocessing::ALEXNET;
    let crop = head_crop(&slice, head_threshold);
    let mut group = c.benchmark_group("preprocessing of 650×650");
    group.bench_function("head crop", |b| {
        b.iter(|| head_crop(black_box(&slice), head_threshold));
    });
    group.bench_function("resize", |b| {
        b.iter(|| resize(black_box(&slice), crop, side));
    });
}

fn guard(c: &mut Criterion) {
    let guard = Guard::new().expect("the embedded guard is sound");
    let slice = slice();
    c.bench_function("guard, 650×650", |b| {
        b.iter(|| guard.judge(black_box(&slice)));
    });
}

fn network(c: &mut Criterion) {
    let model = StoredModel::from_bytes(ALEXNET_SVM).expect("the embedded model is sound");
    let mut engine = Engine::new(&model).expect("the embedded model is sound");
    let (grey, _) = model.facts.preprocessing.apply(&slice());
    c.bench_function("network, the page's model", |b| {
        b.iter(|| engine.features(black_box(&grey)).map(<[f32]>::len));
    });
    c.bench_function("loading the page's model", |b| {
        b.iter(|| Engine::new(black_box(&model)).map(drop));
    });
}

/// What a margin taken apart adds to the network, by the network's fully connected layers.
fn attribution(c: &mut Criterion) {
    let mut group = c.benchmark_group("attribution");
    for name in ["alexnet-svm", "alexnet", "cnn"] {
        let path = format!("{}/models/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).expect("the model is committed");
        let model = StoredModel::from_bytes(&bytes).expect("the committed model is sound");
        let mut engine = Engine::new(&model).expect("the committed model is sound");
        let (grey, _) = model.facts.preprocessing.apply(&slice());
        engine
            .features(&grey)
            .expect("the input is as large as it must be");
        group.bench_function(name, |b| {
            b.iter(|| engine.attribution(black_box(&model.haemorrhage)));
        });
    }
}

criterion_group!(
    benches,
    panel,
    units,
    preprocessing,
    guard,
    network,
    attribution
);
criterion_main!(benches);
