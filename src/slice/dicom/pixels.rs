//! Stored values → a slice.

use image::imageops::{FilterType, resize};
use image::{ImageBuffer, Luma, Primitive};

use super::attributes::{Attributes, Meaning};
use super::codec::{Colours, Decoded};
use crate::Error;
use crate::slice::limits::check_size;
use crate::slice::raster::luma8;
use crate::slice::window::Window;
use crate::slice::{Hounsfield, Slice};

/// Pixels that are this much longer one way than the other are as good as square.
const SQUARE: f64 = 0.01;

/// The slice that a frame's values show.
///
/// # Errors
/// [`Error::CorruptImage`] and [`Error::TooLarge`] where it has too few or too many pixels.
pub fn slice(decoded: &Decoded, attributes: &Attributes, frame: usize) -> Result<Slice, Error> {
    let values = &decoded.values;
    let (layout, scale) = (&attributes.layout, attributes.scale(frame));
    let outside = |number: i32| {
        let padding = attributes.padding;
        padding.is_some_and(|(first, last)| (first..=last).contains(&number))
    };
    let numbers = values.iter().map(|&value| layout.number(value));
    let value = |number: i32| f64::from(number) * scale.slope + scale.intercept;
    let grey: Vec<u8> = match attributes.meaning {
        Meaning::Hounsfield => numbers
            .map(|n| {
                if outside(n) {
                    0
                } else {
                    Window::BRAIN.grey(value(n))
                }
            })
            .collect(),
        Meaning::Brightness { window, inverted } => {
            let window =
                window.unwrap_or_else(|| range(numbers.clone().filter(|&n| !outside(n)), value));
            let shown = |grey: u8| if inverted { 255 - grey } else { grey };
            numbers
                .map(|n| {
                    if outside(n) {
                        0
                    } else {
                        shown(window.grey(value(n)))
                    }
                })
                .collect()
        }
        Meaning::Colour(said) => {
            let pixels = values.as_chunks::<3>().0.iter();
            let byte = |value: u16| value as u8;
            pixels
                .map(|&[a, b, c]| match decoded.colours.unwrap_or(said) {
                    Colours::LumaFirst => byte(a),
                    Colours::Rgb => luma8(byte(a), byte(b), byte(c)),
                })
                .collect()
        }
    };
    let (width, height, grey) = square(grey, (layout.columns, layout.rows), scale.aspect)?;
    Slice::new(width, height, grey)
}

/// The Hounsfield units of a frame's pixels, for those who choose a window of their own: pixel for
/// pixel where [`slice`] has its grey levels. `None` where the values are brightness or colour.
///
/// # Errors
/// As [`slice`].
pub fn hounsfield(
    decoded: &Decoded,
    attributes: &Attributes,
    frame: usize,
) -> Result<Option<Hounsfield>, Error> {
    if attributes.meaning != Meaning::Hounsfield {
        return Ok(None);
    }
    let (layout, scale) = (&attributes.layout, attributes.scale(frame));
    let units = decoded.values.iter().map(|&value| {
        let number = layout.number(value);
        match attributes.padding {
            Some((first, last)) if (first..=last).contains(&number) => Hounsfield::OUTSIDE,
            // A cast keeps within the type.
            _ => (f64::from(number) * scale.slope + scale.intercept).round() as i16,
        }
    });
    let size = (layout.columns, layout.rows);
    let (width, height, values) = square(units.collect(), size, scale.aspect)?;
    Ok(Some(Hounsfield {
        width,
        height,
        values,
    }))
}

/// The window from the least to the largest value.
fn range(numbers: impl Iterator<Item = i32>, value: impl Fn(i32) -> f64) -> Window {
    let (mut least, mut largest) = (i32::MAX, i32::MIN);
    for number in numbers {
        (least, largest) = (least.min(number), largest.max(number));
    }
    if least > largest {
        return Window::of_range(0.0, 255.0);
    }
    let (a, b) = (value(least), value(largest));
    Window::of_range(a.min(b), a.max(b))
}

/// Pixels that are as high as they are wide: stretched the way in which they are longer. Width,
/// height and values.
fn square<T: Primitive + 'static>(
    values: Vec<T>,
    (width, height): (usize, usize),
    aspect: f64,
) -> Result<(usize, usize, Vec<T>), Error> {
    if (aspect - 1.0).abs() < SQUARE {
        return Ok((width, height, values));
    }
    let stretched = |side: usize, times: f64| (side as f64 * times).round().min(1e9) as usize;
    let (wide, high) = match aspect > 1.0 {
        true => (width, stretched(height, aspect)),
        false => (stretched(width, 1.0 / aspect), height),
    };
    check_size(wide, high)?;
    let image = ImageBuffer::<Luma<T>, _>::from_raw(width as u32, height as u32, values);
    let image = image.ok_or_else(|| Error::Internal("values do not fill the slice".into()))?;
    let image = resize(&image, wide as u32, high as u32, FilterType::Triangle);
    Ok((wide, high, image.into_raw()))
}
