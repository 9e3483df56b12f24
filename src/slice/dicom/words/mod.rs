//! Which part of the body a header's words name. They are written by people, in any language and with
//! any abbreviation, or left as the scanner had them from another examination: evidence, never proof.

mod lists;

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::header::Header;
use lists::{HEAD, OTHERS};

/// What is said of a series, and, where that names no part, what is said of its whole examination.
const LEVELS: [&[Tag]; 2] = [
    &[
        tags::SERIES_DESCRIPTION,
        tags::BODY_PART_EXAMINED,
        tags::PROTOCOL_NAME,
    ],
    &[tags::STUDY_DESCRIPTION],
];

/// The part that a header names, as a word of ours (what stands there is for nobody else's eyes),
/// where it names one and not the head.
pub fn other_part(header: &Header) -> Option<&'static str> {
    for level in LEVELS {
        let mut other = None;
        for &tag in level {
            let Some(text) = header.text(tag) else {
                continue;
            };
            let named = part(&text).or_else(|| defined_term(tag, &text));
            match named {
                Some(Part::Head) => return None,
                Some(Part::Other(name)) => other = other.or(Some(name)),
                None => {}
            }
        }
        if other.is_some() {
            return other;
        }
    }
    None
}

/// A part of the body that words name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The head, alone or among others.
    Head,
    Other(&'static str),
}

/// The part that a defined term (PS3.16, annex L) names which says nothing in a sentence: a trial has
/// an arm as well.
fn defined_term(tag: Tag, text: &str) -> Option<Part> {
    (tag == tags::BODY_PART_EXAMINED && text == "ARM").then_some(Part::Other("LIMB"))
}

/// The part that a text in capitals names first, but the head wherever that stands.
fn part(text: &str) -> Option<Part> {
    let plain = unaccented(text);
    let mut other = None;
    for word in plain.split(|letter: char| !letter.is_alphanumeric()) {
        if is_any(word, HEAD) {
            return Some(Part::Head);
        }
        let named = OTHERS.iter().find(|(_, words)| is_any(word, words));
        other = other.or(named.map(|&(name, _)| Part::Other(name)));
    }
    other
}

/// Whether a word is one of a list (see [`lists`]).
fn is_any(word: &str, list: &[&str]) -> bool {
    list.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(stem) => match stem.strip_prefix('*') {
            Some(within) => word.contains(within),
            None => word.starts_with(stem),
        },
        None => word == *pattern,
    })
}

