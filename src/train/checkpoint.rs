//! Training states on disk, so that a run goes on after a kill at any moment.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Result, TrainError, write_atomically};

/// Key of the facts in a checkpoint's header.
const FACTS_KEY: &str = "run";

/// Values by name.
pub type Values = BTreeMap<String, Vec<f32>>;

/// Writes facts and values in one go.
///
/// # Errors
/// [`TrainError`] naming the file.
pub fn save<'a>(
    path: &Path,
    facts: &impl Serialize,
    values: impl IntoIterator<Item = (String, &'a [f32])>,
) -> Result<()> {
    let facts = serde_json::to_string(facts).map_err(|e| broken(path, &e))?;
    let values: Vec<(String, usize, Vec<u8>)> = values
        .into_iter()
        .map(|(name, values)| {
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            (name, values.len(), bytes)
        })
        .collect();
    let views = values
        .iter()
        .map(|(name, length, bytes)| {
            let view = TensorView::new(Dtype::F32, vec![*length], bytes);
            view.map(|view| (name.as_str(), view))
        })
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|e| broken(path, &e))?;
    let header = HashMap::from([(FACTS_KEY.to_owned(), facts)]);
    let bytes = safetensors::serialize(views, Some(header)).map_err(|e| broken(path, &e))?;
    write_atomically(path, &bytes)
}

/// Reads what [`save`] wrote; `None` where nothing was written yet or its facts are of another
/// kind.
///
/// # Errors
/// [`TrainError::Data`] when the file is damaged.
pub fn load<Facts: DeserializeOwned>(path: &Path) -> Result<Option<(Facts, Values)>> {
    let Ok(bytes) = std::fs::read(path) else {
        return Ok(None);
    };
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|e| broken(path, &e))?;
    let facts = metadata.metadata().as_ref().and_then(|m| m.get(FACTS_KEY));
    let Some(facts) = facts.and_then(|f| serde_json::from_str(f).ok()) else {
        return Ok(None);
    };
    let tensors = SafeTensors::deserialize(&bytes).map_err(|e| broken(path, &e))?;
    let values = tensors
        .tensors()
        .into_iter()
        .map(|(name, view)| {
            let floats = view.data().chunks_exact(4);
            let floats = floats.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            (name, floats.collect())
        })
        .collect();
    Ok(Some((facts, values)))
}

/// A value that a checkpoint must hold.
///
/// # Errors
/// [`TrainError::Data`] naming what is missing or of another length.
pub fn take(values: &mut Values, name: &str, length: usize, path: &Path) -> Result<Vec<f32>> {
    let found = values.remove(name).filter(|v| v.len() == length);
    found.ok_or_else(|| broken(path, &format!("{name} is missing or of another length")))
}

/// A checkpoint that cannot be used, and what to do about it.
pub fn broken(path: &Path, cause: &dyn std::fmt::Display) -> TrainError {
    TrainError::Data(format!(
        "{}: the checkpoint cannot be used ({cause}); delete it to start anew",
        path.display()
    ))
}

/// Says when to write: so often that writing takes a twentieth of the time at most.
pub struct Pace {
    written: Instant,
    took: Duration,
}

impl Pace {
    const TIMES_THE_COST: u32 = 20;

    /// The first checkpoint is due at once.
    pub fn start() -> Self {
        Self {
            written: Instant::now(),
            took: Duration::ZERO,
        }
    }

    /// Runs `write` if it is due.
    ///
    /// # Errors
    /// What `write` gives.
    pub fn write_if_due(&mut self, write: impl FnOnce() -> Result<()>) -> Result<()> {
        if self.written.elapsed() < self.took * Self::TIMES_THE_COST {
            return Ok(());
        }
        let before = Instant::now();
        write()?;
        self.took = before.elapsed();
        self.written = Instant::now();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_reads_back_to_the_bit_and_damage_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.safetensors");
        assert!(load::<Vec<u32>>(&path).unwrap().is_none());
        let values = [0.1f32 + 0.2, -0.0, f32::MIN_POSITIVE];
        save(&path, &vec![3u32, 4], [("weight".to_owned(), &values[..])]).unwrap();
        let (facts, mut found) = load::<Vec<u32>>(&path).unwrap().unwrap();
        assert_eq!(facts, [3, 4]);
        let found = take(&mut found, "weight", 3, &path).unwrap();
        assert_eq!(found.map_bits(), values.to_vec().map_bits());
        assert!(load::<String>(&path).unwrap().is_none(), "other facts");
        std::fs::write(&path, b"not a checkpoint").unwrap();
        let message = load::<Vec<u32>>(&path).unwrap_err().to_string();
        assert!(message.contains("delete it to start anew"), "{message}");
    }

    trait Bits {
        fn map_bits(self) -> Vec<u32>;
    }

    impl Bits for Vec<f32> {
        fn map_bits(self) -> Vec<u32> {
            self.into_iter().map(f32::to_bits).collect()
        }
    }
}
