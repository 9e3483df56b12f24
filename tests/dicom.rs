//! DICOM as hospitals have it, drawn by ourselves: the answer must not depend on how a slice is
//! stored.

use dicom_core::{PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use haemolens::phantom::{self, Kind};
use haemolens::slice::Slice;
use haemolens::{Classification, Classifier, Error};

mod data;
mod drawn_dicom;

use drawn_dicom::{INTERCEPT, ct, file, hounsfield, put};

const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
const IMPLICIT: &str = uids::IMPLICIT_VR_LITTLE_ENDIAN;
const EXPLICIT: &str = uids::EXPLICIT_VR_LITTLE_ENDIAN;

fn phantom_file(kind: Kind, change: impl FnOnce(&mut InMemDicomObject), syntax: &str) -> Vec<u8> {
    let (side, values) = hounsfield(kind);
    let mut object = ct(side, &[values]);
    change(&mut object);
    file(object, syntax)
}

fn classify(bytes: &[u8]) -> Classification {
    Classifier::new().unwrap().classify(bytes).unwrap()
}

#[test]
fn a_slice_gives_the_same_answer_as_dicom_and_as_a_picture() {
    for kind in Kind::ALL {
        let picture = classify(&phantom::draw(kind).to_bmp().unwrap());
        for syntax in [
            IMPLICIT,
            EXPLICIT,
            BIG_ENDIAN,
            uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
        ] {
            let dicom = classify(&phantom_file(kind, |_| {}, syntax));
            let difference = (picture.probability - dicom.probability).abs();
            assert!(difference <= 0.02, "{kind:?} {syntax}: {difference}");
            assert_eq!(picture.label, dicom.label);
        }
    }
}

#[test]
fn files_are_known_by_their_content_with_and_without_preamble_and_meta_group() {
    let whole = phantom_file(Kind::Subdural, |_| {}, IMPLICIT);
    let expected = Slice::from_bytes(&whole).unwrap();
    let (side, values) = hounsfield(Kind::Subdural);
    let mut bare = Vec::new();
    let syntax = &dicom_transfer_syntax_registry::entries::IMPLICIT_VR_LITTLE_ENDIAN.erased();
    ct(side, &[values])
        .write_dataset_with_ts(&mut bare, syntax)
        .unwrap();
    for bytes in [&whole[128..], &whole[132..], &bare] {
        assert_eq!(Slice::from_bytes(bytes).unwrap(), expected);
    }
}

#[test]
fn signed_values_other_bits_and_padding_are_read() {
    let plain = Slice::from_bytes(&phantom_file(Kind::Subdural, |_| {}, EXPLICIT)).unwrap();
    let (_, values) = hounsfield(Kind::Subdural);
    let words = |values: Vec<u16>| PrimitiveValue::U16(values.into());
    let signed = |object: &mut InMemDicomObject| {
        let stored = values.iter().map(|&hu| hu as i16 as u16).collect();
        put(object, tags::PIXEL_REPRESENTATION, VR::US, 1u16);
        put(object, tags::BITS_STORED, VR::US, 16u16);
        put(object, tags::HIGH_BIT, VR::US, 15u16);
        put(object, tags::RESCALE_INTERCEPT, VR::DS, "0");
        put(object, tags::PIXEL_DATA, VR::OW, words(stored));
    };
    // Twelve bits at the top of sixteen, with an overlay in the lowest.
    let shifted = |object: &mut InMemDicomObject| {
        let stored = values.iter().map(|hu| ((hu - INTERCEPT) as u16) << 4 | 1);
        put(object, tags::HIGH_BIT, VR::US, 15u16);
        put(object, tags::PIXEL_DATA, VR::OW, words(stored.collect()));
    };
    // Half a unit a step, outside of the head a number that would be bright.
    let padded = |object: &mut InMemDicomObject| {
        let stored = values.iter().map(|&hu| match hu {
            -1000 => 4_000,
            hu => (hu - INTERCEPT) as u16 * 2,
        });
        put(object, tags::RESCALE_SLOPE, VR::DS, "0.5");
        put(object, tags::PIXEL_PADDING_VALUE, VR::US, 4_000u16);
        put(object, tags::PIXEL_DATA, VR::OW, words(stored.collect()));
    };
    let inverted_screen = |object: &mut InMemDicomObject| {
        put(
            object,
            tags::PHOTOMETRIC_INTERPRETATION,
            VR::CS,
            "MONOCHROME1",
        );
    };
    let changes: [&dyn Fn(&mut InMemDicomObject); 4] =
        [&signed, &shifted, &padded, &inverted_screen];
    for (i, change) in changes.into_iter().enumerate() {
        let found = Slice::from_bytes(&phantom_file(Kind::Subdural, change, EXPLICIT)).unwrap();
        assert_eq!(found, plain, "change {i}");
    }
}

#[test]
fn pixels_that_are_not_square_are_stretched() {
    let high = |object: &mut InMemDicomObject| {
        put(object, tags::PIXEL_SPACING, VR::DS, "1.0\\0.5");
    };
    let slice = Slice::from_bytes(&phantom_file(Kind::Normal, high, EXPLICIT)).unwrap();
    assert_eq!(slice.height(), 2 * slice.width());
}

#[test]
fn screens_that_were_captured_are_read_as_they_looked() {
    let (side, _) = hounsfield(Kind::Normal);
    let grey = phantom::draw(Kind::Normal).into_slice().grey().to_vec();
    let rgb: Vec<u8> = grey.iter().flat_map(|&g| [g; 3]).collect();
    let captured = |object: &mut InMemDicomObject| {
        put(object, tags::CONVERSION_TYPE, VR::CS, "WSD");
        for (tag, value) in [
            (tags::BITS_ALLOCATED, 8u16),
            (tags::BITS_STORED, 8),
            (tags::HIGH_BIT, 7),
        ] {
            put(object, tag, VR::US, value);
        }
        object.remove_element(tags::WINDOW_CENTER);
        put(object, tags::RESCALE_INTERCEPT, VR::DS, "0");
        put(
            object,
            tags::PIXEL_DATA,
            VR::OB,
            PrimitiveValue::U8(grey.clone().into()),
        );
    };
    let coloured = |object: &mut InMemDicomObject| {
        captured(object);
        put(object, tags::SAMPLES_PER_PIXEL, VR::US, 3u16);
        put(object, tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "RGB");
        put(
            object,
            tags::PIXEL_DATA,
            VR::OB,
            PrimitiveValue::U8(rgb.clone().into()),
        );
    };
    let inverted = |object: &mut InMemDicomObject| {
        captured(object);
        let stored: Vec<u8> = grey.iter().map(|g| 255 - g).collect();
        put(
            object,
            tags::PHOTOMETRIC_INTERPRETATION,
            VR::CS,
            "MONOCHROME1",
        );
        put(
            object,
            tags::PIXEL_DATA,
            VR::OB,
            PrimitiveValue::U8(stored.into()),
        );
    };
    let changes: [&dyn Fn(&mut InMemDicomObject); 3] = [&captured, &coloured, &inverted];
    for change in changes {
        let slice = Slice::from_bytes(&phantom_file(Kind::Normal, change, EXPLICIT)).unwrap();
        assert_eq!((slice.width(), slice.grey()), (side, &grey[..]));
    }
}

#[test]
fn each_frame_is_a_slice() {
    let (side, normal) = hounsfield(Kind::Normal);
    let (_, subdural) = hounsfield(Kind::Subdural);
    let bytes = file(ct(side, &[normal, subdural]), EXPLICIT);
    let mut classifier = Classifier::new().unwrap();
    let error = classifier.classify(&bytes).unwrap_err();
    assert!(matches!(error, Error::SeveralSlices(_)), "{error}");
    assert!(error.to_string().contains("2 slices"), "{error}");
    let answers = classifier.classify_all(&bytes).unwrap();
    assert_eq!([answers[0].frame, answers[1].frame], [0, 1]);
    for (answer, kind) in answers.iter().zip([Kind::Normal, Kind::Subdural]) {
        assert_eq!(
            answer.margin,
            classify(&phantom_file(kind, |_| {}, EXPLICIT)).margin
        );
    }
}

#[test]
fn headers_that_speak_of_something_else_are_believed() {
    let of = |tag: Tag, value: &'static str| {
        classify(&phantom_file(
            Kind::Normal,
            |object| put(object, tag, VR::CS, value),
            EXPLICIT,
        ))
    };
    for (tag, value, word) in [
        (tags::MODALITY, "MR", "magnetic resonance"),
        (tags::BODY_PART_EXAMINED, "CHEST", "CHEST"),
        (
            tags::IMAGE_TYPE,
            "ORIGINAL\\PRIMARY\\LOCALIZER",
            "localiser",
        ),
    ] {
        let answer = of(tag, value);
        assert!(!answer.in_distribution, "{value}");
        assert!(answer.reason.unwrap().contains(word), "{value}");
    }
    for (tag, value) in [
        (tags::BODY_PART_EXAMINED, "SCHAEDEL"),
        (tags::IMAGE_TYPE, "ORIGINAL\\PRIMARY\\AXIAL"),
    ] {
        let answer = of(tag, value);
        let by_header = answer
            .reason
            .is_some_and(|reason| reason.contains("header"));
        assert!(!by_header, "{value}");
    }
}

