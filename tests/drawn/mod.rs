//! Small files that we draw ourselves, whole or broken on purpose.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{Cursor, Write};

use haemolens::phantom::{self, Kind, SIDE};
use image::imageops::{FilterType, resize};
use image::{GrayImage, ImageFormat};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// A phantom of `side` pixels, `brightness` levels brighter.
pub fn picture(kind: Kind, side: u32, brightness: u8) -> GrayImage {
    let grey = phantom::draw(kind).into_slice().grey().to_vec();
    let whole = GrayImage::from_raw(SIDE as u32, SIDE as u32, grey).unwrap();
    let mut small = resize(&whole, side, side, FilterType::Triangle);
    for pixel in small.pixels_mut() {
        // Air stays black.
        if pixel.0[0] > 0 {
            pixel.0[0] = pixel.0[0].saturating_add(brightness);
        }
    }
    small
}

/// A picture as a PNG file.
pub fn png(picture: &GrayImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

/// A ZIP archive of files, packed or only stored.
pub fn zip(files: &[(&str, &[u8])], packed: bool) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let method = match packed {
        true => CompressionMethod::Deflated,
        false => CompressionMethod::Stored,
    };
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Transfer syntaxes in explicit VR little endian.
pub const NATIVE: &str = "1.2.840.10008.1.2.1";
pub const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
pub const RLE: &str = "1.2.840.10008.1.2.5";

/// An element of a data set in explicit VR little endian.
pub fn element((group, number): (u16, u16), vr: &str, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if vr == "UI" || vr == "OB" { 0 } else { b' ' });
    }
    let mut out = [group.to_le_bytes(), number.to_le_bytes()].concat();
    out.extend(vr.as_bytes());
    if ["OB", "OW", "SQ"].contains(&vr) {
        out.extend([0, 0]);
        out.extend((value.len() as u32).to_le_bytes());
    } else {
        out.extend((value.len() as u16).to_le_bytes());
    }
    out.extend(value);
    out
}

/// What comes before the pixel data, eight bits of grey: rows, columns, and how many frames it
/// promises.
pub fn header(rows: u16, columns: u16, frames: usize) -> Vec<u8> {
    let word = |number, value: u16| element((0x0028, number), "US", &value.to_le_bytes());
    [
        element((0x0008, 0x0016), "UI", b"1.2.840.10008.5.1.4.1.1.7"),
        element((0x0008, 0x0060), "CS", b"CT"),
        word(0x0002, 1),
        element((0x0028, 0x0004), "CS", b"MONOCHROME2"),
        element((0x0028, 0x0008), "IS", frames.to_string().as_bytes()),
        word(0x0010, rows),
        word(0x0011, columns),
        word(0x0100, 8),
        word(0x0101, 8),
        word(0x0102, 7),
        word(0x0103, 0),
    ]
    .concat()
}

/// A DICOM file, without its preamble, of a data set in a transfer syntax.
pub fn dicom(syntax: &str, data_set: &[u8]) -> Vec<u8> {
    let meta = element((0x0002, 0x0010), "UI", syntax.as_bytes());
    let length = element((0x0002, 0x0000), "UL", &(meta.len() as u32).to_le_bytes());
    [b"DICM", &length[..], &meta, data_set].concat()
}

/// A DICOM file of square frames that are not compressed.
pub fn frames(frames: &[GrayImage]) -> Vec<u8> {
    let (width, height) = frames[0].dimensions();
    let pixels: Vec<u8> = frames.iter().flat_map(|f| f.as_raw().clone()).collect();
    let header = header(height as u16, width as u16, frames.len());
    let pixels = element((0x7fe0, 0x0010), "OB", &pixels);
    dicom(NATIVE, &[header, pixels].concat())
}

/// The same as RLE, each frame by itself; one of them may be cut short.
pub fn rle_frames(frames: &[GrayImage], cut: Option<usize>) -> Vec<u8> {
    let (width, height) = frames[0].dimensions();
    let item = |bytes: &[u8]| {
        let length = (bytes.len() as u32).to_le_bytes();
        [&[0xfe, 0xff, 0x00, 0xe0], &length[..], bytes].concat()
    };
    let fragment = |(i, frame): (usize, &GrayImage)| {
        // One segment.
        let mut bytes = vec![0; 64];
        (bytes[0], bytes[4]) = (1, 64);
        for run in frame.as_raw().chunk_by(|a, b| a == b) {
            for run in run.chunks(128) {
                match run.len() {
                    1 => bytes.extend([0, run[0]]),
                    more => bytes.extend([(257 - more) as u8, run[0]]),
                }
            }
        }
        if cut == Some(i) {
            bytes.truncate(bytes.len() / 2);
        }
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        item(&bytes)
    };
    let fragments: Vec<u8> = frames.iter().enumerate().flat_map(fragment).collect();
    let pixels = [
        // Of no said length: an empty table of offsets, the fragments, and an end.
        &[
            0xe0, 0x7f, 0x10, 0x00, b'O', b'B', 0, 0, 0xff, 0xff, 0xff, 0xff,
        ],
        &item(&[])[..],
        &fragments,
        &[0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0],
    ]
    .concat();
    let header = header(height as u16, width as u16, frames.len());
    dicom(RLE, &[header, pixels].concat())
}
