//! The order of the steps and their buffers.

use super::kernels::{self, Kernels};
use super::linear::LinearStep;
use super::trunk::Trunk;
use crate::Error;
use crate::model::StoredModel;

/// A stored model ready to run; allocates nothing after [`Engine::new`].
///
/// ```
/// use haemolens::ALEXNET_SVM;
/// use haemolens::engine::Engine;
/// use haemolens::model::StoredModel;
///
/// let model = StoredModel::from_program(ALEXNET_SVM)?;
/// let mut engine = Engine::new(&model)?;
/// // The same input gives the same units, to the bit.
/// let once = engine.features(&vec![90; 227 * 227])?.to_vec();
/// assert_ne!(engine.features(&vec![200; 227 * 227])?, once);
/// assert_eq!(engine.features(&vec![90; 227 * 227])?, once);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    kernels: Kernels,
    pub(super) trunk: Trunk,
    /// Channels and places of the last map.
    pub(super) last_map: (usize, usize),
    /// The last map, flattened: row, column, channel.
    pub(super) flat: Vec<i16>,
    /// What a margin gains by each of its steps, where it is taken apart.
    pub(super) slopes: Vec<f64>,
    pub(super) linears: Vec<LinearStep>,
}

impl Engine {
    /// Packs the weights and allocates the buffers.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::engine::Engine;
    /// use haemolens::model::StoredModel;
    ///
    /// let mut model = StoredModel::from_program(ALEXNET_SVM)?;
    /// assert!(Engine::new(&model).is_ok());
    /// model.haemorrhage.weights.pop();
    /// assert_eq!(Engine::new(&model).unwrap_err().name(), "CorruptModel");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when the layers do not fit each other.
    pub fn new(model: &StoredModel) -> Result<Self, Error> {
        model.check()?;
        let network = &model.facts.architecture;
        // The check has passed: there is a last map.
        let (mut channels, side) = network.feature_shape().unwrap_or((1, 1));
        let last_map = (channels, side * side);
        let flat = channels * side * side;
        let mut linears = Vec::with_capacity(model.linears.len());
        for stored in &model.linears {
            linears.push(LinearStep::new(stored, channels));
            channels = stored.layer.bias.len();
        }
        Ok(Self {
            kernels: kernels::fastest(),
            trunk: Trunk::new(network, &model.convs)?,
            last_map,
            flat: vec![0; flat],
            slopes: vec![0.0; flat],
            linears,
        })
    }

    /// The last hidden layer's units after ReLU, real values, for one input of `side * side` grey
    /// levels: what the planes read.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::engine::Engine;
    /// use haemolens::model::StoredModel;
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// let mut engine = Engine::new(&model)?;
    /// let units = engine.features(&vec![128; 227 * 227])?;
    /// assert_eq!(units.len(), model.haemorrhage.weights.len());
    /// assert!(units.iter().all(|unit| *unit >= 0.0));
    /// assert!(engine.features(&[128]).is_err());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Internal`] when `grey` is of another length.
    pub fn features(&mut self, grey: &[u8]) -> Result<&[f32], Error> {
        self.trunk.run(grey)?.flatten(&mut self.flat);
        let mut input = self.flat.as_slice();
        let mut units: &[f32] = &[];
        for step in &mut self.linears {
            (units, input) = step.run(self.kernels, input);
        }
        Ok(units)
    }
}