/// Latin capitals without their marks; ß, Æ, Œ, Ø and Ł as two letters or as the plain one.
fn unaccented(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        plain.push_str(match letter {
            'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' | 'Ą' => "A",
            'Æ' => "AE",
            'Ç' | 'Ć' | 'Č' => "C",
            'È' | 'É' | 'Ê' | 'Ë' | 'Ę' | 'Ě' => "E",
            'Ì' | 'Í' | 'Î' | 'Ï' | 'İ' => "I",
            'Ł' => "L",
            'Ñ' | 'Ń' | 'Ň' => "N",
            'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' | 'Ø' | 'Ő' => "O",
            'Œ' => "OE",
            'Ř' => "R",
            'Ś' | 'Š' | 'Ş' => "S",
            'ß' => "SS",
            'Ù' | 'Ú' | 'Û' | 'Ü' | 'Ů' | 'Ű' => "U",
            'Ý' => "Y",
            'Ź' | 'Ż' | 'Ž' => "Z",
            other => {
                plain.push(other);
                continue;
            }
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, VR};
    use dicom_object::InMemDicomObject;

    use super::*;

    fn named(elements: &[(Tag, &str)]) -> Option<&'static str> {
        let mut object = InMemDicomObject::new_empty();
        for &(tag, text) in elements {
            object.put(DataElement::new(tag, VR::LO, text));
        }
        other_part(&Header(&object))
    }

    #[test]
    fn words_of_many_languages_name_a_part() {
        for (text, part) in [
            ("HELICAL CHEST", "CHEST"),
            ("Thx/Abd. i.v.", "CHEST"),
            ("ct thorax w/o", "CHEST"),
            ("TDM thoraco-abdominale", "CHEST"),
            ("Röntgen Hüftgelenk re.", "LIMB"),
            ("TC de tórax", "CHEST"),
            ("Épaule gauche", "SHOULDER"),
            ("LWS nativ", "SPINE"),
            ("CT_L-SPINE_2.0", "SPINE"),
            ("Becken^1_BECKEN (Erwachsener)", "PELVIS"),
            ("Rodilla derecha", "LIMB"),
            ("КТ органов грудной клетки", "CHEST"),
            ("胸部CT平扫", "CHEST"),
            ("TC addome superiore", "ABDOMEN"),
            ("Knie links", "LIMB"),
        ] {
            assert_eq!(
                named(&[(tags::STUDY_DESCRIPTION, text)]),
                Some(part),
                "{text}"
            );
        }
    }

    /// Terms of PS3.16, annex L, that are surely not the head.
    const DEFINED_TERMS: &str = "ABDOMEN ANKLE AORTA ARM BREAST CHEST COLON CSPINE ELBOW FOOT HAND \
        HEART HIP KNEE LEG LIVER LSPINE LUNG NECK PELVIS SHOULDER SPINE TSPINE THORAX WRIST EXTREMITY";

    #[test]
    fn defined_terms_of_other_parts_name_one() {
        for term in DEFINED_TERMS.split_whitespace() {
            assert!(
                named(&[(tags::BODY_PART_EXAMINED, term)]).is_some(),
                "{term}"
            );
        }
        for term in ["HEAD", "BRAIN", "SKULL", "HEADNECK", "WHOLEBODY", "ORBIT"] {
            assert_eq!(named(&[(tags::BODY_PART_EXAMINED, term)]), None, "{term}");
        }
        assert_eq!(named(&[(tags::BODY_PART_EXAMINED, "ARM")]), Some("LIMB"));
        assert_eq!(
            named(&[
                (tags::BODY_PART_EXAMINED, "CHEST"),
                (tags::SERIES_DESCRIPTION, "Head 5.0 H31s")
            ]),
            None,
            "the term is often that of another examination"
        );
    }

    #[test]
    fn the_head_among_others_clears_a_level_of_the_header() {
        for text in [
            "CT HEAD/C-SPINE WO",
            "Kopf und Hals",
            "Schädel, HWS",
            "TDM crânio-cérébrale + thorax",
            "Neurocranium/Thorax",
            "ANGIO BRAIN NECK",
            "TC cráneo y tórax",
            "头胸部平扫",
        ] {
            assert_eq!(named(&[(tags::STUDY_DESCRIPTION, text)]), None, "{text}");
        }
        let polytrauma = (tags::STUDY_DESCRIPTION, "CT HEAD CHEST ABDOMEN PELVIS");
        assert_eq!(named(&[polytrauma]), None);
        assert_eq!(
            named(&[polytrauma, (tags::SERIES_DESCRIPTION, "Thorax 5.0 B30f")]),
            Some("CHEST"),
            "what is said of the series counts before what is said of the examination"
        );
        assert_eq!(
            named(&[
                (tags::STUDY_DESCRIPTION, "CHEST"),
                (tags::PROTOCOL_NAME, "5.1 Head Axial")
            ]),
            None
        );
    }

    #[test]
    fn words_that_name_no_part_say_nothing() {
        for text in [
            "",
            "e+1",
            "Routine 5.0",
            "AXIAL 2.5MM STD",
            "Trauma",
            "ROUTINE^TRIAL ARM 2",
            "SINUS",
            "Test 3",
            "CONTRAST",
            "Armstrong",
            "Chipping",
            "CAPTURE",
            "Legal",
            "HANDOVER",
            "Orbita",
            "CTA",
        ] {
            assert_eq!(named(&[(tags::STUDY_DESCRIPTION, text)]), None, "{text}");
        }
        assert_eq!(named(&[]), None);
    }

    #[test]
    fn the_words_are_capitals_without_marks_as_they_are_compared() {
        let lists = OTHERS.iter().map(|(_, words)| *words).chain([HEAD]);
        for word in lists.flatten() {
            assert_eq!(unaccented(&word.to_uppercase()), **word);
            assert!(part(&word.replace('*', "")).is_some(), "{word}");
        }
    }
}
