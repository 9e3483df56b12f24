//! A margin taken apart: what each place of the last map contributes to it.
//!
//! Where the map is flattened, all above it is linear but for ReLU and for the eight bits of activations between two
//! fully connected layers. With the units that are active held fixed, and `q = (u + r) / o` for the
//! activation `q` of a unit `u` with a step of `o` (so that `r` is what rounding and clipping put
//! in), the margin is a sum:
//!
//! `margin = Σ slope · activation + constant + rounding`
//!
//! The sum is over the last map's channels and places, and `slope` is the margin's derivative, taken
//! as if nothing were rounded or clipped. The constant holds the plane's offset and the active
//! units' biases, each times its unit's slope; `rounding` holds the residues `r`, each times its
//! unit's. Residues are not shared out among the places, whose shares would be derivatives no
//! longer. With one fully connected layer there are none.
//!
//! Where the fully connected layer is applied at every place, the units of a place belong to that place,
//! and the features are means of them. Then the margin is a sum over places and units,
//!
//! `margin = Σ unit · (mean weight / places + top weight / top, if the place is among the unit's top) + bias`
//!
//! and a place contributes its own units' part of it: with their biases, without which there would be
//! nothing to see at a place, and as they are after ReLU and in eight bits, so that nothing is left over.
//! The constant is the plane's offset, and there is no rounding. Which of equal places are among the
//! highest is nothing that a margin knows: the first ones are (see `places.rs`).

use super::dense::Dense;
use super::head::Head;
use super::linear::LinearStep;
use super::places::Places;
use super::plan::Engine;
use crate::svm::LinearSvm;

/// A margin as a sum: contributions, constant and rounding.
///
/// ```
/// use haemolens::engine::Attribution;
///
/// let attribution = Attribution {
///     contributions: vec![0.5, -0.25, 0.0, 1.0],
///     constant: -0.5,
///     rounding: 0.0,
/// };
/// let places: f32 = attribution.contributions.iter().sum();
/// let margin = f64::from(places) + attribution.constant + attribution.rounding;
/// assert_eq!(margin, 0.75);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// What each place of the last map contributes, over all channels, in units of margin;
    /// row-major. A place without activation contributes nothing.
    pub contributions: Vec<f32>,
    /// What is there whatever the map shows, as long as the same units are active: the plane's
    /// offset, and the biases of the active units. The offset alone where the fully connected layer is
    /// applied at every place.
    pub constant: f64,
    /// What the eight bits of the activations between two fully connected layers add, by rounding
    /// and by clipping; exactly 0 where there is one such layer.
    pub rounding: f64,
}

