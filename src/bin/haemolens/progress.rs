//! A bar on a terminal: files done and in all, how fast, how long still, how many failed.

use std::cell::Cell;
use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

/// The bar, or none where nobody would see it.
pub struct Progress {
    bar: ProgressBar,
    failed: Cell<u64>,
}

/// How the total changes; goes to the thread that finds the files.
#[derive(Clone)]
pub struct Total(ProgressBar);

impl Progress {
    /// A bar when standard error is a terminal and there is more than one file; only then they are
    /// counted.
    pub fn over(count: impl FnOnce() -> usize) -> Self {
        let files = if stderr().is_terminal() { count() } else { 0 };
        let bar = match files {
            0 | 1 => ProgressBar::hidden(),
            files => ProgressBar::new(files as u64),
        };
        let style = "{bar:30} {human_pos} of {human_len} files, {per_sec}, {eta} left{msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self {
            bar,
            failed: Cell::new(0),
        }
    }

    /// The total, which archives and what is left out change.
    pub fn total(&self) -> Total {
        Total(self.bar.clone())
    }

    /// A file is done.
    pub fn done(&self) {
        self.bar.inc(1);
    }

    /// A file or a slice failed.
    pub fn failed(&self) {
        self.failed.set(self.failed.get() + 1);
        self.bar
            .set_message(format!(", {} failed", self.failed.get()));
    }

    /// Prints in the bar's place.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Total {
    /// What was counted as one file is an archive of so many.
    pub fn is_archive_of(&self, members: usize) {
        self.0.inc_length(members as u64);
        self.0.dec_length(1);
    }

    /// A file is left out.
    pub fn leave_out(&self) {
        self.0.dec_length(1);
    }
}
