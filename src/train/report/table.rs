//! Tables that become Markdown and JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::train::evaluate::Estimate;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number of things.
    Count(usize),
    /// A share, shown in percent.
    Percent(f64),
    /// A number with so many decimals.
    Decimal(f64, usize),
    /// A figure with its interval.
    Estimate(Estimate),
    /// A p-value.
    P(f64),
    /// Not said, or not defined.
    Nothing,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As Markdown, a vertical bar in words escaped.
    pub fn markdown(&self) -> String {
        const NOTHING: &str = "–";
        let known = |value: f64, text: String| {
            if value.is_finite() {
                text
            } else {
                NOTHING.into()
            }
        };
        match self {
            Self::Text(text) => text.replace('|', "\\|"),
            Self::Count(count) => count.to_string(),
            Self::Percent(share) => known(*share, format!("{:.2} %", share * 100.0)),
            Self::Decimal(value, digits) => known(*value, format!("{value:.digits$}")),
            Self::Estimate(e) => known(e.value, estimate_text(e)),
            Self::P(p) if *p < 0.001 => "< 0.001".into(),
            Self::P(p) => known(*p, format!("{p:.3}")),
            Self::Nothing => NOTHING.into(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::Percent(value) | Self::Decimal(value, _) | Self::P(value) => json!(value),
            Self::Estimate(estimate) => json!(estimate),
            Self::Nothing => Value::Null,
        }
    }
}

impl From<Option<Cell>> for Cell {
    fn from(cell: Option<Cell>) -> Self {
        cell.unwrap_or(Self::Nothing)
    }
}

/// `0.868 (0.825 to 0.904)`.
pub fn estimate_text(e: &Estimate) -> String {
    match (e.low, e.high) {
        (Some(low), Some(high)) => format!("{:.3} ({low:.3} to {high:.3})", e.value),
        _ => format!("{:.3}", e.value),
    }
}

/// A table with what it is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its key in JSON.
    pub key: &'static str,
    /// Its heading.
    pub title: String,
    /// What the reader has to know.
    pub note: String,
    /// Column heads.
    pub columns: Vec<&'static str>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Heading, note and table.
    pub fn markdown(&self) -> String {
        let mut out = format!("### {}\n\n", self.title);
        if !self.note.is_empty() {
            let _ = write!(out, "{}\n\n", self.note);
        }
        out + &self.grid()
    }

    /// The table alone.
    pub fn grid(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut out = line(self.columns.iter().map(ToString::to_string).collect());
        out += &line(vec!["---".into(); self.columns.len()]);
        for row in &self.rows {
            out += &line(row.iter().map(Cell::markdown).collect());
        }
        out
    }

    /// Key, title, note, columns and rows of plain values.
    pub fn json(&self) -> Value {
        let rows: Vec<Vec<Value>> = self
            .rows
            .iter()
            .map(|row| row.iter().map(Cell::json).collect())
            .collect();
        json!({
            "key": self.key,
            "title": self.title,
            "note": self.note,
            "columns": self.columns,
            "rows": rows,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_read_as_they_should() {
        let estimate = Estimate {
            value: 0.86754,
            low: Some(0.825),
            high: Some(0.9041),
        };
        let unknown = Estimate {
            value: f64::NAN,
            low: None,
            high: None,
        };
        let cells = [
            (Cell::text("a|b"), "a\\|b"),
            (Cell::Count(2501), "2501"),
            (Cell::Percent(0.93482), "93.48 %"),
            (Cell::Decimal(0.001, 4), "0.0010"),
            (Cell::Estimate(estimate), "0.868 (0.825 to 0.904)"),
            (Cell::Estimate(unknown), "–"),
            (Cell::P(0.0004), "< 0.001"),
            (Cell::P(0.0416), "0.042"),
            (Cell::Percent(f64::NAN), "–"),
            (Cell::Nothing, "–"),
        ];
        for (cell, expected) in cells {
            assert_eq!(cell.markdown(), expected);
        }
    }

    #[test]
    fn a_table_is_the_same_in_both_forms() {
        let table = Table {
            key: "t",
            title: "Title".into(),
            note: "Note.".into(),
            columns: vec!["network", "share"],
            rows: vec![vec![Cell::text("CNN"), Cell::Percent(0.5)]],
        };
        let expected =
            "### Title\n\nNote.\n\n| network | share |\n| --- | --- |\n| CNN | 50.00 % |\n";
        assert_eq!(table.markdown(), expected);
        assert_eq!(table.json()["rows"], json!([["CNN", 0.5]]));
    }
}
