//! Small frames that other people's encoders made of drawn images; see `tests/golden/compressed.py`.

use std::collections::BTreeMap;

use super::*;

#[derive(Clone, serde::Deserialize)]
struct Golden {
    syntax: String,
    rows: usize,
    columns: usize,
    samples: usize,
    bits: u32,
    signed: bool,
    /// In hexadecimal.
    frame: String,
    numbers: Vec<i32>,
}

impl Golden {
    fn codec(&self) -> Codec {
        Codec::of(&self.syntax).unwrap()
    }

    fn frame(&self) -> Vec<u8> {
        let digits = self.frame.as_bytes().as_chunks::<2>().0.iter();
        let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
        digits.map(|pair| byte(pair).unwrap()).collect()
    }

    fn layout(&self) -> Layout {
        Layout {
            rows: self.rows,
            columns: self.columns,
            samples: self.samples,
            bits_allocated: if self.bits > 8 { 16 } else { 8 },
            bits_stored: self.bits,
            high_bit: self.bits - 1,
            signed: self.signed,
            planar: false,
        }
    }

    fn decode(&self) -> Result<Decoded, Fault> {
        self.codec().decode(&self.frame(), &self.layout())
    }

    /// What is wrong, where the header says something else.
    fn with(&self, change: impl FnOnce(&mut Layout)) -> Fault {
        let mut layout = self.layout();
        change(&mut layout);
        let decoded = self.codec().decode(&self.frame(), &layout);
        decoded.expect_err("a header that lies is believed")
    }
}

fn golden() -> BTreeMap<String, Golden> {
    serde_json::from_str(include_str!("../../../../tests/golden/compressed.json")).unwrap()
}

fn named(name: &str) -> Golden {
    golden()[name].clone()
}

/// Frames that are not read.
const REFUSED: [&str; 5] = [
    "htj2k",
    "jpeg-12",
    "jpeg-2000-alpha",
    "jpeg-2000-palette",
    "jpeg-ls-rgb",
];

fn read() -> impl Iterator<Item = (String, Golden)> {
    let golden = golden().into_iter();
    golden.filter(|(name, _)| !REFUSED.contains(&&name[..]))
}

fn words_of(fault: Fault) -> String {
    match fault {
        Fault::Damaged(words) | Fault::Unread(words) => words,
    }
}

#[test]
fn frames_of_other_encoders_give_the_numbers_that_were_drawn() {
    assert_eq!(read().count(), golden().len() - REFUSED.len());
    for (name, golden) in read() {
        let layout = golden.layout();
        let decoded = golden.decode().unwrap_or_else(|e| panic!("{name}: {e:?}"));
        let numbers = decoded.values.iter().map(|&value| layout.number(value));
        // Decoders may differ by one where something was lost.
        let exact = !["jpeg", "jpeg-rgb", "jpeg-ycc", "jpeg-bare"].contains(&&name[..])
            && !name.contains("lossy");
        let most = numbers.zip(&golden.numbers).map(|(a, b)| a.abs_diff(*b));
        let most = most.max().unwrap();
        assert!(most <= u32::from(!exact), "{name}: {most}");
    }
}

#[test]
fn what_is_not_read_is_refused_with_words() {
    for (name, words) in [
        ("jpeg-12", "values of 12 bits"),
        ("jpeg-ls-rgb", "JPEG-LS in colour"),
    ] {
        let fault = named(name).decode().unwrap_err();
        assert!(matches!(fault, Fault::Unread(_)), "{name}");
        assert!(words_of(fault).contains(words), "{name}");
    }
    // High-throughput blocks under the name of JPEG 2000.
    let mut high = named("htj2k");
    high.syntax = uids::JPEG2000_LOSSLESS.into();
    let fault = high.decode().unwrap_err();
    assert!(matches!(&fault, Fault::Unread(_)), "{fault:?}");
    assert!(words_of(fault).contains("HTJ2K"));
    // A second sample that the header does not know of, and a palette of three.
    let alpha = named("jpeg-2000-alpha").with(|layout| layout.samples = 1);
    assert!(words_of(alpha).contains("2 samples a pixel"));
    let palette = named("jpeg-2000-palette").decode().unwrap_err();
    assert!(words_of(palette).contains("palette"));
}

