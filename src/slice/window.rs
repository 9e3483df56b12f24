//! Window level and width: which values become which grey levels.

/// A linear window (DICOM PS3.3, C.11.2.1.2.1).
///
/// ```
/// use haemolens::slice::Window;
///
/// // Level 40, width 80: from water to beyond fresh blood.
/// assert_eq!(Window::BRAIN.grey(0.0), 0);
/// assert_eq!(Window::BRAIN.grey(80.0), 255);
/// // A bone window makes the skull grey, not white.
/// let bone = Window { level: 480.0, width: 2500.0 };
/// assert!(bone.grey(900.0) < 255);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// The value that becomes middle grey.
    pub level: f64,
    /// The span of values from black to white; at least 1.
    pub width: f64,
}

impl Window {
    /// The brain window, in Hounsfield units: what the classifiers were trained on.
    pub const BRAIN: Self = Self {
        level: 40.0,
        width: 80.0,
    };

    /// From the least to the largest of the values that are there.
    ///
    /// ```
    /// use haemolens::slice::Window;
    ///
    /// let window = Window::of_range(100.0, 355.0);
    /// assert_eq!([100.0, 200.0, 355.0].map(|value| window.grey(value)), [0, 100, 255]);
    /// ```
    pub fn of_range(least: f64, largest: f64) -> Self {
        let width = (largest - least + 1.0).max(1.0);
        Self {
            level: least + width / 2.0,
            width,
        }
    }

    /// Grey level 0–255 of a value.
    ///
    /// ```
    /// use haemolens::slice::Window;
    ///
    /// // White matter, grey matter and blood are told apart.
    /// let [white, grey, blood] = [29.5, 34.0, 64.0].map(|value| Window::BRAIN.grey(value));
    /// assert!(white + 10 < grey && grey + 80 < blood);
    /// ```
    pub fn grey(self, value: f64) -> u8 {
        let span = (self.width - 1.0).max(f64::MIN_POSITIVE);
        let share = (value - (self.level - 0.5)) / span + 0.5;
        (share.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brain_window_ends_where_the_standard_says() {
        let window = Window::BRAIN;
        // C.11.2.1.2.1: black up to level − 0.5 − (width − 1) / 2, white above level − 0.5 + the same.
        assert_eq!([-1000.0, -1.0, 0.0].map(|v| window.grey(v)), [0, 0, 0]);
        assert_eq!([79.0, 80.0, 3000.0].map(|v| window.grey(v)), [255; 3]);
        assert_eq!([39.0, 40.0].map(|v| window.grey(v)), [126, 129]);
        assert_eq!(window.grey(f64::NAN), 0);
    }

    #[test]
    fn a_range_goes_from_black_to_white() {
        let window = Window::of_range(-5.0, 250.0);
        assert_eq!([-5.0, 250.0].map(|v| window.grey(v)), [0, 255]);
        let flat = Window::of_range(7.0, 7.0);
        assert_eq!([6.0, 8.0].map(|v| flat.grey(v)), [0, 255]);
    }
}
