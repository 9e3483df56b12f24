//! PNG, JPEG, WebP, BMP and TIFF → one grey slice, the same to the bit on every platform.
//!
//! JPEG goes straight to `zune-jpeg` (the decoder under the `image` crate) without its
//! platform-specific SIMD, whose rounding differs from the portable code, and in its strict mode,
//! so that a file cut short is an error and not a half-grey slice.
//!
//! ```
//! use haemolens::phantom::{self, Kind};
//! use haemolens::slice::raster;
//!
//! let phantom = phantom::draw(Kind::Normal);
//! assert_eq!(raster::decode(&phantom.to_bmp()?)?, phantom.into_slice());
//! # Ok::<(), haemolens::Error>(())
//! ```

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::Slice;
use super::limits::{self, MAX_DECODER_BYTES, MAX_HEADER_BYTES, check_size};
use crate::Error;

/// Decodes an image of any colour type, bit depth and orientation; alpha is flattened on black,
/// colour becomes luma.
///
/// ```
/// use haemolens::phantom::{self, Kind};
/// use haemolens::slice::raster;
///
/// let bytes = phantom::draw(Kind::Normal).to_bmp()?;
/// assert_eq!(raster::decode(&bytes)?.width(), phantom::SIDE);
/// let error = raster::decode(b"GIF89a and so on").unwrap_err();
/// assert!(error.to_string().starts_with("gif images are not read"));
/// # Ok::<(), haemolens::Error>(())
/// ```
///
/// # Errors
/// [`Error::UnsupportedFormat`], [`Error::CorruptImage`], or [`Error::TooLarge`] (checked before
/// any pixel is decoded).
pub fn decode(bytes: &[u8]) -> Result<Slice, Error> {
    limits::check_length(bytes.len() as u64)?;
    let image = match recognise(bytes)? {
        ImageFormat::Jpeg => decode_jpeg(bytes)?,
        format => decode_other(bytes, format)?,
    };
    Slice::new(
        image.width() as usize,
        image.height() as usize,
        to_grey(image),
    )
}

/// Whether the beginning of a file is of a picture that is read.
pub(super) fn is_image(head: &[u8]) -> bool {
    recognise(head).is_ok()
}

/// The format by content, never by name.
fn recognise(bytes: &[u8]) -> Result<ImageFormat, Error> {
    const READ: [ImageFormat; 5] = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
    ];
    let advice =
        "Export the slice from your viewer as DICOM, or as PNG or JPEG in the brain window.";
    match image::guess_format(bytes) {
        Ok(format) if READ.contains(&format) => Ok(format),
        Ok(format) => Err(Error::UnsupportedFormat(format!(
            "{} images are not read; DICOM, PNG, JPEG, WebP, BMP and TIFF are. {advice}",
            format.extensions_str().first().unwrap_or(&"These")
        ))),
        Err(_) => Err(Error::UnsupportedFormat(format!(
            "This is not an image that can be read (DICOM, PNG, JPEG, WebP, BMP or TIFF). {advice}"
        ))),
    }
}

