//! Synthetic haemorrhage: plausible bleeds drawn into slices that have none, so that a network sees
//! more kinds, sizes, places and densities of blood than a few dozen patients hold.
//!
//! [`Intracranial`] finds the space inside the skull; [`Bleed::draw`] lays blood into it. Blood
//! replaces what is there by its own density, softly at its edges (partial volume), and keeps the
//! slice's noise. Nothing is drawn into slices whose skull is not closed (base, face).

mod bleed;
mod intracranial;
mod series;

pub use bleed::{Bleed, Drawing};
pub use intracranial::Intracranial;
pub use series::{Series, Slices, Synthetic};
