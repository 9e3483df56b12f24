//! Which command makes which of the report's numbers.

use serde::Serialize;

use super::inputs::{GUARD_COMMAND, Inputs, PROBED, probe_command, train_command};
use super::tables::source;

/// A command and the rows of tables that rest on what it makes; `haemolens report` reads that.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Made {
    /// The table, where the rows are of one only.
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<&'static str>,
    /// The network as the rows name it, where they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<&'static str>,
    /// How the rows' source begins, where they have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// The command.
    command: String,
}

/// The commands behind all rows.
pub fn commands(inputs: &Inputs) -> Vec<Made> {
    let of_entries = inputs.entries.iter().map(|entry| Made {
        table: None,
        network: Some(entry.name.network.title()),
        source: Some(source(entry.name)),
        command: train_command(entry.name.network, entry.name.preset, entry.name.protocol),
    });
    let of_probes = PROBED.map(|network| Made {
        table: Some("table3"),
        network: None,
        source: Some(format!("ours: linear probes of {}", network.title())),
        command: probe_command(network),
    });
    let of_table = [Made {
        table: Some("guard"),
        network: None,
        source: None,
        command: GUARD_COMMAND.into(),
    }];
    of_entries.chain(of_probes).chain(of_table).collect()
}
