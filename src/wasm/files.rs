//! Files that stay open, so that what they hold is read once however often it is asked for.

use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::blob::BlobReader;
use super::{set, thrown, to_js};
use crate::Error;
use crate::slice::Content;
use crate::slice::archive::{self, Archive};
use crate::slice::limits;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("files.d.ts");

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Member[]")]
    pub type JsMembers;
    #[wasm_bindgen(typescript_type = "Hounsfield")]
    pub type JsHounsfield;
}

/// An open file: slices, or an archive whose members are opened one by one. It takes memory until
/// `free` is called.
#[wasm_bindgen]
pub struct OpenFile(Holding);

enum Holding {
    Slices(Content),
    Archive(Box<Archive<BlobReader>>),
}

#[derive(Serialize)]
struct Member<'a> {
    name: &'a str,
    index: usize,
}

#[derive(Serialize)]
struct Size {
    width: usize,
    height: usize,
}

#[wasm_bindgen]
impl OpenFile {
    /// Opens what `fileBytes` hold; of an archive, every image in it.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(js_name = fileBytes)] file_bytes: Vec<u8>,
    ) -> Result<OpenFile, JsValue> {
        let content = Content::open(file_bytes).map_err(thrown)?;
        Ok(Self(Holding::Slices(content)))
    }

    /// Opens a file in a worker. An archive may be of any size: only its list is read.
    #[wasm_bindgen(js_name = fromBlob)]
    pub fn from_blob(blob: Blob) -> Result<OpenFile, JsValue> {
        hold(blob).map(Self).map_err(thrown)
    }

    /// Whether it is an archive, whose members are to be opened.
    #[wasm_bindgen(getter, js_name = isArchive)]
    pub fn is_archive(&self) -> bool {
        matches!(self.0, Holding::Archive(_))
    }

    /// How many slices there are; none in an archive, but in its members.
    #[wasm_bindgen(getter)]
    pub fn slices(&self) -> usize {
        self.content().map_or(0, Content::slices)
    }

    /// What one of the slices measured, counted from 0 (the first one if none is named), to show it in
    /// another window; `undefined` where the file does not hold Hounsfield units.
    pub fn hounsfield(&self, slice: Option<usize>) -> Result<Option<JsHounsfield>, JsValue> {
        let content = self.content().map_err(thrown)?;
        let found = content.hounsfield(slice.unwrap_or(0)).map_err(thrown)?;
        let Some(found) = found else { return Ok(None) };
        let js: JsHounsfield = to_js(&Size {
            width: found.width,
            height: found.height,
        })?;
        let values = js_sys::Int16Array::from(found.values.as_slice());
        set(&js, "values", &values)?;
        Ok(Some(js))
    }

    /// The images in an archive, in the order of their names; the beginning of each file in it is
    /// read for that.
    pub fn members(&mut self) -> Result<JsMembers, JsValue> {
        let archive = self.archive().map_err(thrown)?;
        archive.keep_images().map_err(thrown)?;
        let members = archive.members().iter();
        let members = members.map(|member| Member {
            name: &member.name,
            index: member.index,
        });
        to_js(&members.collect::<Vec<_>>())
    }

    /// Opens a member of an archive.
    #[wasm_bindgen(js_name = openMember)]
    pub fn open_member(&mut self, index: usize) -> Result<OpenFile, JsValue> {
        let content = self.archive().and_then(|archive| archive.content(index));
        Ok(Self(Holding::Slices(content.map_err(thrown)?)))
    }
}

impl OpenFile {
    /// The slices.
    ///
    /// # Errors
    /// [`Error::Internal`] for an archive.
    pub(super) fn content(&self) -> Result<&Content, Error> {
        match &self.0 {
            Holding::Slices(content) => Ok(content),
            Holding::Archive(_) => Err(Error::Internal(
                "slices of an archive were asked for, not of a member".into(),
            )),
        }
    }

    fn archive(&mut self) -> Result<&mut Archive<BlobReader>, Error> {
        match &mut self.0 {
            Holding::Archive(archive) => Ok(archive),
            Holding::Slices(_) => Err(Error::Internal(
                "members of a file were asked for that is no archive".into(),
            )),
        }
    }
}

fn hold(blob: Blob) -> Result<Holding, Error> {
    let reader = BlobReader::open(blob).map_err(unreadable)?;
    if archive::is_archive(reader.head()) {
        return Ok(Holding::Archive(Box::new(Archive::list(reader)?)));
    }
    limits::check_length(reader.length())?;
    Content::open(reader.whole().map_err(unreadable)?).map(Holding::Slices)
}

fn unreadable(cause: std::io::Error) -> Error {
    Error::CorruptImage(cause.to_string())
}
