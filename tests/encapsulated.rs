//! DICOM whose pixels are compressed, in fragments as they come: drawn by ourselves, compressed by other
//! people's encoders (`tests/golden/compressed.py`).

use std::collections::BTreeMap;

use dicom_core::value::PixelFragmentSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::entries::EXPLICIT_VR_LITTLE_ENDIAN;
use haemolens::Error;
use haemolens::slice::{Content, Slice};

/// A frame, and what its header says.
#[derive(Clone, serde::Deserialize)]
struct Golden {
    syntax: String,
    rows: u16,
    columns: u16,
    samples: u16,
    bits: u16,
    signed: bool,
    /// In hexadecimal.
    frame: String,
    numbers: Vec<i32>,
}

impl Golden {
    fn frame(&self) -> Vec<u8> {
        let digits = self.frame.as_bytes().as_chunks::<2>().0.iter();
        let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
        digits.map(|pair| byte(pair).unwrap()).collect()
    }

    /// A secondary capture in these fragments, with what is changed.
    fn file(
        &self,
        (table, fragments): (Vec<u32>, Vec<Vec<u8>>),
        change: impl FnOnce(&mut InMemDicomObject),
    ) -> Vec<u8> {
        let mut object = InMemDicomObject::new_empty();
        let colour = if self.samples == 3 {
            "RGB"
        } else {
            "MONOCHROME2"
        };
        put(&mut object, tags::SOP_INSTANCE_UID, VR::UI, "1.2.3.4");
        put(&mut object, tags::MODALITY, VR::CS, "CT");
        put(&mut object, tags::CONVERSION_TYPE, VR::CS, "WSD");
        put(
            &mut object,
            tags::PHOTOMETRIC_INTERPRETATION,
            VR::CS,
            colour,
        );
        for (tag, value) in [
            (tags::SAMPLES_PER_PIXEL, self.samples),
            (tags::ROWS, self.rows),
            (tags::COLUMNS, self.columns),
            (tags::BITS_ALLOCATED, if self.bits > 8 { 16 } else { 8 }),
            (tags::BITS_STORED, self.bits),
            (tags::HIGH_BIT, self.bits - 1),
            (tags::PIXEL_REPRESENTATION, self.signed.into()),
        ] {
            put(&mut object, tag, VR::US, value);
        }
        let sequence = PixelFragmentSequence::new(table, fragments);
        object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, sequence));
        change(&mut object);
        // The file meta group is written here: not every transfer syntax is known to the writer.
        let mut uid = self.syntax.clone().into_bytes();
        uid.resize(uid.len().next_multiple_of(2), 0);
        let mut bytes = b"DICM\x02\0\x10\0UI".to_vec();
        bytes.extend((uid.len() as u16).to_le_bytes());
        bytes.extend(uid);
        let syntax = EXPLICIT_VR_LITTLE_ENDIAN.erased();
        object.write_dataset_with_ts(&mut bytes, &syntax).unwrap();
        bytes
    }

    /// In one fragment.
    fn plain(&self, change: impl FnOnce(&mut InMemDicomObject)) -> Vec<u8> {
        self.file((vec![], vec![even(self.frame())]), change)
    }
}

fn golden() -> BTreeMap<String, Golden> {
    serde_json::from_str(include_str!("golden/compressed.json")).unwrap()
}

fn named(name: &str) -> Golden {
    golden()[name].clone()
}

fn put(object: &mut InMemDicomObject, tag: Tag, vr: VR, value: impl Into<PrimitiveValue>) {
    object.put(DataElement::new(tag, vr, value.into()));
}

