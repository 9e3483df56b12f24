//! Max pooling of a quantised map.

use super::map::Map;
use crate::architecture::Pool;

/// Pools `input` into `output` (whose side fixes how many windows there are).
#[inline(never)]
pub fn max_pool(pool: Pool, input: &Map, output: &mut Map) {
    for y in 0..output.side {
        for x in 0..output.side {
            let out = output.pixel_mut(y, x);
            out.copy_from_slice(input.pixel(y * pool.stride, x * pool.stride));
            for (dy, dx) in (0..pool.size).flat_map(|dy| (0..pool.size).map(move |dx| (dy, dx))) {
                let window = input.pixel(y * pool.stride + dy, x * pool.stride + dx);
                for (out, &v) in out.iter_mut().zip(window) {
                    *out = (*out).max(v);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn pooling_takes_each_windows_maximum_and_leaves_the_border_zero() {
        let mut input = Map::new(7, 2, 0);
        for y in 0..7 {
            for x in 0..7 {
                let pixel = input.pixel_mut(y, x);
                pixel[0] = (y * 7 + x) as i16;
                pixel[1] = 48 - (y * 7 + x) as i16;
            }
        }
        let mut output = Map::new(3, 2, 1);
        max_pool(Pool { size: 3, stride: 2 }, &input, &mut output);
        for y in 0..3 {
            for x in 0..3 {
                let corner = (y * 2 * 7 + x * 2) as i16;
                assert_eq!(output.pixel(y, x), [corner + 16, 48 - corner]);
            }
        }
        assert!(output.row_from(0, 0).iter().all(|&v| v == 0));
    }
}
