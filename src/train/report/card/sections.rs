//! The generated parts of the model card as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::model_card::{Card, Counts, FailedSlice, Failures, Interval, Performance, Source};
use crate::train::evaluate::Estimate;
use crate::train::folds::FOLDS;
use crate::train::report::table::{Cell, Table};

/// Each part by the name between its markers.
pub fn of(card: &Card) -> BTreeMap<&'static str, String> {
    [
        ("use", intended_use(card)),
        ("sources", sources(card)),
        ("partition", partition(card)),
        ("groups", groups(card)),
        ("failures", failures(card)),
        ("limits", limits(card)),
        ("maintenance", maintenance(card)),
        ("guidelines", guidelines(card)),
    ]
    .into()
}

fn list(items: &[String]) -> String {
    items.iter().map(|item| format!("- {item}\n")).collect()
}

fn grid(columns: Vec<&'static str>, rows: Vec<Vec<Cell>>) -> String {
    let table = Table {
        key: "",
        title: String::new(),
        note: String::new(),
        columns,
        rows,
    };
    table.grid()
}

fn intended_use(card: &Card) -> String {
    let used = &card.intended_use;
    format!(
        "{}\n\nFor:\n\n{}\nInput: {}\n\nOutput: {}\n\nNot for:\n\n{}",
        used.purpose,
        list(&used.users),
        used.input,
        used.output,
        list(&card.out_of_scope)
    )
}

fn sources(card: &Card) -> String {
    let mut out = String::new();
    for Source {
        title,
        citation,
        terms,
        collection: told,
        ..
    } in &card.sources
    {
        let _ = write!(
            out,
            "**{title}**: {citation}.\n\n- Setting: {}\n- Dates: {}\n- Whose scans: {}\n- Scanners: {}\n\
             - Slice thickness: {}\n- Reference standard: {}\n- What of it is used: {}\n- Terms: {terms}\n\n",
            told.setting,
            told.dates,
            told.eligibility,
            told.scanners,
            told.slice_thickness,
            told.reference_standard,
            told.selection,
        );
    }
    out
}

fn partition(card: &Card) -> String {
    let flow = card.sources.iter().map(|source| {
        let Counts {
            slices,
            haemorrhages,
            kinds_known,
            boxed,
            patients,
            bleeding_patients,
        } = source.counts;
        vec![
            Cell::text(&source.title),
            Cell::Count(slices),
            Cell::Count(haemorrhages),
            Cell::Count(slices - haemorrhages),
            Cell::Count(patients),
            Cell::Count(bleeding_patients),
            Cell::Count(kinds_known),
            Cell::Count(boxed),
            Cell::text(if source.training {
                "yes"
            } else {
                "no: external"
            }),
            Cell::Text(
                source
                    .aside
                    .as_ref()
                    .map_or("yes".into(), |why| format!("no: {why}")),
            ),
        ]
    });
    let columns = vec![
        "source",
        "slices",
        "with haemorrhage",
        "without",
        "patients",
        "of them with haemorrhage",
        "kinds known",
        "boxes drawn",
        "trained on",
        "figures count",
    ];
    let flow = grid(columns, flow.collect());
    let folds = card.sources.iter().filter_map(|source| {
        let own = || {
            card.partition
                .folds
                .iter()
                .filter(|f| f.source == source.name)
        };
        own().next()?;
        let mut row = vec![Cell::text(&source.title)];
        row.extend((0..FOLDS).map(|number| {
            let fold = own().find(|f| f.fold == number);
            fold.map(|f| Cell::Text(fold_words(f.counts))).into()
        }));
        Some(row)
    });
    let folds = grid(
        vec!["source", "fold 0", "fold 1", "fold 2", "fold 3", "fold 4"],
        folds.collect(),
    );
    format!(
        "{}\n\n{flow}\nThe folds, as slices (of them with haemorrhage), patients (of them with \
         haemorrhage):\n\n{folds}",
        card.partition.method
    )
}

fn fold_words(counts: Counts) -> String {
    format!(
        "{} ({}), {} ({})",
        counts.slices, counts.haemorrhages, counts.patients, counts.bleeding_patients
    )
}

fn cell(figure: Option<&Interval>) -> Cell {
    let estimate = figure.map(|f| Estimate {
        value: f.value,
        low: f.low,
        high: f.high,
    });
    estimate.map(Cell::Estimate).into()
}

fn groups(card: &Card) -> String {
    let mut out = String::from(
        "Held-out patients, at the balanced operating point; a group of slices with haemorrhage is \
         ranked against all normal slices of the same source (AUC), other groups within themselves. Sizes are the area of the boxes around \
         the bleeds as a fraction of the head's square that the network sees, in three classes of equally many \
         slices; levels are thirds of the examination by the number of the slice; thickness is what the \
         source tells of all its slices. A source in which the level of a slice alone tells haemorrhage \
         from normal is left out. No figure of fewer than five slices.\n",
    );
    for model in &card.models {
        let grouped = model.performance.iter().filter(|p| p.by != "source");
        let rows = grouped.map(|p: &Performance| {
            vec![
                Cell::text(&p.slices_of),
                Cell::text(&p.by),
                Cell::text(&p.group),
                Cell::Count(p.slices),
                Cell::Count(p.patients),
                Cell::Count(p.haemorrhages),
                cell(p.figures.get("sensitivity")),
                cell(p.figures.get("specificity")),
                cell(p.figures.get("auc")),
            ]
        });
        let columns = vec![
            "slices of",
            "by",
            "group",
            "slices",
            "patients",
            "with haemorrhage",
            "sensitivity",
            "specificity",
            "AUC",
        ];
        let _ = write!(
            out,
            "\n**{}**\n\n{}",
            model.title,
            grid(columns, rows.collect())
        );
    }
    out
}

