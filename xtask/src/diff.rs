//! A difference of two texts, short enough to read in a log.

/// Lines of each side that are shown at most: what follows is regenerated, not read.
const SHOWN_MAX: usize = 40;

/// The lines that differ, between the first and the last difference, as `- before` and `+ after`; `None` if the texts are equal.
pub fn diff(before: &str, after: &str) -> Option<String> {
    if before == after {
        return None;
    }
    let (before, after): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    let same_start = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let rest = before.len().min(after.len()) - same_start;
    let same_end = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut shown = format!("@@ line {} @@\n", same_start + 1);
    for (sign, lines) in [("-", &before), ("+", &after)] {
        let changed = &lines[same_start..lines.len() - same_end];
        for line in changed.iter().take(SHOWN_MAX) {
            shown.extend([sign, " ", line, "\n"]);
        }
        if changed.len() > SHOWN_MAX {
            shown.extend([sign, " ... and ", &(changed.len() - SHOWN_MAX).to_string(), " more lines\n"]);
        }
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(diff("a\nb\nc\n", "a\nb\nc\n"), None);
        assert_eq!(diff("a\nb\nc\n", "a\nx\ny\nc\n").as_deref(), Some("@@ line 2 @@\n- b\n+ x\n+ y\n"));
        assert_eq!(diff("a\n", "a\na\n").as_deref(), Some("@@ line 2 @@\n+ a\n"));
        assert_eq!(diff("", "a").as_deref(), Some("@@ line 1 @@\n- \n+ a\n"));
    }

    #[test]
    fn a_long_difference_is_cut() {
        let long = "x\n".repeat(100);
        let shown = diff("", &long).unwrap();
        assert!(shown.contains("+ ... and 60 more lines"), "{shown}");
    }
}