#[test]
fn each_bad_file_has_its_name() {
    let error = |bytes: &[u8]| Slice::from_bytes(bytes).unwrap_err();
    let changed =
        |change: fn(&mut InMemDicomObject)| error(&phantom_file(Kind::Normal, change, EXPLICIT));
    let empty = changed(|object| {
        object.remove_element(tags::PIXEL_DATA);
    });
    assert_eq!(empty.name(), "NoPixelData", "{empty}");
    let short = changed(|object| put(object, tags::ROWS, VR::US, 5_000u16));
    assert_eq!(short.name(), "CorruptImage", "{short}");
    let large = changed(|object| put(object, tags::ROWS, VR::US, 60_000u16));
    assert_eq!(large.name(), "TooLarge", "{large}");
    let many = changed(|object| put(object, tags::NUMBER_OF_FRAMES, VR::IS, "99999999"));
    assert_eq!(many.name(), "TooLarge", "{many}");
    let wide = changed(|object| put(object, tags::BITS_ALLOCATED, VR::US, 32u16));
    assert_eq!(wide.name(), "UnsupportedFormat", "{wide}");
    let palette = changed(|object| {
        put(
            object,
            tags::PHOTOMETRIC_INTERPRETATION,
            VR::CS,
            "PALETTE COLOR",
        );
    });
    assert_eq!(palette.name(), "UnsupportedFormat", "{palette}");

    let whole = phantom_file(Kind::Normal, |_| {}, EXPLICIT);
    for end in [133, 200, 400, whole.len() / 2, whole.len() - 1] {
        let cut = error(&whole[..end]);
        let named = ["CorruptImage", "NoPixelData"].contains(&cut.name());
        assert!(named, "{end}: {} {cut}", cut.name());
    }
    // The same file under the name of a transfer syntax that is not read.
    for uid in [
        "1.2.840.10008.1.2.4.53",
        "1.2.840.10008.1.2.4.55",
        "1.2.840.10008.1.2.4.201",
    ] {
        let from = format!("{EXPLICIT}\0");
        let place = whole
            .windows(from.len())
            .position(|w| w == from.as_bytes())
            .unwrap();
        let mut other = whole[..place].to_vec();
        let padded = format!("{uid}{}", if uid.len() % 2 == 1 { "\0" } else { "" });
        other.extend(padded.as_bytes());
        other.extend(&whole[place + from.len()..]);
        // The element's own length, and that of its group.
        let grown = padded.len() - from.len();
        let length = u16::from_le_bytes([other[place - 2], other[place - 1]]) as usize + grown;
        other[place - 2..place].copy_from_slice(&(length as u16).to_le_bytes());
        let group = u32::from_le_bytes(other[140..144].try_into().unwrap()) + grown as u32;
        other[140..144].copy_from_slice(&group.to_le_bytes());
        let error = error(&other);
        assert_eq!(error.name(), "UnsupportedTransferSyntax", "{uid}: {error}");
        assert!(error.to_string().contains(uid), "{error}");
    }
}

#[test]
fn a_head_of_a_hospital_is_taken_for_one_and_a_chest_is_not() {
    let Some(folder) = data::folder("dicom") else {
        return;
    };
    let mut classifier = Classifier::new().unwrap();
    let mut answer = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        classifier.classify(&bytes).unwrap()
    };
    for slice in ["06", "10", "14", "18", "22", "26"] {
        let head = answer(&format!("ge-head/{slice}.dcm"));
        assert!(head.in_distribution, "{slice}: {head:?}");
    }
    let chest = answer("nema-wg04/CT1_UNC.dcm");
    assert!(!chest.in_distribution, "{chest:?}");
}
