//! Which slices a step learns from: half with haemorrhage, sources alike.

use rand::{Rng, RngExt};

/// Below so many slices of a class a source counts for less, in proportion.
const ENOUGH: usize = 150;

/// Slices of one source and class, and how often they are drawn.
#[derive(Debug, Clone)]
struct Bin {
    weight: f64,
    slices: Vec<usize>,
}

/// Draws training slices.
#[derive(Debug, Clone)]
pub struct Sampler {
    /// Without and with haemorrhage.
    classes: [Vec<Bin>; 2],
}

impl Sampler {
    /// Of slices with their source, its weight, and whether they show haemorrhage. Within a class
    /// sources are drawn by their weights, slices of a source alike.
    pub fn new(slices: impl IntoIterator<Item = (usize, Origin)>) -> Self {
        let mut classes = [Vec::<(usize, Bin)>::new(), Vec::new()];
        for (slice, origin) in slices {
            let bins = &mut classes[usize::from(origin.haemorrhage)];
            match bins.iter_mut().find(|(source, _)| *source == origin.source) {
                Some((_, bin)) => bin.slices.push(slice),
                None => {
                    let (weight, slices) = (origin.weight, vec![slice]);
                    bins.push((origin.source, Bin { weight, slices }));
                }
            }
        }
        let classes = classes.map(|bins| {
            let bins = bins.into_iter().map(|(_, mut bin)| {
                bin.weight *= (bin.slices.len() as f64 / ENOUGH as f64).min(1.0);
                bin
            });
            bins.collect()
        });
        Self { classes }
    }

    /// Whether there are slices of both classes.
    pub fn has_both(&self) -> bool {
        self.classes.iter().all(|bins| !bins.is_empty())
    }

    /// `count` slices, every second with haemorrhage.
    pub fn draw(&self, count: usize, rng: &mut impl Rng) -> Vec<usize> {
        (0..count)
            .map(|i| draw(&self.classes[i % 2], rng))
            .collect()
    }
}

/// Where a slice comes from.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// Number of its source.
    pub source: usize,
    /// How often slices of that source are drawn, in proportion.
    pub weight: f64,
    /// Whether it shows haemorrhage.
    pub haemorrhage: bool,
}

/// How often each slice is drawn among those of its class.
pub fn shares(origins: &[Origin]) -> Vec<f64> {
    let sampler = Sampler::new(origins.iter().copied().enumerate());
    let mut shares = vec![0.0; origins.len()];
    for bins in &sampler.classes {
        let all: f64 = bins.iter().map(|bin| bin.weight).sum();
        for bin in bins {
            for slice in &bin.slices {
                shares[*slice] = bin.weight / all / bin.slices.len() as f64;
            }
        }
    }
    shares
}

fn draw(bins: &[Bin], rng: &mut impl Rng) -> usize {
    let all: f64 = bins.iter().map(|bin| bin.weight).sum();
    let mut left = rng.random::<f64>() * all;
    let bin = bins.iter().find(|bin| {
        left -= bin.weight;
        left < 0.0
    });
    let slices = &bin.unwrap_or(&bins[bins.len() - 1]).slices;
    slices[rng.random_range(0..slices.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn classes_are_halves_and_sources_go_by_weight_not_by_size() {
        // Source 0: 1000 slices; source 1: 200, twice the weight; source 2: 15, a tenth of enough.
        let source = |i: usize| match i {
            0..1000 => 0,
            1000..1200 => 1,
            _ => 2,
        };
        let slices = (0..1215).flat_map(|i| {
            [false, true].map(|haemorrhage| {
                let weight = if source(i) == 1 { 2.0 } else { 1.0 };
                let origin = Origin {
                    source: source(i),
                    weight,
                    haemorrhage,
                };
                (2 * i + usize::from(haemorrhage), origin)
            })
        });
        let sampler = Sampler::new(slices);
        assert!(sampler.has_both());
        let drawn = sampler.draw(31_000, &mut ChaCha8Rng::seed_from_u64(5));
        let count = |f: &dyn Fn(usize) -> bool| drawn.iter().filter(|i| f(**i)).count();
        assert_eq!(count(&|i| i % 2 == 1), 15_500);
        for (wanted, expected) in [(0, 10_000), (1, 20_000), (2, 1_000)] {
            let found = count(&|i| source(i / 2) == wanted);
            assert!(found.abs_diff(expected) < 400, "{wanted}: {found}");
        }
        assert!(!Sampler::new([]).has_both());
        let origins: Vec<Origin> = [(0, false), (0, true), (1, true), (1, true)]
            .map(|(source, haemorrhage)| Origin {
                source,
                weight: 1.0,
                haemorrhage,
            })
            .into();
        let shares = shares(&origins);
        assert!((shares[0] - 1.0).abs() < 1e-12);
        assert!((shares[1..].iter().sum::<f64>() - 1.0).abs() < 1e-12);
        // Few slices count in proportion: all three alike.
        assert!((shares[1] - 1.0 / 3.0).abs() < 1e-12);
    }
}
