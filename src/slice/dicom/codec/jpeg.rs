//! JPEG and JPEG-LS frames → stored values. What a frame says of itself is held against the header
//! before a decoder sees it: the decoders allocate by what they read.

use jpeg_decoder::{ColorTransform, Decoder};

use super::jpeg_header::{JpegHeader, Process};
use super::{Colours, Decoded, Fault, same_form, words};
use crate::slice::dicom::attributes::Layout;

/// Baseline, extended (8 bits), progressive and lossless JPEG.
///
/// # Errors
/// [`Fault`].
pub fn decode(bytes: &[u8], layout: &Layout) -> Result<Decoded, Fault> {
    let header = checked(bytes, layout)?;
    match (header.process, header.bits) {
        (Process::Transform, 8) => {}
        (Process::Transform, bits) => return Err(unread_bits(bits)),
        (Process::Lossless, 2..=16) => {}
        (Process::Lossless, bits) => return Err(unread_bits(bits)),
        (Process::NearLossless, _) => return Err("it is JPEG-LS, not JPEG".into()),
        (Process::Other, _) => {
            return Err(Fault::Unread("arithmetic or hierarchical coding".into()));
        }
    }
    // The decoder takes for granted that lossless samples are of one size.
    let sampling = |component: &[u8; 3]| [component[1], component[2]];
    let even = header.components.iter().map(sampling);
    let even = even.clone().all(|s| Some(s) == even.clone().next());
    if header.process == Process::Lossless && !even {
        return Err(Fault::Unread("lossless colours of several sizes".into()));
    }
    let mut decoder = Decoder::new(bytes);
    if layout.samples == 3 {
        // As they are: what they mean is told by their markers and by the header.
        decoder.set_color_transform(ColorTransform::RGB);
    }
    let decoded = decoder.decode().map_err(|e| match e {
        jpeg_decoder::Error::Unsupported(what) => Fault::Unread(format!("{what:?}")),
        other => Fault::Damaged(other.to_string()),
    })?;
    let values = match header.bits {
        8 => words(&decoded, 1),
        // The decoder's words are of this machine's order.
        _ => {
            let words = decoded.as_chunks::<2>().0.iter();
            words.map(|&word| u16::from_ne_bytes(word)).collect()
        }
    };
    Ok(Decoded {
        values,
        colours: colours(&header),
    })
}

/// JPEG-LS in grey, lossless or near.
///
/// # Errors
/// [`Fault`].
pub fn decode_ls(bytes: &[u8], layout: &Layout) -> Result<Decoded, Fault> {
    let header = checked(bytes, layout)?;
    if header.process != Process::NearLossless {
        return Err("it is JPEG, not JPEG-LS".into());
    }
    if layout.samples != 1 {
        return Err(Fault::Unread("JPEG-LS in colour".into()));
    }
    let (columns, rows) = (layout.columns as u32, layout.rows as u32);
    let decoded = jpegls::decode(bytes, columns, rows);
    let (mut values, _, _) = decoded.map_err(|e| match e {
        jpegls::CodecError::Unsupported(what) => Fault::Unread(what),
        other => Fault::Damaged(other.to_string()),
    })?;
    // What was lost may have taken them out of the bits that are looked at.
    if header.near > 0 && !layout.signed && layout.high_bit + 1 == layout.bits_stored {
        let most = ((1 << layout.bits_stored) - 1) as u16;
        values
            .iter_mut()
            .for_each(|value| *value = most.min(*value));
    }
    Ok(values.into())
}

fn checked(bytes: &[u8], layout: &Layout) -> Result<JpegHeader, Fault> {
    let header = JpegHeader::read(bytes)?;
    let size = (header.columns, header.rows);
    same_form(size, header.components.len(), header.bits, layout)?;
    Ok(header)
}

fn unread_bits(bits: u32) -> Fault {
    Fault::Unread(format!("values of {bits} bits"))
}

/// What the markers say of three samples, as libjpeg reads them.
fn colours(header: &JpegHeader) -> Option<Colours> {
    let names: Vec<u8> = header.components.iter().map(|c| c[0]).collect();
    match (header.process, header.adobe, &names[..]) {
        // There the markers of pictures are not used.
        (Process::Lossless, ..) => None,
        _ if header.jfif => Some(Colours::LumaFirst),
        (_, Some(0), _) | (_, _, b"RGB") => Some(Colours::Rgb),
        (_, Some(_), _) => Some(Colours::LumaFirst),
        _ => None,
    }
}
