//! Bytes → transfer syntax and data set. Lengths and nesting are checked before anything is
//! allocated for them.

use std::borrow::Cow;
use std::io::{self, Cursor, Read};

use dicom_core::VR;
use dicom_core::header::Header as _;
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::transfer_syntax::{TransferSyntax, TransferSyntaxIndex};
use dicom_object::InMemDicomObject;
use dicom_parser::dataset::LazyDataToken;
use dicom_parser::dataset::lazy_read::LazyDataSetReader;
use dicom_parser::stateful::decode::StatefulDecode;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use flate2::read::DeflateDecoder;

use super::attributes::corrupt;
use super::{BIG_ENDIAN, unread};
use crate::Error;
use crate::slice::limits::{self, MAX_BYTES, MAX_DEPTH};

/// Bytes before the magic word of a file with a preamble.
const PREAMBLE: usize = 128;
const MAGIC: &[u8] = b"DICM";
/// The group of the elements that say how the rest is written.
const META_GROUP: u16 = 2;
/// A first element that is longer says that bytes are something else.
const MOST_OF_FIRST: usize = 1 << 12;

/// Whether bytes, or the first few hundred of them, are of a DICOM file, by what they hold: with its
/// preamble or without, or a data set by itself.
///
/// ```
/// use haemolens::slice::dicom::is_dicom;
///
/// // After a preamble of 128 bytes, or right away with the modality.
/// let file = [&[0; 128][..], b"DICM"].concat();
/// assert!(is_dicom(&file));
/// assert!(is_dicom(b"\x08\x00\x60\x00CS\x02\x00CT"));
/// assert!(!is_dicom(b"BM and so on"));
/// ```
pub fn is_dicom(bytes: &[u8]) -> bool {
    after_magic(bytes).is_some() || start(bytes).is_some()
}

/// The transfer syntax and the data set of a file.
///
/// # Errors
/// [`Error::CorruptImage`], [`Error::TooLarge`] and [`Error::UnsupportedTransferSyntax`].
pub fn read(bytes: &[u8]) -> Result<(InMemDicomObject, String), Error> {
    let bytes = after_magic(bytes).unwrap_or(bytes);
    let (syntax, data) = match start(bytes) {
        Some(Start::DataSet(syntax)) => (syntax.to_owned(), bytes),
        Some(Start::Meta) => meta(bytes)?,
        None => return Err(corrupt("it does not begin as DICOM does")),
    };
    let (written, data) = match &syntax[..] {
        uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN => {
            (uids::EXPLICIT_VR_LITTLE_ENDIAN, inflate(data)?.into())
        }
        other => (other, Cow::Borrowed(data)),
    };
    let known = TransferSyntaxRegistry.get(written);
    let known = known.ok_or_else(|| unread(&syntax, None))?;
    check(&data, known)?;
    let object = InMemDicomObject::read_dataset_with_ts(&data[..], known);
    Ok((object.map_err(|e| corrupt(&chain(&e)))?, syntax))
}

/// What follows the magic word.
fn after_magic(bytes: &[u8]) -> Option<&[u8]> {
    let whole = bytes.get(PREAMBLE..).unwrap_or_default();
    whole
        .strip_prefix(MAGIC)
        .or_else(|| bytes.strip_prefix(MAGIC))
}

/// What bytes begin with.
enum Start {
    /// The file meta group.
    Meta,
    /// The data set, of this transfer syntax.
    DataSet(&'static str),
}

/// Tells by the first element.
fn start(bytes: &[u8]) -> Option<Start> {
    let &[g0, g1, _, _, v0, v1, l0, l1] = bytes.first_chunk::<8>()?;
    let explicit = [v0, v1].iter().all(u8::is_ascii_uppercase);
    match [g0, g1] {
        [2, 0] if explicit => Some(Start::Meta),
        [8, 0] if explicit => Some(Start::DataSet(uids::EXPLICIT_VR_LITTLE_ENDIAN)),
        [0, 8] if explicit => Some(Start::DataSet(BIG_ENDIAN)),
        [8, 0] => {
            let length = u32::from_le_bytes([v0, v1, l0, l1]) as usize;
            let fits = length < MOST_OF_FIRST && length <= bytes.len();
            fits.then_some(Start::DataSet(uids::IMPLICIT_VR_LITTLE_ENDIAN))
        }
        _ => None,
    }
}

type Tokens<'a> =
    LazyDataSetReader<dicom_parser::stateful::decode::DynStatefulDecoder<Cursor<&'a [u8]>>>;

fn tokens<'a>(bytes: &'a [u8], syntax: &TransferSyntax) -> Result<Tokens<'a>, Error> {
    LazyDataSetReader::new_with_ts(Cursor::new(bytes), syntax).map_err(|e| corrupt(&chain(&e)))
}

