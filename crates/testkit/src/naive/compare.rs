//! Where two JSON documents differ.

use jiff::Timestamp;
use serde_json::Value;

/// Two floating sums in another order differ by less than this, relative to 1 or to the larger of the two.
const TOLERANCE: f64 = 1e-9;

/// The path of the first place where `actual` differs from what the naive model says, with both values; `None` when they agree.
///
/// Numbers may differ by rounding, moments by their way of writing; a field that is only in `actual` (`summary`, `subject`) is no difference.
pub fn difference(expected: &Value, actual: &Value) -> Option<String> {
    at("$", expected, actual)
}

fn at(path: &str, expected: &Value, actual: &Value) -> Option<String> {
    match (expected, actual) {
        (Value::Object(fields), Value::Object(others)) => fields
            .iter()
            .find_map(|(name, value)| match others.get(name) {
                Some(other) => at(&format!("{path}.{name}"), value, other),
                None => Some(format!("{path}.{name}: expected {value}, is missing")),
            })
            // Maps whose keys are facts themselves: an additional one is a difference.
            .or_else(|| {
                let exact = path.ends_with(".unavailable") || path.ends_with(".excluded");
                let more = others.iter().find(|(name, _)| exact && !fields.contains_key(*name));
                more.map(|(name, value)| format!("{path}.{name}: expected nothing, is {value}"))
            }),
        (Value::Array(values), Value::Array(others)) => {
            let first = values.iter().zip(others).enumerate().find_map(|(n, (a, b))| at(&format!("{path}[{n}]"), a, b));
            let lengths = (values.len(), others.len());
            first.or_else(|| (lengths.0 != lengths.1).then(|| format!("{path}: expected {} items, has {}", lengths.0, lengths.1)))
        }
        _ if same(expected, actual) => None,
        _ => Some(format!("{path}: expected {expected}, is {actual}")),
    }
}

fn same(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0)
        }
        (Value::String(a), Value::String(b)) => {
            let moments = (a.parse::<Timestamp>(), b.parse::<Timestamp>());
            a == b || matches!(moments, (Ok(a), Ok(b)) if a == b)
        }
        _ => expected == actual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rounding_and_ways_of_writing_are_no_difference() {
        let expected = json!({"x": 60, "at": "2024-01-01T00:00:00Z", "list": [1.0]});
        let actual = json!({"x": 60.000_000_000_01, "at": "2024-01-01T01:00:00+01:00", "list": [1], "summary": []});
        assert_eq!(difference(&expected, &actual), None);
    }

    #[test]
    fn the_first_difference_is_named_by_its_path() {
        let says = |expected: Value, actual: Value| difference(&expected, &actual).unwrap_or_default();
        assert_eq!(says(json!({"a": [{"b": 1}]}), json!({"a": [{"b": 2}]})), "$.a[0].b: expected 1, is 2");
        assert_eq!(says(json!({"a": null}), json!({})), "$.a: expected null, is missing");
        assert_eq!(says(json!([1]), json!([1, 2])), "$: expected 1 items, has 2");
        assert_eq!(
            says(json!({"unavailable": {}}), json!({"unavailable": {"k": "r"}})),
            "$.unavailable.k: expected nothing, is \"r\""
        );
    }
}
