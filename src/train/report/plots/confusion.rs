//! Confusion matrices.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Area, BLUE, Drawn, FAINT, SCALE, TITLE, WORDS, label, svg, words};
use crate::train::Result;
use crate::train::report::entry::{Entry, Ruling};

/// Matrices in a row of the plot.
const COLUMNS: usize = 3;
/// Side of a cell, pixels.
const CELL: u32 = 110;
/// Room for the words left of and above a matrix, pixels.
const LEFT: u32 = 110;
const ABOVE: u32 = 92;
const BELOW: u32 = 16;
/// Height of the title, pixels.
const HEAD: u32 = 30;

/// One matrix for each network and rule: counts, and in brackets the share of the row, which also
/// gives the shade.
///
/// # Errors
/// [`crate::train::TrainError::Data`] when it cannot be drawn.
pub fn draw(title: &str, entries: &[&Entry]) -> Result<String> {
    let matrices: Vec<(&Entry, &Ruling)> = entries
        .iter()
        .flat_map(|entry| entry.rulings.iter().map(|ruling| (*entry, ruling)))
        .collect();
    let columns = matrices.len().clamp(1, COLUMNS);
    let rows = matrices.len().div_ceil(columns);
    let (width, height) = (LEFT + 2 * CELL + 40, ABOVE + 2 * CELL + BELOW);
    let whole = (width * columns as u32, height * rows as u32 + HEAD);
    svg(title, whole.0, whole.1, |area| {
        let area = area.titled(title, words(TITLE))?;
        let places = area.split_evenly((rows, columns));
        for ((entry, ruling), place) in matrices.iter().zip(&places) {
            matrix(place, entry, ruling)?;
        }
        Ok(())
    })
}

fn matrix(area: &Area, entry: &Entry, ruling: &Ruling) -> Drawn {
    let scaled = |pixels: u32| (pixels * SCALE) as i32;
    let at = |x: u32, y: u32| (scaled(x), scaled(y));
    let style = |size, across| words(size).pos(Pos::new(across, VPos::Center));
    let write = |text: &str, place, style: TextStyle<'_>| {
        area.draw(&Text::new(text.to_owned(), place, style))
    };
    let left = |size| style(size, HPos::Left);
    let centre = || style(WORDS, HPos::Center);
    write(&label(entry.name), at(12, 16), left(TITLE))?;
    write(ruling.words(), at(12, 38), left(WORDS))?;
    let c = ruling.assessment.confusion();
    let table = [
        ("haemorrhage", [c.true_positive, c.false_negative]),
        ("normal", [c.false_positive, c.true_negative]),
    ];
    for (column, (class, _)) in table.iter().enumerate() {
        let x = LEFT + CELL / 2 + column as u32 * CELL;
        write("called", at(x, ABOVE - 30), centre())?;
        write(class, at(x, ABOVE - 12), centre())?;
    }
    for (row, (truth, counts)) in table.into_iter().enumerate() {
        let top = ABOVE + row as u32 * CELL;
        let side = style(WORDS, HPos::Right);
        write(truth, at(LEFT - 8, top + CELL / 2), side)?;
        let total = (counts[0] + counts[1]).max(1) as f64;
        for (column, count) in counts.into_iter().enumerate() {
            let share = count as f64 / total;
            let x = LEFT + column as u32 * CELL;
            let square = [at(x, top), at(x + CELL, top + CELL)];
            area.draw(&Rectangle::new(square, WHITE.filled()))?;
            area.draw(&Rectangle::new(square, BLUE.mix(0.7 * share).filled()))?;
            area.draw(&Rectangle::new(square, FAINT))?;
            let middle = x + CELL / 2;
            write(&count.to_string(), at(middle, top + CELL / 2 - 9), centre())?;
            let percent = format!("({:.1} %)", 100.0 * share);
            write(&percent, at(middle, top + CELL / 2 + 12), centre())?;
        }
    }
    Ok(())
}
