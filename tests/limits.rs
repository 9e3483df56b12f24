//! What is too large is refused by name, with the limit and the figure, before memory is taken for it.

use std::io::{Read, Write, repeat};
use std::path::Path;

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use haemolens::Error;
use haemolens::phantom::{self, Kind};
use haemolens::slice::Content;

mod drawn;

/// What refusing may take: far less than any limit allows to be read.
const LITTLE: u64 = 8 << 20;

/// Why a file, or its first slice, is refused; and that little memory was taken meanwhile.
fn refusal(bytes: &[u8]) -> Error {
    let mut found = None;
    let counted = allocation_counter::measure(|| {
        found = Some(Content::open(bytes).and_then(|content| content.slice(0)));
    });
    let error = found.unwrap().expect_err("it is beyond a limit");
    assert!(counted.bytes_max < LITTLE, "{error}: {counted:?}");
    error
}

/// Refused as too large, in these words.
fn too_large(bytes: &[u8], words: &[&str]) {
    let error = refusal(bytes);
    assert_eq!(error.name(), "TooLarge", "{error}");
    let error = error.to_string();
    assert!(words.iter().all(|word| error.contains(word)), "{error}");
}

fn zeros(megabytes: u64, into: &mut impl Write) {
    std::io::copy(&mut repeat(0).take(megabytes << 20), into).unwrap();
}

/// Zeros as a raw deflate stream.
fn deflated_zeros(megabytes: u64, before: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(before).unwrap();
    zeros(megabytes, &mut encoder);
    encoder.finish().unwrap()
}

#[test]
fn a_file_that_is_too_long() {
    too_large(&vec![0; 300 << 20], &["300 MB", "256 MB"]);
}

/// A PNG chunk with its checksum.
fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    [
        &(data.len() as u32).to_be_bytes(),
        kind,
        data,
        &crc.sum().to_be_bytes(),
    ]
    .concat()
}

/// A PNG of this size whose pixels are missing, with chunks of one's own before them.
fn png(width: u32, height: u32, before: &[u8]) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = chunk(b"IHDR", &[&size[..], &[8, 0, 0, 0, 0]].concat());
    let empty = chunk(b"IDAT", &[]);
    [b"\x89PNG\r\n\x1a\n", &header[..], before, &empty].concat()
}

#[test]
fn pictures_whose_headers_promise_too_many_pixels() {
    too_large(&png(60_000, 60_000, &[]), &["60000×60000", "36 million"]);
    too_large(&png(20_000, 20, &[]), &["20000×20", "16384"]);
    let mut bmp = phantom::draw(Kind::Normal).to_bmp().unwrap();
    bmp[18..26].copy_from_slice(&[0x60, 0xea, 0, 0, 0x60, 0xea, 0, 0]);
    too_large(&bmp, &["60000×60000", "36 million"]);
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/raster/seed-grey.jpg");
    let mut jpeg = std::fs::read(seed).unwrap();
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    too_large(&jpeg, &["60000×60000", "36 million"]);
}

#[test]
fn a_colour_profile_that_unpacks_to_far_more_than_it_is() {
    let mut profile = ZlibEncoder::new(Vec::new(), Compression::fast());
    zeros(300, &mut profile);
    let data = [b"bomb\0\0", &profile.finish().unwrap()[..]].concat();
    let error = refusal(&png(512, 512, &chunk(b"iCCP", &data)));
    // The profile is left out, and then the pixels are missing.
    assert_eq!(error.name(), "CorruptImage", "{error}");
}

#[test]
fn dicom_headers_that_promise_too_much() {
    let file = |header: Vec<u8>| {
        let pixels = drawn::element((0x7fe0, 0x0010), "OB", &[7; 1024]);
        drawn::dicom(drawn::NATIVE, &[header, pixels].concat())
    };
    let wide = file(drawn::header(60_000, 60_000, 1));
    too_large(&wide, &["60000×60000", "36 million"]);
    let many = file(drawn::header(32, 32, 99_999_999));
    too_large(&many, &["99999999", "10000"]);
    assert!(Content::open(file(drawn::header(32, 32, 1))).is_ok());
}

