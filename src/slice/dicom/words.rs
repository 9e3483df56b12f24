//! Which part of the body a header's free words name. They are written by people, in any language and
//! with any abbreviation, and often copied from another examination: evidence, never proof.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::header::Header;

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
        for text in level.iter().filter_map(|&tag| header.text(tag)) {
            match part(&text) {
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

/// Whether a word is one of a list, in which `…*` stands for every word that begins so and `*…*` for
/// every word that holds it.
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

/// Words for the head and what is in it. English, German, French, Spanish, Portuguese, Italian, Dutch,
/// Polish, Russian, Chinese, Japanese and Korean.
const HEAD: &[&str] = &[
    "HEAD*",
    "BRAIN*",
    "SKULL*",
    "NEURO*",
    "CRANI*",
    "INTRACRAN*",
    "CEREB*",
    "ENCEPH*",
    "STROKE*",
    "CCT",
    "CTH",
    "KOPF*",
    "SCHADEL*",
    "SCHAEDEL*",
    "GEHIRN*",
    "HIRN*",
    "TETE",
    "CRANE*",
    "CALVAR*",
    "ENCEF*",
    "CABEZA",
    "CABECA",
    "TESTA",
    "CAPO",
    "HOOFD*",
    "HERSEN*",
    "SCHEDEL*",
    "GLOW*",
    "MOZG*",
    "CZASZK*",
    "ГОЛОВ*",
    "МОЗГ*",
    "ЧЕРЕП*",
    "*头*",
    "*頭*",
    "*颅*",
    "*脑*",
    "*脳*",
    "*두부*",
    "*뇌*",
];

/// Words for other parts, in the same languages, with what a visitor is told.
const OTHERS: &[(&str, &[&str])] = &[
    (
        "CHEST",
        &[
            "CHEST*",
            "THORA*",
            "THX",
            "LUNG*",
            "CTPA",
            "CAP",
            "TAP",
            "CARDIAC*",
            "HEART*",
            "CORONARY*",
            "MEDIASTIN*",
            "STERN*",
            "RIB",
            "RIBS",
            "BREAST*",
            "BRUST*",
            "HERZ*",
            "POUMON*",
            "PULM*",
            "POITRINE",
            "COEUR",
            "TORAX",
            "TORAC*",
            "CORAZON",
            "MAMA",
            "PECHO",
            "POLMON*",
            "CUORE",
            "BORST*",
            "KLATK*",
            "PLUC*",
            "ГРУД*",
            "ЛЕГК*",
            "*胸*",
            "*肺*",
            "*흉부*",
        ],
    ),
    (
        "ABDOMEN",
        &[
            "ABDOM*",
            "ABD",
            "ABDO",
            "BELLY",
            "LIVER*",
            "HEPAT*",
            "KIDNEY*",
            "RENAL*",
            "KUB",
            "PANCREA*",
            "SPLEEN*",
            "COLON",
            "COLONOGRA*",
            "BOWEL*",
            "UROGRA*",
            "OBERBAUCH*",
            "BAUCH*",
            "LEBER*",
            "NIERE*",
            "FOIE",
            "REINS",
            "VENTRE",
            "HIGADO",
            "RINON*",
            "ADDOM*",
            "FEGATO",
            "BUIK*",
            "BRZUCH*",
            "БРЮШ*",
            "ЖИВОТ*",
            "*腹*",
            "*肝*",
            "*복부*",
        ],
    ),
    (
        "PELVIS",
        &[
            "PELV*", "BLADDER*", "PROSTAT*", "SACR*", "BECKEN*", "BASSIN", "BACINO", "BEKKEN*",
            "MIEDNIC*", "ТАЗ", "ТАЗА", "*盆*", "*골반*",
        ],
    ),
    (
        "SPINE",
        &[
            "SPINE",
            "SPINES",
            "SPINAL",
            "CSPINE",
            "TSPINE",
            "LSPINE",
            "LUMB*",
            "VERTEB*",
            "HWS",
            "BWS",
            "LWS",
            "WIRBEL*",
            "RACHIS*",
            "COLUMNA",
            "COLUNA",
            "RACHIDE",
            "WERVEL*",
            "KREGOSL*",
            "ПОЗВОН*",
            "*椎*",
            "*척추*",
        ],
    ),
    (
        "NECK",
        &[
            "NECK*", "HALS*", "COU", "CUELLO", "PESCOCO", "COLLO", "SZYI", "ШЕЯ", "ШЕИ", "*颈*",
            "*頸*",
        ],
    ),
    (
        "SHOULDER",
        &[
            "SHOULDER*",
            "CLAVIC*",
            "SCAPULA*",
            "SCHULTER*",
            "EPAULE*",
            "HOMBRO*",
            "OMBRO*",
            "SPALL*",
            "SCHOUDER*",
            "BARK",
            "BARKU",
            "ПЛЕЧ*",
            "*肩*",
        ],
    ),
    (
        "LIMB",
        &[
            "LIMB*",
            "EXTREMIT*",
            "UEXTREMITY",
            "LEXTREMITY",
            "KNEE*",
            "HIP",
            "HIPS",
            "ANKLE*",
            "FOOT",
            "FEET",
            "LEG",
            "LEGS",
            "FEMUR*",
            "TIBIA*",
            "CALF",
            "THIGH*",
            "WRIST*",
            "ELBOW*",
            "HAND",
            "HANDS",
            "FINGER*",
            "HUMER*",
            "FOREARM*",
            "KNIE*",
            "HUFT*",
            "HUEFT*",
            "SPRUNGGELENK*",
            "FUSS",
            "HANDGELENK*",
            "ELLENBOGEN*",
            "OBERSCHENKEL*",
            "UNTERSCHENKEL*",
            "GENOU*",
            "HANCHE*",
            "CHEVILLE*",
            "PIED",
            "PIEDS",
            "POIGNET*",
            "COUDE*",
            "RODILLA*",
            "CADERA*",
            "TOBILLO*",
            "CODO",
            "JOELHO*",
            "QUADRIL",
            "TORNOZELO*",
            "GINOCCHI*",
            "CAVIGLIA",
            "GOMITO",
            "ENKEL*",
            "KOLAN*",
            "КОЛЕН*",
            "*膝*",
            "*足*",
            "*무릎*",
        ],
    ),
];

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
