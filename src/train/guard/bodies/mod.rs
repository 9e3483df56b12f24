//! CT of the body below the head – shoulders, chests, bellies, pelves, limbs – drawn in Hounsfield
//! units and then shown in a window, as a scanner's slices are. In the brain's window fat and lungs
//! are black, muscles grey and bones white: what is left to tell from a head is the form.

mod belly;
mod body;
mod bones;
mod chest;
mod limbs;
mod pelvis;
mod shoulders;
mod show;

use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use belly::belly;
use chest::chest;
use limbs::limbs;
use pelvis::pelvis;
use shoulders::shoulders;
use show::{narrow, wide};

// Hounsfield units.
const AIR: f32 = -1000.0;
const LUNG: f32 = -850.0;
const WATER: f32 = 8.0;

macro_rules! in_windows {
    ($($part:ident => $narrow:ident, $wide:ident;)*) => {$(
        #[doc = concat!("As `", stringify!($part), "`, in the brain's window or one near it.")]
        pub fn $narrow(rng: &mut ChaCha8Rng) -> Canvas {
            let window = narrow(rng);
            $part(rng, window)
        }

        #[doc = concat!("As `", stringify!($part), "`, in a wide window.")]
        pub fn $wide(rng: &mut ChaCha8Rng) -> Canvas {
            let window = wide(rng);
            $part(rng, window)
        }
    )*};
}

in_windows! {
    shoulders => shoulders_narrow, shoulders_wide;
    chest => chest_narrow, chest_wide;
    belly => belly_narrow, belly_wide;
    pelvis => pelvis_narrow, pelvis_wide;
    limbs => limbs_narrow, limbs_wide;
}