#[test]
fn sequences_that_are_nested_too_deeply() {
    let nested = |depth: usize| {
        let mut inner = drawn::element((0x0008, 0x0060), "CS", b"CT");
        for _ in 0..depth {
            let length = (inner.len() as u32).to_le_bytes();
            let item = [&[0xfe, 0xff, 0x00, 0xe0], &length[..], &inner].concat();
            inner = drawn::element((0x0008, 0x1140), "SQ", &item);
        }
        let header = drawn::header(32, 32, 1);
        let pixels = drawn::element((0x7fe0, 0x0010), "OB", &[7; 1024]);
        // Elements are in the order of their tags: the first two of the header come before.
        let first = drawn::element((0x0008, 0x0016), "UI", b"1.2.840.10008.5.1.4.1.1.7").len()
            + drawn::element((0x0008, 0x0060), "CS", b"CT").len();
        let data_set = [&header[..first], &inner, &header[first..], &pixels].concat();
        drawn::dicom(drawn::NATIVE, &data_set)
    };
    Content::open(nested(16)).unwrap();
    too_large(&nested(17), &["more than 16 deep"]);
    too_large(&nested(3_000), &["more than 16 deep"]);
}

#[test]
fn a_deflated_data_set_that_unpacks_to_too_much() {
    let header = drawn::header(512, 512, 1_000);
    let bomb = drawn::dicom(drawn::DEFLATED, &deflated_zeros(300, &header));
    assert!(bomb.len() < 4 << 20);
    too_large(&bomb, &["more than 256 MB"]);
}

/// The beginning of a picture, so that a member is taken for one.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Changes the length that the list of an archive gives each member once it is unpacked.
fn claim(zip: &mut [u8], bytes: u32) {
    let entries: Vec<usize> = (0..zip.len())
        .filter(|&i| zip[i..].starts_with(b"PK\x01\x02"))
        .collect();
    for entry in entries {
        zip[entry + 24..entry + 28].copy_from_slice(&bytes.to_le_bytes());
    }
}

#[test]
fn an_archive_of_too_many_files() {
    let names: Vec<String> = (0..10_001).map(|i| format!("{i}.png")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (&name[..], PICTURE)).collect();
    too_large(&drawn::zip(&files, false), &["10001", "10000"]);
    // A short archive that only says so, in the record that has room for it.
    let whole = drawn::zip(&[("a.png", PICTURE)], false);
    let end = whole.len() - 22;
    let mut record = b"PK\x06\x06".to_vec();
    record.extend(44u64.to_le_bytes());
    record.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    record.extend([5_000_000u64.to_le_bytes(); 2].concat());
    record.extend([0; 16]);
    let mut locator = b"PK\x06\x07\0\0\0\0".to_vec();
    locator.extend((end as u64).to_le_bytes());
    locator.extend(1u32.to_le_bytes());
    let mut last = whole[end..].to_vec();
    last[8..20].fill(0xff);
    let lying = [&whole[..end], &record, &locator, &last].concat();
    too_large(&lying, &["5000000", "10000"]);
}

#[test]
fn an_archive_that_unpacks_to_far_more_than_it_is() {
    let image = [PICTURE, &vec![0; 300 << 20]].concat();
    let bomb = drawn::zip(&[("bomb.png", &image)], true);
    assert!(bomb.len() < 4 << 20);
    too_large(&bomb, &["300 MB", "100 times"]);
}

#[test]
fn archives_whose_lists_lie_about_lengths() {
    let image = [PICTURE, &vec![0; 40 << 20]].concat();
    // Shorter than it is: no more is unpacked than the list says.
    let mut short = drawn::zip(&[("a.png", &image)], true);
    claim(&mut short, 1_000);
    let error = refusal(&short);
    assert_eq!(error.name(), "CorruptImage", "{error}");
    // Longer than it is.
    let mut long = drawn::zip(&[("a.png", &image[..1_000])], true);
    claim(&mut long, 4_000_000_000);
    too_large(&long, &["3814 MB", "100 times"]);
    claim(&mut long, 200 << 20);
    let error = refusal(&long);
    assert_eq!(error.name(), "CorruptImage", "{error}");
}

#[test]
fn archives_that_would_not_fit_in_memory() {
    let noise: Vec<u8> = (0..14u32 << 20)
        .map(|i| (i.wrapping_mul(i) >> 7) as u8)
        .collect();
    let names = ["a", "b", "c", "d", "e", "f"];
    let mut files: Vec<(&str, &[u8])> = names.map(|name| (name, PICTURE)).to_vec();
    files.push(("noise", &noise));
    let mut archive = drawn::zip(&files, false);
    claim(&mut archive, 180 << 20);
    too_large(&archive, &["1080 MB", "1024 MB"]);
}

#[test]
fn archives_of_too_many_frames() {
    let frame = image::GrayImage::from_pixel(16, 16, image::Luma([9]));
    let file = drawn::frames(&vec![frame; 6_000]);
    let archive = drawn::zip(&[("a.dcm", &file), ("b.dcm", &file)], true);
    let error = Content::open(&archive).unwrap_err();
    assert_eq!(error.name(), "TooLarge", "{error}");
    assert!(error.to_string().contains("12000 frames"), "{error}");
    assert!(error.to_string().contains("10000"), "{error}");
}
