//! The sixty customers. All are invented; every domain lies under `.example`, which nobody can own (RFC 2606).

use super::words::Language;

/// Where an account is, which decides who sells to it, in which language and currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Country {
    Netherlands,
    Belgium,
    Germany,
    Austria,
    Switzerland,
    Sweden,
    Norway,
    Denmark,
    UnitedKingdom,
    France,
    Italy,
    India,
    UnitedStates,
}

/// The three sales teams, in the order of their groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Team {
    Benelux,
    Central,
    International,
}

use Country::{
    Austria, Belgium, Denmark, France, Germany, India, Italy, Netherlands, Norway, Sweden, Switzerland, UnitedKingdom,
    UnitedStates,
};

impl Country {
    pub(super) fn name(self) -> &'static str {
        match self {
            Netherlands => "Netherlands",
            Belgium => "Belgium",
            Germany => "Germany",
            Austria => "Austria",
            Switzerland => "Switzerland",
            Sweden => "Sweden",
            Norway => "Norway",
            Denmark => "Denmark",
            UnitedKingdom => "United Kingdom",
            France => "France",
            Italy => "Italy",
            India => "India",
            UnitedStates => "United States",
        }
    }

    pub(super) fn team(self) -> Team {
        match self {
            Netherlands | Belgium => Team::Benelux,
            Germany | Austria | Switzerland | Sweden | Norway | Denmark => Team::Central,
            UnitedKingdom | France | Italy | India | UnitedStates => Team::International,
        }
    }

    pub(super) fn language(self) -> Language {
        match self {
            Netherlands | Belgium => Language::Dutch,
            Germany | Austria | Switzerland => Language::German,
            France => Language::French,
            _ => Language::English,
        }
    }

    pub(super) fn currency(self) -> &'static str {
        match self {
            UnitedKingdom => "GBP",
            India | UnitedStates | Norway => "USD",
            _ => "EUR",
        }
    }

    /// Position in [`super::words::CULTURES`].
    pub(super) fn culture(self) -> usize {
        match self {
            Netherlands | Belgium => 0,
            UnitedKingdom | UnitedStates => 1,
            Germany | Austria | Switzerland => 2,
            France => 3,
            India => 4,
            Sweden | Norway | Denmark => 5,
            Italy => 6,
        }
    }

    /// How far the clock there is ahead of ours, roughly: it only decides which offset their mails are dated in.
    pub(super) fn clock_ahead_s(self) -> i32 {
        match self {
            UnitedKingdom => -3_600,
            UnitedStates => -6 * 3_600,
            India => 4 * 3_600 + 1_800,
            _ => 0,
        }
    }
}

/// Name, domain, industry, country.
pub(super) struct Company(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str, pub(super) Country);

/// From here on nobody has been in touch for long: see [`super::records`].
pub(super) const FIRST_QUIET: usize = 52;