impl Engine {
    /// The margin of `plane`, which reads the last hidden layer's units, for the input that
    /// [`Engine::features`] read last. Allocates the contributions alone.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::engine::Engine;
    /// use haemolens::model::StoredModel;
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// let mut engine = Engine::new(&model)?;
    /// let slice = phantom::draw(Kind::Subdural).into_slice();
    /// let (grey, _) = model.facts.preprocessing.apply(&slice);
    /// let margin = model.haemorrhage.margin(engine.features(&grey)?);
    /// let parts = engine.attribution(&model.haemorrhage);
    /// let places = parts.contributions.iter().sum::<f32>();
    /// let sum = f64::from(places) + parts.constant + parts.rounding;
    /// assert!((sum - f64::from(margin)).abs() < 1e-4);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn attribution(&mut self, plane: &LinearSvm) -> Attribution {
        match &mut self.head {
            Head::Dense(dense) => dense.attribution(plane),
            Head::Places(places) => places.attribution(plane),
        }
    }

    /// The contributions of [`Engine::attribution`] by channel and place: channel, row, column, as
    /// [`Trunk::pooled_features`](super::Trunk::pooled_features) has the activations. Where the fully
    /// connected layer is applied at every place, by its units in place of channels.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::engine::Engine;
    /// use haemolens::model::StoredModel;
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// let mut engine = Engine::new(&model)?;
    /// let slice = phantom::draw(Kind::Subdural).into_slice();
    /// engine.features(&model.facts.preprocessing.apply(&slice).0)?;
    /// let places = engine.attribution(&model.haemorrhage).contributions;
    /// let channels = engine.channel_contributions(&model.haemorrhage);
    /// // Summed over the channels they are those of the places.
    /// let first: f32 = channels.iter().step_by(places.len()).sum();
    /// assert!((first - places[0]).abs() < 1e-4);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn channel_contributions(&mut self, plane: &LinearSvm) -> Vec<f32> {
        match &mut self.head {
            Head::Dense(dense) => dense.channel_contributions(plane),
            Head::Places(places) => places.unit_shares(plane),
        }
    }

    /// What each place of the last map contributes to one unit of a fully connected layer, counted
    /// from 0, for the input that [`Engine::features`] read last; row-major, in the unit's own real
    /// values. Nothing contributes to a unit that ReLU holds at zero; with its bias and, above the
    /// first layer, what rounding adds below it, the contributions sum to what the unit is. Where the
    /// layer is applied at every place, to one of the means that a plane reads, which the contributions
    /// sum to by themselves. `None` where there is no such unit.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::engine::Engine;
    /// use haemolens::model::StoredModel;
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// let mut engine = Engine::new(&model)?;
    /// let slice = phantom::draw(Kind::Subdural).into_slice();
    /// let units = engine.features(&model.facts.preprocessing.apply(&slice).0)?.to_vec();
    /// let active = units.iter().position(|unit| *unit > 0.0).expect("a unit is active");
    /// let places = engine.unit_contributions(0, active).expect("there is such a unit");
    /// let mut unit = places.iter().sum::<f32>();
    /// if model.facts.architecture.readout.is_flatten() {
    ///     unit += model.linears[0].layer.bias[active];
    /// }
    /// assert!((unit - units[active]).abs() < 1e-3);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn unit_contributions(&mut self, layer: usize, unit: usize) -> Option<Vec<f32>> {
        match &mut self.head {
            Head::Dense(dense) => dense.unit_contributions(layer, unit),
            Head::Places(places) if layer == 0 => places.feature_contributions(unit),
            Head::Places(_) => None,
        }
    }
}

impl Dense {
    /// See [`Engine::attribution`].
    fn attribution(&mut self, plane: &LinearSvm) -> Attribution {
        let (constant, rounding) = self.find_slopes(plane);
        Attribution {
            contributions: self.contributions(),
            constant,
            rounding,
        }
    }

    /// See [`Engine::channel_contributions`].
    fn channel_contributions(&mut self, plane: &LinearSvm) -> Vec<f32> {
        self.find_slopes(plane);
        let (channels, values) = (self.channels, self.flat.len());
        let contribution = |i: usize| (self.slopes[i] * f64::from(self.flat[i])) as f32;
        let of_channel = |c: usize| (c..values).step_by(channels);
        (0..channels)
            .flat_map(of_channel)
            .map(contribution)
            .collect()
    }

    /// See [`Engine::unit_contributions`].
    fn unit_contributions(&mut self, layer: usize, unit: usize) -> Option<Vec<f32>> {
        let top = self.linears.get_mut(layer)?;
        let active = *top.units.get(unit)? > 0.0;
        top.slopes.fill(0.0);
        top.slopes[unit] = f64::from(u8::from(active));
        for below in (0..layer).rev() {
            let (lower, upper) = self.linears.split_at_mut(below + 1);
            let step = &mut lower[below];
            upper[0].slopes_of_input(&mut step.slopes);
            step.take_rounding();
            step.take_inactive();
        }
        self.linears[0].slopes_of_input(&mut self.slopes);
        Some(self.contributions())
    }

    /// What each place of the last map contributes by the slopes that were found.
    fn contributions(&self) -> Vec<f32> {
        let contribution = |(slopes, activations): (&[f64], &[i16])| {
            let products = slopes.iter().zip(activations);
            products.map(|(s, &a)| s * f64::from(a)).sum::<f64>() as f32
        };
        let slopes = self.slopes.chunks_exact(self.channels);
        let places = slopes.zip(self.flat.chunks_exact(self.channels));
        places.map(contribution).collect()
    }

