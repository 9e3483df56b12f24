//! How well a model does, by source and by group of slices.

use std::collections::BTreeMap;

use super::held_out::{HeldOut, auc, fraction_right, held_out, patients};
use super::prose::Prose;
use crate::HaemorrhageKind;
use crate::model_card::{Interval, Performance};
use crate::train::dataset::Normals;
use crate::train::evaluate::{Estimate, Measure};
use crate::train::predictions::{Preset, Protocol, TableName};
use crate::train::report::by_source::{CARD_MEASURES, POOLED, protocol};
use crate::train::report::entry::Entry;
use crate::train::report::inputs::Inputs;

/// Fewer slices than this give no figure.
const MIN_SLICES: usize = 5;

/// The thirds of an examination, from below.
pub const THIRDS: [&str; 3] = ["lowest third", "middle third", "highest third"];

/// Everything that is measured of a model: first by source, then by group of held-out slices.
pub fn of(inputs: &Inputs, preset: Preset, prose: &Prose) -> Vec<Performance> {
    let mut out = Vec::new();
    for found in inputs.by_source.iter().filter(|f| f.name.preset == preset) {
        let counting = found.sources.iter().filter(|(source, _)| source.figures);
        for (source, entry) in counting {
            out.push(whole(found.name, &source.title, entry));
        }
        if let Some(entry) = &found.pooled {
            out.push(whole(found.name, POOLED, entry));
        }
    }
    out.extend(groups(&held_out(inputs, preset), prose));
    out
}

fn whole(name: TableName, slices_of: &str, entry: &Entry) -> Performance {
    let ruling = entry.main();
    let figures = CARD_MEASURES.iter().filter_map(|measure| {
        let estimate = ruling.figures.get(measure)?;
        Some((measure.name().to_owned(), interval(*estimate)?))
    });
    Performance {
        protocol: protocol(name).into(),
        slices_of: slices_of.into(),
        by: "source".into(),
        group: slices_of.into(),
        slices: entry.rows.len(),
        patients: ruling.assessment.patients(),
        haemorrhages: entry.rows.iter().filter(|r| r.haemorrhage == 1).count(),
        figures: figures.collect(),
    }
}

/// A figure, if there is one.
pub fn interval(estimate: Estimate) -> Option<Interval> {
    estimate.value.is_finite().then_some(Interval {
        value: estimate.value,
        low: estimate.low,
        high: estimate.high,
    })
}

/// Slices that have something in common, and what.
struct Group<'a> {
    by: &'static str,
    name: String,
    slices: Vec<HeldOut<'a>>,
}

/// The groups of every source, and those by kind and by thickness of all that count.
fn groups(all: &[HeldOut], prose: &Prose) -> Vec<Performance> {
    let mut out = Vec::new();
    let mut titles: Vec<&str> = Vec::new();
    // Where the level of a slice alone tells the classes apart, a figure would flatter.
    let skilled = |s: &&HeldOut| s.source.figures || s.source.normals == Normals::None;
    for slice in all.iter().filter(skilled) {
        if !titles.contains(&slice.source.title.as_str()) {
            titles.push(&slice.source.title);
        }
    }
    for title in &titles {
        let own = filtered(all, |s| s.source.title == *title);
        let groups = [
            by_kind(&own),
            by_size(&own),
            by_level(&own),
            by_fracture(&own),
            by_patient(&own),
        ];
        out.extend(measured(
            title,
            &own,
            groups.into_iter().flatten().collect(),
        ));
    }
    let counting = filtered(all, |s| s.source.figures);
    let mut groups = by_thickness(&counting, prose);
    let several = counting
        .iter()
        .any(|s| s.source.name != counting[0].source.name);
    if several {
        groups.extend(by_kind(&counting));
    }
    out.extend(measured(POOLED, &counting, groups));
    out
}

fn filtered<'a>(slices: &[HeldOut<'a>], of: impl Fn(&HeldOut<'a>) -> bool) -> Vec<HeldOut<'a>> {
    slices.iter().filter(|s| of(s)).copied().collect()
}

fn measured(slices_of: &str, all: &[HeldOut], groups: Vec<Group>) -> Vec<Performance> {
    let normal = filtered(all, |s| !s.bleeds());
    let groups = groups.into_iter().filter(|group| !group.slices.is_empty());
    let measure = |Group { by, name, slices }: Group| {
        let with = filtered(&slices, HeldOut::bleeds);
        let without = filtered(&slices, |s| !s.bleeds());
        let mut figures = BTreeMap::new();
        let mut put = |name: &str, estimate: Estimate| {
            figures.extend(interval(estimate).map(|i| (name.to_owned(), i)));
        };
        if with.len() >= MIN_SLICES {
            put(Measure::Sensitivity.name(), fraction_right(&with));
        }
        if without.len() >= MIN_SLICES {
            put(Measure::Specificity.name(), fraction_right(&without));
        }
        // A group of haemorrhages alone is ranked against all normal slices of its source.
        let against = if without.is_empty() {
            &normal
        } else {
            &without
        };
        if with.len().min(against.len()) >= MIN_SLICES {
            put(Measure::Auc.name(), auc(&with, against));
        }
        Performance {
            protocol: protocol_of_groups().into(),
            slices_of: slices_of.into(),
            by: by.into(),
            group: name,
            slices: slices.len(),
            patients: patients(&slices),
            haemorrhages: with.len(),
            figures,
        }
    };
    groups.map(measure).collect()
}

/// Groups are of held-out patients.
fn protocol_of_groups() -> &'static str {
    protocol(TableName {
        network: crate::train::predictions::Network::AlexNetSvm,
        preset: Preset::Best,
        protocol: Protocol::Patient,
    })
}

