//! Every file that fuzzing has found interesting, once more: nothing panics, and what comes out is
//! whole.

use std::path::Path;

#[path = "../fuzz/targets.rs"]
mod targets;

#[test]
fn the_corpora_of_the_fuzz_targets_pass() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, target) in targets::ALL {
        let folder = corpora.join(name);
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{folder:?}: {e}"));
        let mut files = 0;
        for entry in entries {
            let path = entry.unwrap().path();
            let data = std::fs::read(&path).unwrap();
            let outcome = std::panic::catch_unwind(|| target(&data));
            assert!(outcome.is_ok(), "{} breaks {name}", path.display());
            files += 1;
        }
        assert!(files > 0, "the corpus of {name} is empty");
    }
}

/// The seeds are there to be read: a change that refuses them all would go unseen otherwise.
#[test]
fn seeds_are_read() {
    use haemolens::model::StoredModel;
    use haemolens::slice::Content;
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let read = |target: &str, before: &[u8], seed: &str| -> Vec<u8> {
        let path = corpora.join(target).join(format!("seed-{seed}"));
        let data = std::fs::read(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        [before, &data].concat()
    };
    for seed in [
        "explicit",
        "implicit",
        "big-endian",
        "deflated",
        "signed",
        "captured",
        "colour",
        "jpeg-baseline",
        "rle",
        "jpeg-ls",
        "jpeg-ls-near",
        "jpeg-lossless",
        "jpeg-2000",
        "jpeg-2000-lossy",
    ] {
        let content = Content::open(read("dicom", b"DICM", seed));
        let content = content.unwrap_or_else(|e| panic!("{seed}: {e}"));
        content.slice(0).unwrap_or_else(|e| panic!("{seed}: {e}"));
    }
    for seed in ["frames", "enhanced"] {
        let content = Content::open(read("dicom", b"DICM", seed)).unwrap();
        assert_eq!(content.slices(), 2, "{seed}");
        assert!(content.slice(1).is_ok(), "{seed}");
    }
    for seed in ["stored", "deflated"] {
        let content = Content::open(read("archive", b"PK\x03\x04", seed)).unwrap();
        assert_eq!(content.slices(), 2, "{seed}");
        assert!(
            content.slice(0).is_ok() && content.slice(1).is_ok(),
            "{seed}"
        );
    }
    for seed in ["rich", "plain", "sparse"] {
        let model = StoredModel::from_program(&read("model", b"", seed));
        assert!(model.is_ok(), "{seed}: {:?}", model.err());
    }
}
