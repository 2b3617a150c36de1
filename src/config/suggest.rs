//! Which known word was meant?

/// The known word nearest to `word`, when it is near enough to be a slip of the hand: at most one
/// change in short words, a third of the letters in long ones.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase().replace('-', "_");
    let bound = (wanted.chars().count() / 3).clamp(1, 3);
    known
        .filter(|candidate| *candidate != word)
        .map(|candidate| {
            let spelled = candidate.to_lowercase().replace('-', "_");
            (distance(&wanted, &spelled), candidate)
        })
        .filter(|(changes, _)| *changes <= bound)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `did you mean …?`, or nothing.
#[must_use]
pub fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(String::new, |near| format!("did you mean `{near}`?"))
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous_a = None;
    for (i, &from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        let mut previous_b = None;
        for (j, &to) in b.iter().enumerate() {
            let change = at(&last, j) + usize::from(from != to);
            let mut best = change.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            if previous_a == Some(to) && previous_b == Some(from) && j >= 1 {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
            previous_b = Some(to);
        }
        previous_a = Some(from);
        before = std::mem::replace(&mut last, row);
    }
    at(&last, b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_finds_the_word_that_was_meant() {
        let known = ["drop_params", "num_retries", "timeout", "rpm", "api_key"];
        let near = |word| nearest(word, known.iter().copied());
        assert_eq!(near("drop_parms"), Some("drop_params"));
        assert_eq!(near("num-retries"), Some("num_retries"));
        assert_eq!(near("tiemout"), Some("timeout"));
        assert_eq!(near("api_kye"), Some("api_key"));
        assert_eq!(near("foo_unknown"), None);
        assert_eq!(near("tmp"), None);
    }
}
