//! When an organization works: days of the week and hours of a day, local to its time zone.

use std::{fmt, str::FromStr};

use crate::Day;

/// Days of the week, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusinessDays {
    /// Monday first.
    is_business: [bool; 7],
}

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl BusinessDays {
    /// Whether a day is one of them.
    pub fn contains(&self, day: Day) -> bool {
        self.is_business[(day.0 - day.monday().0) as usize]
    }
}

impl Default for BusinessDays {
    /// Monday to Friday.
    fn default() -> Self {
        Self { is_business: [true, true, true, true, true, false, false] }
    }
}

impl FromStr for BusinessDays {
    type Err = String;

    /// Days and ranges with commas between them: `mon-fri`, `sun-thu`, `mon,wed-fri`.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |name: &str| {
            let name = name.trim();
            let found = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name));
            found.ok_or_else(|| format!("`{name}` is no day of the week: write mon, tue, wed, thu, fri, sat or sun"))
        };
        let mut is_business = [false; 7];
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            let days = (last + 7 - first) % 7;
            (0..=days).for_each(|step| is_business[(first + step) % 7] = true);
        }
        Ok(Self { is_business })
    }
}

impl fmt::Display for BusinessDays {
    /// Runs of days from Monday on: `mon-thu,sun`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<usize> = (0..7).filter(|number| self.is_business[*number]).collect();
        for (i, run) in numbers.chunk_by(|a, b| a + 1 == *b).enumerate() {
            let comma = if i == 0 { "" } else { "," };
            match run {
                [one] => write!(f, "{comma}{}", NAMES[*one])?,
                _ => write!(f, "{comma}{}-{}", NAMES[run[0]], NAMES[run[run.len() - 1]])?,
            }
        }
        Ok(())
    }
}

/// Hours of a local day, in minutes after its midnight: `0 <= from_min < to_min <= 1440`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusinessHours {
    from_min: u16,
    to_min: u16,
}

impl BusinessHours {
    /// Where they begin.
    pub fn from_min(&self) -> u16 {
        self.from_min
    }

    /// Where they end.
    pub fn to_min(&self) -> u16 {
        self.to_min
    }
}

impl Default for BusinessHours {
    /// 09:00 to 17:00.
    fn default() -> Self {
        Self { from_min: 9 * 60, to_min: 17 * 60 }
    }
}

impl FromStr for BusinessHours {
    type Err = String;

    /// Two times of one day: `09:00-17:00`; `24:00` is its end.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` are no hours of a day: write two times, the earlier first, e.g. 09:00-17:00");
        let minute = |time: &str| {
            let (hour, minute) = time.trim().split_once(':')?;
            let digits =
                |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            if !digits(hour, 2) || minute.len() != 2 || !digits(minute, 2) {
                return None;
            }
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
        };
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let (from_min, to_min) = minute(from).zip(minute(to)).ok_or_else(wrong)?;
        if from_min < to_min { Ok(Self { from_min, to_min }) } else { Err(wrong()) }
    }
}

impl fmt::Display for BusinessHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from_min, to_min } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from_min / 60, from_min % 60, to_min / 60, to_min % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_names_and_ranges_and_written_in_one_form() {
        let form = |text: &str| text.parse::<BusinessDays>().map(|days| days.to_string());
        for (text, expected) in [
            ("mon-fri", "mon-fri"),
            ("sun-thu", "mon-thu,sun"),
            (" Tue , wed,sat-sat", "tue-wed,sat"),
            ("fri-mon", "mon,fri-sun"),
            ("mon-sun", "mon-sun"),
        ] {
            assert_eq!(form(text).unwrap(), expected);
        }
        for bad in ["", "monday", "mon-", "mon;tue", "mon-wed-fri", "mon,,tue"] {
            assert!(form(bad).is_err(), "{bad}");
        }
        assert_eq!("mon-fri".parse(), Ok(BusinessDays::default()));
        let saturday = Day(2); // 3 January 1970
        assert!(!BusinessDays::default().contains(saturday) && BusinessDays::default().contains(saturday.plus(-1)));
    }

    #[test]
    fn hours_are_two_times_of_one_day() {
        let form = |text: &str| text.parse::<BusinessHours>().map(|hours| hours.to_string());
        assert_eq!(form("9:00 - 17:30").unwrap(), "09:00-17:30");
        assert_eq!(form("00:00-24:00").unwrap(), "00:00-24:00");
        for bad in ["", "9-17", "17:00-09:00", "09:00-09:00", "09:00-24:01", "09:60-17:00", "+9:00-17:00", "09:0-17:00"] {
            assert!(form(bad).is_err(), "{bad}");
        }
        assert_eq!("09:00-17:00".parse(), Ok(BusinessHours::default()));
    }
}
