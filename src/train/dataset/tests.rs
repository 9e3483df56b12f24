use super::*;

/// A folder with a table and an empty image for each of its rows.
fn write(root: &Path, source: &str, labels: &str) -> PathBuf {
    let folder = root.join(source);
    std::fs::create_dir_all(folder.join("images")).unwrap();
    for row in labels.lines().skip(1) {
        let file = row.split(',').next().unwrap();
        std::fs::write(folder.join("images").join(file), "").unwrap();
    }
    std::fs::write(folder.join("labels.csv"), labels).unwrap();
    folder
}

fn sources() -> Sources {
    let source = |name: &str, family: &str, normals| Source {
        family: family.into(),
        normals,
        citation: "somebody".into(),
        licence: format!("LicenseRef-{family}"),
        ..Source::unlisted(name)
    };
    Sources {
        all: vec![
            source("whole", "whole", Normals::Alone),
            source("part", "shared", Normals::Alone),
            source("boxed", "shared", Normals::None),
            Source {
                training: false,
                ..source("outside", "outside", Normals::Alone)
            },
        ],
    }
}

#[test]
fn sources_are_read_one_after_the_other_and_patients_are_told_apart_by_family() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    write(
        root,
        "whole",
        "file,patient,hemorrhage\na.png,7,1\nb.png,7,0\n",
    );
    write(
        root,
        "part",
        "file,patient,hemorrhage\na.png,7,0\nc.png,,1\n",
    );
    write(
        root,
        "boxed",
        "file,hemorrhage,boxes\nc.png,1,IPH 0.5 0.5 0.1 0.1;SDH 0.2 0.2 0.1 0.1\n",
    );
    let whole = Dataset::open_all(&sources(), root, &[]).unwrap();
    let seen: Vec<(&str, &str, &str)> = whole
        .examples
        .iter()
        .map(|e| (e.source.as_str(), e.file.as_str(), e.patient.as_str()))
        .collect();
    let expected = [
        ("whole", "a.png", "whole/7"),
        ("whole", "b.png", "whole/7"),
        ("part", "a.png", "shared/7"),
        ("part", "c.png", "shared/c"),
        ("boxed", "c.png", "shared/c"),
    ];
    assert_eq!(seen, expected);
    assert_eq!(whole.source_of(), [0, 0, 1, 1, 2]);
    assert_eq!(whole.licence(), "LicenseRef-whole AND LicenseRef-shared");
    assert_eq!(whole.examples[4].boxes.len(), 2);
    let described = whole.described("unused");
    assert_eq!(
        described,
        "whole: 2 slices of 1 patients, 1 with haemorrhage; part: 2 slices of 2 patients, 1 with \
         haemorrhage (of 1 slices no patient is known: each counts as one); boxed: 1 slices of 1 \
         patients, 1 with haemorrhage (of 1 slices no patient is known: each counts as one)"
    );
    let some = Dataset::open_all(&sources(), root, &["boxed".into(), "whole".into()]).unwrap();
    let names: Vec<&str> = some.sources.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["whole", "boxed"]);
    assert!(Dataset::open_all(&sources(), root, &["outside".into()]).is_err());
    let twice = Dataset::open_each(&sources(), &[root.join("part"), root.join("part")]);
    assert!(twice.unwrap_err().to_string().contains("called part"));
}

#[test]
fn kinds_are_known_where_every_cell_says_so() {
    let root = tempfile::tempdir().unwrap();
    let folder = write(
        root.path(),
        "kinds",
        "file,hemorrhage,EDH,IPH,IVH,SAH,SDH,boxes\n\
         all.png,1,0,1,0,0,1,\n\
         normal.png,0,0,0,0,0,0,SDH 0.5 0.5 0.1 0.1\n\
         empty.png,1,,,,,,SDH 0.5 0.5 0.1 0.1\n\
         none.png,1,0,0,0,0,0,\n\
         boxed.png,1,0,0,0,0,0,SAH 0.5 0.5 0.1 0.1\n",
    );
    let examples = Dataset::open(&folder).unwrap().examples;
    let kinds: Vec<Option<[bool; 5]>> = examples.iter().map(|e| e.kinds).collect();
    let expected = [
        Some([false, true, false, false, true]),
        Some([false; 5]),
        None,
        None,
        Some([false, false, false, true, false]),
    ];
    assert_eq!(kinds, expected);
    let boxes: Vec<usize> = examples.iter().map(|e| e.boxes.len()).collect();
    assert_eq!(boxes, [0, 0, 1, 0, 1], "a normal slice has no bleed");
}

#[test]
fn what_is_wrong_is_named() {
    let root = tempfile::tempdir().unwrap();
    let complaint = |labels: &str, boxes: Option<&str>| {
        let folder = write(root.path(), "boxed", labels);
        let table = folder.join("boxes.csv");
        match boxes {
            Some(boxes) => std::fs::write(&table, boxes).unwrap(),
            None => drop(std::fs::remove_file(&table)),
        }
        let opened = Dataset::open_each(&sources(), &[folder]);
        opened.unwrap_err().to_string()
    };
    let told = complaint("file,hemorrhage\na.png,2\n", None);
    assert!(
        told.contains("labels.csv: a.png: hemorrhage is 2"),
        "{told}"
    );
    let told = complaint("file,hemorrhage\na.png,0\n", None);
    assert!(told.contains("boxed has no normal slices"), "{told}");
    let told = complaint("file,hemorrhage\n", None);
    assert!(told.contains("lists no images"), "{told}");
    let told = complaint(
        "file,hemorrhage\na.png,1\n",
        Some("file,boxes\na.png,SDH 1\n"),
    );
    assert!(told.contains("a.png: “SDH 1” is no box"), "{told}");
    let other = "file,boxes\nb.png,SDH 0.5 0.5 0.1 0.1\n";
    let told = complaint("file,hemorrhage\na.png,1\n", Some(other));
    assert!(told.contains("b.png, which is not listed"), "{told}");
}

#[test]
fn boxes_are_placed_where_the_network_sees_them() {
    use crate::phantom::{self, Kind};
    let root = tempfile::tempdir().unwrap();
    let folder = write(
        root.path(),
        "drawn",
        "file,hemorrhage,boxes\na.bmp,1,SDH 0.5 0.5 0.25 0.25\n",
    );
    let bmp = phantom::draw(Kind::Subdural).to_bmp().unwrap();
    std::fs::write(folder.join("images/a.bmp"), bmp).unwrap();
    let dataset = Dataset::open(&folder).unwrap();
    let inputs = dataset.inputs_with_crops(Preprocessing::ALEXNET).unwrap();
    let Input { grey, crop, image } = &inputs[0];
    assert_eq!((grey.len(), *image), (227 * 227, [512, 512]));
    let placed = dataset.boxes_in(&inputs)[0][0];
    let wide = 128.0 / crop.side as f64;
    assert!((placed.size[0] - wide).abs() < 1e-12 && wide > 0.25);
    let x = (256 - crop.x) as f64 / crop.side as f64;
    assert!((placed.centre[0] - x).abs() < 1e-12);
    assert_eq!(dataset.inputs(Preprocessing::ALEXNET).unwrap()[0], *grey);
}
