//! Whether the highest place of the map of contributions lies in the blood.

use std::collections::BTreeMap;

use super::by_source::{model, protocol};
use super::inputs::Inputs;
use super::table::{Cell, Table};
use crate::train::evaluate::mean_by_patient;
use crate::train::predictions::places::TopPlace;

/// Every table of places, by source and pooled.
pub fn table(inputs: &Inputs) -> Table {
    let mut rows = Vec::new();
    for (name, places) in &inputs.places {
        let mut sources: BTreeMap<&str, Vec<&TopPlace>> = BTreeMap::new();
        for place in places {
            sources.entry(&place.source).or_default().push(place);
        }
        let several = sources.len() > 1;
        let mut groups: Vec<(String, Vec<&TopPlace>)> = Vec::new();
        for (source, places) in sources {
            groups.push((inputs.sources.get(source).title, places));
        }
        if several {
            groups.push(("pooled".into(), places.iter().collect()));
        }
        for (slices, places) in groups {
            let mut row = vec![
                Cell::text(protocol(*name)),
                Cell::Text(slices),
                Cell::text(model(name.preset)),
            ];
            row.extend(cells(&places));
            rows.push(row);
        }
    }
    Table {
        key: "places",
        title: "Whether the map of contributions points at the blood".into(),
        note: "Slices with haemorrhage around which somebody has drawn boxes, each mapped by a \
               network that never saw its patient: how often the centre of the map's highest place (by \
               the mean of three by three places, which see nearly the same) lies in one of the boxes \
               or at most a twentieth of the slice beside it, and how often a place drawn at random \
               would. 95 % intervals over patients."
            .into(),
        columns: vec![
            "protocol",
            "slices of",
            "model",
            "slices",
            "patients",
            "highest place in a box",
            "by chance",
        ],
        rows,
    }
}

fn cells(places: &[&TopPlace]) -> [Cell; 4] {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for place in places {
        let next = numbers.len();
        numbers.entry(&place.patient).or_insert(next);
    }
    let mean = |value: fn(&TopPlace) -> f64| {
        let values = places.iter();
        let values: Vec<(usize, f64)> = values
            .map(|place| (numbers[place.patient.as_str()], value(place)))
            .collect();
        Cell::Estimate(mean_by_patient(&values))
    };
    [
        Cell::Count(places.len()),
        Cell::Count(numbers.len()),
        mean(|place| f64::from(place.hit)),
        mean(|place| place.chance),
    ]
}
