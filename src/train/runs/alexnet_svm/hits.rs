//! Whether the map of a held-out slice points at the blood: its highest place against the boxes.

use rayon::prelude::*;

use super::Session;
use crate::engine::Engine;
use crate::explain::Field;
use crate::model::StoredModel;
use crate::train::Result;
use crate::train::predictions::Protocol;
use crate::train::predictions::places::{self, TopPlace};
use crate::train::protocol::Split;
use crate::train::runs::table_name;

/// How far beside a box the centre of a place may lie, as a fraction of the slice: boxes are rough, and
/// two places are about 0.06 apart.
const BESIDE: f64 = 0.05;

impl Session<'_> {
    /// Looks where the map of each boxed slice of the split's test set is highest. Neighbouring
    /// places see nearly the same, so it is the mean of three by three places that is compared.
    pub(super) fn hits(&self, model: &StoredModel, split: &Split) -> Result<Vec<TopPlace>> {
        let examples = &self.dataset.examples;
        let boxed = split
            .test
            .par_iter()
            .filter(|i| !examples[i.slice].boxes.is_empty());
        let hits = boxed.map_init(
            || Engine::new(model),
            |engine, image| {
                let engine = engine.as_mut().map_err(|e| e.clone())?;
                engine.features(&self.inputs[image.slice])?;
                let map = engine.attribution(&model.haemorrhage).contributions;
                Ok(self.hit(image.slice, split.fold, &map))
            },
        );
        hits.collect()
    }

    fn hit(&self, slice: usize, fold: Option<usize>, map: &[f32]) -> TopPlace {
        let example = &self.dataset.examples[slice];
        let input = &self.framings[slice];
        let side = map.len().isqrt();
        let field = Field::new(&self.network, input.crop);
        let inside: Vec<bool> = (0..map.len())
            .map(|place| {
                let (x, y) = field.centre(place % side, place / side);
                let at = [x / input.image[0] as f64, y / input.image[1] as f64];
                let mut boxes = example.boxes.iter();
                boxes.any(|bleed| bleed.widened(BESIDE).holds(at))
            })
            .collect();
        let highest = highest(&smoothed(map, side));
        TopPlace {
            source: example.source.clone(),
            file: example.file.clone(),
            patient: example.patient.clone(),
            fold,
            hit: u8::from(inside[highest]),
            chance: inside.iter().filter(|i| **i).count() as f64 / inside.len() as f64,
        }
    }

    /// Writes the table of a protocol.
    pub(super) fn write_hits(&self, protocol: Protocol, mut hits: Vec<TopPlace>) -> Result<()> {
        if hits.is_empty() {
            return Ok(());
        }
        hits.sort_by(|a, b| (&a.source, &a.file).cmp(&(&b.source, &b.file)));
        let folder = self.places.report.join("predictions");
        places::write(
            &folder.join(places::file(table_name(self.run, protocol))),
            &hits,
        )
    }
}

/// Sums of three by three places; beyond the border is nothing.
fn smoothed(map: &[f32], side: usize) -> Vec<f32> {
    let sum = |place: usize| {
        let near = |i: usize| i.saturating_sub(1)..(i + 2).min(side);
        let rows = near(place / side);
        let places = rows.flat_map(|y| near(place % side).map(move |x| y * side + x));
        places.map(|place| map[place]).sum()
    };
    (0..map.len()).map(sum).collect()
}

fn highest(map: &[f32]) -> usize {
    let better = |best: usize, place: usize| if map[place] > map[best] { place } else { best };
    (0..map.len()).fold(0, better)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_of_a_map_is_that_of_its_neighbourhoods() {
        // One lonely peak, and a plateau that is higher as a whole.
        let mut map = vec![0.0; 25];
        map[4] = 3.0;
        for place in [15, 16, 20, 21] {
            map[place] = 1.0;
        }
        assert_eq!(highest(&map), 4);
        assert_eq!(highest(&smoothed(&map, 5)), 15);
        assert_eq!(smoothed(&[1.0, 2.0, 3.0, 4.0], 2), [10.0; 4]);
    }
}
