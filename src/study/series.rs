//! Series: which slices belong together, in which order, and what they are.

use std::collections::BTreeMap;

use super::{Member, SeriesKind, folder};
use crate::slice::dicom::{Kernel, Place, Plane};

/// Slices of the brain are thinner than usual below so many millimetres.
const THIN: f64 = 2.0;
/// Positions closer than this are one, in millimetres.
const SAME_PLACE: f64 = 0.05;
/// A series is of heads where at least this share of its slices is taken for one: a chest of some
/// hundred slices may hold a few that pass, and a head with neck still has its head.
const LEAST_HEAD: f64 = 0.25;
/// From so many slices a place on, the same places are shown again and again.
const DYNAMIC: f64 = 2.0;

/// The slices of a series in order.
#[derive(Debug)]
pub struct Series<'a> {
    pub members: Vec<&'a Member>,
    pub kind: SeriesKind,
    pub number: Option<i64>,
    /// Millimetres.
    pub thickness: Option<f64>,
    /// Files that hold a slice once more.
    pub duplicates: usize,
}

/// What slices of a series have in common.
type Key<'a> = (
    Option<&'a str>,
    Option<i64>,
    (Kernel, Plane),
    (bool, bool),
    &'a str,
);

/// Sorts the slices of an examination, which come by name, into series by their numbers.
pub fn sort<'a>(members: &[&'a Member]) -> Vec<Series<'a>> {
    let mut by_key: BTreeMap<Key, Vec<&Member>> = BTreeMap::new();
    for member in members {
        by_key.entry(key(member)).or_default().push(member);
    }
    let mut series: Vec<Series> = by_key.into_values().map(Series::of).collect();
    series.sort_by(|a, b| {
        let by_name = || a.first().by_name(b.first());
        // Those without a number last.
        let number = |s: &Series| (s.number.is_none(), s.number);
        number(a).cmp(&number(b)).then_with(by_name)
    });
    series
}

fn key(member: &Member) -> Key<'_> {
    let place = &member.place;
    // Without a series of their own, slices go by folder.
    let folder = match place.series {
        Some(_) => "",
        None => folder(&member.file),
    };
    (
        place.series.as_deref(),
        place.number,
        (place.kernel, place.plane),
        (place.contrast, place.localiser),
        folder,
    )
}

impl<'a> Series<'a> {
    fn of(mut members: Vec<&'a Member>) -> Self {
        let all = members.len();
        drop_duplicates(&mut members);
        put_in_order(&mut members);
        let thickness = thickness(&members);
        Self {
            kind: kind(&members, thickness),
            number: members[0].place.number,
            thickness,
            duplicates: all - members.len(),
            members,
        }
    }

    /// How its slices cut the head.
    pub fn plane(&self) -> Plane {
        self.members[0].place.plane
    }

    /// What its reconstruction is made to show.
    pub fn kernel(&self) -> Kernel {
        self.members[0].place.kernel
    }

    /// The slices that are taken for CT of a head.
    pub fn accepted(&self) -> impl Iterator<Item = &'a Member> {
        self.members.iter().copied().filter(|m| m.accepted())
    }

    /// The slice whose name comes first.
    pub fn first(&self) -> &'a Member {
        let first = self.members.iter().min_by(|a, b| a.by_name(b));
        first.expect("a series has a slice")
    }

    /// Which stretches of the normal its accepted slices fill, `[from, to]` in millimetres, ascending
    /// and apart; none where places are not known.
    pub fn stretches(&self) -> Vec<[f64; 2]> {
        let half = self.thickness.unwrap_or(0.0) / 2.0;
        let positions = self.accepted().filter_map(|m| m.place.position);
        let mut slabs: Vec<[f64; 2]> = positions.map(|p| [p - half, p + half]).collect();
        slabs.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let mut stretches: Vec<[f64; 2]> = Vec::new();
        for slab in slabs {
            match stretches.last_mut() {
                Some(last) if slab[0] <= last[1] => last[1] = last[1].max(slab[1]),
                _ => stretches.push(slab),
            }
        }
        stretches
    }
}

/// Leaves out what stands there twice, as when a folder is exported again beside its archive: slices
/// of one place with the same pixels, which the margin tells to the bit. The first name stays.
fn drop_duplicates(members: &mut Vec<&Member>) {
    let mut kept: BTreeMap<(u64, u64), Vec<&Member>> = BTreeMap::new();
    members.retain(|member| {
        let answer = &member.classification;
        let pixels = (answer.margin.to_bits(), answer.distance.to_bits());
        let alike = kept.entry(pixels).or_default();
        let again = alike.iter().any(|other| same_place(other, member));
        if !again {
            alike.push(member);
        }
        !again
    });
}

fn same_place(a: &Member, b: &Member) -> bool {
    match (a.place.position, b.place.position) {
        (Some(p), Some(q)) => (p - q).abs() < SAME_PLACE,
        (None, None) => a.place.instance == b.place.instance,
        _ => false,
    }
}

/// By position where all have one, else by instance number, else by name, as they come.
fn put_in_order(members: &mut [&Member]) {
    let all = |known: fn(&Member) -> bool| members.iter().all(|m| known(m));
    if all(|m| m.place.position.is_some()) {
        let position = |m: &Member| m.place.position.unwrap_or(0.0);
        members.sort_by(|a, b| {
            let by_instance = || a.place.instance.cmp(&b.place.instance);
            position(a).total_cmp(&position(b)).then_with(by_instance)
        });
    } else if all(|m| m.place.instance.is_some()) {
        members.sort_by_key(|m| m.place.instance);
    }
}

/// The usual thickness of the slices, or else the usual distance between them.
fn thickness(members: &[&Member]) -> Option<f64> {
    let said: Vec<f64> = members.iter().filter_map(|m| m.place.thickness).collect();
    median(said).or_else(|| {
        let distances = places(members).windows(2).map(|w| w[1] - w[0]).collect();
        median(distances)
    })
}

/// Different positions, ascending.
fn places(members: &[&Member]) -> Vec<f64> {
    let mut places: Vec<f64> = members.iter().filter_map(|m| m.place.position).collect();
    places.sort_by(f64::total_cmp);
    places.dedup_by(|a, b| (*a - *b).abs() < SAME_PLACE);
    places
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn kind(members: &[&Member], thickness: Option<f64>) -> SeriesKind {
    let place = &members[0].place;
    let accepted = members.iter().filter(|m| m.accepted()).count();
    let positioned = members.iter().filter(|m| m.place.position.is_some());
    let places = places(members).len();
    if place.localiser {
        SeriesKind::Localiser
    } else if accepted == 0 || (accepted as f64) < LEAST_HEAD * members.len() as f64 {
        SeriesKind::NotHeadCt
    } else if matches!(place.plane, Plane::Coronal | Plane::Sagittal) {
        SeriesKind::Reformat
    } else if place.contrast {
        SeriesKind::Contrast
    } else if places > 0 && positioned.count() as f64 >= DYNAMIC * places as f64 {
        SeriesKind::Dynamic
    } else if place.kernel == Kernel::Bone {
        SeriesKind::Bone
    } else if thickness.is_some_and(|t| t < THIN) {
        SeriesKind::Thin
    } else if *place == Place::default() {
        SeriesKind::Pictures
    } else {
        SeriesKind::Standard
    }
}
