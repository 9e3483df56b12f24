//! How much is read at most. What lies beyond a limit is [`Error::TooLarge`] before anything is
//! allocated for it.
//!
//! ```
//! use haemolens::slice::limits::{MAX_BYTES, MAX_PIXELS, MAX_SIDE};
//!
//! // A picture may be as long as the limit on one side only.
//! assert!(MAX_SIDE * MAX_SIDE > MAX_PIXELS);
//! // Every picture within the limits may come without compression.
//! assert!(MAX_BYTES > 4 * MAX_PIXELS);
//! ```

use crate::Error;

/// Longest file, in bytes; of what is packed, also once unpacked.
pub const MAX_BYTES: usize = 256 << 20;
/// Longest side of an image, in pixels.
pub const MAX_SIDE: usize = 16_384;
/// Most pixels in an image or a frame.
pub const MAX_PIXELS: usize = 36_000_000;
/// Shortest side of an image that can hold a slice, in pixels.
pub const MIN_SIDE: usize = 16;
/// Most frames of a file.
pub const MAX_FRAMES: usize = 10_000;
/// Most files of an archive.
pub const MAX_FILES: usize = 10_000;
/// Most bytes that an archive unpacks to when it is held in memory whole.
pub const MAX_UNPACKED_BYTES: u64 = 1 << 30;
/// An archive that is longer than [`MAX_BYTES`] once unpacked may be so many times as long as packed.
pub const MAX_RATIO: u64 = 100;
/// Most bytes of a picture's header, such as its colour profile, once unpacked.
pub const MAX_HEADER_BYTES: u64 = 4 << 20;
/// Deepest nesting of DICOM sequences.
pub const MAX_DEPTH: usize = 16;
/// Most memory that a decoder may ask for, in bytes: [`MAX_PIXELS`] of 16-bit RGBA.
pub(super) const MAX_DECODER_BYTES: u64 = MAX_PIXELS as u64 * 8;

/// Refuses a file that is too long to be looked at.
///
/// ```
/// use haemolens::slice::limits::{MAX_BYTES, check_length};
///
/// assert!(check_length(MAX_BYTES as u64).is_ok());
/// let error = check_length(300 << 20).unwrap_err();
/// assert!(error.to_string().starts_with("The file is 300 MB; at most 256 MB are read."));
/// ```
///
/// # Errors
/// [`Error::TooLarge`].
pub fn check_length(bytes: u64) -> Result<(), Error> {
    if bytes > MAX_BYTES as u64 {
        return Err(Error::TooLarge(format!(
            "The file is {} MB; at most {} MB are read. Export a single slice, or add the files \
             of the examination one by one.",
            bytes >> 20,
            MAX_BYTES >> 20
        )));
    }
    Ok(())
}

/// Refuses an image by its header, before any pixel is decoded: [`Error::CorruptImage`] when it is too
/// small.
pub(super) fn check_size(width: usize, height: usize) -> Result<(), Error> {
    if width < MIN_SIDE || height < MIN_SIDE {
        return Err(Error::CorruptImage(format!(
            "The image is only {width}×{height} pixels, too small to hold a CT slice. Export the \
             slice at full resolution (at least {MIN_SIDE}×{MIN_SIDE})."
        )));
    }
    if width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS {
        return Err(Error::TooLarge(format!(
            "The image is {width}×{height} pixels; at most {MAX_SIDE} a side and {} million in \
             all are read. Export the slice at its own resolution (CT is 512×512).",
            MAX_PIXELS / 1_000_000
        )));
    }
    Ok(())
}

/// Refuses a file of too many frames.
pub(super) fn check_frames(frames: usize) -> Result<(), Error> {
    if frames > MAX_FRAMES {
        return Err(Error::TooLarge(format!(
            "The file holds {frames} frames; at most {MAX_FRAMES} are read. Export a part of them."
        )));
    }
    Ok(())
}

/// Refuses a data set that is too long once unpacked: `bytes` of it, or as many as were counted.
pub(super) fn check_unpacked(bytes: u64) -> Result<(), Error> {
    if bytes > MAX_BYTES as u64 {
        return Err(Error::TooLarge(format!(
            "This DICOM file is deflated and unpacks to more than {} MB, which is the most that is \
             read. Export a part of it, or without compression.",
            MAX_BYTES >> 20
        )));
    }
    Ok(())
}

/// Refuses an archive of too many files.
pub(super) fn check_files(files: u64) -> Result<(), Error> {
    if files > MAX_FILES as u64 {
        return Err(Error::TooLarge(format!(
            "The ZIP archive holds {files} files; at most {MAX_FILES} are read. Unpack it and add a \
             part of them."
        )));
    }
    Ok(())
}

/// Refuses what would unpack to far more than it is: nothing that a scanner makes does.
pub(super) fn check_ratio(packed: u64, unpacked: u64) -> Result<(), Error> {
    if unpacked > (MAX_BYTES as u64).max(packed.saturating_mul(MAX_RATIO)) {
        return Err(Error::TooLarge(format!(
            "The file would unpack from {} MB to {} MB; at most {MAX_RATIO} times its size is \
             unpacked. Unpack it yourself if you trust it, and add what you need.",
            packed >> 20,
            unpacked >> 20
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_holds_its_figure_and_the_one_found() {
        let says = |result: Result<(), Error>, words: [&str; 2]| {
            let error = result.unwrap_err();
            assert_eq!(error.name(), "TooLarge");
            let error = error.to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        };
        says(check_length(300 << 20), ["300 MB", "256 MB"]);
        says(check_size(20_000, 20), ["20000×20", "16384"]);
        says(check_size(10_000, 10_000), ["10000×10000", "36 million"]);
        assert_eq!(check_size(15, 512).unwrap_err().name(), "CorruptImage");
        says(check_frames(10_001), ["10001", "10000"]);
        says(check_unpacked(300 << 20), ["more than", "256 MB"]);
        says(check_files(10_001), ["10001", "10000"]);
        says(check_ratio(3 << 20, 400 << 20), ["400 MB", "100 times"]);
        assert!(check_length(256 << 20).is_ok() && check_size(6_000, 6_000).is_ok());
        assert!(check_ratio(0, 256 << 20).is_ok() && check_ratio(4 << 20, 400 << 20).is_ok());
    }
}
