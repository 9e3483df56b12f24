//! Products by the matrix unit of Intel's server processors (Advanced Matrix Extensions; Intel
//! Architecture Instruction Set Extensions Programming Reference, chapter 3).
//!
//! Eight tiles of 16 rows of 64 bytes: four hold sums of 32×32 outputs, two hold 32 rows of `A`,
//! two 32 columns of `B`. The compiler's own functions for these instructions are not stable yet,
//! so they stand here in assembly.

use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::sync::OnceLock;

use super::{COLUMNS, DEPTH, Packed, ROWS, Views};

/// `CPUID.7.0:EDX`: tiles, and their products of bfloat16.
const AMX_TILE: u32 = 1 << 24;
const AMX_BF16: u32 = 1 << 22;
/// `arch_prctl`: ask the kernel for an extended state; which one: the tiles' data.
const ARCH_REQ_XCOMP_PERM: libc::c_long = 0x1023;
const XFEATURE_XTILEDATA: libc::c_long = 18;

/// Whether the processor has the unit and the kernel lets this process use it.
pub fn available() -> bool {
    static AVAILABLE: OnceLock<bool> = OnceLock::new();
    *AVAILABLE.get_or_init(|| {
        let features = __cpuid_count(7, 0).edx;
        let has = features & AMX_TILE != 0 && features & AMX_BF16 != 0;
        // SAFETY: the call changes nothing but what this process may use, and takes numbers alone.
        has && 0
            == unsafe {
                libc::syscall(
                    libc::SYS_arch_prctl,
                    ARCH_REQ_XCOMP_PERM,
                    XFEATURE_XTILEDATA,
                )
            }
    })
}

/// Shapes of the tiles, as `ldtilecfg` reads them.
#[repr(C, align(64))]
struct TileShapes {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    bytes_of_a_row: [u16; 16],
    rows: [u8; 16],
}

/// All eight tiles whole.
static SHAPES: TileShapes = {
    let (mut bytes_of_a_row, mut rows) = ([0; 16], [0; 16]);
    let mut tile = 0;
    while tile < 8 {
        bytes_of_a_row[tile] = 64;
        rows[tile] = 16;
        tile += 1;
    }
    TileShapes {
        palette: 1,
        start_row: 0,
        reserved: [0; 14],
        bytes_of_a_row,
        rows,
    }
};

/// See [`super::Products::multiply`]; sizes were checked there.
pub fn multiply(a: Views, b: &Packed, accumulate: bool, c: &mut [f32]) {
    assert!(available());
    let starts: Vec<usize> = a
        .starts
        .iter()
        .map(|start| start * size_of::<u16>())
        .collect();
    let columns = b.columns();
    // SAFETY: the unit is there and may be used; the shapes are sound.
    unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const SHAPES, options(nostack, readonly)) };
    for block in 0..columns / COLUMNS {
        let values = b.block_values(block);
        for row in (0..a.rows).step_by(ROWS) {
            // SAFETY: `Products::multiply` has checked that every view has `rows` rows of `depth`
            // numbers and that `c` has as many rows of `columns`; a block of `B` holds
            // `taps · depth · 32` numbers, and the loop reads just those.
            unsafe {
                multiply_block(
                    a.values.as_ptr().add(row * a.stride),
                    a.stride * size_of::<u16>(),
                    (&starts, b.depth() / DEPTH),
                    values.as_ptr(),
                    c.as_mut_ptr().add(row * columns + block * COLUMNS),
                    columns * size_of::<f32>(),
                    accumulate,
                );
            }
        }
    }
    // SAFETY: gives the tiles back; nothing of them is needed any more.
    unsafe { asm!("tilerelease", options(nomem, nostack)) };
}

/// 32 rows by 32 columns of the product. Strides are in bytes.
///
/// # Safety
/// Tiles are configured by [`SHAPES`], and all that is read and written lies in its buffers.
#[inline]
unsafe fn multiply_block(
    a: *const u16,
    a_stride: usize,
    (starts, steps): (&[usize], usize),
    b: *const u16,
    c: *mut f32,
    c_stride: usize,
    accumulate: bool,
) {
    // SAFETY: by the caller's word.
    unsafe {
        asm!(
            // The 16 rows of `C` below the upper ones; the register is `A`'s later.
            "mov {lower_a}, {c_stride}",
            "shl {lower_a}, 4",
            "add {lower_a}, {c}",
            "test {step}, {step}",
            "jz 2f",
            "tileloadd tmm0, [{c} + {c_stride}*1]",
            "tileloadd tmm1, [{c} + {c_stride}*1 + 64]",
            "tileloadd tmm2, [{lower_a} + {c_stride}*1]",
            "tileloadd tmm3, [{lower_a} + {c_stride}*1 + 64]",
            "jmp 3f",
            "2:",
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "3:",
            // A tap: where its view begins, 16 rows and the 16 below them.
            "mov {upper_a}, [{starts}]",
            "add {upper_a}, {a}",
            "mov {lower_a}, {a_stride}",
            "shl {lower_a}, 4",
            "add {lower_a}, {upper_a}",
            "mov {step}, {steps}",
            "4:",
            "tileloadd tmm4, [{upper_a} + {a_stride}*1]",
            "tileloadd tmm6, [{b} + {b_stride}*1]",
            "tileloadd tmm7, [{b} + {b_stride}*1 + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tileloadd tmm5, [{lower_a} + {a_stride}*1]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "add {upper_a}, 64",
            "add {lower_a}, 64",
            "add {b}, 2048",
            "dec {step}",
            "jnz 4b",
            "add {starts}, 8",
            "dec {taps}",
            "jnz 3b",
            "mov {lower_a}, {c_stride}",
            "shl {lower_a}, 4",
            "add {lower_a}, {c}",
            "tilestored [{c} + {c_stride}*1], tmm0",
            "tilestored [{c} + {c_stride}*1 + 64], tmm1",
            "tilestored [{lower_a} + {c_stride}*1], tmm2",
            "tilestored [{lower_a} + {c_stride}*1 + 64], tmm3",
            a = in(reg) a,
            a_stride = in(reg) a_stride,
            b = inout(reg) b => _,
            b_stride = in(reg) 64usize,
            c = in(reg) c,
            c_stride = in(reg) c_stride,
            starts = inout(reg) starts.as_ptr() => _,
            taps = inout(reg) starts.len() => _,
            steps = in(reg) steps,
            upper_a = out(reg) _,
            lower_a = out(reg) _,
            step = inout(reg) usize::from(accumulate) => _,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}
