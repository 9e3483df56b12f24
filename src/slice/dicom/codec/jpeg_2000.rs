//! JPEG 2000 frames → stored values. The size marker is held against the header before the decoder
//! sees it.

use hayro_jpeg2000::{ComponentData, DecodeSettings, DecoderContext, Image};

use super::{Decoded, Fault, same_form};
use crate::slice::dicom::attributes::Layout;

/// Most tiles: their numbers take 16 bits (ITU-T T.800, A.4.2).
const MOST_TILES: u64 = 1 << 16;

/// JPEG 2000, reversible or not.
///
/// # Errors
/// [`Fault`].
pub fn decode(bytes: &[u8], layout: &Layout) -> Result<Decoded, Fault> {
    let header = Header::read(bytes)?;
    same_form(header.size, header.samples, header.bits, layout)?;
    if header.high_throughput {
        return Err(Fault::Unread("high-throughput blocks (HTJ2K)".into()));
    }
    let image = Image::new(bytes, &DecodeSettings::default()).map_err(|e| e.to_string())?;
    let size = (image.width() as usize, image.height() as usize);
    same_form(size, header.samples, header.bits, layout)?;
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|e| e.to_string())?;
    let planes = decoded.components();
    let fits = |plane: &ComponentData| {
        plane.samples().len() == layout.pixels() && u32::from(plane.bit_depth()) == header.bits
    };
    if planes.len() != layout.samples || !planes.iter().all(fits) {
        return Err("it has a palette, or other samples than the header says".into());
    }
    // The decoder shifts all values as if they were unsigned, and lets them leave their range.
    let shift = match header.signed {
        true => 1 << (header.bits - 1),
        false => 0,
    };
    let (least, most) = range(&header, layout);
    let value = |sample: f32| ((sample + 0.5).floor() as i32 - shift).clamp(least, most) as u16;
    let pixels = 0..layout.pixels();
    let samples = pixels.flat_map(|i| planes.iter().map(move |plane| plane.samples()[i]));
    Ok(samples.map(value).collect::<Vec<u16>>().into())
}

/// The least and the largest value: those of the codestream, or, where it lost something and speaks of more
/// bits than the header, those that the header has room for.
fn range(header: &Header, layout: &Layout) -> (i32, i32) {
    let plain = layout.high_bit + 1 == layout.bits_stored && layout.signed == header.signed;
    let bits = match plain && !header.reversible {
        true => header.bits.min(layout.bits_stored),
        false => header.bits,
    };
    match header.signed {
        true => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
        false => (0, (1 << bits) - 1),
    }
}

/// What a codestream says of itself (ITU-T T.800, annex A).
#[derive(Debug, PartialEq, Eq)]
struct Header {
    /// Columns and rows.
    size: (usize, usize),
    /// Samples of a pixel, alike in bits and sign.
    samples: usize,
    bits: u32,
    signed: bool,
    /// Whether nothing is lost by its wavelets.
    reversible: bool,
    /// Whether any blocks are coded as T.814 says.
    high_throughput: bool,
}

impl Header {
    /// Reads the markers before the first tile.
    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        const CUT: &str = "it ends within its header";
        let rest = codestream(bytes).ok_or("it does not begin as JPEG 2000 does")?;
        let mut rest = rest
            .strip_prefix(&[0xff, 0x4f])
            .ok_or("it has no codestream")?;
        let mut header = None;
        loop {
            let &[0xff, marker, l1, l0] = rest.first_chunk().ok_or(CUT)? else {
                return Err("its markers cannot be read".into());
            };
            let segment = rest.get(2..2 + usize::from(u16::from_be_bytes([l1, l0])));
            let body = segment.and_then(|s| s.get(2..)).ok_or(CUT)?;
            match (marker, &mut header) {
                (0x51, None) => header = Some(Self::of_size(body).ok_or(CUT)??),
                (0x90, Some(_)) => break,
                // The style of the blocks and the wavelets, behind the style of the packets, four bytes,
                // levels and sides.
                (0x52, Some(header)) => header.see_style(body.get(8..10)),
                // The same of one component, whose number takes a byte.
                (0x53, Some(header)) => header.see_style(body.get(5..7)),
                (_, Some(_)) => {}
                (_, None) => return Err("it does not begin with its size".into()),
            }
            rest = &rest[2 + 2 + body.len()..];
        }
        header.ok_or_else(|| CUT.into())
    }

    fn of_size(body: &[u8]) -> Option<Result<Self, Fault>> {
        let (fields, components) = body.split_at_checked(36)?;
        let (fields, count) = fields[2..].split_at(32);
        let fields = fields.as_chunks::<4>().0;
        let [x1, y1, x0, y0, tile_x, tile_y, from_x, from_y] =
            std::array::from_fn(|i| u64::from(u32::from_be_bytes(fields[i])));
        let count = usize::from(u16::from_be_bytes([count[0], count[1]]));
        let components = components.get(..3 * count)?.as_chunks::<3>().0;
        let &[form, ..] = components.first()?;
        let tiles = |end: u64, from: u64, side: u64| end.saturating_sub(from).div_ceil(side.max(1));
        Some(
            if x1 <= x0 || y1 <= y0 || tile_x == 0 || tile_y == 0 || count > 4 {
                Err("its size makes no sense".into())
            } else if tiles(x1, from_x, tile_x) * tiles(y1, from_y, tile_y) > MOST_TILES {
                Err("it has more tiles than can be numbered".into())
            } else if components.iter().any(|c| *c != [form, 1, 1]) {
                Err(Fault::Unread("samples of several kinds or sizes".into()))
            } else {
                Ok(Self {
                    size: ((x1 - x0) as usize, (y1 - y0) as usize),
                    samples: count,
                    bits: u32::from(form & 0x7f) + 1,
                    signed: form & 0x80 != 0,
                    reversible: true,
                    high_throughput: false,
                })
            },
        )
    }

    fn see_style(&mut self, style: Option<&[u8]>) {
        if let Some(&[blocks, wavelets]) = style {
            self.high_throughput |= blocks & 0x40 != 0;
            self.reversible &= wavelets == 1;
        }
    }
}