/// The transfer syntax that the file meta group names, and what follows the group. Its own length is
/// not believed: it is often wrong.
fn meta(bytes: &[u8]) -> Result<(String, &[u8]), Error> {
    let plain = dicom_transfer_syntax_registry::entries::EXPLICIT_VR_LITTLE_ENDIAN.erased();
    let mut tokens = tokens(bytes, &plain)?;
    let (mut end, mut syntax) = (0, None);
    // The data set may be written otherwise: what cannot be read begins it.
    while let Some(Ok(token)) = tokens.advance() {
        match token {
            LazyDataToken::ElementHeader(header) if header.tag().group() == META_GROUP => {}
            LazyDataToken::LazyValue { header, decoder } => {
                end = fits(bytes, decoder.position(), header.len.get())?;
                if header.tag() == tags::TRANSFER_SYNTAX_UID {
                    let value = decoder.read_value_preserved(&header);
                    let value = value.map_err(|e| corrupt(&chain(&e)))?;
                    let text = value.to_str();
                    syntax = Some(text.trim_end_matches(['\0', ' ']).to_owned());
                } else {
                    let length = header.len.get().unwrap_or_default();
                    decoder
                        .skip_bytes(length)
                        .map_err(|e| corrupt(&chain(&e)))?;
                }
            }
            _ => break,
        }
    }
    let syntax = syntax.ok_or_else(|| corrupt("its transfer syntax is not named"))?;
    Ok((syntax, &bytes[end..]))
}

/// Unpacks a deflated data set, once it is known how long it is.
fn inflate(packed: &[u8]) -> Result<Vec<u8>, Error> {
    let unpacked = || DeflateDecoder::new(packed).take(MAX_BYTES as u64 + 1);
    let broken = |e: io::Error| corrupt(&e.to_string());
    let bytes = io::copy(&mut unpacked(), &mut io::sink()).map_err(broken)?;
    limits::check_unpacked(bytes)?;
    let mut out = Vec::with_capacity(bytes as usize);
    unpacked().read_to_end(&mut out).map_err(broken)?;
    Ok(out)
}

/// What has begun and not ended in a data set.
#[derive(PartialEq, Eq)]
enum Open {
    Sequence,
    Item,
}

/// Walks through a data set: nothing may be longer than what there is, nested too deeply, or end that
/// did not begin.
fn check(bytes: &[u8], syntax: &TransferSyntax) -> Result<(), Error> {
    let mut tokens = tokens(bytes, syntax)?;
    let mut open = Vec::new();
    while let Some(token) = tokens.advance() {
        match token.map_err(|e| corrupt(&chain(&e)))? {
            LazyDataToken::SequenceStart { .. } | LazyDataToken::PixelSequenceStart => {
                open.push(Open::Sequence);
            }
            LazyDataToken::ItemStart { .. } => open.push(Open::Item),
            LazyDataToken::SequenceEnd => ends(&mut open, &Open::Sequence)?,
            LazyDataToken::ItemEnd => ends(&mut open, &Open::Item)?,
            LazyDataToken::LazyValue { header, decoder } => {
                whole(header.vr(), header.len.get())?;
                skip(bytes, decoder, header.len.get())?;
            }
            LazyDataToken::LazyItemValue { len, decoder } => skip(bytes, decoder, Some(len))?,
            _ => {}
        }
        if open.len() > 2 * MAX_DEPTH {
            return Err(Error::TooLarge(format!(
                "This DICOM file nests its sequences more than {MAX_DEPTH} deep. Export it again, \
                 from another program if you can."
            )));
        }
    }
    Ok(())
}

/// Refuses values that are not a whole number of numbers: the reader would go on in the midst of the
/// last one, and take what is left of it for an element.
fn whole(vr: VR, length: Option<u32>) -> Result<(), Error> {
    let unit = match vr {
        VR::US | VR::SS | VR::OW => 2,
        VR::UL | VR::SL | VR::FL | VR::AT | VR::OF | VR::OL => 4,
        VR::FD | VR::SV | VR::UV | VR::OD | VR::OV => 8,
        _ => 1,
    };
    match length {
        Some(length) if length % unit > 0 => Err(corrupt(&format!(
            "a value of numbers of {unit} bytes is {length} bytes long"
        ))),
        _ => Ok(()),
    }
}

fn ends(open: &mut Vec<Open>, what: &Open) -> Result<(), Error> {
    match open.pop().as_ref() == Some(what) {
        true => Ok(()),
        false => Err(corrupt("a sequence ends in it that did not begin")),
    }
}

fn skip(bytes: &[u8], decoder: &mut impl StatefulDecode, length: Option<u32>) -> Result<(), Error> {
    fits(bytes, decoder.position(), length)?;
    let skipped = decoder.skip_bytes(length.unwrap_or_default());
    skipped.map_err(|e| corrupt(&chain(&e)))
}

/// Where a value ends that begins at `position`.
fn fits(bytes: &[u8], position: u64, length: Option<u32>) -> Result<usize, Error> {
    let length = length.ok_or_else(|| corrupt("a value does not say how long it is"))?;
    let end = position.saturating_add(length.into());
    match end <= bytes.len() as u64 {
        true => Ok(end as usize),
        false => Err(corrupt(&format!(
            "a value promises {length} bytes, and {} are left",
            bytes.len() as u64 - position.min(bytes.len() as u64)
        ))),
    }
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    causes.map(|e| e.to_string()).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_ends_in_the_midst_of_a_number_is_refused() {
        let modality = b"\x08\x00\x60\x00CS\x02\x00CT";
        let with = |more: &[u8]| read(&[modality, more].concat());
        assert!(with(b"\x28\x00\x09\x00AT\x04\x00\x18\x00\x63\x10").is_ok());
        let error = with(b"\x28\x00\x09\x00AT\x02\x00\x18\x00").unwrap_err();
        assert_eq!(error.name(), "CorruptImage");
        assert!(
            error.to_string().contains("4 bytes is 2 bytes long"),
            "{error}"
        );
    }
}
