//! DICOM as hospitals have it, drawn by ourselves: the answer must not depend on how a slice is
//! stored.

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use haemolens::phantom::{self, Kind};
use haemolens::slice::{Content, Hounsfield, Slice};
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
    // As narrow as signed values can be, with an overlay above them, and on both sides of them.
    let narrow = |high: u16, overlay: u16| {
        let values = &values;
        move |object: &mut InMemDicomObject| {
            let stored = values.iter();
            let stored = stored.map(|&hu| (hu as u16 & 0xfff) << (high - 11) | overlay);
            put(object, tags::PIXEL_REPRESENTATION, VR::US, 1u16);
            put(object, tags::HIGH_BIT, VR::US, high);
            put(object, tags::RESCALE_INTERCEPT, VR::DS, "0");
            put(object, tags::PIXEL_DATA, VR::OW, words(stored.collect()));
        }
    };
    let (above, around) = (narrow(11, 0x5000), narrow(13, 0x8003));
    // Outside of the head any number of a range, whose ends are named in either order.
    let ranged = |object: &mut InMemDicomObject| {
        let stored = values.iter().enumerate().map(|(i, &hu)| match hu {
            -1000 => 3_000 + (i % 1_001) as u16,
            hu => (hu - INTERCEPT) as u16,
        });
        put(object, tags::PIXEL_PADDING_VALUE, VR::US, 4_000u16);
        put(object, tags::PIXEL_PADDING_RANGE_LIMIT, VR::US, 3_000u16);
        put(object, tags::PIXEL_DATA, VR::OW, words(stored.collect()));
    };
    let signed_range = |object: &mut InMemDicomObject| {
        let stored = values.iter().enumerate().map(|(i, &hu)| match hu {
            -1000 => -2_000 + (i % 101) as i16,
            hu => -hu as i16,
        });
        let stored: Vec<u16> = stored.map(|value| value as u16).collect();
        signed(object);
        // So that what is outside would be bright.
        put(object, tags::RESCALE_SLOPE, VR::DS, "-1");
        put(object, tags::PIXEL_PADDING_VALUE, VR::SS, -2_000i16);
        put(object, tags::PIXEL_PADDING_RANGE_LIMIT, VR::SS, -1_900i16);
        put(object, tags::PIXEL_DATA, VR::OW, words(stored));
    };
    let changes: [&dyn Fn(&mut InMemDicomObject); 8] = [
        &signed,
        &shifted,
        &padded,
        &inverted_screen,
        &above,
        &around,
        &ranged,
        &signed_range,
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let found = Slice::from_bytes(&phantom_file(Kind::Subdural, change, EXPLICIT)).unwrap();
        assert_eq!(found, plain, "change {i}");
    }
}

#[test]
fn values_of_eleven_to_sixteen_bits_are_read() {
    let plain = Slice::from_bytes(&phantom_file(Kind::Subdural, |_| {}, EXPLICIT)).unwrap();
    for bits in 11..=16u16 {
        let stored = |object: &mut InMemDicomObject| {
            put(object, tags::BITS_STORED, VR::US, bits);
            put(object, tags::HIGH_BIT, VR::US, bits - 1);
        };
        for syntax in [EXPLICIT, BIG_ENDIAN] {
            let found = Slice::from_bytes(&phantom_file(Kind::Subdural, stored, syntax)).unwrap();
            assert_eq!(found, plain, "{bits} {syntax}");
        }
    }
}

#[test]
fn pixels_that_are_not_square_are_stretched() {
    let shape = |spacing: &'static str| {
        let spaced = |object: &mut InMemDicomObject| {
            put(object, tags::PIXEL_SPACING, VR::DS, spacing);
        };
        let slice = Slice::from_bytes(&phantom_file(Kind::Normal, spaced, EXPLICIT)).unwrap();
        (slice.width(), slice.height())
    };
    let (side, _) = hounsfield(Kind::Normal);
    assert_eq!(shape("1.0\\0.5"), (side, 2 * side));
    assert_eq!(shape("0.5\\1.0"), (2 * side, side));
    assert_eq!(shape("0.5\\0.5"), (side, side));
}

/// A sequence of one item.
fn group(object: &mut InMemDicomObject, tag: Tag, item: InMemDicomObject) {
    let items = DataSetSequence::from(vec![item]);
    object.put(DataElement::new(tag, VR::SQ, items));
}