/// Slices with haemorrhage by what bleeds.
fn by_kind<'a>(all: &[HeldOut<'a>]) -> Vec<Group<'a>> {
    let with = filtered(all, HeldOut::bleeds);
    let group = |name: String, slices| Group {
        by: "kind",
        name,
        slices,
    };
    let kinds = HaemorrhageKind::ALL
        .into_iter()
        .enumerate()
        .map(|(i, kind)| {
            let shown = filtered(&with, |s| s.kinds.is_some_and(|shown| shown[i]));
            group(kind.code().into(), shown)
        });
    let several = filtered(&with, |s| s.codes().len() > 1);
    let unknown = filtered(&with, |s| s.codes().is_empty());
    let others = [
        group("several kinds".into(), several),
        group("kinds not known".into(), unknown),
    ];
    kinds.chain(others).collect()
}

/// Slices with haemorrhage by the area of the boxes around it, in three classes of equally many.
fn by_size<'a>(all: &[HeldOut<'a>]) -> Vec<Group<'a>> {
    let with = filtered(all, HeldOut::bleeds);
    let limits = size_limits(&with);
    let mut groups = Vec::new();
    if let Some([small, large]) = limits {
        let percent = |area: f64| format!("{:.1} %", area * 100.0);
        let names = [
            format!("smallest third, boxes up to {}", percent(small)),
            format!("middle third, up to {}", percent(large)),
            format!("largest third, above {}", percent(large)),
        ];
        for (class, name) in names.into_iter().enumerate() {
            let of = |s: &HeldOut| {
                s.box_area()
                    .map(|a| usize::from(a > small) + usize::from(a > large))
            };
            groups.push(Group {
                by: "size",
                name,
                slices: filtered(&with, |s| of(s) == Some(class)),
            });
        }
        groups.push(Group {
            by: "size",
            name: "no boxes drawn".into(),
            slices: filtered(&with, |s| s.box_area().is_none()),
        });
    }
    groups
}

/// The areas up to which a third and two thirds of the boxed slices go, where there are enough.
pub fn size_limits(with: &[HeldOut]) -> Option<[f64; 2]> {
    let mut areas: Vec<f64> = with.iter().filter_map(HeldOut::box_area).collect();
    areas.sort_by(f64::total_cmp);
    let enough = areas.len() >= 3 * MIN_SLICES;
    enough.then(|| [1, 2].map(|thirds| areas[(areas.len() * thirds).div_ceil(3) - 1]))
}

/// Slices of whole examinations by where in them they lie.
fn by_level<'a>(all: &[HeldOut<'a>]) -> Vec<Group<'a>> {
    let third = |(third, name): (usize, &str)| Group {
        by: "level",
        name: name.into(),
        slices: filtered(all, |s| s.third() == Some(third)),
    };
    THIRDS.into_iter().enumerate().map(third).collect()
}

/// Slices by whether a bone is broken on them.
fn by_fracture<'a>(all: &[HeldOut<'a>]) -> Vec<Group<'a>> {
    let group = |(name, shown): (&str, bool)| Group {
        by: "fracture",
        name: name.into(),
        slices: filtered(all, |s| s.fracture() == Some(shown)),
    };
    [
        ("fracture on the slice", true),
        ("none on the slice", false),
    ]
    .map(group)
    .into()
}

/// Normal slices by whether their patient bleeds elsewhere.
fn by_patient<'a>(all: &[HeldOut<'a>]) -> Vec<Group<'a>> {
    let normal = filtered(all, |s| !s.bleeds());
    let group = |(name, bleeds): (&str, bool)| Group {
        by: "patient",
        name: name.into(),
        slices: filtered(&normal, |s| s.patient_bleeds == Some(bleeds)),
    };
    let groups = [
        ("normal slices of patients with haemorrhage", true),
        ("normal slices of patients without", false),
    ];
    groups.map(group).into()
}

/// Slices by how thick they are, as far as their sources tell.
fn by_thickness<'a>(all: &[HeldOut<'a>], prose: &Prose) -> Vec<Group<'a>> {
    let thickness = |s: &HeldOut| match prose.collections.get(&s.source.name) {
        Some(told) => told.slice_thickness.clone(),
        None => "not told".into(),
    };
    let mut groups: BTreeMap<String, Vec<HeldOut>> = BTreeMap::new();
    for slice in all {
        groups.entry(thickness(slice)).or_default().push(*slice);
    }
    let group = |(name, slices)| Group {
        by: "slice thickness",
        name,
        slices,
    };
    groups.into_iter().map(group).collect()
}
