//! Minimal filtering of rows (Winograd 1980; Lavin and Gray 2016) in exact integers.
//!
//! Four outputs of a filter of three taps are the product of two polynomials, and six products find
//! it: its values at 0, 1, −1, 2, −2 and ∞. Of two taps, five products do (without −2). Lagrange's
//! fractions are left to the end: what comes out is [`Part::multiple`] times the convolution, modulo
//! 2³², and that is divided exactly.

use std::num::Wrapping;

/// Outputs of a tile, each way.
pub const OUTPUTS: usize = 4;
/// Most points of a part.
pub const POINTS: usize = 6;

/// Two or three neighbouring taps of a row or a column of a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The first tap's place in the kernel.
    pub offset: usize,
    /// Two or three.
    pub taps: usize,
}

impl Part {
    /// A kernel's row in parts.
    pub fn of(kernel: usize) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut offset = 0;
        while offset < kernel {
            let rest = kernel - offset;
            // Four are two and two: nothing saves a single tap.
            let taps = if rest == 4 { 2 } else { rest.min(3) };
            parts.push(Self { offset, taps });
            offset += taps;
        }
        parts
    }

    /// How many points there are, which is how many inputs four outputs read.
    pub fn points(self) -> usize {
        self.taps + OUTPUTS - 1
    }

    /// What the outputs are multiples of: the least common multiple of Lagrange's denominators.
    pub fn multiple(self) -> i32 {
        if self.taps == 3 { 24 } else { 6 }
    }

    /// Taps at the points, of many filters at once (the third is not read where there are two); up to
    /// seven times as large. The last point stays zero where there are five.
    #[inline(always)]
    pub fn weights<const N: usize>(self, [a, b, c]: [&[i16; N]; 3]) -> [[i16; N]; POINTS] {
        let mut points = [[0; N]; POINTS];
        let [first, second, third, fourth, fifth, last] = &mut points;
        for n in 0..N {
            let (a, b, c) = (a[n], b[n], c[n]);
            first[n] = a;
            if self.taps == 3 {
                second[n] = a + b + c;
                third[n] = a - b + c;
                fourth[n] = a + 2 * b + 4 * c;
                fifth[n] = a - 2 * b + 4 * c;
                last[n] = c;
            } else {
                second[n] = a + b;
                third[n] = a - b;
                fourth[n] = a + 2 * b;
                fifth[n] = b;
            }
        }
        points
    }

    /// Runs of inputs at point `point`; up to ten times as large.
    pub fn inputs<'a>(self, point: usize, input: impl Fn(usize) -> &'a [i16], out: &mut [i16]) {
        let i = |k| input(k);
        match (self.taps, point) {
            (3, 0) => zip(out, [i(0), i(2), i(4)], |[a, b, c]| 4 * a - 5 * b + c),
            (3, 1) => zip(out, [i(1), i(2), i(3), i(4)], |[a, b, c, d]| {
                c + d - 4 * (a + b)
            }),
            (3, 2) => zip(out, [i(1), i(2), i(3), i(4)], |[a, b, c, d]| {
                d - c + 4 * (a - b)
            }),
            (3, 3) => zip(out, [i(1), i(2), i(3), i(4)], |[a, b, c, d]| {
                d - b + 2 * (c - a)
            }),
            (3, 4) => zip(out, [i(1), i(2), i(3), i(4)], |[a, b, c, d]| {
                d - b + 2 * (a - c)
            }),
            (3, _) => zip(out, [i(1), i(3), i(5)], |[a, b, c]| 4 * a - 5 * b + c),
            (_, 0) => zip(out, [i(0), i(1), i(2), i(3)], |[a, b, c, d]| {
                d - b + 2 * (a - c)
            }),
            (_, 1) => zip(out, [i(1), i(2), i(3)], |[a, b, c]| c - b - 2 * a),
            (_, 2) => zip(out, [i(1), i(2), i(3)], |[a, b, c]| c + 2 * a - 3 * b),
            (_, 3) => zip(out, [i(1), i(3)], |[a, b]| b - a),
            (_, _) => zip(out, [i(1), i(2), i(3), i(4)], |[a, b, c, d]| {
                d - b + 2 * (a - c)
            }),
        }
    }

    /// Four outputs, times [`Part::multiple`], of the products at the points (the last is not read
    /// where there are five).
    #[inline(always)]
    pub fn outputs<const N: usize>(
        self,
        m: [&[i32; N]; POINTS],
        [first, second, third, fourth]: [&mut [i32; N]; OUTPUTS],
    ) {
        let products = |n: usize| m.map(|m| Wrapping(m[n]));
        if self.taps == 3 {
            for n in 0..N {
                let [a, b, c, d, e, f] = products(n);
                let (even, odd) = (Wrapping(-4) * (b + c), Wrapping(-4) * (b - c));
                let (sum, difference) = (d + e, d - e);
                first[n] = (Wrapping(6) * a + even + sum).0;
                second[n] = (odd + Wrapping(2) * difference).0;
                third[n] = (even + Wrapping(4) * sum).0;
                fourth[n] = (odd + Wrapping(8) * difference + Wrapping(24) * f).0;
            }
        } else {
            for n in 0..N {
                let [a, b, c, d, e, _] = products(n);
                let (even, odd) = (Wrapping(-3) * b - c, Wrapping(-3) * b + c);
                first[n] = (Wrapping(3) * a + even + d).0;
                second[n] = (odd + Wrapping(2) * d).0;
                third[n] = (even + Wrapping(4) * d).0;
                fourth[n] = (odd + Wrapping(8) * d + Wrapping(6) * e).0;
            }
        }
    }
}