fn decode_jpeg(bytes: &[u8]) -> Result<DynamicImage, Error> {
    let corrupt = |e: &dyn std::fmt::Display| corrupt("JPEG", e);
    let options = DecoderOptions::new_safe()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| corrupt(&e))?;
    let (width, height) = decoder
        .dimensions()
        .ok_or_else(|| corrupt(&"no frame header"))?;
    check_size(width, height)?;
    let grey = matches!(decoder.input_colorspace(), Some(ColorSpace::Luma));
    let wanted = if grey {
        ColorSpace::Luma
    } else {
        ColorSpace::RGB
    };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let orientation = decoder
        .exif()
        .and_then(|chunk| Orientation::from_exif_chunk(chunk))
        .unwrap_or(Orientation::NoTransforms);
    let pixels = decoder.decode().map_err(|e| corrupt(&e))?;
    let (w, h) = (width as u32, height as u32);
    let image = if grey {
        image::GrayImage::from_raw(w, h, pixels).map(DynamicImage::ImageLuma8)
    } else {
        image::RgbImage::from_raw(w, h, pixels).map(DynamicImage::ImageRgb8)
    };
    let mut image = image.ok_or_else(|| corrupt(&"fewer pixels than its header says"))?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn decode_other(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, Error> {
    let name = format.extensions_str()[0].to_uppercase();
    let explain = |e| explain(&name, e);
    let most = |bytes| {
        let mut limits = Limits::default();
        limits.max_alloc = Some(bytes);
        limits
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(most(MAX_HEADER_BYTES));
    let mut decoder = reader.into_decoder().map_err(explain)?;
    let (width, height) = decoder.dimensions();
    check_size(width as usize, height as usize)?;
    decoder
        .set_limits(most(MAX_DECODER_BYTES))
        .map_err(explain)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(explain)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn corrupt(format: &str, cause: &dyn std::fmt::Display) -> Error {
    Error::CorruptImage(format!(
        "This {format} file is damaged or cut short ({cause}). Export or copy it again."
    ))
}

fn explain(format: &str, error: ImageError) -> Error {
    match error {
        ImageError::Limits(e) => Error::TooLarge(format!(
            "This {format} file needs more memory than is allowed ({e}). Export a single slice \
             at its own resolution."
        )),
        ImageError::Unsupported(e) => Error::UnsupportedFormat(format!(
            "This kind of {format} file is not read ({e}). Export the slice as PNG or JPEG."
        )),
        other => corrupt(format, &other),
    }
}

/// Grey levels 0–255, row-major, alpha flattened on black.
fn to_grey(image: DynamicImage) -> Vec<u8> {
    match image {
        DynamicImage::ImageLuma8(i) => i.into_raw(),
        DynamicImage::ImageLumaA8(i) => i.pixels().map(|p| over_black(p[0], p[1])).collect(),
        DynamicImage::ImageRgb8(i) => i.pixels().map(|p| luma8(p[0], p[1], p[2])).collect(),
        DynamicImage::ImageRgba8(i) => i
            .pixels()
            .map(|p| over_black(luma8(p[0], p[1], p[2]), p[3]))
            .collect(),
        // 16-bit and floating-point images: the image crate's own widening, then the same luma.
        deep => deep
            .into_rgba16()
            .pixels()
            .map(|p| to_8_bits(over_black16(luma16(p[0], p[1], p[2]), p[3])))
            .collect(),
    }
}

/// Rec. 601 luma in 16-bit fixed point (the weights sum to 65,536, so grey stays itself).
const LUMA_601: [u32; 3] = [19_595, 38_470, 7_471];

pub(super) fn luma8(r: u8, g: u8, b: u8) -> u8 {
    luma16(r.into(), g.into(), b.into()) as u8
}

fn luma16(r: u16, g: u16, b: u16) -> u16 {
    let [wr, wg, wb] = LUMA_601.map(u64::from);
    ((wr * u64::from(r) + wg * u64::from(g) + wb * u64::from(b) + 32_768) >> 16) as u16
}

fn over_black(grey: u8, alpha: u8) -> u8 {
    ((u32::from(grey) * u32::from(alpha) + 127) / 255) as u8
}

fn over_black16(grey: u16, alpha: u16) -> u16 {
    ((u64::from(grey) * u64::from(alpha) + 32_767) / 65_535) as u16
}

fn to_8_bits(v: u16) -> u8 {
    ((u32::from(v) * 255 + 32_767) / 65_535) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, Luma, LumaA, Rgb, Rgba};

    fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        image.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    fn ramp() -> DynamicImage {
        DynamicImage::ImageLuma8(ImageBuffer::from_fn(32, 24, |x, y| {
            Luma([(x * 7 + y * 3) as u8])
        }))
    }

    #[test]
    fn lossless_formats_and_depths_agree_on_a_grey_ramp() {
        let grey = to_grey(ramp());
        for format in [
            ImageFormat::Png,
            ImageFormat::Bmp,
            ImageFormat::Tiff,
            ImageFormat::WebP,
        ] {
            for image in [
                ramp(),
                ramp().into_rgb8().into(),
                ramp().into_rgba8().into(),
            ] {
                let image: DynamicImage = match (format, &image) {
                    // WebP stores no plain grey.
                    (ImageFormat::WebP, DynamicImage::ImageLuma8(_)) => image.into_rgb8().into(),
                    _ => image,
                };
                let slice = decode(&encode(&image, format)).unwrap();
                assert_eq!(slice.grey(), grey, "{format:?} {:?}", image.color());
            }
        }
        for image in [
            DynamicImage::from(ramp().into_luma16()),
            ramp().into_rgb16().into(),
        ] {
            for format in [ImageFormat::Png, ImageFormat::Tiff] {
                assert_eq!(
                    decode(&encode(&image, format)).unwrap().grey(),
                    grey,
                    "{format:?}"
                );
            }
        }
        let float = DynamicImage::from(ramp().into_rgb32f());
        assert_eq!(
            decode(&encode(&float, ImageFormat::Tiff)).unwrap().grey(),
            grey
        );
    }

    #[test]
    fn alpha_is_flattened_on_black() {
        let clear = DynamicImage::from(ImageBuffer::from_pixel(20, 20, Rgba([200u8, 200, 200, 0])));
        let half = DynamicImage::from(ImageBuffer::from_pixel(20, 20, LumaA([200u8, 128])));
        let deep = DynamicImage::from(ImageBuffer::from_pixel(20, 20, LumaA([51_400u16, 32_896])));
        for (image, grey) in [(clear, 0), (half, 100), (deep, 100)] {
            assert_eq!(
                decode(&encode(&image, ImageFormat::Png)).unwrap().grey()[0],
                grey
            );
        }
    }

    #[test]
    fn colour_becomes_rec_601_luma() {
        let red = DynamicImage::from(ImageBuffer::from_pixel(20, 20, Rgb([255u8, 0, 0])));
        assert_eq!(
            decode(&encode(&red, ImageFormat::Png)).unwrap().grey()[0],
            76
        );
    }

    #[test]
    fn tiff_orientation_is_applied() {
        // A TIFF whose orientation tag (274) says "rotate 90° clockwise to show".
        let mut bytes = encode(&ramp(), ImageFormat::Tiff);
        let upright = decode(&bytes).unwrap();
        let ifd = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
        let entries = u16::from_le_bytes(bytes[ifd..ifd + 2].try_into().unwrap()) as usize;
        // Move the directory to the end with one entry more (tags stay sorted).
        let mut entry: Vec<Vec<u8>> = (0..entries)
            .map(|i| bytes[ifd + 2 + 12 * i..][..12].to_vec())
            .collect();
        let mut orientation = Vec::from(274u16.to_le_bytes());
        orientation.extend(3u16.to_le_bytes());
        orientation.extend(1u32.to_le_bytes());
        orientation.extend(6u32.to_le_bytes());
        entry.push(orientation);
        entry.sort_by_key(|e| u16::from_le_bytes([e[0], e[1]]));
        let at = bytes.len() as u32;
        bytes[4..8].copy_from_slice(&at.to_le_bytes());
        bytes.extend((entry.len() as u16).to_le_bytes());
        bytes.extend(entry.concat());
        bytes.extend(0u32.to_le_bytes());
        let turned = decode(&bytes).unwrap();
        assert_eq!(
            (turned.width(), turned.height()),
            (upright.height(), upright.width())
        );
        assert_eq!(turned.row(0)[turned.width() - 1], upright.row(0)[0]);
    }

    #[test]
    fn each_bad_input_has_its_name() {
        let png = encode(&ramp(), ImageFormat::Png);
        let tiny = encode(
            &DynamicImage::from(ImageBuffer::from_pixel(1, 1, Luma([9u8]))),
            ImageFormat::Png,
        );
        // A header that claims 20,000 × 20,000 pixels, with its checksum.
        let mut bomb = png.clone();
        bomb[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        let mut dicom = vec![0; 200];
        dicom[128..132].copy_from_slice(b"DICM");
        for (bytes, name) in [
            (
                b"patient list, not an image".as_slice(),
                "UnsupportedFormat",
            ),
            (b"GIF89a\x01\x00\x01\x00", "UnsupportedFormat"),
            (&dicom, "UnsupportedFormat"),
            (&png[..png.len() / 2], "CorruptImage"),
            (&tiny, "CorruptImage"),
            (&bomb, "TooLarge"),
        ] {
            let error = decode(bytes).unwrap_err();
            assert_eq!(error.name(), name, "{error}");
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, &b| {
            (0..8).fold(crc ^ u32::from(b), |c, _| {
                (c >> 1) ^ (0xedb8_8320 & (c & 1).wrapping_neg())
            })
        })
    }
}
