//! The order of the steps and their buffers.

use super::head::Head;
use super::kernels::{self, Kernels};
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
    pub(super) head: Head,
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
        Ok(Self {
            kernels: kernels::fastest(),
            trunk: Trunk::new(&model.facts.architecture, &model.convs)?,
            head: Head::new(model),
        })
    }

    /// What the planes read of one input of `side * side` grey levels, real values: the last hidden
    /// layer's units after ReLU, or their means over places (see
    /// [`Readout`](crate::architecture::Readout)).
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
        let map = self.trunk.run(grey)?;
        Ok(self.head.run(self.kernels, map))
    }
}
