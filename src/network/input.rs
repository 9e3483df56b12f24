//! From grey levels to the real values that a network reads.

use candle_core::{Device, Result, Tensor};

/// How a network was taught to read grey levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalisation {
    /// Grey copied to three channels, each normalised as ImageNet's red, green and blue were.
    ImageNet,
    /// One channel, `grey / 255`.
    Unit,
}

impl Normalisation {
    /// Mean and standard deviation of `grey / 255`, one pair a channel.
    pub fn channels(self) -> &'static [(f32, f32)] {
        match self {
            Self::ImageNet => &[(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)],
            Self::Unit => &[(0.0, 1.0)],
        }
    }

    /// The one with that many channels; `None` where there is none.
    pub fn of_channels(count: usize) -> Option<Self> {
        [Self::ImageNet, Self::Unit]
            .into_iter()
            .find(|n| n.channels().len() == count)
    }

    /// Grey levels (`images × side × side`, row-major) → `images × channels × side × side`.
    pub fn input(self, grey: &[u8], side: usize, device: &Device) -> Result<Tensor> {
        let images = grey.len() / (side * side);
        let grey: Vec<f32> = grey.iter().map(|&g| f32::from(g) / 255.0).collect();
        let grey = Tensor::from_vec(grey, (images, 1, side, side), device)?;
        let channels: Vec<Tensor> = self
            .channels()
            .iter()
            .map(|(mean, std)| grey.affine(f64::from(1.0 / std), f64::from(-mean / std)))
            .collect::<Result<_>>()?;
        Tensor::cat(&channels, 1)
    }

    /// Surrounds an input with `width` pixels of black on each side, as what it reads as black.
    pub fn pad_with_black(self, x: &Tensor, width: usize) -> Result<Tensor> {
        let channels = self.channels();
        let black: Vec<f32> = channels.iter().map(|(mean, std)| -mean / std).collect();
        let black = Tensor::from_vec(black, (1, channels.len(), 1, 1), x.device())?;
        x.broadcast_sub(&black)?
            .pad_with_zeros(2, width, width)?
            .pad_with_zeros(3, width, width)?
            .broadcast_add(&black)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_what_black_pixels_are() {
        let bright = [255u8, 9, 80, 120];
        let mut padded = [0u8; 16];
        padded[5..7].copy_from_slice(&bright[..2]);
        padded[9..11].copy_from_slice(&bright[2..]);
        for normalisation in [Normalisation::ImageNet, Normalisation::Unit] {
            let device = &Device::Cpu;
            let found = normalisation.input(&bright, 2, device).unwrap();
            let found = normalisation.pad_with_black(&found, 1).unwrap();
            let expected = normalisation.input(&padded, 4, device).unwrap();
            assert_eq!(found.dims(), expected.dims());
            let off = (found - expected).unwrap().abs().unwrap();
            assert!(off.max_all().unwrap().to_scalar::<f32>().unwrap() < 1e-6);
        }
    }
}
