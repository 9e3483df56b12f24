//! `haemolens classify` on more files than fit in memory: in order, completely, and from where it was
//! stopped.
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use haemolens::phantom::Kind;
use image::GrayImage;
use serde_json::Value;
use tempfile::TempDir;

mod drawn;

/// The small network, which is fast: what is tested here is not its answers.
fn classify(arguments: &[&str]) -> Command {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/cnn.safetensors");
    let mut command = Command::new(env!("CARGO_BIN_EXE_haemolens"));
    command.arg("classify").arg("--model").arg(model);
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    classify(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Pictures, each unlike the others in kind and brightness.
fn pictures(count: usize, side: u32) -> impl Iterator<Item = Vec<u8>> {
    let drawn: Vec<Vec<u8>> = (0..30)
        .map(|i| drawn::png(&drawn::picture(Kind::ALL[i % 3], side, i as u8)))
        .collect();
    (0..count).map(move |i| drawn[i * 7 % 30].clone())
}

/// `count` files in folders of a hundred; one in twenty is bad, each kind in turn.
fn folder(count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (i, whole) in pictures(count, 64).enumerate() {
        let place = folder.path().join(format!("{:02}", i / 100));
        std::fs::create_dir_all(&place).unwrap();
        let bytes = match (i % 20, i / 20 % 3) {
            (19, 0) => Vec::new(),
            (19, 1) => b"a report, not an image".to_vec(),
            (19, _) => whole[..whole.len() / 2].to_vec(),
            _ => whole,
        };
        std::fs::write(place.join(format!("{i:05}.png")), bytes).unwrap();
    }
    folder
}

/// A folder of a picture, three frames, an archive, a bad file and a picture.
fn mixed() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let picture = |kind| drawn::picture(kind, 64, 0);
    let frames = Kind::ALL.map(picture);
    let png = drawn::png(&frames[1]);
    file("a.png", &png);
    file("b", &drawn::rle_frames(&frames, Some(1)));
    let files: [(&str, &[u8]); 4] = [
        ("x/1.png", &png),
        ("x/2.dcm", &drawn::frames(&frames)),
        ("x/3.png", &png[..png.len() / 2]),
        ("x/4, \"five\".png", &png),
    ];
    file("c.zip", &drawn::zip(&files, true));
    file("d.txt", b"a report, not an image");
    file("é.png", &png);
    folder
}

/// JSON lines without what differs from run to run.
fn answers(jsonl: &str) -> Vec<Value> {
    let answer = |line: &str| {
        let mut value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        value.as_object_mut().unwrap().remove("elapsedMs");
        value
    };
    jsonl.lines().map(answer).collect()
}

/// Rows of CSV by the names of their columns, without what differs from run to run.
fn rows(csv: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        let values = columns.iter().zip(row.iter());
        let values = values.filter(|(column, _)| !column.starts_with("elapsedMs."));
        values.map(|(c, v)| (c.to_owned(), v.to_owned())).collect()
    };
    reader.records().map(|r| row(r.unwrap())).collect()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn hundreds_of_files_are_answered_in_order_on_any_number_of_threads() {
    let folder = folder(400);
    let path = text(folder.path());
    let one = run(&["--json", "--jobs", "1", path]);
    let many = run(&["--json", "--jobs", "5", path]);
    assert_eq!((one.status.code(), many.status.code()), (Some(1), Some(1)));
    let found = answers(&stdout(&many));
    assert_eq!(found, answers(&stdout(&one)));
    let expected: Vec<PathBuf> = (0..400)
        .map(|i| folder.path().join(format!("{:02}/{i:05}.png", i / 100)))
        .collect();
    let files: Vec<&Path> = found
        .iter()
        .map(|line| Path::new(line["file"].as_str().unwrap()))
        .collect();
    assert_eq!(files, expected);
    for (i, line) in found.iter().enumerate() {
        let error = match (i % 20, i / 20 % 3) {
            (19, 0) => "EmptyInput",
            (19, 1) => "UnsupportedFormat",
            (19, _) => "CorruptImage",
            _ => {
                assert!(
                    line["label"].is_string() && line["error"].is_null(),
                    "{line}"
                );
                continue;
            }
        };
        assert_eq!(line["error"]["name"], error, "{line}");
        assert!(line["error"]["message"].is_string() && line["label"].is_null());
    }
    // No bar where standard error is no terminal.
    assert!(many.stderr.is_empty(), "{many:?}");
}

#[test]
fn frames_and_members_of_archives_each_have_an_answer_or_an_error() {
    let folder = mixed();
    let out = run(&["--json", text(folder.path())]);
    assert_eq!(out.status.code(), Some(1));
    let found = answers(&stdout(&out));
    let lines: Vec<(String, Option<u64>, Option<u64>, String)> = found
        .iter()
        .map(|line| {
            let file = Path::new(line["file"].as_str().unwrap());
            let file = file.strip_prefix(folder.path()).unwrap();
            (
                text(file).to_owned(),
                line["frame"].as_u64(),
                line["frames"].as_u64(),
                line["error"]["name"].as_str().unwrap_or("").to_owned(),
            )
        })
        .collect();
    let line = |file: &str, frame, frames, error: &str| {
        (file.to_owned(), Some(frame), Some(frames), error.to_owned())
    };
    let bad = "CorruptImage";
    let expected = [
        line("a.png", 0, 1, ""),
        line("b", 0, 3, ""),
        line("b", 1, 3, bad),
        line("b", 2, 3, ""),
        line("c.zip/x/1.png", 0, 1, ""),
        line("c.zip/x/2.dcm", 0, 3, ""),
        line("c.zip/x/2.dcm", 1, 3, ""),
        line("c.zip/x/2.dcm", 2, 3, ""),
        ("c.zip/x/3.png".into(), None, None, bad.into()),
        line("c.zip/x/4, \"five\".png", 0, 1, ""),
        ("d.txt".into(), None, None, "UnsupportedFormat".into()),
        line("é.png", 0, 1, ""),
    ];
    assert_eq!(lines, expected);
    let margin = |i: usize| found[i]["margin"].as_f64().unwrap();
    assert_eq!([margin(4), margin(6)], [margin(0); 2]);
    // As text: the k-th of so many, errors by themselves.
    let out = run(&[text(folder.path())]);
    let (answers, errors) = (stdout(&out), String::from_utf8(out.stderr).unwrap());
    assert!(answers.contains("b (3 of 3): "), "{answers}");
    assert!(errors.contains("b (2 of 3): CorruptImage: "), "{errors}");
}

#[test]
fn archives_are_read_from_the_disk_with_what_is_no_image_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let png = drawn::png(&drawn::picture(Kind::Normal, 64, 0));
    let inner = drawn::zip(&[("a.png", &png)], false);
    let files: [(&str, &[u8]); 4] = [
        ("DICOMDIR", b"an index"),
        ("inner.zip", &inner),
        ("readme.txt", b"an export"),
        ("s/1.png", &png),
    ];
    let whole = drawn::zip(&files, true);
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("1-export"), &whole).unwrap();
    std::fs::write(at("2-cut.zip"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(at("DICOMDIR"), b"an index").unwrap();
    let out = run(&["--json", text(folder.path())]);
    assert_eq!(out.status.code(), Some(1));
    let found: Vec<(String, String)> = answers(&stdout(&out))
        .iter()
        .map(|line| {
            let file = line["file"].as_str().unwrap();
            let file = file.strip_prefix(text(folder.path())).unwrap();
            let outcome = line["error"]["name"].as_str().unwrap_or("answered");
            (file.to_owned(), outcome.to_owned())
        })
        .collect();
    let expected = [
        ("/1-export/inner.zip", "UnsupportedFormat"),
        ("/1-export/s/1.png", "answered"),
        ("/2-cut.zip", "CorruptImage"),
    ];
    assert_eq!(found, expected.map(|(f, o)| (f.to_owned(), o.to_owned())));
}

#[test]
fn csv_says_what_json_says() {
    let folder = mixed();
    let json = answers(&stdout(&run(&["--json", text(folder.path())])));
    let csv = stdout(&run(&["--csv", text(folder.path())]));
    assert!(
        csv.lines()
            .next()
            .unwrap()
            .starts_with("file,frame,frames,label,")
    );
    assert_eq!(csv.matches("\r\n").count(), json.len() + 1);
    let rows = rows(&csv);
    assert_eq!(rows.len(), json.len());
    for (row, object) in rows.iter().zip(&json) {
        for (column, value) in row {
            let pointer = format!("/{}", column.replace('.', "/"));
            let expected = match object.pointer(&pointer) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            assert_eq!(*value, expected, "{column} of {object}");
        }
    }
}

/// Runs a format into an output that already holds `before`.
fn go_on(format: &str, folder: &Path, before: &[u8]) -> (Output, String) {
    let place = tempfile::tempdir().unwrap();
    let output = place.path().join("answers");
    std::fs::write(&output, before).unwrap();
    let arguments = ["--skip-existing", "--output", text(&output), text(folder)];
    let out = run(&[&[format], &arguments[..]].concat());
    (out, std::fs::read_to_string(&output).unwrap())
}

#[test]
fn a_torn_output_is_gone_on_with() {
    let folder = mixed();
    for format in ["--json", "--csv"] {
        let whole = stdout(&run(&[format, text(folder.path())]));
        let same = |found: &str| match format {
            "--json" => assert_eq!(answers(found), answers(&whole)),
            _ => assert_eq!(rows(found), rows(&whole)),
        };
        // Where lines end and begin, and within lines; in the header of CSV too.
        // And within a letter.
        let letter = whole.find('é').unwrap();
        let mut cuts = vec![0, 1, 30, letter + 1];
        for (at, _) in whole.match_indices('\n') {
            cuts.extend([at - 1, at, at + 1, at + 20]);
        }
        for cut in cuts.into_iter().filter(|&cut| cut < whole.len()) {
            let before = &whole.as_bytes()[..cut];
            let (out, found) = go_on(format, folder.path(), before);
            // Those that were there before count as well.
            assert_eq!(out.status.code(), Some(1), "{cut}: {out:?}");
            assert!(
                out.stdout.is_empty() && out.stderr.is_empty(),
                "{cut}: {out:?}"
            );
            same(&found);
        }
        // What is complete stays as it is, to the byte.
        let (_, found) = go_on(format, folder.path(), whole.as_bytes());
        assert_eq!(found, whole);
        let lines: Vec<&str> = whole.split_inclusive('\n').collect();
        let kept = lines[..3].concat();
        let (_, found) = go_on(format, folder.path(), kept.as_bytes());
        let begun = &lines[..if format == "--json" { 1 } else { 2 }].concat();
        assert!(found.starts_with(begun), "{found}");
    }
}

#[test]
fn an_output_may_lie_in_the_folder_that_is_examined() {
    let folder = mixed();
    let output = folder.path().join("answers.jsonl");
    let arguments = ["--json", "--output", text(&output), text(folder.path())];
    run(&arguments);
    let whole = std::fs::read_to_string(&output).unwrap();
    assert_eq!(answers(&whole).len(), 12);
    run(&[&["--skip-existing"], &arguments[..]].concat());
    assert_eq!(std::fs::read_to_string(&output).unwrap(), whole);
}

#[test]
fn what_makes_no_sense_is_refused_and_says_why() {
    let folder = mixed();
    let place = tempfile::tempdir().unwrap();
    let (input, output) = (text(folder.path()), place.path().join("answers"));
    let output = text(&output);
    let refused = |arguments: &[&str], words: &str| {
        let out = run(arguments);
        assert!(!out.status.success() && out.stdout.is_empty(), "{out:?}");
        let complaint = String::from_utf8(out.stderr).unwrap();
        assert!(complaint.contains(words), "{complaint}");
    };
    refused(&["--json", "--skip-existing", input], "--output");
    refused(&["--output", output, input], "--json");
    refused(&["--json", "--csv", input], "cannot be used with");
    refused(&["--json", "--jobs", "0", input], "--jobs");
    let into = ["--output", output, input];
    assert_eq!(
        run(&[&["--json"], &into[..]].concat()).status.code(),
        Some(1)
    );
    let whole = std::fs::read_to_string(output).unwrap();
    // Nothing that is there is written over.
    refused(&[&["--json"], &into[..]].concat(), "--skip-existing");
    let more = |format| [&[format, "--skip-existing"], &into[..]].concat();
    refused(&more("--csv"), "columns");
    assert_eq!(std::fs::read_to_string(output).unwrap(), whole);
    // The answers of another model, and lines that are something else.
    let other = whole.replace("\"name\":\"cnn\"", "\"name\":\"another\"");
    assert_ne!(other, whole);
    std::fs::write(output, &other).unwrap();
    refused(&more("--json"), "line 1 is the answer of another model");
    std::fs::write(output, format!("{whole}{{\"a\": 1}}\n")).unwrap();
    refused(&more("--json"), "line 13 is none of ours");
    refused(
        &["--json", "--skip-existing", "--output", "/dev/null", input],
        "not a file",
    );
}

#[test]
fn a_folder_without_images_has_nothing_to_say() {
    let folder = tempfile::tempdir().unwrap();
    let out = run(&["--json", text(folder.path())]);
    assert!(out.status.success() && out.stdout.is_empty(), "{out:?}");
    let csv = stdout(&run(&["--csv", text(folder.path())]));
    assert_eq!(csv.lines().count(), 1);
}

/// Waits until a file has so many lines.
fn wait_for(path: &Path, lines: usize) {
    for _ in 0..6_000 {
        let found = std::fs::read_to_string(path).unwrap_or_default();
        if found.lines().count() >= lines {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{} has not come to {lines} lines", path.display());
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_whole_lines_and_the_rest_is_answered_later() {
    let folder = folder(200);
    let place = |name: &str| folder.path().join(name);
    let (before, between, after) = (place("00"), place("between.png"), place("01"));
    let output = place("answers.jsonl");
    let paths = [&before, &between, &after].map(|path| text(path));
    let arguments = [&["--json", "--output", text(&output)], &paths[..]].concat();
    // A pipe that nobody writes into holds the run up where it is.
    let made = Command::new("mkfifo").arg(&between).status().unwrap();
    assert!(made.success());
    let mut child = classify(&arguments).spawn().unwrap();
    wait_for(&output, 100);
    let id = child.id().to_string();
    // What Ctrl-C does too; but a shell in the background has its children ignore that.
    let killed = Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(killed.success() && !child.wait().unwrap().success());
    let begun = std::fs::read_to_string(&output).unwrap();
    assert!(begun.ends_with("}\n"));
    assert_eq!(answers(&begun).len(), 100);
    std::fs::remove_file(&between).unwrap();
    std::fs::copy(before.join("00000.png"), &between).unwrap();
    let out = run(&[&["--skip-existing"], &arguments[..]].concat());
    assert_eq!(out.status.code(), Some(1), "{out:?}");
    let found = std::fs::read_to_string(&output).unwrap();
    assert!(found.starts_with(&begun));
    let expected = answers(&stdout(&run(&[&["--json"], &paths[..]].concat())));
    assert_eq!(expected.len(), 201);
    assert_eq!(answers(&found), expected);
}

#[test]
fn a_reader_that_has_had_enough_ends_it_quietly() {
    use std::io::{BufRead as _, BufReader};
    let folder = tempfile::tempdir().unwrap();
    for (i, picture) in pictures(600, 64).enumerate() {
        std::fs::write(folder.path().join(format!("{i:05}.png")), picture).unwrap();
    }
    for format in ["--json", "--csv"] {
        let mut child = classify(&[format, text(folder.path())])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let out = child.wait_with_output().unwrap();
        assert!(first.ends_with('\n') && out.stderr.is_empty(), "{out:?}");
        assert!(out.status.success(), "{out:?}");
    }
}

/// Most memory that a process ever had, in bytes: Linux says so while it runs.
fn peak(mut child: Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let found = std::fs::read_to_string(&status).unwrap_or_default();
        let line = found.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kilobytes = kilobytes.and_then(|number| number.trim().parse::<u64>().ok());
        peak = kilobytes.map_or(peak, |kilobytes| kilobytes << 10);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(peak > 0, "{status} said nothing");
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_number_of_files_members_or_frames() {
    /// Room for what allocators do, far from what the inputs would take.
    const ROOM: u64 = 24 << 20;
    let place = tempfile::tempdir().unwrap();
    let of = |name: &str| {
        let input = place.path().join(name);
        let arguments = ["--json", "--jobs", "2", text(&input)];
        peak(classify(&arguments).stdout(Stdio::null()).spawn().unwrap())
    };
    let grows = |few: &str, many: &str| {
        let (few, many) = (of(few), of(many));
        assert!(many < few + ROOM, "{few} bytes became {many}");
    };
    // Pictures of 60 KB and more, 120 KB once decoded.
    let picture = |i: usize| {
        GrayImage::from_fn(350, 350, |x, y| {
            let noise = ((x * 7919) ^ (y * 104_729)).wrapping_mul(2_654_435_761 + i as u32) >> 25;
            image::Luma([noise as u8])
        })
    };
    let noisy: Vec<Vec<u8>> = (0..10).map(|i| drawn::png(&picture(i))).collect();
    let names: Vec<String> = (0..1_000).map(|i| format!("{i:04}.png")).collect();
    let file = |i: usize| (&names[i][..], &noisy[i % 10][..]);
    for count in [100, 1_000] {
        let folder = place.path().join(format!("files-{count}"));
        std::fs::create_dir(&folder).unwrap();
        for (name, bytes) in (0..count).map(file) {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        let files: Vec<_> = (0..count).map(file).collect();
        let archive = drawn::zip(&files, false);
        assert!(count < 1_000 || archive.len() as u64 > 2 * ROOM);
        std::fs::write(place.path().join(format!("members-{count}")), archive).unwrap();
    }
    grows("files-100", "files-1000");
    grows("members-100", "members-1000");
    // A quarter of a megabyte each once decoded, a few kilobytes as they are stored.
    let frame = drawn::picture(Kind::Normal, 16, 0);
    let frame = image::imageops::resize(&frame, 512, 512, image::imageops::FilterType::Nearest);
    for count in [10, 300] {
        let file = drawn::rle_frames(&vec![frame.clone(); count], None);
        assert!((file.len() as u64) < ROOM / 4, "{}", file.len());
        std::fs::write(place.path().join(format!("frames-{count}")), file).unwrap();
    }
    grows("frames-10", "frames-300");
}
