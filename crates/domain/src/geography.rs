//! Where mailbox data lives, and whether the policy allows it to be used there (05 section 4).

use std::collections::BTreeSet;

/// Where an organization's mailbox data lies: never its company's country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataLocation {
    /// As the operator declared it, for sources that do not say it themselves: a place, in words.
    Declared(String),
    /// As Microsoft 365 says: the code of a macro region or of a local geography.
    Microsoft365(String),
}

impl DataLocation {
    /// Where the mailboxes of a Microsoft 365 tenant lie, by the region that its login host names for it (`tenant_region_scope`).
    pub fn of_tenant_region(scope: &str) -> Self {
        let code = match scope.trim().to_ascii_uppercase().as_str() {
            "EU" => "EUR".to_owned(),
            "NA" => "NAM".to_owned(),
            "AS" => "APC".to_owned(),
            other => other.to_owned(),
        };
        Self::Microsoft365(code)
    }

    /// In words, for the audit log.
    pub fn in_words(&self) -> String {
        match self {
            Self::Declared(place) => format!("declared: {place}"),
            Self::Microsoft365(code) => format!("Microsoft 365: {code}"),
        }
    }
}

/// Whether mailbox data may be used where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Geography {
    /// It may.
    Eligible,
    /// It lies in a local datacentre geography.
    LocalGeography,
    /// It lies somewhere that the policy does not name.
    NotListed,
    /// Nobody has said yet where it lies.
    Unknown,
}

impl Geography {
    /// The word of the API, e.g. `local_geography`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::LocalGeography => "local_geography",
            Self::NotListed => "not_listed",
            Self::Unknown => "unknown",
        }
    }
}

/// A macro region of Microsoft 365 and the countries that its reference list names.
#[derive(Clone, Copy, Debug)]
pub struct MacroRegion {
    /// Its code, e.g. `EUR`.
    pub code: &'static str,
    /// Countries by ISO 3166 code: their tenants' data lies in the region, and so may a neighbour's.
    pub countries: &'static [&'static str],
}

/// The reference list: EMEA, Asia Pacific, Americas.
pub const MACRO_REGIONS: [MacroRegion; 3] = [
    MacroRegion { code: "EUR", countries: &["AT", "FI", "FR", "GB", "IE", "NL"] },
    MacroRegion { code: "APC", countries: &["HK", "JP", "MY", "SG", "KR"] },
    MacroRegion { code: "NAM", countries: &["BR", "CL", "US"] },
];

/// Codes of local (region-specific) datacentre geographies of Microsoft 365.
const LOCAL_GEOGRAPHIES: &[&str] = &[
    "ARE", "AUS", "AUT", "BRA", "CAN", "CHE", "CHL", "DEU", "ESP", "FRA", "GBR", "IDN", "IND", "ISR", "ITA", "JPN", "KOR", "LAM",
    "MEX", "MYS", "NOR", "NZL", "POL", "QAT", "SGP", "SWE", "TWN", "ZAF",
];

/// Where mailbox data may be used. The operator can change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeographyPolicy {
    /// Codes of macro regions.
    pub regions: BTreeSet<String>,
    /// Whether a location that the operator declared is accepted.
    pub accepts_declared: bool,
}

impl Default for GeographyPolicy {
    fn default() -> Self {
        Self { regions: MACRO_REGIONS.iter().map(|region| region.code.to_owned()).collect(), accepts_declared: true }
    }
}

impl GeographyPolicy {
    /// Whether mailbox data may be used where it lies.
    pub fn judge(&self, location: Option<&DataLocation>) -> Geography {
        match location {
            None => Geography::Unknown,
            Some(DataLocation::Declared(_)) if self.accepts_declared => Geography::Eligible,
            Some(DataLocation::Declared(_)) => Geography::NotListed,
            Some(DataLocation::Microsoft365(code)) => {
                let code = code.trim().to_ascii_uppercase();
                if self.regions.contains(&code) {
                    Geography::Eligible
                } else if LOCAL_GEOGRAPHIES.contains(&code.as_str()) {
                    Geography::LocalGeography
                } else {
                    Geography::NotListed
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_macro_region_is_eligible_and_a_local_geography_is_not() {
        let policy = GeographyPolicy::default();
        let microsoft = |code: &str| policy.judge(Some(&DataLocation::Microsoft365(code.to_owned())));
        for region in MACRO_REGIONS {
            assert_eq!(microsoft(region.code), Geography::Eligible);
        }
        // A Belgian tenant's data is in EUR, a French one's may be in FRA.
        assert_eq!(microsoft("eur"), Geography::Eligible);
        for code in ["FRA", "GBR", "JPN", "KOR", "DEU", "CHE"] {
            assert_eq!(microsoft(code), Geography::LocalGeography, "{code}");
        }
        assert_eq!(microsoft("XXX"), Geography::NotListed);
        assert_eq!(policy.judge(None), Geography::Unknown);
    }

    #[test]
    fn a_tenants_region_is_a_macro_region_or_not_listed() {
        let judged = |scope: &str| GeographyPolicy::default().judge(Some(&DataLocation::of_tenant_region(scope)));
        assert_eq!(["EU", "na", " AS "].map(judged), [Geography::Eligible; 3]);
        assert_eq!(["OC", "WW", "USGov", ""].map(judged), [Geography::NotListed; 4]);
    }

    #[test]
    fn the_operator_decides_about_regions_and_declared_places() {
        let here = DataLocation::Declared("our cellar in Utrecht".to_owned());
        assert_eq!(GeographyPolicy::default().judge(Some(&here)), Geography::Eligible);
        let narrow = GeographyPolicy { regions: BTreeSet::from(["EUR".to_owned()]), accepts_declared: false };
        assert_eq!(narrow.judge(Some(&here)), Geography::NotListed);
        assert_eq!(narrow.judge(Some(&DataLocation::Microsoft365("NAM".to_owned()))), Geography::NotListed);
        let local = GeographyPolicy { regions: BTreeSet::from(["DEU".to_owned()]), accepts_declared: false };
        assert_eq!(local.judge(Some(&DataLocation::Microsoft365("DEU".to_owned()))), Geography::Eligible);
    }
}