pub(super) static COMPANIES: [Company; 60] = [
    Company("Waterschap Rijnmonding", "rijnmonding.example", "Water management", Netherlands),
    Company("Gemaal & Zonen", "gemaalenzonen.example", "Water management", Netherlands),
    Company("Zuivelcoöperatie De Terp", "deterp.example", "Food and beverage", Netherlands),
    Company("Van Aalst Machinebouw", "vanaalst-machines.example", "Machinery", Netherlands),
    Company("Havenbedrijf Noordersluis", "noordersluis.example", "Logistics", Netherlands),
    Company("Kaasmakerij Oostwold", "kaasoostwold.example", "Food and beverage", Netherlands),
    Company("Polderwind Energie", "polderwind.example", "Energy", Netherlands),
    Company("Bloemenveiling Westland-Zuid", "veilingwz.example", "Agriculture", Netherlands),
    Company("Ziekenhuis De Linde", "ziekenhuisdelinde.example", "Healthcare", Netherlands),
    Company("Brouwerij Het Anker", "brouwerijhetanker.example", "Food and beverage", Netherlands),
    Company("Tulpstaal", "tulpstaal.example", "Metals", Netherlands),
    Company("Drentse Glastuinbouw", "drentseglas.example", "Agriculture", Netherlands),
    Company("Kanaal Logistiek Groep", "kanaallogistiek.example", "Logistics", Netherlands),
    Company("Chemiepark Eemsoord", "eemsoord.example", "Chemicals", Netherlands),
    Company("Rotterdamsche Koelhuizen", "rkoelhuizen.example", "Logistics", Netherlands),
    Company("Lumen Zonnetechniek", "lumenzon.example", "Energy", Netherlands),
    Company("Waddenzout", "waddenzout.example", "Chemicals", Netherlands),
    Company("Hartslag Medisch", "hartslagmedisch.example", "Healthcare", Netherlands),
    Company("Vlaams Waterhuis", "vlaamswaterhuis.example", "Water management", Belgium),
    Company("Schelde Petrochem", "scheldepetro.example", "Chemicals", Belgium),
    Company("Brouwerij Sint-Amelberga", "amelberga.example", "Food and beverage", Belgium),
    Company("Ardennes Papier", "ardennespapier.example", "Paper", Belgium),
    Company("Rheinhafen Anlagenbau", "rheinhafen-anlagen.example", "Machinery", Germany),
    Company("Stadtwerke Lindenau", "sw-lindenau.example", "Energy", Germany),
    Company("Albquell Getränke", "albquell.example", "Food and beverage", Germany),
    Company("Norddeutsche Wasserkraft", "nd-wasserkraft.example", "Energy", Germany),
    Company("Färber Chemie", "faerberchemie.example", "Chemicals", Germany),
    Company("Klinikverbund Havelland", "kv-havelland.example", "Healthcare", Germany),
    Company("Schwarzwald Präzision", "sw-praezision.example", "Machinery", Germany),
    Company("Elbtal Papier", "elbtalpapier.example", "Paper", Germany),
    Company("Donau Turbinen", "donauturbinen.example", "Energy", Austria),
    Company("Alpenmilch Tirol", "alpenmilch.example", "Food and beverage", Austria),
    Company("Aare Messtechnik", "aare-mess.example", "Machinery", Switzerland),
    Company("Säntis Pharma", "saentispharma.example", "Pharmaceuticals", Switzerland),
    Company("Mälaren Vatten", "malarenvatten.example", "Water management", Sweden),
    Company("Norrskog Papper", "norrskog.example", "Paper", Sweden),
    Company("Fjordkraft Offshore", "fjordoffshore.example", "Energy", Norway),
    Company("Havbris Seafood", "havbris.example", "Food and beverage", Norway),
    Company("Limfjord Mejeri", "limfjordmejeri.example", "Food and beverage", Denmark),
    Company("Severn Valley Water", "severnvalleywater.example", "Water management", UnitedKingdom),
    Company("Thornbury Breweries", "thornbury.example", "Food and beverage", UnitedKingdom),
    Company("Pennine Chemicals", "penninechem.example", "Chemicals", UnitedKingdom),
    Company("Harbour & Quay Logistics", "harbourquay.example", "Logistics", UnitedKingdom),
    Company("Albion Steelworks", "albionsteel.example", "Metals", UnitedKingdom),
    Company("St Brannock Hospitals", "stbrannock.example", "Healthcare", UnitedKingdom),
    Company("Eaux du Vercors", "eauxduvercors.example", "Water management", France),
    Company("Laiterie des Trois Vallées", "troisvallees.example", "Food and beverage", France),
    Company("Chimie Garonne", "chimiegaronne.example", "Chemicals", France),
    Company("Acciaierie Valdarno", "valdarno.example", "Metals", Italy),
    Company("Deccan Process Industries", "deccanprocess.example", "Chemicals", India),
    Company("Kaveri Textiles", "kaveritex.example", "Textiles", India),
    Company("Blue Ridge Utilities", "blueridgeutil.example", "Water management", UnitedStates),
    Company("Stoomgemaal Lemsterhoek", "lemsterhoek.example", "Water management", Netherlands),
    Company("Ostsee Fischwerke", "ostseefisch.example", "Food and beverage", Germany),
    Company("Texel Zoutwinning", "texelzout.example", "Chemicals", Netherlands),
    Company("Cromarty Distillers", "cromarty.example", "Food and beverage", UnitedKingdom),
    Company("Kempen Koeltechniek", "kempenkoel.example", "Machinery", Belgium),
    Company("Papeterie du Lez", "papeteriedulez.example", "Paper", France),
    Company("Öresund Fjärrvärme", "oresundvarme.example", "Energy", Sweden),
    Company("Cedar Falls Dairy", "cedarfallsdairy.example", "Food and beverage", UnitedStates),
];
