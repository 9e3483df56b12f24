//! What holds for any slice and for any bytes.

use std::path::Path;

use haemolens::phantom::{self, Kind};
use haemolens::preprocess::{Crop, Preprocessing};
use haemolens::slice::{Content, Slice};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

const SETTINGS: [Preprocessing; 2] = [Preprocessing::ALEXNET, Preprocessing::CNN];

/// What a slice shows.
#[derive(Debug, Clone)]
enum Content8 {
    Constant(u8),
    /// From black to white, along rows or columns.
    Gradient(bool),
    /// On black.
    BrightPixel(Index),
    /// Of a seed.
    Noise(u64),
    /// Boxes on black, at shares of the sides.
    Boxes(Vec<([f64; 4], u8)>),
}

impl Content8 {
    fn draw(&self, width: usize, height: usize) -> Slice {
        let mut grey = vec![0; width * height];
        match self {
            Self::Constant(level) => grey.fill(*level),
            Self::Gradient(rows) => {
                for (i, grey) in grey.iter_mut().enumerate() {
                    let (at, of) = match rows {
                        true => (i / width, height),
                        false => (i % width, width),
                    };
                    *grey = (at * 255 / of.max(2).saturating_sub(1)).min(255) as u8;
                }
            }
            Self::BrightPixel(place) => *place.get_mut(&mut grey) = 255,
            Self::Noise(seed) => {
                let mut state = seed | 1;
                for grey in &mut grey {
                    // xorshift64
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    *grey = (state >> 32) as u8;
                }
            }
            Self::Boxes(boxes) => {
                for ([x, y, w, h], level) in boxes {
                    let span = |start: &f64, share: &f64, of: usize| {
                        let start = (start * of as f64) as usize;
                        start..(start + 1 + (share * of as f64) as usize).min(of)
                    };
                    for y in span(y, h, height) {
                        grey[y * width..][span(x, w, width)].fill(*level);
                    }
                }
            }
        }
        Slice::new(width, height, grey).unwrap()
    }
}

fn contents() -> impl Strategy<Value = Content8> {
    let share = || 0.0..1.0f64;
    let one_box = ([share(), share(), share(), share()], any::<u8>());
    prop_oneof![
        any::<u8>().prop_map(Content8::Constant),
        Just(Content8::Constant(255)),
        any::<bool>().prop_map(Content8::Gradient),
        any::<Index>().prop_map(Content8::BrightPixel),
        any::<u64>().prop_map(Content8::Noise),
        vec(one_box, 1..6).prop_map(Content8::Boxes),
    ]
}

/// Width and height.
fn sizes() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![
        (1..=40usize, 1..=40usize),
        (1..=5_000usize, 1..=3usize),
        (1..=3usize, 1..=5_000usize),
        (200..=700usize, 200..=700usize),
        Just((1, 1)),
        Just((5_000, 3)),
    ]
}

fn slices() -> impl Strategy<Value = Slice> {
    (sizes(), contents()).prop_map(|((width, height), content)| content.draw(width, height))
}

/// The slice as a mirror shows it.
fn mirrored(slice: &Slice) -> Slice {
    let rows = slice.grey().chunks_exact(slice.width());
    let grey = rows.flat_map(|row| row.iter().rev()).copied().collect();
    Slice::new(slice.width(), slice.height(), grey).unwrap()
}

