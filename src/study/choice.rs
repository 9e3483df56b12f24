//! Which series answer for a study, as a neuroradiologist would choose: slices for the brain of the
//! usual thickness first, what is noisier or shows something besides blood only where there is
//! nothing else, and nothing twice.

use std::cmp::Ordering;

use super::series::Series;
use super::{SeriesKind, natural};
use crate::guard;
use crate::slice::dicom::Kernel;

/// Kinds of series that can answer, the best first; pictures say nothing of themselves, so nothing
/// stands against them.
const BEST_FIRST: [&[SeriesKind]; 6] = [
    &[SeriesKind::Standard, SeriesKind::Pictures],
    &[SeriesKind::Thin],
    &[SeriesKind::Bone],
    &[SeriesKind::Contrast],
    &[SeriesKind::Dynamic],
    &[SeriesKind::Reformat],
];
/// A kind that shows less than this share of what another shows of the head leaves the answer to the
/// next: it may be a few slices taken to aim.
const LEAST_COVERAGE: f64 = 0.5;
/// A series with at least this share of its slices where another has some shows the same.
const SAME_SLICES: f64 = 0.5;

/// Why each series is not used; `None` for those that are.
pub fn choose(series: &[Series]) -> Vec<Option<String>> {
    let of = |kinds: &[SeriesKind]| -> Vec<usize> {
        let is = |&i: &usize| kinds.contains(&series[i].kind);
        (0..series.len()).filter(is).collect()
    };
    let classes: Vec<Vec<usize>> = BEST_FIRST
        .iter()
        .map(|kinds| of(kinds))
        .filter(|class| !class.is_empty())
        .collect();
    let coverages: Vec<Option<f64>> = classes.iter().map(|c| coverage(series, c)).collect();
    let widest = coverages.iter().flatten().copied().fold(0.0, f64::max);
    // A class whose places are not known cannot be said to show less.
    let whole = |c: &Option<f64>| c.is_none_or(|c| c >= LEAST_COVERAGE * widest);
    let chosen = coverages.iter().position(whole);

    let mut why: Vec<Option<String>> = series.iter().map(out_of_question).collect();
    let Some(chosen) = chosen else {
        return why;
    };
    leave_out_repeats(series, &classes[chosen], &mut why);
    let best = classes[chosen].iter().find(|&&i| why[i].is_none());
    let better = best.map_or(String::new(), |&best| {
        let words = series[best].kind.words();
        format!("{} ({words}) shows this head better", called(&series[best]))
    });
    for (number, class) in classes.iter().enumerate() {
        for &i in class {
            match number.cmp(&chosen) {
                Ordering::Less => {
                    let shown = coverages[number].unwrap_or(0.0);
                    why[i] = Some(format!(
                        "it shows {shown:.0} mm of the head, another series {widest:.0} mm"
                    ));
                }
                Ordering::Equal => {}
                Ordering::Greater => why[i] = Some(better.clone()),
            }
        }
    }
    why
}

/// What a series is called in a sentence about another.
fn called(series: &Series) -> String {
    match series.number {
        Some(number) => format!("series {number}"),
        None => "another series".into(),
    }
}

/// Why a series could never answer.
fn out_of_question(series: &Series) -> Option<String> {
    match series.kind {
        SeriesKind::Localiser => Some("it is a localiser (scout)".into()),
        SeriesKind::NotHeadCt => Some(match commonest_cause(series) {
            Some(cause) => format!("it is not taken for a CT of a head: {cause}"),
            None => "it is not taken for a CT of a head".into(),
        }),
        _ => None,
    }
}

/// What is said most often of the slices of a series that are not taken for a head CT.
pub fn commonest_cause<'a>(series: &Series<'a>) -> Option<&'a str> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let reasons = series.members.iter().map(|m| &m.classification.reason);
    for cause in reasons.flatten().map(|reason| guard::cause(reason)) {
        match counts.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, count)) => *count += 1,
            None => counts.push((cause, 1)),
        }
    }
    // The first of those that are equally common.
    let most = counts.iter().map(|(_, count)| *count).max()?;
    let found = counts.iter().find(|(_, count)| *count == most);
    found.map(|(cause, _)| *cause)
}

/// How many millimetres from base to top the accepted slices of some series fill together; `None`
/// where one does not say, or is cut another way.
fn coverage(series: &[Series], class: &[usize]) -> Option<f64> {
    let mut filled: Vec<[f64; 2]> = Vec::new();
    for &i in class {
        let stretches = series[i].stretches();
        if stretches.is_empty() || series[i].kind == SeriesKind::Reformat {
            return None;
        }
        filled.extend(stretches);
    }
    filled.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let (mut length, mut end) = (0.0, f64::NEG_INFINITY);
    for [from, to] in filled {
        length += (to - from.max(end)).max(0.0);
        end = end.max(to);
    }
    Some(length)
}

/// Leaves out, of series of one kind, those that show what a better one shows.
fn leave_out_repeats(series: &[Series], class: &[usize], why: &mut [Option<String>]) {
    /// What counts before the thickness: whole centimetres of head.
    const CENTIMETRE: f64 = 10.0;
    let mut order = class.to_vec();
    order.sort_by(|&a, &b| {
        let rank = |i: usize| {
            let covered = coverage(series, &[i]).map_or(0, |c| (c / CENTIMETRE).round() as i64);
            (covered, series[i].kernel() == Kernel::Soft)
        };
        let thickness = |i: usize| series[i].thickness.unwrap_or(0.0);
        let slices = |i: usize| series[i].accepted().count();
        let name = |i: usize| &series[i].first().file;
        rank(b)
            .cmp(&rank(a))
            .then_with(|| thickness(b).total_cmp(&thickness(a)))
            .then_with(|| slices(b).cmp(&slices(a)))
            .then_with(|| series[a].number.cmp(&series[b].number))
            .then_with(|| natural::compare(name(a), name(b)))
    });
    let mut used: Vec<usize> = Vec::new();
    for i in order {
        match used
            .iter()
            .find(|&&other| repeats(&series[i], &series[other]))
        {
            None => used.push(i),
            Some(&other) => {
                why[i] = Some(format!("{} shows the same slices", called(&series[other])));
            }
        }
    }
}

/// Whether most slices of a series lie where another has some, or are the same to the bit.
fn repeats(series: &Series, other: &Series) -> bool {
    let stretches = match series.plane() == other.plane() {
        true => other.stretches(),
        false => Vec::new(),
    };
    let inside = |position: f64| {
        let holds = |[from, to]: &[f64; 2]| (*from..=*to).contains(&position);
        stretches.iter().any(holds)
    };
    let (mut all, mut shared) = (0usize, 0usize);
    for member in series.accepted() {
        let same = |m: &super::Member| m.margin() == member.margin();
        all += 1;
        shared +=
            usize::from(member.place.position.is_some_and(inside) || other.accepted().any(same));
    }
    shared as f64 >= SAME_SLICES * all as f64
}
