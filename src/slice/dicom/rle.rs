//! RLE Lossless (DICOM PS3.5, annex G): a frame's bytes plane by plane, the most significant first,
//! each packed as PackBits does. The decoders that there are panic on frames that are cut short.
//!
//! ```
//! use haemolens::slice::dicom::rle;
//!
//! // One segment, from byte 64 on: three times 7, then 8 and 9 as they are.
//! let mut frame = vec![0; 64];
//! frame[0] = 1;
//! frame[4] = 64;
//! frame.extend([254, 7, 1, 8, 9]);
//! assert_eq!(rle::decode(&frame, 5, (1, 1)), Ok(vec![7, 7, 7, 8, 9]));
//! ```

/// How many segments a header has room for.
const MOST_SEGMENTS: usize = 15;

/// A frame of `pixels` pixels, `planes` bytes each, little endian and pixel by pixel; planes beyond
/// the bytes of one sample follow sample by sample.
///
/// ```
/// use haemolens::slice::dicom::rle;
///
/// // Two pixels of 16 bits: a segment of high bytes, then one of low bytes.
/// let mut frame = vec![0; 64];
/// (frame[0], frame[4], frame[8]) = (2, 64, 66);
/// frame.extend([255, 1]); // twice 1
/// frame.extend([1, 8, 9]); // 8 and 9
/// assert_eq!(rle::decode(&frame, 2, (1, 2)), Ok(vec![8, 1, 9, 1]));
/// assert!(rle::decode(&frame, 3, (1, 2)).is_err(), "there is no third pixel");
/// ```
///
/// # Errors
/// A few words on what is wrong.
pub fn decode(
    fragment: &[u8],
    pixels: usize,
    (samples, bytes): (usize, usize),
) -> Result<Vec<u8>, String> {
    let word = |at: usize| -> Option<usize> {
        let word = fragment.get(4 * at..4 * at + 4)?;
        Some(u32::from_le_bytes(word.try_into().ok()?) as usize)
    };
    let segments = samples * bytes;
    if word(0) != Some(segments) || segments > MOST_SEGMENTS {
        return Err(format!("its header does not name {segments} segments"));
    }
    let mut out = vec![0; pixels * segments];
    for segment in 0..segments {
        let cut = || format!("segment {segment} is cut short");
        let start = word(segment + 1).ok_or_else(cut)?;
        let end = match segment + 1 < segments {
            true => word(segment + 2).ok_or_else(cut)?,
            false => fragment.len(),
        };
        let packed = fragment.get(start..end).ok_or_else(cut)?;
        let (sample, byte) = (segment / bytes, segment % bytes);
        let first = sample * bytes + bytes - 1 - byte;
        let plane = out.iter_mut().skip(first).step_by(segments);
        unpack(packed, plane).ok_or_else(cut)?;
    }
    Ok(out)
}

/// PackBits; none where the input ends before the output is full.
fn unpack<'a>(mut packed: &[u8], mut out: impl Iterator<Item = &'a mut u8>) -> Option<()> {
    let mut next = out.next();
    while next.is_some() {
        let (&head, rest) = packed.split_first()?;
        packed = rest;
        // So many bytes as they are, one byte so many times, or nothing.
        let (count, repeated) = match head {
            0..=127 => (usize::from(head) + 1, false),
            128 => continue,
            129.. => (257 - usize::from(head), true),
        };
        let values = packed.get(..if repeated { 1 } else { count })?;
        packed = &packed[values.len()..];
        for i in 0..count {
            let Some(place) = next.take() else { break };
            *place = values[if repeated { 0 } else { i }];
            next = out.next();
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fragment of segments.
    fn fragment(segments: &[&[u8]]) -> Vec<u8> {
        let mut out = vec![0; 64];
        out[..4].copy_from_slice(&(segments.len() as u32).to_le_bytes());
        for (i, segment) in segments.iter().enumerate() {
            let start = out.len() as u32;
            out[4 * i + 4..4 * i + 8].copy_from_slice(&start.to_le_bytes());
            out.extend(*segment);
        }
        out
    }

    #[test]
    fn planes_are_unpacked_and_brought_together() {
        // 16 bits: high bytes 1 1 1 2, low bytes 9 8 7 7; a head of 128 says nothing.
        let packed = fragment(&[&[254, 1, 128, 0, 2], &[1, 9, 8, 255, 7, 0]]);
        assert_eq!(
            decode(&packed, 4, (1, 2)).unwrap(),
            [9, 1, 8, 1, 7, 1, 7, 2]
        );
        let colours = fragment(&[&[255, 1], &[255, 2], &[255, 3]]);
        assert_eq!(decode(&colours, 2, (3, 1)).unwrap(), [1, 2, 3, 1, 2, 3]);
    }

    #[test]
    fn frames_that_are_cut_short_are_errors() {
        let packed = fragment(&[&[254, 1, 0, 2], &[3, 9, 8, 7, 7]]);
        assert!(decode(&packed, 4, (1, 2)).is_ok());
        for end in 0..packed.len() {
            assert!(decode(&packed[..end], 4, (1, 2)).is_err(), "{end}");
        }
        assert!(decode(&packed, 5, (1, 2)).is_err());
        assert!(decode(&packed, 4, (3, 1)).is_err());
        assert!(decode(&packed, 4, (16, 1)).is_err());
    }
}
