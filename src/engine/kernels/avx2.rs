//! The portable loop, compiled for x86 processors with AVX2 (2013 on), chosen at run time.
#![allow(unsafe_code)]

use super::{FourDots, ROWS, scalar};

/// The form, where this processor has AVX2.
pub fn if_supported() -> Option<FourDots> {
    std::arch::is_x86_feature_detected!("avx2").then_some(four_dots as FourDots)
}

fn four_dots(rows: [&[i16]; ROWS], x: &[i16]) -> [i32; ROWS] {
    // SAFETY: private, and given out by `if_supported` alone, after it has seen AVX2.
    unsafe { compiled_for_avx2(rows, x) }
}

#[target_feature(enable = "avx2")]
fn compiled_for_avx2(rows: [&[i16]; ROWS], x: &[i16]) -> [i32; ROWS] {
    scalar::four_dots(rows, x)
}
