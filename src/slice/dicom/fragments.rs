//! Pixel data → the bytes of each frame.

use dicom_core::value::{InMemFragment, PixelFragmentSequence};

use super::attributes::Attributes;

/// Frames that are not compressed.
///
/// # Errors
/// A few words on what is wrong.
pub fn of_native(bytes: &[u8], attributes: &Attributes) -> Result<Vec<Vec<u8>>, String> {
    let length = attributes.layout.frame_bytes();
    let frames: Vec<Vec<u8>> = bytes
        .chunks_exact(length)
        .take(attributes.frames)
        .map(<[u8]>::to_vec)
        .collect();
    match frames.len() == attributes.frames {
        true => Ok(frames),
        false => Err(format!(
            "its pixels take {} bytes, and its header promises {} frames of {length}",
            bytes.len(),
            attributes.frames
        )),
    }
}

/// Frames that are compressed: one fragment each, or as many as the basic table of offsets, the extended
/// one or the fragments' own beginnings say.
///
/// # Errors
/// A few words on what is wrong.
pub fn of_sequence(
    sequence: &PixelFragmentSequence<InMemFragment>,
    extended: &[u64],
    frames: usize,
) -> Result<Vec<Vec<u8>>, String> {
    let fragments = sequence.fragments();
    if frames == 1 && !fragments.is_empty() {
        return Ok(vec![fragments.concat()]);
    }
    if fragments.len() == frames {
        return Ok(fragments.to_vec());
    }
    let basic: Vec<u64> = sequence.offset_table().iter().map(|&o| o.into()).collect();
    let table = [&basic, extended].into_iter().find(|t| t.len() == frames);
    let starts = match table {
        Some(table) => starts_by_offsets(fragments, table),
        None => starts_by_content(fragments),
    };
    let starts = starts.filter(|starts| starts.len() == frames && starts[0] == 0);
    let starts = starts.ok_or_else(|| {
        format!(
            "its pixels are in {} pieces, which cannot be told apart as {frames} frames",
            fragments.len()
        )
    })?;
    let ends = starts.iter().skip(1).copied().chain([fragments.len()]);
    Ok(starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| fragments[start..end].concat())
        .collect())
}

/// The first fragment of each frame, by where the table says that it begins.
fn starts_by_offsets(fragments: &[Vec<u8>], table: &[u64]) -> Option<Vec<usize>> {
    /// Tag and length before each fragment.
    const HEAD: u64 = 8;
    let mut next = 0;
    let places: Vec<u64> = fragments
        .iter()
        .map(|fragment| {
            let place = next;
            next += HEAD + fragment.len() as u64;
            place
        })
        .collect();
    let starts = table.iter().map(|o| places.binary_search(o).ok());
    let starts = starts.collect::<Option<Vec<_>>>()?;
    starts.is_sorted_by(|a, b| a < b).then_some(starts)
}

/// The fragments that begin as an image of the JPEG family does.
fn starts_by_content(fragments: &[Vec<u8>]) -> Option<Vec<usize>> {
    let begins = |fragment: &[u8]| {
        fragment.starts_with(&[0xff, 0xd8, 0xff]) || fragment.starts_with(&[0xff, 0x4f, 0xff, 0x51])
    };
    let starts = fragments.iter().enumerate().filter(|(_, f)| begins(f));
    Some(starts.map(|(i, _)| i).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(table: &[u32], fragments: &[&[u8]], frames: usize) -> Result<Vec<Vec<u8>>, String> {
        extended(table, &[], fragments, frames)
    }

    fn extended(
        basic: &[u32],
        table: &[u64],
        fragments: &[&[u8]],
        frames: usize,
    ) -> Result<Vec<Vec<u8>>, String> {
        let fragments: Vec<Vec<u8>> = fragments.iter().map(|f| f.to_vec()).collect();
        let sequence = PixelFragmentSequence::new(basic.to_vec(), fragments);
        of_sequence(&sequence, table, frames)
    }

    #[test]
    fn fragments_are_brought_together_as_frames() {
        let (start, rest) = (&[0xff, 0xd8, 0xff, 1][..], &[7, 7][..]);
        let whole = [start, rest].concat();
        assert_eq!(frames(&[], &[start, rest], 1).unwrap()[0], whole);
        assert_eq!(frames(&[], &[start, rest], 2).unwrap(), [start, rest]);
        let four = [start, rest, start, rest];
        assert_eq!(frames(&[], &four, 2).unwrap(), [&whole[..], &whole]);
        assert_eq!(frames(&[0, 12], &four, 2).unwrap()[0], start);
        assert_eq!(frames(&[0, 22], &four, 2).unwrap(), [&whole[..], &whole]);
    }

    #[test]
    fn the_extended_table_is_used_where_the_basic_one_is_empty() {
        // Runs do not tell where they begin.
        let pieces = [&[1, 1][..], &[2, 2], &[3, 3]];
        let expected = [&[1, 1, 2, 2][..], &[3, 3]];
        assert_eq!(extended(&[], &[0, 20], &pieces, 2).unwrap(), expected);
        assert_eq!(extended(&[0, 20], &[0, 10], &pieces, 2).unwrap(), expected);
        for table in [&[0, 21][..], &[0], &[20, 0], &[0, u64::MAX], &[0, 1 << 32]] {
            assert!(extended(&[], table, &pieces, 2).is_err(), "{table:?}");
        }
    }

    #[test]
    fn fragments_that_cannot_be_told_apart_are_an_error() {
        let piece = &[1, 2][..];
        assert!(frames(&[], &[], 1).is_err());
        assert!(frames(&[], &[piece; 3], 2).is_err());
        assert!(frames(&[0, 11], &[piece; 3], 2).is_err());
        assert!(frames(&[10, 0], &[piece; 3], 2).is_err());
    }
}
