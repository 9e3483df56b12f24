//! Which images a network is trained on and which it is tested on.

use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::dataset::Example;
use super::folds::{self, FOLDS};
use super::predictions::Protocol;

/// A copy of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Image {
    /// Which slice, by its place in the data set.
    pub slice: usize,
    /// Which copy of it (see [`super::augment::paper_copy`]).
    pub variant: usize,
}

/// Share of the images that train in the paper's protocol (its Table 1).
const PAPER_TRAINING_SHARE: f64 = 0.7;

/// One training set with its test set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// How the split came about; `None` where all patients train and none test, for the network that
    /// is shipped.
    pub protocol: Option<Protocol>,
    /// Which fold is held out in the patient protocol, which family (by number) in the source
    /// protocol.
    pub fold: Option<usize>,
    /// The family of sources that is left out, in the source protocol.
    pub left_out: Option<String>,
    /// The training images; an epoch takes one of each group. In the paper's protocol every image
    /// is a group of its own; elsewhere the copies of a slice are one, the unaltered slice first.
    pub groups: Vec<Vec<Image>>,
    /// The test images.
    pub test: Vec<Image>,
}

impl Split {
    /// The splits of a protocol, for `variants` copies of each example. By the paper's protocol all
    /// copies of all slices are split at random, 70 % for training and 30 % for testing, so that
    /// copies of a slice and slices of a patient stand on both sides. By the source protocol each
    /// family of sources is left out once, in the order of their first examples; there is no split of
    /// a single family. Nothing trains on external images: there is no split of them.
    pub fn all(protocol: Protocol, examples: &[Example], variants: usize, seed: u64) -> Vec<Self> {
        let copies = |slice: usize| (0..variants).map(move |variant| Image { slice, variant });
        let slices = || 0..examples.len();
        let without = |fold: usize, fold_of: &[usize], left_out: Option<&str>| Self {
            protocol: Some(protocol),
            fold: Some(fold),
            left_out: left_out.map(Into::into),
            groups: slices()
                .filter(|&i| fold_of[i] != fold)
                .map(|i| copies(i).collect())
                .collect(),
            test: slices()
                .filter(|&slice| fold_of[slice] == fold)
                .map(|slice| Image { slice, variant: 0 })
                .collect(),
        };
        match protocol {
            Protocol::Patient => {
                let fold_of = folds::assign(examples, FOLDS);
                let folds = 0..FOLDS;
                folds.map(|fold| without(fold, &fold_of, None)).collect()
            }
            Protocol::Source => {
                let (families, family_of) = families(examples);
                if families.len() < 2 {
                    return Vec::new();
                }
                let families = families.iter().enumerate();
                families
                    .map(|(number, family)| without(number, &family_of, Some(family)))
                    .collect()
            }
            Protocol::Paper => {
                let mut images: Vec<Image> = slices().flat_map(copies).collect();
                images.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
                let training = images.len() as f64 * PAPER_TRAINING_SHARE;
                let mut test = images.split_off(training.round() as usize);
                images.sort_unstable();
                test.sort_unstable();
                vec![Self {
                    protocol: Some(protocol),
                    fold: None,
                    left_out: None,
                    groups: images.into_iter().map(|image| vec![image]).collect(),
                    test,
                }]
            }
            Protocol::External => Vec::new(),
        }
    }

    /// All patients train, with `variants` copies of each example.
    pub fn everyone(examples: &[Example], variants: usize) -> Self {
        let copies = |slice| (0..variants).map(move |variant| Image { slice, variant });
        Self {
            protocol: None,
            fold: None,
            left_out: None,
            groups: (0..examples.len()).map(|i| copies(i).collect()).collect(),
            test: Vec::new(),
        }
    }

    /// Its protocol in file names; `ship` where all patients train.
    pub fn name(&self) -> &'static str {
        self.protocol.map_or("ship", Protocol::name)
    }

    /// One of each group, in random order.
    pub fn epoch(&self, rng: &mut impl Rng) -> Vec<Image> {
        let mut images: Vec<Image> = self
            .groups
            .iter()
            .map(|group| group[rng.random_range(0..group.len())])
            .collect();
        images.shuffle(rng);
        images
    }

    /// The training images that training figures are measured on: the first of each group.
    pub fn measured(&self) -> Vec<Image> {
        self.groups.iter().map(|group| group[0]).collect()
    }

    /// Every training image.
    pub fn training_images(&self) -> Vec<Image> {
        self.groups.concat()
    }

    /// `fold 2 of 5`, `without ct-ich`, `paper protocol`, `all patients`: for progress bars.
    pub fn title(&self) -> String {
        match (self.protocol, self.fold, &self.left_out) {
            (_, _, Some(family)) => format!("without {family}"),
            (_, Some(fold), None) => format!("fold {} of {FOLDS}", fold + 1),
            (None, None, None) => "all patients".into(),
            _ => "paper protocol".into(),
        }
    }
}

