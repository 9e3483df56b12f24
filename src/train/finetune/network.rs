//! Five convolutions, FC6 at every place and a linear decision: a whole pass over some images,
//! forward and backward.

use super::conv::{Backward, Conv, ConvGradient};
use super::head::{Decision, Loss, Losses, Reading, Target};
use super::map::{Grid, Map};
use super::pool::{self, Highest, Sums};
use super::stem::{self, Stem};
use crate::train::bf16::Products;

/// How the maps behind the second pooling lie.
pub const GRID: Grid = Grid { side: 13, pad: 1 };

/// Images that pass together: enough to keep products large, few enough for the cache.
pub const TOGETHER: usize = 4;

/// The network that is trained.
#[derive(Debug, Clone)]
pub struct Network {
    /// conv1, which is not trained.
    pub stem: Stem,
    /// conv2 to conv5 and FC6.
    pub convs: Vec<Conv>,
    /// What decides.
    pub decision: Decision,
}

/// What the losses of some images gain by every parameter.
#[derive(Debug, Clone)]
pub struct Gradient {
    /// Of the convolutions.
    pub convs: Vec<ConvGradient>,
    /// Of the decision's weights.
    pub weight: Vec<f32>,
    /// Of its offset.
    pub bias: f32,
}

impl Gradient {
    /// Zeros.
    pub fn new(network: &Network) -> Self {
        Self {
            convs: network.convs.iter().map(Conv::gradient).collect(),
            weight: vec![0.0; network.decision.weight.len()],
            bias: 0.0,
        }
    }

    /// Sets all to zero.
    pub fn clear(&mut self) {
        for conv in &mut self.convs {
            conv.weight.fill(0.0);
            conv.bias.fill(0.0);
        }
        self.weight.fill(0.0);
        self.bias = 0.0;
    }
}

/// One image, and what is known of it.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// [`stem::SIDE`]² grey levels from 0 to 1.
    pub grey: Vec<f32>,
    /// What the network should say.
    pub target: Target,
    /// Factor of each feature of the decision: zero where it is dropped.
    pub kept: Vec<f32>,
}

/// All buffers of a pass over [`TOGETHER`] images.
#[derive(Debug)]
pub struct Pass {
    products: Products,
    stem: stem::Buffers,
    /// What each convolution reads; the last is what the decision reads.
    maps: Vec<Map>,
    /// Gradients of the sums of each convolution, before its ReLU and pooling.
    slopes: Vec<Map>,
    highest: Highest,
    backward: Vec<Backward>,
    sums: Vec<f32>,
    wide: Vec<f32>,
    readings: Vec<Reading>,
}

impl Pass {
    /// Buffers for a network.
    pub fn new(network: &Network, products: Products) -> Self {
        let channels = network.convs.iter().map(|conv| conv.outputs);
        let mut maps = vec![Map::new(stem::GRID, network.stem.channels(), TOGETHER)];
        maps.extend(channels.clone().map(|c| Map::new(GRID, c, TOGETHER)));
        let grids = [stem::GRID].into_iter().chain(std::iter::repeat(GRID));
        let slopes: Vec<Map> = channels
            .zip(grids)
            .map(|(c, grid)| Map::new(grid, c, TOGETHER))
            .collect();
        let backward = network.convs.iter().zip(&maps);
        let widest = maps.iter().chain(&slopes).map(|map| map.rows().len()).max();
        Self {
            products,
            stem: network.stem.buffers(TOGETHER),
            backward: backward
                .map(|(conv, map)| conv.backward_buffers(map))
                .collect(),
            highest: vec![0; GRID.rows(TOGETHER) * network.convs[0].outputs],
            maps,
            slopes,
            sums: vec![0.0; widest.unwrap_or(0)],
            wide: Vec::new(),
            readings: (0..TOGETHER).map(|_| Reading::default()).collect(),
        }
    }

    /// Margins of at most [`TOGETHER`] images.
    pub fn margins(&mut self, network: &Network, images: &[Vec<f32>]) -> Vec<f32> {
        let count = images.len();
        network
            .stem
            .forward(self.products, images, &mut self.stem, &mut self.maps[0]);
        for (n, conv) in network.convs.iter().enumerate() {
            let (below, above) = self.maps.split_at_mut(n + 1);
            conv.forward(self.products, &below[n], &mut self.sums);
            if n == 0 {
                let sums = Sums {
                    values: &self.sums,
                    line: stem::GRID.stride(),
                    image: stem::GRID.image(),
                };
                pool::forward(sums, &conv.bias, count, &mut above[0], &mut self.highest);
            } else {
                above[0].rectify(&self.sums, &conv.bias, count);
            }
        }
        let (units, readings) = (&self.maps[network.convs.len()], self.readings.iter_mut());
        let images = readings.take(count).enumerate();
        images
            .map(|(i, reading)| network.decision.margin(units, i, reading))
            .collect()
    }

    /// What the decision read of an image of the last pass.
    pub fn features(&self, image: usize) -> &[f32] {
        self.readings[image].features()
    }

    /// What each place contributed to the margin of an image of the last pass.
    pub fn contributions(&mut self, network: &Network, image: usize) -> Vec<f32> {
        network.decision.contributions(&mut self.readings[image])
    }

    /// Adds the gradient of the losses of [`TOGETHER`] images; gives their sums.
    pub fn learn(
        &mut self,
        network: &Network,
        lessons: &[Lesson],
        losses: Losses,
        gradient: &mut Gradient,
    ) -> Loss {
        let images: Vec<Vec<f32>> = lessons.iter().map(|lesson| lesson.grey.clone()).collect();
        self.margins(network, &images);
        let mut sum = Loss::default();
        let units = network.decision.units;
        for (i, (lesson, reading)) in lessons.iter().zip(&mut self.readings).enumerate() {
            let into = (&mut gradient.weight[..], &mut gradient.bias);
            let target = (&lesson.target, losses);
            let loss = network.decision.learn(target, &lesson.kept, reading, into);
            sum.margin += loss.margin;
            sum.place += loss.place;
            let places = (0..GRID.side).flat_map(|y| (0..GRID.side).map(move |x| (y, x)));
            for ((y, x), values) in places.zip(reading.gradient.chunks_exact(units)) {
                self.sums[GRID.row(i, y, x) * units..][..units].copy_from_slice(values);
            }
        }
        for (n, conv) in network.convs.iter().enumerate().rev() {
            let (output, slopes) = (&self.maps[n + 1], &mut self.slopes[n]);
            match n {
                0 => {
                    let wide = (slopes, &mut self.wide);
                    pool::backward(output, &self.sums, &self.highest, lessons.len(), wide);
                }
                _ => pool::through_relu(output, &self.sums, lessons.len(), slopes),
            }
            self.maps[n].turn();
            let maps = (&self.maps[n], &self.slopes[n]);
            let into = &mut gradient.convs[n];
            conv.backward_weights(self.products, maps, &mut self.backward[n], into);
            if n > 0 {
                conv.backward_input(self.products, &self.slopes[n], &mut self.sums);
            }
        }
        sum
    }
}
