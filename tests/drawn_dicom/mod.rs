//! DICOM as hospitals have it, drawn by ourselves.
#![allow(dead_code, reason = "each test uses a part of it")]

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use haemolens::phantom::{self, Kind};

/// What is added to Hounsfield units where they are stored.
pub const INTERCEPT: i32 = -1024;
/// What is written where a person's name goes: nothing may ever show it.
pub const PATIENT: &str = "Doe^Jane";

/// The phantom as a hospital would have it: Hounsfield units that the brain window shows as its grey
/// levels.
pub fn hounsfield(kind: Kind) -> (usize, Vec<i32>) {
    let slice = phantom::draw(kind).into_slice();
    let of = |&grey: &u8| match grey {
        0 => -1000,
        255 => 900,
        grey => (f64::from(grey) / 255.0 * 79.0).round() as i32,
    };
    (slice.width(), slice.grey().iter().map(of).collect())
}

/// Sets an element.
pub fn put(object: &mut InMemDicomObject, tag: Tag, vr: VR, value: impl Into<PrimitiveValue>) {
    object.put(DataElement::new(tag, vr, value.into()));
}

/// A CT image of frames of Hounsfield units, stored unsigned in twelve bits.
pub fn ct(side: usize, frames: &[Vec<i32>]) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    let stored = frames.iter().flatten();
    let stored: Vec<u16> = stored.map(|hu| (hu - INTERCEPT) as u16).collect();
    put(
        &mut object,
        tags::SOP_CLASS_UID,
        VR::UI,
        uids::CT_IMAGE_STORAGE,
    );
    put(&mut object, tags::SOP_INSTANCE_UID, VR::UI, "1.2.3.4");
    put(&mut object, tags::MODALITY, VR::CS, "CT");
    put(&mut object, tags::BODY_PART_EXAMINED, VR::CS, "HEAD");
    put(&mut object, tags::PATIENT_NAME, VR::PN, PATIENT);
    put(
        &mut object,
        tags::PHOTOMETRIC_INTERPRETATION,
        VR::CS,
        "MONOCHROME2",
    );
    put(
        &mut object,
        tags::NUMBER_OF_FRAMES,
        VR::IS,
        frames.len().to_string(),
    );
    for (tag, value) in [
        (tags::SAMPLES_PER_PIXEL, 1),
        (tags::ROWS, side as u16),
        (tags::COLUMNS, side as u16),
        (tags::BITS_ALLOCATED, 16),
        (tags::BITS_STORED, 12),
        (tags::HIGH_BIT, 11),
        (tags::PIXEL_REPRESENTATION, 0),
    ] {
        put(&mut object, tag, VR::US, value);
    }
    put(
        &mut object,
        tags::RESCALE_INTERCEPT,
        VR::DS,
        INTERCEPT.to_string(),
    );
    put(&mut object, tags::RESCALE_SLOPE, VR::DS, "1");
    // A bone window for the screen: not for the classifier.
    put(&mut object, tags::WINDOW_CENTER, VR::DS, "600");
    put(&mut object, tags::WINDOW_WIDTH, VR::DS, "2800");
    put(
        &mut object,
        tags::PIXEL_DATA,
        VR::OW,
        PrimitiveValue::U16(stored.into()),
    );
    object
}

/// The file of a data set, in a transfer syntax.
pub fn file(object: InMemDicomObject, syntax: &str) -> Vec<u8> {
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(syntax)
        .media_storage_sop_class_uid(uids::CT_IMAGE_STORAGE)
        .media_storage_sop_instance_uid("1.2.3.4");
    let mut bytes = Vec::new();
    object
        .with_meta(meta)
        .unwrap()
        .write_all(&mut bytes)
        .unwrap();
    bytes
}