/// The families in the order of their first examples, and the number of each example's.
fn families(examples: &[Example]) -> (Vec<&str>, Vec<usize>) {
    let mut families: Vec<&str> = Vec::new();
    let mut family_of = Vec::new();
    for example in examples {
        let known = families.iter().position(|f| *f == example.family);
        family_of.push(known.unwrap_or(families.len()));
        if known.is_none() {
            families.push(&example.family);
        }
    }
    (families, family_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// As many slices and patients as CT-ICH has.
    fn examples() -> Vec<Example> {
        (0..2501)
            .map(|i| {
                let (patient, file) = (i * 82 / 2501, format!("{i}.png"));
                let haemorrhage = i % 8 == 0 && patient % 2 == 0;
                Example::new("ct-ich", &file, &patient.to_string(), haemorrhage)
            })
            .collect()
    }

    #[test]
    fn the_papers_split_has_its_sizes_and_every_image_once() {
        let examples = examples();
        let splits = Split::all(Protocol::Paper, &examples, 5, 1);
        let [split] = &splits[..] else {
            panic!("one split")
        };
        assert_eq!((split.groups.len(), split.test.len()), (8754, 3751));
        let train: BTreeSet<Image> = split.training_images().into_iter().collect();
        let test: BTreeSet<Image> = split.test.iter().copied().collect();
        assert_eq!((train.len(), test.len()), (8754, 3751));
        assert!(train.is_disjoint(&test));
        // Copies of a slice stand on both sides: what makes this protocol flatter.
        let both = test
            .iter()
            .filter(|t| train.iter().any(|i| i.slice == t.slice));
        assert!(both.count() > 3500);
        assert_eq!(splits, Split::all(Protocol::Paper, &examples, 5, 1));
        assert_ne!(splits, Split::all(Protocol::Paper, &examples, 5, 2));
    }

    #[test]
    fn patient_folds_share_no_patient_and_test_every_slice_once() {
        let examples = examples();
        let splits = Split::all(Protocol::Patient, &examples, 5, 1);
        let mut tested = vec![0; examples.len()];
        for split in &splits {
            let patient = |image: &Image| examples[image.slice].patient.as_str();
            let train: BTreeSet<&str> = split.groups.iter().flatten().map(patient).collect();
            for image in &split.test {
                assert_eq!(image.variant, 0);
                assert!(!train.contains(patient(image)));
                tested[image.slice] += 1;
            }
        }
        assert!(tested.iter().all(|&count| count == 1));
    }

    #[test]
    fn an_epoch_takes_one_copy_of_each_slice() {
        let split = Split::everyone(&examples(), 5);
        let epoch = split.epoch(&mut ChaCha8Rng::seed_from_u64(3));
        let slices: BTreeSet<usize> = epoch.iter().map(|i| i.slice).collect();
        assert_eq!((epoch.len(), slices.len()), (2501, 2501));
        for variant in 0..5 {
            let count = epoch.iter().filter(|i| i.variant == variant).count();
            assert!((400..600).contains(&count), "{count}");
        }
    }

    #[test]
    fn each_family_is_left_out_once_with_all_its_sources() {
        let mut examples = examples();
        for (i, example) in examples.iter_mut().enumerate() {
            let [family, source] = [["a", "a1"], ["b", "b1"], ["a", "a2"]][i % 3];
            (example.family, example.source) = (family.into(), source.into());
        }
        let splits = Split::all(Protocol::Source, &examples, 2, 1);
        assert_eq!(splits.len(), 2);
        for (split, family) in splits.iter().zip(["a", "b"]) {
            assert_eq!(split.left_out.as_deref(), Some(family));
            assert_eq!(split.title(), format!("without {family}"));
            let of = |image: &Image| examples[image.slice].family == family;
            assert!(split.test.iter().all(of));
            assert!(!split.groups.iter().flatten().any(of));
            assert_eq!(split.groups.len() + split.test.len(), examples.len());
        }
        let one = &examples[1..2];
        assert!(Split::all(Protocol::Source, one, 2, 1).is_empty());
    }
}