fn even(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

fn slice(bytes: &[u8]) -> Slice {
    Slice::from_bytes(bytes).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn eight_bits_are_shown_as_they_were_drawn() {
    for name in ["jpeg-lossless-8", "jpeg-ls-8", "jpeg-2000-8"] {
        let golden = named(name);
        let found = slice(&golden.plain(|_| {}));
        let expected: Vec<u8> = golden.numbers.iter().map(|&n| n as u8).collect();
        assert_eq!(found.grey(), expected, "{name}");
    }
}

#[test]
fn syntaxes_that_are_not_read_are_refused_by_name_and_uid() {
    let refused = |golden: &Golden, words: &[&str]| {
        let error = Slice::from_bytes(&golden.plain(|_| {})).unwrap_err();
        assert!(
            matches!(error, Error::UnsupportedTransferSyntax(_)),
            "{error}"
        );
        let error = error.to_string();
        for words in words.iter().chain(&[&golden.syntax[..], "Export"]) {
            assert!(error.contains(words), "{words}: {error}");
        }
    };
    refused(&named("jpeg-12"), &["JPEG Extended", "values of 12 bits"]);
    refused(&named("jpeg-ls-rgb"), &["JPEG-LS", "colour"]);
    let mut high = named("htj2k");
    for (uid, name) in [
        (uids::HTJ2K_LOSSLESS, "High-Throughput JPEG 2000"),
        (uids::HTJ2K_LOSSLESS_RPCL, "RPCL"),
        (uids::HTJ2K, "High-Throughput JPEG 2000"),
    ] {
        high.syntax = uid.into();
        refused(&high, &[name]);
    }
    let mut retired = named("jpeg");
    for uid in ["1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55"] {
        retired.syntax = uid.into();
        refused(&retired, &["JPEG"]);
    }
}

#[test]
fn frames_come_in_fragments_of_any_number() {
    for name in ["jpeg", "jpeg-lossless-12", "jpeg-ls-12", "jpeg-2000-12"] {
        let golden = named(name);
        let expected = slice(&golden.plain(|_| {}));
        let frame = even(golden.frame());
        let pieces: Vec<Vec<u8>> = frame.chunks(100).map(<[u8]>::to_vec).collect();
        assert!(pieces.len() > 3);
        let whole = golden.file((vec![0], pieces.clone()), |_| {});
        assert_eq!(slice(&whole), expected, "{name}");
        // Two frames, told apart by a table of either kind, or by how they begin.
        let twice = [&pieces[..], &pieces].concat();
        let second = (frame.len() + 8 * pieces.len()) as u32;
        let frames = |object: &mut InMemDicomObject| {
            put(object, tags::NUMBER_OF_FRAMES, VR::IS, "2");
        };
        let extended = |object: &mut InMemDicomObject| {
            frames(object);
            let table = [0, u64::from(second)];
            let table = PrimitiveValue::U64(table[..].into());
            put(object, tags::EXTENDED_OFFSET_TABLE, VR::OV, table);
            let lengths = PrimitiveValue::U64([frame.len() as u64; 2][..].into());
            put(object, tags::EXTENDED_OFFSET_TABLE_LENGTHS, VR::OV, lengths);
        };
        for file in [
            golden.file((vec![0, second], twice.clone()), frames),
            golden.file((vec![], twice.clone()), extended),
            golden.file((vec![], twice.clone()), frames),
        ] {
            let content = Content::open(&file).unwrap();
            assert_eq!(content.slices(), 2, "{name}");
            for frame in 0..2 {
                assert_eq!(content.slice(frame).unwrap(), expected, "{name} {frame}");
            }
        }
    }
}

#[test]
fn colours_are_what_the_frame_says_whatever_the_header_says() {
    let grey_of = |name: &str, photometric: &'static str| {
        let file = named(name).plain(|object| {
            put(
                object,
                tags::PHOTOMETRIC_INTERPRETATION,
                VR::CS,
                photometric,
            );
        });
        slice(&file).grey().to_vec()
    };
    for name in ["jpeg-rgb", "jpeg-ycc"] {
        let expected = grey_of(name, "RGB");
        for photometric in ["YBR_FULL", "YBR_FULL_422"] {
            assert_eq!(grey_of(name, photometric), expected, "{name} {photometric}");
        }
    }
    // The same image either way, but for what was lost.
    let (rgb, ycc) = (grey_of("jpeg-rgb", "RGB"), grey_of("jpeg-ycc", "RGB"));
    let most = rgb.iter().zip(&ycc).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(most.unwrap() <= 12, "{most:?}");
    // Where the frame says nothing, the header is believed.
    assert_eq!(grey_of("jpeg-bare", "YBR_FULL"), ycc);
    assert_ne!(grey_of("jpeg-bare", "RGB"), ycc);
}

#[test]
fn a_frame_that_says_that_it_is_enormous_is_refused_with_words() {
    let mut golden = named("jpeg");
    let mut frame = golden.frame();
    let header = frame.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    frame[header + 5..header + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    golden.frame = frame.iter().map(|byte| format!("{byte:02x}")).collect();
    let error = Slice::from_bytes(&golden.plain(|_| {})).unwrap_err();
    assert_eq!(error.name(), "CorruptImage");
    assert!(error.to_string().contains("65500×65500"), "{error}");
}
