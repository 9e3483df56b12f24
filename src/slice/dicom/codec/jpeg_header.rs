//! The markers of JPEG and JPEG-LS before the first scan (ITU-T T.81, annex B; T.87, annex C): what is
//! said of a frame before a decoder sees it.

/// How the samples are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// Cosine transform: baseline, extended or progressive, by Huffman codes.
    Transform,
    /// Prediction, by Huffman codes.
    Lossless,
    /// JPEG-LS.
    NearLossless,
    /// Arithmetic coding, or frames that build upon each other.
    Other,
}

/// What the markers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JpegHeader {
    pub process: Process,
    /// Bits of a value.
    pub bits: u32,
    pub rows: usize,
    pub columns: usize,
    /// Of each sample of a pixel: its name, and how often it is sampled across and down.
    pub components: Vec<[u8; 3]>,
    /// Whether there is a JFIF marker: its three samples are luma and two differences.
    pub jfif: bool,
    /// How Adobe's marker says that colours were turned: 0 is not at all.
    pub adobe: Option<u8>,
    /// How far a value of JPEG-LS may be from what it was.
    pub near: u8,
}

impl JpegHeader {
    /// Reads as far as the first scan.
    ///
    /// # Errors
    /// A few words on what is wrong.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        const CUT: &str = "it ends within its header";
        let mut rest = bytes
            .strip_prefix(&[0xff, 0xd8])
            .ok_or("it does not begin as JPEG does")?;
        let (mut jfif, mut adobe, mut header) = (false, None, None);
        let near = loop {
            let marker = next_marker(&mut rest).ok_or(CUT)?;
            let length = rest.first_chunk().ok_or(CUT)?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (segment, after) = rest.split_at_checked(length).ok_or(CUT)?;
            let segment = segment
                .get(2..)
                .ok_or("a marker says that it has no length")?;
            rest = after;
            match marker {
                0xe0 if segment.starts_with(b"JFIF\0") => jfif = true,
                0xee if segment.starts_with(b"Adobe") => adobe = segment.get(11).copied(),
                // Tables of Huffman codes, of arithmetic coding, and an extension.
                0xc4 | 0xc8 | 0xcc => {}
                0xc0..=0xcf | 0xf7 if header.is_some() => return Err("it has two headers".into()),
                0xc0..=0xcf | 0xf7 => header = Some(Self::of_frame(marker, segment).ok_or(CUT)?),
                // Behind the samples of the scan, two bytes each.
                0xda => {
                    let samples = usize::from(*segment.first().ok_or(CUT)?);
                    break segment.get(1 + 2 * samples).copied().ok_or(CUT)?;
                }
                _ => {}
            }
        };
        let header = header.ok_or("it has no frame header")?;
        Ok(Self {
            jfif,
            adobe,
            near,
            ..header
        })
    }

    fn of_frame(marker: u8, segment: &[u8]) -> Option<Self> {
        let &[bits, r1, r0, c1, c0, count] = segment.first_chunk()?;
        let components = segment.get(6..6 + 3 * usize::from(count))?;
        let of = |&[name, sampling, _]: &[u8; 3]| [name, sampling >> 4, sampling & 15];
        Some(Self {
            process: match marker {
                0xc0..=0xc2 => Process::Transform,
                0xc3 => Process::Lossless,
                0xf7 => Process::NearLossless,
                _ => Process::Other,
            },
            bits: bits.into(),
            rows: u16::from_be_bytes([r1, r0]).into(),
            columns: u16::from_be_bytes([c1, c0]).into(),
            components: components.as_chunks::<3>().0.iter().map(of).collect(),
            jfif: false,
            adobe: None,
            near: 0,
        })
    }
}

/// The next marker that has a length.
fn next_marker(rest: &mut &[u8]) -> Option<u8> {
    loop {
        let (&[first, marker], after) = rest.split_first_chunk()?;
        match (first, marker) {
            // As many as it likes may come before a marker.
            (0xff, 0xff) => *rest = &rest[1..],
            // These have no length.
            (0xff, 0x01 | 0xd0..=0xd7) => *rest = after,
            // The image ends, or another begins, before there was any.
            (0xff, 0x00 | 0xd8 | 0xd9) => return None,
            (0xff, marker) => {
                *rest = after;
                return Some(marker);
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start, JFIF, a table, the frame header, the scan.
    const PLAIN: &[u8] = b"\xff\xd8\xff\xe0\0\x07JFIF\0\xff\xff\xc4\0\x03\0\
        \xff\xc1\0\x0b\x0c\x02\0\x01\0\x01\x07\x21\0\xff\xda\0\x08\x01\x07\0\x03\0\0";

    #[test]
    fn the_frame_header_is_found_behind_other_markers() {
        let header = JpegHeader::read(PLAIN).unwrap();
        let expected = JpegHeader {
            process: Process::Transform,
            bits: 12,
            rows: 512,
            columns: 256,
            components: vec![[7, 2, 1]],
            jfif: true,
            adobe: None,
            near: 3,
        };
        assert_eq!(header, expected);
    }

    #[test]
    fn each_beginning_of_a_header_is_an_error() {
        for end in 0..PLAIN.len() {
            assert!(JpegHeader::read(&PLAIN[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn markers_that_lie_are_errors() {
        for (bytes, words) in [
            (&b"\xff\xd8\xff\xe0\0\x01\xff\xda\0\x02"[..], "no length"),
            (b"\xff\xd8\xff\xda\0\x06\0\0\0\0", "no frame header"),
            (b"\xff\xd8\xff\xd9", "ends within"),
            (
                b"\xff\xd8\xff\xc0\0\x08\x08\0\x01\0\x01\x03\xff\xda\0\x02",
                "ends within",
            ),
            (b"\xff\xd8\xff\xda\0\x03\xff", "ends within"),
        ] {
            let error = JpegHeader::read(bytes).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        let (before, after) = PLAIN.split_at(29);
        let frame = &before[16..];
        let twice = [before, frame, after].concat();
        let error = JpegHeader::read(&twice).unwrap_err();
        assert!(error.contains("two headers"), "{error}");
    }
}
