//! Looks things up in a data set, and in the functional groups of enhanced files.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// A data set, or an item in it.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a>(pub &'a InMemDicomObject);

/// What the header says of one frame: its own functional groups first, then those that frames share,
/// then the header itself.
#[derive(Debug)]
pub struct Frame<'a> {
    header: Header<'a>,
    groups: Vec<Header<'a>>,
}

impl<'a> Header<'a> {
    /// A whole number.
    pub fn number(&self, tag: Tag) -> Option<i64> {
        self.0.get(tag)?.to_int().ok()
    }

    /// All values, if each is a finite number.
    pub fn decimals(&self, tag: Tag) -> Option<Vec<f64>> {
        let values = self.0.get(tag)?.to_multi_float64().ok()?;
        let finite = !values.is_empty() && values.iter().all(|v| v.is_finite());
        finite.then_some(values)
    }

    /// The first value.
    pub fn decimal(&self, tag: Tag) -> Option<f64> {
        self.decimals(tag).map(|values| values[0])
    }

    /// Text in capitals, if there is any.
    pub fn text(&self, tag: Tag) -> Option<String> {
        let text = self.0.get(tag)?.to_str().ok()?.trim().to_uppercase();
        (!text.is_empty()).then_some(text)
    }

    /// Whether it is of a localiser (scout) image.
    pub fn is_localiser(&self) -> bool {
        let types = self.text(tags::IMAGE_TYPE).unwrap_or_default();
        let mut types = types.split('\\').map(str::trim);
        types.any(|kind| ["LOCALIZER", "SCOUT", "TOPOGRAM"].contains(&kind))
    }

    /// Each of the frames.
    pub fn frames(self, frames: usize) -> Vec<Frame<'a>> {
        let shared = self.group(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        let own = self.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        let groups = |frame: usize| {
            // Groups that are not one for each frame cannot be told apart.
            let own = own.get(frame).filter(|_| own.len() == frames).map(Header);
            own.into_iter().chain(shared).collect()
        };
        (0..frames)
            .map(|frame| Frame {
                header: self,
                groups: groups(frame),
            })
            .collect()
    }

    /// The items of a sequence.
    fn items(self, tag: Tag) -> &'a [InMemDicomObject] {
        self.0.get(tag).and_then(|e| e.items()).unwrap_or_default()
    }

    /// The first item of a sequence.
    fn group(self, tag: Tag) -> Option<Header<'a>> {
        self.items(tag).first().map(Header)
    }
}

impl Frame<'_> {
    /// Numbers that stand in a sequence of a functional group, or else in the header.
    pub fn decimals(&self, sequence: Tag, tag: Tag) -> Option<Vec<f64>> {
        self.find(sequence, |header| header.decimals(tag))
    }

    /// Text, likewise.
    pub fn text(&self, sequence: Tag, tag: Tag) -> Option<String> {
        self.find(sequence, |header| header.text(tag))
    }

    fn find<T>(&self, sequence: Tag, of: impl Fn(Header) -> Option<T>) -> Option<T> {
        let inner = self.groups.iter().filter_map(|group| group.group(sequence));
        inner.filter_map(&of).next().or_else(|| of(self.header))
    }
}
