//! Pictures as SVG: grey images inside, all computed from phantoms and stored weights, never from a
//! data set's images.

pub mod classified;
pub mod kernels;
pub mod maps;

use std::fmt::Write;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::plots::escape;
use crate::train::{Result, TrainError};

/// A grey picture, row-major.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Grey levels 0–255.
    pub grey: Vec<u8>,
}

/// Height of the title, pixels.
const HEAD: usize = 40;
const MARGIN: usize = 12;

impl Picture {
    /// Square tiles of one size side by side, a white line between two.
    fn mosaic(tiles: &[Vec<u8>], side: usize, columns: usize) -> Self {
        let rows = tiles.len().div_ceil(columns);
        let (width, height) = (columns * (side + 1) - 1, rows * (side + 1) - 1);
        let mut grey = vec![255; width * height];
        for (i, tile) in tiles.iter().enumerate() {
            let (left, top) = (i % columns * (side + 1), i / columns * (side + 1));
            for (y, row) in tile.chunks_exact(side).enumerate() {
                grey[(top + y) * width + left..][..side].copy_from_slice(row);
            }
        }
        Self {
            width,
            height,
            grey,
        }
    }

    /// As an SVG element, each pixel a sharp square of `zoom` pixels.
    fn element(&self, x: usize, y: usize, zoom: usize) -> Result<String> {
        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive)
            .write_image(
                &self.grey,
                self.width as u32,
                self.height as u32,
                ExtendedColorType::L8,
            )
            .map_err(|e| TrainError::Data(format!("a picture cannot be written: {e}")))?;
        Ok(format!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" \
             image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\" \
             href=\"data:image/png;base64,{}\"/>\n",
            self.width * zoom,
            self.height * zoom,
            BASE64_STANDARD.encode(&png)
        ))
    }
}

/// An SVG of a title over `body`, on white.
fn svg(title: &str, width: usize, height: usize, body: &str) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n<title>{}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
        escape(title)
    );
    out += &text(MARGIN, HEAD - 14, 16, title);
    let _ = writeln!(out, "{body}</svg>");
    out
}

/// A line of words whose base line is at `y`.
fn text(x: usize, y: usize, size: usize, words: &str) -> String {
    format!(
        "<text x=\"{x}\" y=\"{y}\" font-family=\"sans-serif\" font-size=\"{size}\" \
         fill=\"#222222\">{}</text>\n",
        escape(words)
    )
}

/// Tiles under a title; `width` is about how wide the sheet shall be, pixels.
fn sheet(title: &str, tiles: &[Vec<u8>], side: usize, width: usize) -> Result<String> {
    let columns = tiles.len().min(16);
    let zoom = (width / (columns * (side + 1))).max(1);
    let mosaic = Picture::mosaic(tiles, side, columns);
    let whole = (
        (mosaic.width * zoom + 2 * MARGIN).max(title.len() * 9 + 2 * MARGIN),
        HEAD + mosaic.height * zoom + MARGIN,
    );
    let body = mosaic.element(MARGIN, HEAD, zoom)?;
    Ok(svg(title, whole.0, whole.1, &body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_stand_side_by_side_with_a_line_between() {
        let tiles = [vec![1; 4], vec![2; 4], vec![3; 4]];
        let mosaic = Picture::mosaic(&tiles, 2, 2);
        assert_eq!((mosaic.width, mosaic.height), (5, 5));
        let rows: Vec<&[u8]> = mosaic.grey.chunks(5).collect();
        assert_eq!(rows[0], [1, 1, 255, 2, 2]);
        assert_eq!(rows[2], [255; 5]);
        assert_eq!(rows[4], [3, 3, 255, 255, 255]);
    }

    #[test]
    fn a_sheet_holds_the_picture_that_was_drawn() {
        let tiles = [vec![0, 80, 160, 240], vec![7; 4]];
        let sheet = sheet("Tiles < & >", &tiles, 2, 100).unwrap();
        let document = roxmltree::Document::parse(&sheet).unwrap();
        let image = document
            .descendants()
            .find(|n| n.has_tag_name("image"))
            .unwrap();
        let encoded = image.attribute("href").unwrap().split_once(',').unwrap().1;
        let png = BASE64_STANDARD.decode(encoded).unwrap();
        let read = image::load_from_memory(&png).unwrap().into_luma8();
        assert_eq!(read.as_raw(), &Picture::mosaic(&tiles, 2, 2).grey);
    }
}
