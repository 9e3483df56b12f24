//! `haemolens train guard`, `haemolens evaluate-guard`.

use std::path::{Path, PathBuf};

use clap::Args;
use haemolens::guard::Guard;
use haemolens::train::guard::examples::{self, Folder};
use haemolens::train::guard::report::{self, Row};
use haemolens::train::guard::{MEASURING_SEED, Places, Settings, drawn, train};
use haemolens::train::{Result, TrainError, dataset::Dataset};

#[derive(Args)]
pub struct Train {
    /// Folder with labels.csv (file, patient, hemorrhage) and its head-CT images; may be repeated.
    #[arg(long, required = true)]
    data: Vec<PathBuf>,
    /// Folder with a folder of images for each kind that is no head CT; every second is learned.
    #[arg(long)]
    not_head_ct: PathBuf,
    /// The guard to write.
    #[arg(long)]
    out: PathBuf,
    /// Folder for guard.csv, the distance of each slice when its patient was held out.
    #[arg(long)]
    report: Option<PathBuf>,
    /// What the data is called and who made it, for the header.
    #[arg(long, default_value = "data sets without a name")]
    data_name: String,
    /// Licence of the guard and of what it comes from, for the header.
    #[arg(long, default_value = "not stated")]
    licence: String,
    /// Altered copies of each head slice.
    #[arg(long, default_value_t = Settings::default().copies)]
    copies: usize,
    /// Pictures of each drawn kind.
    #[arg(long, default_value_t = Settings::default().drawn)]
    drawn: usize,
    /// Folds over patients.
    #[arg(long, default_value_t = Settings::default().folds)]
    folds: usize,
    /// Share of the head CT of each folder that passes out of fold.
    #[arg(long, default_value_t = Settings::default().pass)]
    pass: f64,
    /// Share of it that passes whatever a header's words name.
    #[arg(long, default_value_t = Settings::default().sure)]
    sure: f64,
    /// Seed of everything drawn.
    #[arg(long, default_value_t = Settings::default().seed)]
    seed: u64,
}

#[derive(Args)]
pub struct Evaluate {
    /// A stored guard; the built-in one where none is named.
    guard: Option<PathBuf>,
    /// The folder that the guard was trained with; only what was held back of it is measured.
    #[arg(long)]
    not_head_ct: Option<PathBuf>,
    /// A labelled folder of head CT from elsewhere.
    #[arg(long)]
    head_ct: Option<PathBuf>,
    /// A folder with a folder of images for each further kind.
    #[arg(long)]
    more: Option<PathBuf>,
    /// Pictures drawn of each kind.
    #[arg(long, default_value_t = 200)]
    drawn: usize,
    /// Folder whose guard.csv and guard.json are brought up to date; its out-of-fold rows, which
    /// only training can measure, are kept.
    #[arg(long)]
    report: Option<PathBuf>,
}

const TABLE: &str = "guard.csv";
const SUMMARY: &str = "guard.json";

pub fn run_train(a: &Train) -> Result<()> {
    let settings = Settings {
        copies: a.copies.max(1),
        drawn: a.drawn.max(1),
        folds: a.folds.max(2),
        pass: a.pass,
        sure: a.sure,
        seed: a.seed,
        ..Settings::default()
    };
    let places = Places {
        data: a.data.clone(),
        not_head_ct: a.not_head_ct.clone(),
        out: a.out.clone(),
        data_name: a.data_name.clone(),
        licence: a.licence.clone(),
    };
    let outcome = train(&settings, &places)?;
    for (name, figure) in &outcome.guard.facts.figures {
        println!("{name}: {:.4}  [{}]", figure.value, figure.protocol);
    }
    if let Some(folder) = &a.report {
        report::write_table(&folder.join(TABLE), &outcome.out_of_fold)?;
    }
    Ok(())
}

pub fn run_evaluate(a: &Evaluate) -> Result<()> {
    let guard = match &a.guard {
        Some(path) => {
            let bytes =
                std::fs::read(path).map_err(|e| TrainError::File(path.display().to_string(), e))?;
            Guard::from_bytes(&bytes)?
        }
        None => Guard::new()?,
    };
    let mut rows = Vec::new();
    if let Some(folder) = &a.report {
        let known = report::read_table(&folder.join(TABLE))?;
        rows.extend(
            known
                .into_iter()
                .filter(|row| row.part == report::OUT_OF_FOLD),
        );
    }
    if let Some(folder) = &a.head_ct {
        let data = Dataset::open(folder)?;
        let kind = examples::name(folder);
        rows.extend(report::measure_files(
            &guard,
            &kind,
            report::EXTERNAL,
            data.paths(),
        )?);
    }
    for folder in kinds(a.not_head_ct.as_deref())? {
        let files = folder.held_back();
        rows.extend(report::measure_files(
            &guard,
            &folder.kind,
            report::HELD_BACK,
            &files,
        )?);
    }
    for folder in kinds(a.more.as_deref())? {
        let files = &folder.files;
        rows.extend(report::measure_files(
            &guard,
            &folder.kind,
            report::EXTERNAL,
            files,
        )?);
    }
    let learned = drawn::LEARNED.map(|kind| (kind, report::DRAWN_ANEW));
    let unseen = drawn::HELD_BACK.map(|kind| (kind, report::DRAWN_UNSEEN));
    for (kind, part) in learned.into_iter().chain(unseen) {
        let pictures = examples::drawn(kind, a.drawn, MEASURING_SEED);
        rows.extend(report::measure_drawn(&guard, part, &pictures));
    }
    print(&rows);
    if let Some(folder) = &a.report {
        report::write_table(&folder.join(TABLE), &rows)?;
        report::write_summary(&folder.join(SUMMARY), &guard, &rows)?;
    }
    Ok(())
}

fn kinds(root: Option<&Path>) -> Result<Vec<Folder>> {
    root.map_or(Ok(Vec::new()), Folder::all)
}

fn print(rows: &[Row]) {
    println!(
        "{:<14} {:<16} {:>7} {:>8} {:>8}",
        "part", "kind", "images", "flagged", "share"
    );
    for share in report::shares(rows) {
        println!(
            "{:<14} {:<16} {:>7} {:>8} {:>7.2} %",
            share.part,
            share.kind,
            share.images,
            share.flagged,
            share.flagged_share() * 100.0
        );
    }
}
