//! What an output already holds, so that a run that was stopped goes on where it was.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use haemolens::ModelName;
use serde_json::{Value, json};

use crate::output::{COLUMNS, Format};

/// The files of which an output holds everything.
#[derive(Debug, Default)]
pub struct Answered {
    /// By the name that the output gives them.
    pub files: HashSet<String>,
    /// Answers among them that are errors.
    pub failures: usize,
    /// Bytes up to the end of the last of them; what follows is of a file that was not finished.
    end: u64,
    /// The file whose lines are being read, as far as it goes.
    unfinished: Option<(String, usize)>,
}

/// Opens an output to write at its end. One that holds something is refused, unless it is to be gone
/// on with: then its unfinished end is cut off.
///
/// # Errors
/// A sentence that says what to do.
pub fn open(
    path: &Path,
    format: Format,
    model: &ModelName,
    go_on: bool,
) -> Result<(File, Answered), String> {
    let failed = |e: io::Error| format!("{}: {e}", path.display());
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(path)
        .map_err(failed)?;
    let facts = file.metadata().map_err(failed)?;
    if !go_on {
        if facts.len() > 0 {
            return Err(format!(
                "{} is there already. Go on with it by --skip-existing, or name another file.",
                path.display()
            ));
        }
        return Ok((file, Answered::default()));
    }
    if !facts.is_file() {
        return Err(format!(
            "{} is not a file that can be read again: --skip-existing has nothing to go on with.",
            path.display()
        ));
    }
    let answered = Answered::read(&file, format, model).map_err(|cause| {
        format!(
            "{}: {cause} Name another file, or leave --skip-existing out.",
            path.display()
        )
    })?;
    file.set_len(answered.end).map_err(failed)?;
    Ok((file, answered))
}

impl Answered {
    /// Whether anything is kept, the header of CSV at least.
    pub fn begun(&self) -> bool {
        self.end > 0
    }

    fn read(file: &File, format: Format, model: &ModelName) -> Result<Self, String> {
        let mut answered = Self::default();
        match format {
            Format::Json => answered.read_json(file, model)?,
            Format::Csv => answered.read_csv(file, model)?,
            Format::Text => return Err("text cannot be gone on with.".into()),
        }
        Ok(answered)
    }

    fn read_json(&mut self, file: &File, model: &ModelName) -> Result<(), String> {
        let (mut reader, mut line) = (BufReader::new(file), Vec::new());
        let (mut end, mut number) = (0, 0);
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line);
            end += read.map_err(|e| format!("{e}."))? as u64;
            number += 1;
            // A line without an end was torn.
            if line.last() != Some(&b'\n') {
                return Ok(());
            }
            let object: Value = serde_json::from_slice(&line).unwrap_or_default();
            self.add(&object, end, model)
                .map_err(|cause| format!("line {number} {cause}"))?;
        }
    }

    fn read_csv(&mut self, file: &File, model: &ModelName) -> Result<(), String> {
        let io = |e: io::Error| format!("{e}.");
        let bytes = file.metadata().map_err(io)?.len();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(BufReader::new(file));
        // A torn row may end within a letter.
        let mut raw = csv::ByteRecord::new();
        let mut header = true;
        while reader
            .read_byte_record(&mut raw)
            .map_err(|e| format!("{e}."))?
        {
            let row = csv::StringRecord::from_byte_record_lossy(raw.clone());
            let end = reader.position().byte();
            let whole = row.len() == COLUMNS.len() && (end < bytes || ends_a_line(file)?);
            if !whole && end >= bytes {
                // The last row was torn.
                break;
            }
            let line = row.position().map_or(0, csv::Position::line);
            if header {
                if row != COLUMNS[..] {
                    return Err("its columns are not those that are written now.".into());
                }
                (header, self.end) = (false, end);
                continue;
            }
            self.add(&object(&row), end, model)
                .map_err(|cause| format!("the row at line {line} {cause}"))?;
        }
        // A row's end may be taken to lie between the two bytes that end its line.
        if byte_at(file, self.end).map_err(io)? == Some(b'\n') {
            self.end += 1;
        }
        Ok(())
    }

    /// Takes a line in that ends at `end`.
    fn add(&mut self, object: &Value, end: u64, model: &ModelName) -> Result<(), &'static str> {
        let failed = !object["error"].is_null();
        let Some(file) = object["file"].as_str() else {
            return Err("is none of ours.");
        };
        let slice = object["frame"].as_u64().zip(object["frames"].as_u64());
        if !failed && (slice.is_none() || object["label"].is_null()) {
            return Err("is none of ours.");
        }
        if !failed && object["model"] != json!(model) {
            return Err("is the answer of another model.");
        }
        let before = match self.unfinished.take() {
            Some((unfinished, failures)) if unfinished == file => failures,
            Some(_) => return Err("comes before its file's last one is there."),
            None => 0,
        };
        let failures = before + usize::from(failed);
        if slice.is_none_or(|(frame, frames)| frame + 1 >= frames) {
            self.files.insert(file.to_owned());
            self.failures += failures;
            self.end = end;
        } else {
            self.unfinished = Some((file.to_owned(), failures));
        }
        Ok(())
    }
}

/// A row as the part of its object that matters here.
fn object(row: &csv::StringRecord) -> Value {
    let text = |path: &str| {
        let column = COLUMNS.iter().position(|&column| column == path)?;
        row.get(column).filter(|text| !text.is_empty())
    };
    let number = |path: &str| text(path)?.parse::<u64>().ok();
    json!({
        "file": text("file"),
        "frame": number("frame"),
        "frames": number("frames"),
        "label": text("label"),
        "error": text("error.name"),
        "model": {"name": text("model.name"), "version": text("model.version")},
    })
}

fn ends_a_line(file: &File) -> Result<bool, String> {
    let last = |file: &File| -> io::Result<bool> {
        let bytes = file.metadata()?.len();
        Ok(bytes > 0 && byte_at(file, bytes - 1)? == Some(b'\n'))
    };
    last(file).map_err(|e| format!("{e}."))
}

fn byte_at(mut file: &File, place: u64) -> io::Result<Option<u8>> {
    let back = file.stream_position()?;
    file.seek(SeekFrom::Start(place))?;
    let mut byte = [0];
    let read = file.read(&mut byte)?;
    file.seek(SeekFrom::Start(back))?;
    Ok((read == 1).then_some(byte[0]))
}