/// `out[i] = of([inputs[0][i], inputs[1][i], …])`: nothing passes `i16` (see [`Part::inputs`]).
#[inline(always)]
fn zip<const N: usize>(out: &mut [i16], inputs: [&[i16]; N], of: impl Fn([i16; N]) -> i16) {
    let inputs = inputs.map(|input| &input[..out.len()]);
    for (i, out) in out.iter_mut().enumerate() {
        *out = of(inputs.map(|input| input[i]));
    }
}

/// Exact division of multiples of a product of two [`Part::multiple`]s, modulo 2³²: a factor for
/// what is odd in it, a shift for what is even.
#[derive(Debug, Clone, Copy)]
pub struct Division {
    inverse: i32,
    shift: u32,
}

impl Division {
    /// By the multiples of a part down and a part across.
    pub fn by(down: Part, across: Part) -> Self {
        let divisor = down.multiple() * across.multiple();
        let shift = divisor.trailing_zeros();
        let odd = divisor >> shift;
        // Newton's iteration: each step doubles the bits that are right, three at the start.
        let mut inverse = odd;
        for _ in 0..4 {
            inverse = inverse.wrapping_mul(2i32.wrapping_sub(odd.wrapping_mul(inverse)));
        }
        Self { inverse, shift }
    }

    /// The quotient of what is a multiple modulo 2³², if it is less than [`Division::limit`].
    #[inline(always)]
    pub fn of(self, multiple: i32) -> i32 {
        multiple.wrapping_mul(self.inverse) >> self.shift
    }

    /// What the quotients' magnitudes must stay below.
    pub fn limit(self) -> u64 {
        1 << (31 - self.shift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn four_outputs_are_the_filters_whatever_the_values() {
        for taps in [2, 3] {
            let part = Part { offset: 0, taps };
            for seed in 0..200i32 {
                let number = |i: i32| (seed * 7919 + i * i * 104_729) % 256;
                let inputs: Vec<[i16; 1]> = (0..part.points() as i32)
                    .map(|i| [[255, 0, number(i)][(seed + i * i) as usize % 3] as i16])
                    .collect();
                let mut g = [[0i16]; 3];
                for (i, [g]) in g[..taps].iter_mut().enumerate() {
                    *g = [-128, 127, number(i as i32 + 9) as i16 - 128][(seed as usize + i) % 3];
                }
                let weights = part.weights(g.each_ref());
                let mut products = [[0i32; 1]; POINTS];
                for point in 0..part.points() {
                    let mut x = [0i16];
                    part.inputs(point, |i| &inputs[i], &mut x);
                    products[point] = [i32::from(weights[point][0]) * i32::from(x[0])];
                }
                let mut outputs = [[0]; OUTPUTS];
                part.outputs(products.each_ref(), outputs.each_mut());
                for (k, [found]) in outputs.into_iter().enumerate() {
                    let expected: i32 = (0..taps)
                        .map(|t| i32::from(g[t][0]) * i32::from(inputs[k + t][0]))
                        .sum();
                    assert_eq!(found, part.multiple() * expected);
                }
            }
        }
    }

    #[test]
    fn multiples_are_divided_exactly_up_to_the_limit() {
        for (down, across) in [(2, 2), (2, 3), (3, 3)] {
            let part = |taps| Part { offset: 0, taps };
            let division = Division::by(part(down), part(across));
            let multiple = part(down).multiple() * part(across).multiple();
            let limit = division.limit() as i32;
            for quotient in [0, 1, -1, 12_345_678, limit - 1, 1 - limit] {
                assert_eq!(division.of(quotient.wrapping_mul(multiple)), quotient);
            }
        }
    }

    #[test]
    fn kernels_are_cut_into_twos_and_threes() {
        let taps = |k| Part::of(k).iter().map(|p| p.taps).collect::<Vec<_>>();
        assert_eq!(taps(3), [3]);
        assert_eq!(taps(4), [2, 2]);
        assert_eq!(taps(5), [3, 2]);
        assert_eq!(taps(7), [3, 2, 2]);
        assert_eq!(taps(11), [3, 3, 3, 2]);
    }
}