/// Bounds of the largest bright component, found the slow way, and whether no other is as large.
fn head(slice: &Slice, threshold: u8) -> Option<([usize; 4], bool)> {
    let (width, height) = (slice.width(), slice.height());
    let mut seen: Vec<bool> = slice.grey().iter().map(|&v| v < threshold).collect();
    let (mut best, mut most, mut alone) = (None, 0, true);
    for start in 0..seen.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let (mut area, mut bounds) = (0, [usize::MAX, usize::MAX, 0, 0]);
        let mut left = vec![start];
        while let Some(i) = left.pop() {
            let (x, y) = (i % width, i / width);
            area += 1;
            bounds[0] = bounds[0].min(x);
            bounds[1] = bounds[1].min(y);
            bounds[2] = bounds[2].max(x);
            bounds[3] = bounds[3].max(y);
            let beside = [
                (x > 0).then(|| i - 1),
                (x + 1 < width).then(|| i + 1),
                (y > 0).then(|| i - width),
                (y + 1 < height).then(|| i + width),
            ];
            for next in beside.into_iter().flatten() {
                if !std::mem::replace(&mut seen[next], true) {
                    left.push(next);
                }
            }
        }
        if area > most {
            (best, most, alone) = (Some(bounds), area, true);
        } else if area == most {
            alone = false;
        }
    }
    best.map(|bounds| (bounds, alone))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn any_slice_becomes_the_networks_square_the_same_each_time(slice in slices()) {
        for settings in SETTINGS {
            let (grey, crop) = settings.apply(&slice);
            prop_assert_eq!(grey.len(), settings.side * settings.side);
            prop_assert_eq!((grey, crop), settings.apply(&slice));
        }
    }

    #[test]
    fn the_crop_is_the_square_around_the_largest_bright_part(slice in slices()) {
        let (width, height) = (slice.width(), slice.height());
        let threshold = Preprocessing::ALEXNET.head_threshold;
        let (_, crop) = Preprocessing::ALEXNET.apply(&slice);
        let whole = [0, 0, width - 1, height - 1];
        let ([x0, y0, x1, y1], alone) = head(&slice, threshold).unwrap_or((whole, true));
        let (wide, high) = (x1 + 1 - x0, y1 + 1 - y0);
        let Crop { x, y, side } = crop;
        prop_assert!((1..=width.max(height)).contains(&side));
        // It reaches past the slice by half of itself at most.
        let half = side.div_ceil(2) as isize;
        prop_assert!(-half <= x && x + side as isize <= width as isize + half);
        prop_assert!(-half <= y && y + side as isize <= height as isize + half);
        if alone {
            prop_assert_eq!(side, wide.max(high));
            prop_assert!(x <= x0 as isize && x1 as isize <= x + side as isize);
            prop_assert!(y <= y0 as isize && y1 as isize <= y + side as isize);
        }
    }

    #[test]
    fn a_mirrored_slice_has_a_mirrored_crop(slice in slices()) {
        let width = slice.width() as isize;
        let threshold = Preprocessing::ALEXNET.head_threshold;
        let whole = [0, 0, slice.width() - 1, slice.height() - 1];
        let ([x0, _, x1, _], alone) = head(&slice, threshold).unwrap_or((whole, true));
        // Of equally large parts the first in reading order counts, which is another in a mirror.
        prop_assume!(alone);
        for settings in SETTINGS {
            let (grey, crop) = settings.apply(&slice);
            let (of_mirrored, mirrored_crop) = settings.apply(&mirrored(&slice));
            prop_assert_eq!((mirrored_crop.side, mirrored_crop.y), (crop.side, crop.y));
            let expected = width - crop.side as isize - crop.x;
            // Of two equally good places the left one is taken, in a mirror too.
            let two_places = (x1 + 1 - x0) % 2 != crop.side % 2;
            prop_assert_eq!(expected.abs_diff(mirrored_crop.x), usize::from(two_places));
            if !two_places {
                let rows = grey.chunks_exact(settings.side);
                let back = rows.flat_map(|row| row.iter().rev());
                let furthest = back.zip(&of_mirrored).map(|(a, b)| a.abs_diff(*b)).max();
                // A filter's rounding falls on one of its two heaviest taps.
                prop_assert!(furthest <= Some(1), "{furthest:?}");
            }
        }
    }
}

/// A way to damage a file.
#[derive(Debug, Clone)]
enum Damage {
    FlipBit(Index, u8),
    Set(Index, u8),
    CutOff(Index),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match self {
            Self::FlipBit(at, bit) => *at.get_mut(bytes) ^= 1 << (bit % 8),
            Self::Set(at, value) => *at.get_mut(bytes) = *value,
            Self::CutOff(at) => bytes.truncate(at.index(bytes.len())),
            Self::Insert(at, more) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Remove(at, count) => {
                let at = at.index(bytes.len());
                bytes.drain(at..(at + count).min(bytes.len()));
            }
        }
    }
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let one = prop_oneof![
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, bit)| Damage::FlipBit(at, bit)),
        2 => (any::<Index>(), prop_oneof![Just(0), Just(255), any::<u8>()])
            .prop_map(|(at, value)| Damage::Set(at, value)),
        1 => any::<Index>().prop_map(Damage::CutOff),
        1 => (any::<Index>(), vec(any::<u8>(), 1..40)).prop_map(|(at, more)| Damage::Insert(at, more)),
        1 => (any::<Index>(), 1..40usize).prop_map(|(at, count)| Damage::Remove(at, count)),
    ];
    vec(one, 1..5)
}

/// Drawn files of every format, by what they are called: those that fuzzing starts from, and a
/// phantom.
fn drawn_files() -> Vec<(String, Vec<u8>)> {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut files = vec![(
        "phantom".to_owned(),
        phantom::draw(Kind::Subdural).to_bmp().unwrap(),
    )];
    for (corpus, before) in [
        ("raster", &b""[..]),
        ("dicom", b"DICM"),
        ("archive", b"PK\x03\x04"),
    ] {
        for entry in std::fs::read_dir(corpora.join(corpus)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("seed-") {
                let bytes = std::fs::read(&path).unwrap();
                files.push((format!("{corpus} {name}"), [before, &bytes].concat()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn no_damage_to_a_file_makes_anything_panic() {
    let files = drawn_files();
    assert!(files.len() > 30);
    let strategy = (any::<Index>(), damages());
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(3_000)
    };
    let mut read = 0;
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let counted = std::cell::RefCell::new(&mut read);
    let outcome = runner.run(&strategy, |(which, damages)| {
        let (name, mut bytes) = which.get(&files).clone();
        for damage in &damages {
            damage.apply(&mut bytes);
        }
        let opened = Content::open(&bytes);
        let Ok(content) = opened else {
            let error = opened.unwrap_err();
            prop_assert!(!error.to_string().is_empty(), "{name}");
            return Ok(());
        };
        for index in 0..content.slices().min(2) {
            if let Ok(slice) = content.slice(index) {
                prop_assert_eq!(slice.grey().len(), slice.width() * slice.height());
                **counted.borrow_mut() += 1;
            }
        }
        Ok(())
    });
    outcome.unwrap();
    // Much is still read: not all of it is refused at once.
    assert!(read > 300, "{read}");
}