    /// Fills the slopes of the last map, and gives constant and rounding.
    fn find_slopes(&mut self, plane: &LinearSvm) -> (f64, f64) {
        let (mut constant, mut rounding) = (f64::from(plane.bias), 0.0);
        let mut above: Option<&mut LinearStep> = None;
        for step in self.linears.iter_mut().rev() {
            match above {
                Some(above) => above.slopes_of_input(&mut step.slopes),
                None => {
                    let weights = step.slopes.iter_mut().zip(&plane.weights);
                    weights.for_each(|(slope, &weight)| *slope = weight.into());
                }
            }
            rounding += step.take_rounding();
            constant += step.take_inactive();
            above = Some(step);
        }
        if let Some(first) = above {
            first.slopes_of_input(&mut self.slopes);
        }
        (constant, rounding)
    }
}

impl Places {
    /// See [`Engine::attribution`].
    fn attribution(&mut self, plane: &LinearSvm) -> Attribution {
        Attribution {
            contributions: self.contributions(&plane.weights),
            constant: plane.bias.into(),
            rounding: 0.0,
        }
    }

    /// What each unit of each place contributes: unit, row, column.
    fn unit_shares(&mut self, plane: &LinearSvm) -> Vec<f32> {
        let places = self.units.side * self.units.side;
        let mut shares = vec![0.0; self.units.channels * places];
        self.each_share(&plane.weights, |place, unit, share| {
            shares[unit * places + place] = share as f32;
        });
        shares
    }

    /// What each place contributes to one feature.
    fn feature_contributions(&mut self, feature: usize) -> Option<Vec<f32>> {
        let mut weights = vec![0.0; self.features().len()];
        *weights.get_mut(feature)? = 1.0;
        Some(self.contributions(&weights))
    }

    /// What each place contributes to the features' sum by their weights.
    fn contributions(&mut self, weights: &[f32]) -> Vec<f32> {
        let mut contributions = Vec::with_capacity(self.units.side * self.units.side);
        let mut sum = 0.0;
        let last = self.units.channels - 1;
        self.each_share(weights, |_, unit, share| {
            sum += share;
            if unit == last {
                contributions.push(sum as f32);
                sum = 0.0;
            }
        });
        contributions
    }

    /// Hands over what each unit of each place adds to the features' sum by their weights: place,
    /// unit, share; the units of one place after the other.
    fn each_share(&mut self, weights: &[f32], mut take: impl FnMut(usize, usize, f64)) {
        let (side, units) = (self.units.side, self.units.channels);
        let (of_means, of_tops) = weights.split_at(units);
        self.count_ties();
        let lowest = &self.highest[self.highest.len() - units..];
        for place in 0..side * side {
            let steps = self.units.pixel(place / side, place % side);
            for (unit, &steps) in steps.iter().enumerate() {
                let mut weight = f64::from(of_means[unit]) * f64::from(self.mean_scale[unit]);
                let ties = &mut self.ties[unit];
                let tied = steps == lowest[unit] && *ties > 0;
                *ties -= usize::from(tied);
                if tied || steps > lowest[unit] {
                    weight += f64::from(of_tops[unit]) * f64::from(self.top_scale[unit]);
                }
                take(place, unit, weight * f64::from(steps));
            }
        }
    }
}

impl LinearStep {
    /// The slopes of this layer's activation steps → those of its units as real values; gives what
    /// the difference between activations and units adds to the margin. In the last layer both are
    /// the same.
    fn take_rounding(&mut self) -> f64 {
        let mut rounding = 0.0;
        let units = self.units.iter().zip(&self.activations);
        for ((slope, &steps), (&unit, &activation)) in
            self.slopes.iter_mut().zip(&self.steps).zip(units)
        {
            let (steps, unit) = (f64::from(steps), f64::from(unit));
            rounding += *slope * (f64::from(activation) - unit * steps);
            *slope *= steps;
        }
        rounding
    }

    /// Clears the slopes of the units that ReLU holds at zero; gives what the biases of the others
    /// add to the margin.
    fn take_inactive(&mut self) -> f64 {
        let mut constant = 0.0;
        for ((slope, &unit), &bias) in self.slopes.iter_mut().zip(&self.units).zip(&self.bias) {
            if unit > 0.0 {
                constant += *slope * f64::from(bias);
            } else {
                *slope = 0.0;
            }
        }
        constant
    }
}
