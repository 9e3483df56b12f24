//! How many files an archive says that it holds, before memory is set aside for them.

use std::io::{self, Read, Seek, SeekFrom};

use crate::Error;
use crate::slice::limits;

/// End of central directory record (APPNOTE 4.3.16), and where it counts the files.
const END: &[u8] = b"PK\x05\x06";
const END_COUNT: usize = 10;
/// Its length without the comment, and the longest comment.
const END_BYTES: u64 = 22;
const MOST_COMMENT: u64 = 1 << 16;
/// Says that the count is in the ZIP64 record.
const ELSEWHERE: u16 = u16::MAX;
/// ZIP64 end of central directory locator (4.3.15), which lies right before, and where it names the
/// place of the record.
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_BYTES: u64 = 20;
const LOCATOR_PLACE: usize = 8;
/// ZIP64 end of central directory record (4.3.14), and where it counts the files.
const END64: &[u8] = b"PK\x06\x06";
const END64_COUNT: usize = 32;

/// Refuses an archive that says that it holds too many files; how many bytes it has otherwise.
///
/// # Errors
/// [`Error::TooLarge`]; what cannot be read is found out by whoever reads the directory.
pub fn check(reader: &mut (impl Read + Seek)) -> Result<u64, Error> {
    let Ok(bytes) = reader.seek(SeekFrom::End(0)) else {
        return Ok(0);
    };
    limits::check_files(most_files(reader, bytes).unwrap_or(0))?;
    Ok(bytes)
}

/// The largest number of files that any record at the end of an archive names: a false one may be
/// hidden in a comment.
fn most_files(reader: &mut (impl Read + Seek), bytes: u64) -> io::Result<u64> {
    let start = bytes.saturating_sub(LOCATOR_BYTES + END_BYTES + MOST_COMMENT);
    reader.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    reader.take(bytes - start).read_to_end(&mut tail)?;
    let mut most = 0;
    for at in 0..tail.len() {
        if !tail[at..].starts_with(END) {
            continue;
        }
        let count = tail[at..].get(END_COUNT..).and_then(<[u8]>::first_chunk);
        let count = count.map_or(0, |&count| u16::from_le_bytes(count));
        if count != ELSEWHERE {
            most = most.max(count.into());
        }
        let before = at.checked_sub(LOCATOR_BYTES as usize);
        let locator = before.and_then(|before| tail[before..].strip_prefix(LOCATOR));
        let place = locator.and_then(|rest| rest[LOCATOR_PLACE - LOCATOR.len()..].first_chunk());
        if let Some(&place) = place {
            most = most.max(files64(reader, u64::from_le_bytes(place))?);
        }
    }
    Ok(most)
}

/// The number of files that a ZIP64 record names, 0 where there is none.
fn files64(reader: &mut (impl Read + Seek), place: u64) -> io::Result<u64> {
    let mut record = Vec::new();
    reader.seek(SeekFrom::Start(place))?;
    reader
        .take(END64_COUNT as u64 + 8)
        .read_to_end(&mut record)?;
    let count = record.strip_prefix(END64).and_then(|rest| {
        let count = rest.get(END64_COUNT - END64.len()..)?;
        count.first_chunk().copied()
    });
    Ok(count.map_or(0, u64::from_le_bytes))
}