#[test]
fn frames_of_enhanced_files_have_their_own_scale_and_shape() {
    let (side, values) = hounsfield(Kind::Subdural);
    let plain = Slice::from_bytes(&phantom_file(Kind::Subdural, |_| {}, EXPLICIT)).unwrap();
    // The second frame is stored in half units.
    let doubled = values.iter().map(|hu| 2 * hu - INTERCEPT).collect();
    let mut object = ct(side, &[values, doubled]);
    for tag in [tags::RESCALE_SLOPE, tags::RESCALE_INTERCEPT] {
        object.remove_element(tag);
    }
    let scale = |slope: &str, intercept: &str| {
        let mut item = InMemDicomObject::new_empty();
        put(&mut item, tags::RESCALE_SLOPE, VR::DS, slope);
        put(&mut item, tags::RESCALE_INTERCEPT, VR::DS, intercept);
        item
    };
    let spacing = |spacing: &str| {
        let mut item = InMemDicomObject::new_empty();
        put(&mut item, tags::PIXEL_SPACING, VR::DS, spacing);
        item
    };
    let mut shared = InMemDicomObject::new_empty();
    let transformed = tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE;
    group(&mut shared, transformed, scale("1", "-1024"));
    group(
        &mut shared,
        tags::PIXEL_MEASURES_SEQUENCE,
        spacing("1\\0.5"),
    );
    group(&mut object, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, shared);
    let mut second = InMemDicomObject::new_empty();
    // Stored by the phantom's own intercept as well: 2 hu + 2048.
    group(&mut second, transformed, scale("0.5", "-1024"));
    group(
        &mut second,
        tags::PIXEL_MEASURES_SEQUENCE,
        spacing("0.5\\0.5"),
    );
    let own = DataSetSequence::from(vec![InMemDicomObject::new_empty(), second]);
    let own_groups = tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE;
    object.put(DataElement::new(own_groups, VR::SQ, own));
    let content = Content::open(file(object, EXPLICIT)).unwrap();
    assert_eq!(content.slices(), 2);
    // The first has what is shared, the second its own.
    let first = content.slice(0).unwrap();
    assert_eq!((first.width(), first.height()), (side, 2 * side));
    assert_eq!(content.slice(1).unwrap(), plain);
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
    let planar = |object: &mut InMemDicomObject| {
        coloured(object);
        let stored = PrimitiveValue::U8(grey.repeat(3).into());
        put(object, tags::PLANAR_CONFIGURATION, VR::US, 1u16);
        put(object, tags::PIXEL_DATA, VR::OB, stored);
    };
    // Luma, and two differences that say nothing.
    let luma = |object: &mut InMemDicomObject| {
        coloured(object);
        let stored: Vec<u8> = grey.iter().flat_map(|&g| [g, 128, 128]).collect();
        put(object, tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "YBR_FULL");
        put(
            object,
            tags::PIXEL_DATA,
            VR::OB,
            PrimitiveValue::U8(stored.into()),
        );
    };
    // Eight bits in sixteen.
    let wide = |object: &mut InMemDicomObject| {
        captured(object);
        let stored: Vec<u16> = grey.iter().map(|&g| g.into()).collect();
        put(object, tags::BITS_ALLOCATED, VR::US, 16u16);
        put(
            object,
            tags::PIXEL_DATA,
            VR::OW,
            PrimitiveValue::U16(stored.into()),
        );
    };
    let changes: [&dyn Fn(&mut InMemDicomObject); 6] =
        [&captured, &coloured, &inverted, &planar, &luma, &wide];
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
        // Often left from the examination before: it only counts where the pixels leave a doubt.
        (tags::BODY_PART_EXAMINED, "CHEST"),
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

#[test]
fn what_a_ct_slice_measured_is_given_pixel_for_pixel() {
    let (_, values) = hounsfield(Kind::Subdural);
    let units = |bytes: Vec<u8>| Content::open(bytes).unwrap().hounsfield(0).unwrap();
    let found = units(phantom_file(Kind::Subdural, |_| {}, EXPLICIT)).unwrap();
    let drawn: Vec<i16> = values.iter().map(|&hu| hu as i16).collect();
    assert_eq!(found.values, drawn);

    let padded = |object: &mut InMemDicomObject| {
        let air = (-1000 - INTERCEPT) as u16;
        put(object, tags::PIXEL_PADDING_VALUE, VR::US, air);
    };
    let found = units(phantom_file(Kind::Subdural, padded, EXPLICIT)).unwrap();
    let outside = found.values.iter().zip(&drawn);
    let outside = outside.filter(|&(&found, _)| found == Hounsfield::OUTSIDE);
    assert!(outside.clone().count() > 0);
    assert!(outside.clone().all(|(_, &hu)| hu == -1000));

    let oblong = |object: &mut InMemDicomObject| {
        put(object, tags::PIXEL_SPACING, VR::DS, "1.0\\0.5");
    };
    let file = phantom_file(Kind::Subdural, oblong, EXPLICIT);
    let slice = Slice::from_bytes(&file).unwrap();
    let found = units(file).unwrap();
    assert_eq!(
        [found.width, found.height, found.values.len()],
        [slice.width(), slice.height(), slice.grey().len()]
    );

    assert_eq!(units(phantom::draw(Kind::Normal).to_bmp().unwrap()), None);
    let brightness = |object: &mut InMemDicomObject| {
        put(object, tags::MODALITY, VR::CS, "OT");
    };
    assert_eq!(
        units(phantom_file(Kind::Normal, brightness, EXPLICIT)),
        None
    );
}