fn failures(card: &Card) -> String {
    let mut out = String::new();
    for (place, model) in card.models.iter().enumerate() {
        let _ = write!(
            out,
            "**{}**: {}\n\n{}\n",
            model.title,
            model.failures.summary,
            failure_counts(&model.failures)
        );
        if place == 0 {
            let _ = write!(
                out,
                "What they have in common, on the sources that count; a median where that is said, else \
                 the fraction of which it holds:\n\n{}\nPatients with three failures or more, those with \
                 the most first:\n\n{}\nThe surest of each sort:\n\n{}\n",
                traits(&model.failures),
                patients(&model.failures),
                failed_slices(&model.failures)
            );
        }
    }
    out + "The same of every model stands in [card.json](card.json), and every failure by its file's name \
           in [report/](report/README.md), `failures-….csv`.\n"
}

fn failure_counts(failures: &Failures) -> String {
    let rows = failures.counts.iter().map(|c| {
        vec![
            Cell::text(&c.slices_of),
            Cell::Count(c.haemorrhages),
            Cell::Count(c.missed),
            Cell::Count(c.missed_inconclusive),
            Cell::Count(c.normals),
            Cell::Count(c.false_alarms),
            Cell::Count(c.false_alarms_inconclusive),
        ]
    });
    let columns = vec![
        "slices of",
        "with haemorrhage",
        "missed",
        "of them inconclusive",
        "normal",
        "false alarms",
        "of them inconclusive",
    ];
    grid(columns, rows.collect())
}

fn traits(failures: &Failures) -> String {
    let rows = failures.traits.iter().map(|t| {
        vec![
            Cell::text(&t.of),
            Cell::text(&t.name),
            Cell::Decimal(t.failed, 3),
            Cell::Count(t.failed_slices),
            Cell::Decimal(t.right, 3),
            Cell::Count(t.right_slices),
        ]
    });
    let columns = vec!["of", "what", "failures", "slices", "called right", "slices"];
    grid(columns, rows.collect())
}

fn patients(failures: &Failures) -> String {
    let rows = failures.patients.iter().map(|p| {
        vec![
            Cell::text(&p.patient),
            Cell::Count(p.haemorrhages),
            Cell::Count(p.missed),
            Cell::Count(p.normals),
            Cell::Count(p.false_alarms),
        ]
    });
    let columns = vec![
        "patient",
        "with haemorrhage",
        "missed",
        "normal",
        "false alarms",
    ];
    grid(columns, rows.collect())
}

fn failed_slices(failures: &Failures) -> String {
    let rows = failures.slices.iter().map(|s: &FailedSlice| {
        let place = s
            .slice
            .map(|[slice, slices]| format!("{slice} of {slices}"));
        vec![
            Cell::text(&s.failure),
            Cell::Text(format!("{}/{}", s.source, s.file)),
            if s.kinds.is_empty() {
                Cell::Nothing
            } else {
                Cell::text(s.kinds.join(", "))
            },
            s.box_area.map(Cell::Percent).into(),
            place.map(Cell::Text).into(),
            Cell::Decimal(s.margin, 2),
            Cell::Decimal(s.probability, 3),
            Cell::text(if s.inconclusive { "yes" } else { "no" }),
        ]
    });
    let columns = vec![
        "failure",
        "slice",
        "kinds",
        "area of boxes",
        "place",
        "margin",
        "probability",
        "inconclusive",
    ];
    grid(columns, rows.collect())
}

fn limits(card: &Card) -> String {
    format!(
        "{}\nNot measured:\n\n{}\nComparison with people: {}\n",
        list(&card.limitations),
        list(&card.not_measured),
        lower_first(&card.human_comparison)
    )
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn maintenance(card: &Card) -> String {
    let kept = &card.maintenance;
    let mut out = format!("{}\n\n{}\n", kept.updates, kept.report_a_fault);
    if let Some(repository) = &kept.repository {
        let _ = writeln!(out, "\n<{repository}/issues>");
    }
    out
}

fn guidelines(card: &Card) -> String {
    let rows = card.guidelines.iter().map(|g| {
        let named = |text: &str| match text {
            "" => Cell::Nothing,
            text => Cell::text(text),
        };
        vec![
            Cell::text(&g.item),
            named(&g.tripod_ai),
            named(&g.claim),
            named(&g.stard_ai),
            Cell::text(&g.found),
        ]
    });
    grid(
        vec![
            "what is asked",
            "TRIPOD+AI",
            "CLAIM 2024",
            "STARD-AI",
            "where",
        ],
        rows.collect(),
    )
}