#[test]
fn headers_that_lie_are_refused_with_words() {
    for (name, golden) in golden() {
        let (rows, columns) = (golden.rows, golden.columns);
        if golden.syntax == uids::HTJ2K_LOSSLESS {
            continue;
        }
        let larger = golden.with(|layout| layout.rows += 1);
        let said = format!(
            "{columns}×{rows} pixels, and its header says {columns}×{}",
            rows + 1
        );
        assert!(words_of(larger).contains(&said), "{name}");
        let turned = golden.with(|l| (l.rows, l.columns) = (columns, rows));
        assert!(
            words_of(turned).contains("pixels, and its header"),
            "{name}"
        );
        let other = golden.with(|layout| layout.samples += 1);
        assert!(words_of(other).contains("samples a pixel"), "{name}");
        if golden.bits > 8 {
            let narrow = golden.with(|layout| layout.bits_allocated = 8);
            assert!(words_of(narrow).contains("room for 8"), "{name}");
        }
    }
}

/// The largest frame that its own header can speak of, within what DICOM says is small: the decoders
/// would ask for gigabytes.
#[test]
fn frames_that_say_that_they_are_enormous_are_refused_before_they_are_decoded() {
    for (name, golden) in golden() {
        let Some(codec) = Codec::of(&golden.syntax) else {
            continue;
        };
        let mut frame = golden.frame();
        let size: &[u8] = match codec {
            Codec::Jpeg2000 => {
                let start = frame.windows(4).position(|w| w == [0xff, 0x4f, 0xff, 0x51]);
                let start = start.unwrap() + 8;
                frame[start..start + 8].fill(0xff);
                frame[start + 16..start + 24].fill(0xff);
                "4294967295×4294967295".as_bytes()
            }
            _ => {
                let marker = |w: &[u8]| w[0] == 0xff && [0xc0, 0xc1, 0xc3, 0xf7].contains(&w[1]);
                let start = frame.windows(2).position(marker).unwrap() + 5;
                frame[start..start + 4].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
                "65500×65500".as_bytes()
            }
        };
        let size = std::str::from_utf8(size).unwrap();
        let fault = codec.decode(&frame, &golden.layout()).unwrap_err();
        let words = words_of(fault);
        assert!(words.contains(size), "{name}: {words}");
    }
}

#[test]
fn frames_that_are_cut_short_are_whole_pictures_or_errors() {
    for (name, golden) in golden() {
        let Some(codec) = Codec::of(&golden.syntax) else {
            continue;
        };
        let (frame, layout) = (golden.frame(), golden.layout());
        let mut errors = 0;
        for end in 0..frame.len() {
            match codec.decode(&frame[..end], &layout) {
                Ok(decoded) => {
                    assert_eq!(decoded.values.len(), golden.numbers.len(), "{name} {end}");
                }
                Err(_) => errors += 1,
            }
        }
        assert!(errors > 20, "{name}: {errors}");
    }
}

#[test]
fn bytes_behind_the_end_of_a_frame_do_not_matter() {
    for (name, golden) in read() {
        let expected = golden.decode().unwrap().values;
        for padding in [&[0][..], &[0xff], &[0, 0, 0, 0xff, 0xd9, 7]] {
            let frame = [&golden.frame(), padding].concat();
            let decoded = golden.codec().decode(&frame, &golden.layout());
            assert_eq!(decoded.unwrap().values, expected, "{name} {padding:?}");
        }
    }
}

#[test]
fn bits_that_are_not_stored_do_not_matter() {
    // Sixteen bits in the frame, twelve of them for the header: the others are an overlay's.
    let deep = named("jpeg-lossless-16");
    let mut layout = deep.layout();
    (layout.bits_stored, layout.high_bit) = (12, 11);
    let values = deep.codec().decode(&deep.frame(), &layout).unwrap().values;
    for (value, number) in values.iter().zip(&deep.numbers) {
        assert_eq!(layout.number(*value), number & 0xfff);
    }
    // What was lost may make a value larger than there are bits for: the largest, then, not a small one.
    for name in ["jpeg-ls-near", "jpeg-2000-lossy", "jpeg-2000-lossy-signed"] {
        let lossy = named(name);
        let mut layout = lossy.layout();
        (layout.bits_stored, layout.high_bit) = (11, 10);
        let values = lossy
            .codec()
            .decode(&lossy.frame(), &layout)
            .unwrap()
            .values;
        let (least, most) = if lossy.signed {
            (-1024, 1023)
        } else {
            (0, 2047)
        };
        for (value, number) in values.iter().zip(&lossy.numbers) {
            let expected = (*number).clamp(least, most);
            assert!(layout.number(*value).abs_diff(expected) <= 1, "{name}");
        }
    }
}

#[test]
fn a_frame_says_itself_what_its_colours_are() {
    let colours = |name: &str| named(name).decode().unwrap().colours;
    assert_eq!(colours("jpeg-rgb"), Some(Colours::Rgb));
    assert_eq!(colours("jpeg-ycc"), Some(Colours::LumaFirst));
    for name in ["jpeg-bare", "jpeg-lossless-rgb", "jpeg-2000-rgb"] {
        assert_eq!(colours(name), None, "{name}");
    }
}