/// The codestream of a file of boxes (ITU-T T.800, annex I), which DICOM does without and is met all the
/// same; or the bytes themselves.
fn codestream(bytes: &[u8]) -> Option<&[u8]> {
    const HEAD: usize = 8;
    if bytes.starts_with(&[0xff, 0x4f]) {
        return Some(bytes);
    }
    if !bytes.starts_with(b"\0\0\0\x0cjP  ") {
        return None;
    }
    let mut rest = bytes;
    loop {
        let (length, name) = rest.first_chunk::<HEAD>()?.split_at(4);
        let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
        if name == b"jp2c" {
            let head = if length == 1 { 2 * HEAD } else { HEAD };
            return rest.get(head..);
        }
        // A box of more than 4 GB, or one that goes to the end, is not what is looked for.
        rest = rest.get(length.max(HEAD)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 300 × 200 pixels at (44, 56), tiles of 256, one signed component of 12 bits; the style of blocks
    /// last.
    fn plain() -> Vec<u8> {
        let mut bytes = b"\xff\x4f\xff\x51\0\x29\0\0".to_vec();
        for field in [344u32, 256, 44, 56, 256, 256, 0, 0] {
            bytes.extend(field.to_be_bytes());
        }
        bytes.extend(b"\0\x01\x8b\x01\x01");
        bytes.extend(b"\xff\x52\0\x0c\0\0\0\x01\0\x05\x04\x04\x00\x01");
        bytes.extend(b"\xff\x90\0\x0a\0\0\0\0\0\0\0\x01");
        bytes
    }

    fn with(at: usize, values: &[u8]) -> Result<Header, Fault> {
        let mut bytes = plain();
        bytes[at..at + values.len()].copy_from_slice(values);
        Header::read(&bytes)
    }

    #[test]
    fn the_size_marker_is_read_bare_and_in_boxes() {
        let expected = Header {
            size: (300, 200),
            samples: 1,
            bits: 12,
            signed: true,
            reversible: true,
            high_throughput: false,
        };
        assert_eq!(Header::read(&plain()).unwrap(), expected);
        let boxes = b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x0cuuid\xff\x4f\xff\x51\0\0\0\0jp2c";
        let boxed = [boxes, &plain()[..]].concat();
        assert_eq!(Header::read(&boxed).unwrap(), expected);
        let style = plain().len() - 12 - 2;
        let found = with(style, &[0x40, 0]).unwrap();
        assert!(found.high_throughput && !found.reversible);
    }

    #[test]
    fn each_beginning_of_a_header_is_an_error() {
        for end in 0..plain().len() {
            assert!(Header::read(&plain()[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn sizes_that_lie_are_errors() {
        for (at, values, words) in [
            (8, &[0, 0, 0, 44][..], "no sense"),
            (24, &[0; 4], "no sense"),
            (24, &[0, 0, 0, 1, 0, 0, 0, 1], "tiles"),
            (40, &[0, 5], "within its header"),
            (43, &[2], "several kinds"),
        ] {
            let (Fault::Damaged(found) | Fault::Unread(found)) = with(at, values).unwrap_err();
            assert!(found.contains(words), "{at}: {found}");
        }
    }
}
