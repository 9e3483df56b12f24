//! The order in which people read names: `IM2` before `IM10`.

use std::cmp::Ordering;

/// Compares names, runs of digits by the numbers that they write; names that differ are never equal.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (parts(a), parts(b));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (one, other) => match (one.and_then(number), other.and_then(number)) {
                // Without leading zeros the longer number is the larger one.
                (Some(x), Some(y)) => x.len().cmp(&y.len()).then_with(|| x.cmp(y)),
                _ => one.cmp(&other),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Runs of digits and what is between them.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let digits = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits);
        let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(part)
    })
}

/// The digits of a number without leading zeros.
fn number(part: &str) -> Option<&str> {
    let digits = part.starts_with(|c: char| c.is_ascii_digit());
    digits.then(|| part.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_compared_as_numbers() {
        let sorted = [
            "",
            "1.png",
            "02.png",
            "10.png",
            "a/IM2",
            "a/IM002b",
            "a/IM10",
            "a/IM99999999999999999999999",
            "b/IM1",
        ];
        let mut names = sorted;
        names.reverse();
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, sorted);
    }

    #[test]
    fn only_a_name_itself_is_equal_to_it() {
        assert!(compare("IM1", "IM01").is_ne());
        assert_eq!(compare("IM01", "IM1"), compare("IM1", "IM01").reverse());
        assert!(compare("ä1", "ä1").is_eq());
    }
}
