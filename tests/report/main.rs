//! The report, and `haemolens evaluate`, which reads the same tables.
#![cfg(feature = "train")]

mod committed;
mod computed;
#[path = "../data/mod.rs"]
mod data;
mod evaluate;
mod fixture;
