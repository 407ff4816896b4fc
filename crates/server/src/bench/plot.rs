//! How figures grow with the world: the files that `rapport bench --save` wrote, as one picture of lines over logarithmic axes.

use std::fmt::Write;

use super::Report;

/// Width and height of one diagram, in pixels.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 260.0;
/// Room for the numbers on the left, the names above and the axis below.
const LEFT: f64 = 64.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 46.0;
const RIGHT: f64 = 24.0;
/// Diagrams side by side.
const COLUMNS: usize = 2;

/// Colors of lines, to be told apart on white and on black, also by most who confuse red and green.
const COLORS: [&str; 6] = ["#0f6cbd", "#ca5010", "#038387", "#8764b8", "#c239b3", "#69797e"];

/// A line: its name and its points, `(touches, value)`.
type Line<'a> = (&'a str, Vec<(f64, f64)>);

/// One diagram a unit, one line a figure that is known of at least two worlds; an SVG document.
pub fn svg(reports: &[Report]) -> String {
    let mut reports: Vec<&Report> = reports.iter().collect();
    reports.sort_by_key(|report| report.touches);
    let mut units: Vec<(&str, Vec<Line<'_>>)> = Vec::new();
    for figure in reports.iter().flat_map(|report| &report.figures).filter(|figure| figure.grows) {
        let at = units.iter().position(|(unit, _)| *unit == figure.unit).unwrap_or_else(|| {
            units.push((&figure.unit, Vec::new()));
            units.len() - 1
        });
        if units[at].1.iter().any(|(name, _)| *name == figure.name) {
            continue;
        }
        let points = reports.iter().filter_map(|report| {
            let known = report.figures.iter().find(|other| other.name == figure.name && other.value > 0.0)?;
            Some((report.touches as f64, known.value))
        });
        units[at].1.push((&figure.name, points.collect()));
    }
    for (_, lines) in &mut units {
        lines.retain(|(_, points)| points.len() > 1);
    }
    units.retain(|(_, lines)| !lines.is_empty());
    document(&units)
}

fn document(units: &[(&str, Vec<Line<'_>>)]) -> String {
    let rows = units.len().div_ceil(COLUMNS);
    let most_lines = units.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0) as f64;
    let cell_height = HEIGHT + 18.0 * most_lines;
    let (width, height) = (WIDTH * COLUMNS as f64, cell_height * rows as f64);
    // Nothing behind it, and a gray that is read on white as well as on black.
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"Figures by number of touches\" font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#808080\">\n"
    );
    for (i, (unit, lines)) in units.iter().enumerate() {
        let (column, row) = (i % COLUMNS, i / COLUMNS);
        _ = writeln!(text, "<g transform=\"translate({} {})\">", column as f64 * WIDTH, row as f64 * cell_height);
        diagram(&mut text, unit, lines);
        text.push_str("</g>\n");
    }
    text.push_str("</svg>\n");
    text
}

fn diagram(text: &mut String, unit: &str, lines: &[Line<'_>]) {
    let points = || lines.iter().flat_map(|(_, points)| points);
    let (from_x, to_x) = decades(points().map(|point| point.0));
    let (from_y, to_y) = decades(points().map(|point| point.1));
    let share = |value: f64, from: i32, to: i32| (value.log10() - f64::from(from)) / f64::from(to - from);
    let x = |value: f64| LEFT + share(value, from_x, to_x) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - share(value, from_y, to_y) * (HEIGHT - TOP - BOTTOM);
    _ = writeln!(text, "<text x=\"{LEFT}\" y=\"18\" font-weight=\"600\">{}</text>", escaped(unit));
    for decade in from_x..=to_x {
        let at = x(10_f64.powi(decade));
        grid(text, (at, TOP), (at, HEIGHT - BOTTOM));
        let below = HEIGHT - BOTTOM + 16.0;
        _ = writeln!(text, "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{}</text>", rounded(decade));
    }
    for decade in from_y..=to_y {
        let at = y(10_f64.powi(decade));
        grid(text, (LEFT, at), (WIDTH - RIGHT, at));
        _ = writeln!(text, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>", LEFT - 8.0, at + 4.0, rounded(decade));
    }
    let middle = f64::midpoint(LEFT, WIDTH - RIGHT);
    _ = writeln!(text, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">touches</text>", HEIGHT - BOTTOM + 34.0);
    for (i, (name, points)) in lines.iter().enumerate() {
        let color = COLORS[i % COLORS.len()];
        let path: Vec<String> = points.iter().map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1))).collect();
        _ = writeln!(text, "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>", path.join(" "));
        for point in points {
            let label = format!("{} at {} touches", told(point.1), point.0);
            _ = writeln!(
                text,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{color}\"><title>{label}</title></circle>",
                x(point.0),
                y(point.1)
            );
        }
        let at = HEIGHT + 4.0 + 18.0 * i as f64;
        _ = writeln!(text, "<rect x=\"{LEFT}\" y=\"{}\" width=\"14\" height=\"3\" fill=\"{color}\"/>", at - 5.0);
        _ = writeln!(text, "<text x=\"{}\" y=\"{at}\">{}</text>", LEFT + 20.0, escaped(name));
    }
}

fn grid(text: &mut String, from: (f64, f64), to: (f64, f64)) {
    let ((x1, y1), (x2, y2)) = (from, to);
    _ = writeln!(text, "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"#808080\" stroke-opacity=\"0.3\"/>");
}

/// Powers of ten around values; at least one decade apart.
fn decades(values: impl Iterator<Item = f64>) -> (i32, i32) {
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    let from = low.log10().floor() as i32;
    (from, (high.log10().ceil() as i32).max(from + 1))
}

/// A power of ten as people write it.
fn rounded(decade: i32) -> String {
    match decade {
        9.. => format!("{}G", 10_u64.pow(decade as u32 - 9)),
        6..9 => format!("{}M", 10_u64.pow(decade as u32 - 6)),
        3..6 => format!("{}k", 10_u64.pow(decade as u32 - 3)),
        0..3 => 10_u64.pow(decade as u32).to_string(),
        _ => format!("{:.*}", decade.unsigned_abs() as usize, 10_f64.powi(decade)),
    }
}

fn told(value: f64) -> String {
    format!("{value:.3}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Figure;

    fn report(touches: u64, seconds: f64) -> Report {
        let mut pass = Figure::new("whole pass", seconds, "s", "");
        pass.grows = true;
        Report { touches, runs: 5, cores: 2, figures: vec![pass, Figure::new("other", 1.0, "ms", "")] }
    }

    #[test]
    fn lines_join_worlds_of_different_sizes() {
        let picture = svg(&[report(10_000_000, 1.0), report(1_000_000, 0.1)]);
        assert_eq!(picture.matches("<polyline").count(), 1);
        // A tenth of the touches in a tenth of the time: from the lower left to the upper right.
        assert!(picture.contains("points=\"64.0,214.0 396.0,34.0\""), "{picture}");
        assert!(picture.contains(">whole pass</text>") && picture.contains(">1M</text>") && picture.contains(">0.1</text>"));
        assert!(!picture.contains("other"), "what does not grow has no line");
    }

    #[test]
    fn one_world_makes_no_line() {
        assert!(!svg(&[report(1_000_000, 0.1)]).contains("<polyline"));
    }
}
