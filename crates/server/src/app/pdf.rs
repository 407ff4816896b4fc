//! A document as PDF: A4, tagged for screen readers (PDF/UA-1), with the font inside. No file is opened and no clock is read.

use std::num::NonZeroU16;

use epaint_default_fonts::UBUNTU_LIGHT;
use jiff::{Timestamp, tz::TimeZone};
use krilla::{
    Data, SerializeSettings,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    error::KrillaError,
    geom::Point,
    metadata::{DateTime, Metadata},
    outline::{Outline, OutlineNode},
    page::PageSettings,
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, SpanTag, Tag, TagGroup, TagKind, TagTree},
    text::{Font, GlyphId, KrillaGlyph},
};
use rapport_domain::Moment;
use rustybuzz::{Direction, Face, UnicodeBuffer, script};

use super::{
    AppError,
    document::{Document, Section},
};

// Lengths are points: 72 to the inch.
/// A4.
const PAGE_WIDTH: f32 = 595.28;
const PAGE_HEIGHT: f32 = 841.89;
/// 25 mm, on all sides.
const MARGIN: f32 = 70.87;
const TEXT_WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;
const TEXT_BOTTOM: f32 = PAGE_HEIGHT - MARGIN;
/// Where page numbers stand, and how large.
const FOOT_BASELINE: f32 = PAGE_HEIGHT - 0.5 * MARGIN;
const FOOT_SIZE: f32 = 9.0;
/// How much of a line lies above its baseline.
const ABOVE_BASELINE: f32 = 0.72;
/// Lines of a paragraph that stay together where it begins: one alone at the foot of a page is easily missed.
const LINES_TOGETHER: usize = 2;
/// What is drawn for characters that the font lacks. What they are stays in the text that is read aloud.
const UNKNOWN: char = '?';

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Title,
    Heading,
    Paragraph,
}

impl Kind {
    fn size(self) -> f32 {
        match self {
            Self::Title => 20.0,
            Self::Heading => 13.5,
            Self::Paragraph => 10.5,
        }
    }

    fn line_height(self) -> f32 {
        match self {
            Self::Title => 26.0,
            Self::Heading => 18.0,
            Self::Paragraph => 15.0,
        }
    }

    fn space_before(self) -> f32 {
        match self {
            Self::Title => 0.0,
            Self::Heading => 14.0,
            Self::Paragraph => 5.0,
        }
    }
}

/// A title, heading or paragraph, broken into lines.
struct Block {
    kind: Kind,
    text: String,
    lines: Vec<Line>,
}

impl Block {
    /// What readers of the screen are told that it is. The outline names headings, and PDF/UA wants their tags to do so too.
    fn tag(&self) -> TagKind {
        let heading = |level| Tag::Hn(level, Some(self.text.clone()));
        match self.kind {
            Kind::Title => heading(NonZeroU16::MIN).into(),
            Kind::Heading => heading(NonZeroU16::MIN.saturating_add(1)).into(),
            Kind::Paragraph => Tag::P.into(),
        }
    }

    /// Height of its first lines, without the space before.
    fn height(&self, lines: usize) -> f32 {
        self.lines.len().min(lines) as f32 * self.kind.line_height()
    }
}

/// A line. A space where it was broken is part of it, so that words stay apart when the text is copied or read aloud.
struct Line {
    /// What it says.
    text: String,
    /// What is drawn of it: the same, but for what the font lacks.
    drawn: String,
    /// Their ranges are those of `drawn`.
    glyphs: Vec<KrillaGlyph>,
}

/// A line's place on its page.
struct Placed {
    block: usize,
    line: usize,
    top: f32,
}

/// The bytes of a document.
pub(super) fn written(document: &Document) -> Result<Vec<u8>, AppError> {
    let typesetter = Typesetter::new();
    let blocks = blocks(document, &typesetter);
    let drawn = draw(document, &blocks, &paged(&blocks), &typesetter);
    drawn.map_err(|error| AppError::invalid(format!("cannot write the PDF: {error}")))
}

fn blocks(document: &Document, typesetter: &Typesetter) -> Vec<Block> {
    let mut texts = vec![(Kind::Title, document.title.as_str())];
    texts.extend(document.intro.lines().map(|text| (Kind::Paragraph, text)));
    for Section { heading, body } in &document.sections {
        texts.push((Kind::Heading, heading));
        texts.extend(body.lines().map(|text| (Kind::Paragraph, text)));
    }
    let blocks = texts.into_iter().map(|(kind, text)| (kind, printable(text))).filter(|(_, text)| !text.is_empty());
    blocks.map(|(kind, text)| Block { kind, lines: typesetter.lines(&text, kind.size()), text }).collect()
}

/// A text in one line, without what PDF/UA refuses (controls, marks of byte order). Spaces that do not break stay.
fn printable(text: &str) -> String {
    let text = text.chars().filter(|char| !matches!(char, '\u{feff}' | '\u{fffe}' | '\u{ffff}'));
    let breaks = |char: char| char.is_control() || (char.is_whitespace() && !matches!(char, '\u{a0}' | '\u{202f}'));
    text.map(|char| if breaks(char) { ' ' } else { char }).collect::<String>().trim().to_owned()
}

/// Makes glyphs of text, and lines of glyphs.
struct Typesetter {
    face: Face<'static>,
    unknown: KrillaGlyph,
}

impl Typesetter {
    fn new() -> Self {
        let face = Face::from_slice(UBUNTU_LIGHT, 0).expect("the font of this program is one");
        let unknown = face.glyph_index(UNKNOWN).expect("the font has a question mark");
        let advance = f32::from(face.glyph_hor_advance(unknown).unwrap_or_default()) / face.units_per_em() as f32;
        let unknown = KrillaGlyph::new(GlyphId::new(u32::from(unknown.0)), advance, 0.0, 0.0, 0.0, 0..0, None);
        Self { face, unknown }
    }

    /// Glyphs in the order of the text. Those of one cluster (what cannot be taken apart, as a letter and its accent) have the same range.
    fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        // Not guessed: the font knows no script that runs another way, and clusters have to ascend.
        buffer.set_direction(Direction::LeftToRight);
        buffer.set_script(script::LATIN);
        let shaped = rustybuzz::shape(&self.face, &[], buffer);
        let (infos, positions) = (shaped.glyph_infos(), shaped.glyph_positions());
        let em = |units: i32| units as f32 / self.face.units_per_em() as f32;
        let mut glyphs = Vec::with_capacity(shaped.len());
        let mut next = 0;
        for cluster in infos.chunk_by(|a, b| a.cluster == b.cluster) {
            let here = next..next + cluster.len();
            next = here.end;
            let range = cluster[0].cluster as usize..infos.get(next).map_or(text.len(), |info| info.cluster as usize);
            if cluster.iter().any(|info| info.glyph_id == 0) {
                glyphs.push(KrillaGlyph { text_range: range, ..self.unknown.clone() });
                continue;
            }
            glyphs.extend(cluster.iter().zip(&positions[here]).map(|(info, at)| {
                let id = GlyphId::new(info.glyph_id);
                KrillaGlyph::new(id, em(at.x_advance), em(at.x_offset), em(at.y_offset), em(at.y_advance), range.clone(), None)
            }));
        }
        glyphs
    }

    /// A text as lines that fit: broken after a space, or inside a word that fills a line of its own.
    fn lines(&self, text: &str, size: f32) -> Vec<Line> {
        let glyphs = self.glyphs(text);
        let (mut lines, mut start, mut here, mut width) = (Vec::new(), 0, 0, 0.0);
        let mut after_space = None;
        for cluster in glyphs.chunk_by(|a, b| a.text_range == b.text_range) {
            let is_space = &text[cluster[0].text_range.clone()] == " ";
            let needed = advance(cluster) * size;
            // Spaces may hang over the margin: nobody sees them.
            if !is_space && width + needed > TEXT_WIDTH && here > start {
                let end = after_space.take().unwrap_or(here);
                lines.push(Line::of(text, &glyphs[start..end], self.unknown.glyph_id));
                width = advance(&glyphs[end..here]) * size;
                start = end;
            }
            here += cluster.len();
            width += needed;
            if is_space {
                after_space = Some(here);
            }
        }
        lines.push(Line::of(text, &glyphs[start..], self.unknown.glyph_id));
        lines
    }
}

impl Line {
    /// Some glyphs of a text, with the part of the text that they show.
    fn of(text: &str, glyphs: &[KrillaGlyph], unknown: GlyphId) -> Self {
        let mut line = Self { text: String::new(), drawn: String::new(), glyphs: Vec::with_capacity(glyphs.len()) };
        for cluster in glyphs.chunk_by(|a, b| a.text_range == b.text_range) {
            let (said, start) = (&text[cluster[0].text_range.clone()], line.drawn.len());
            line.text.push_str(said);
            if cluster[0].glyph_id == unknown {
                line.drawn.push(UNKNOWN);
            } else {
                line.drawn.push_str(said);
            }
            let range = start..line.drawn.len();
            line.glyphs.extend(cluster.iter().map(|glyph| KrillaGlyph { text_range: range.clone(), ..glyph.clone() }));
        }
        line
    }
}

/// Width of glyphs at size 1.
fn advance(glyphs: &[KrillaGlyph]) -> f32 {
    glyphs.iter().map(|glyph| glyph.x_advance).sum()
}

/// Which line stands where, page by page.
fn paged(blocks: &[Block]) -> Vec<Vec<Placed>> {
    let mut pages = vec![Vec::new()];
    let mut top = MARGIN;
    for (index, block) in blocks.iter().enumerate() {
        let together = together(block, blocks.get(index + 1));
        for line in 0..block.lines.len() {
            let height = block.kind.line_height();
            let (space, needed) = if line == 0 { (block.kind.space_before(), together) } else { (0.0, height) };
            let is_first = pages.last().is_none_or(Vec::is_empty);
            if is_first {
                top = MARGIN;
            } else if top + space + needed > TEXT_BOTTOM {
                pages.push(Vec::new());
                top = MARGIN;
            } else {
                top += space;
            }
            pages.last_mut().expect("there is a first page").push(Placed { block: index, line, top });
            top += height;
        }
    }
    pages
}

/// Height that has to be left on a page for a block to begin there. A heading takes the beginning of what follows with it.
fn together(block: &Block, next: Option<&Block>) -> f32 {
    match (block.kind, next) {
        (Kind::Paragraph, _) | (_, None) => block.height(LINES_TOGETHER),
        (_, Some(next)) => block.height(usize::MAX) + next.kind.space_before() + next.height(LINES_TOGETHER),
    }
}

fn draw(document: &Document, blocks: &[Block], pages: &[Vec<Placed>], typesetter: &Typesetter) -> Result<Vec<u8>, KrillaError> {
    let font = Font::new(Data::from(UBUNTU_LIGHT), 0).expect("the font of this program is one");
    let mut pdf = krilla::Document::new_with(settings());
    let mut groups: Vec<TagGroup> = blocks.iter().map(|block| TagGroup::new(block.tag())).collect();
    for (index, placed) in pages.iter().enumerate() {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).expect("A4 has a width and a height");
        let mut page = pdf.start_page_with(settings);
        let mut surface = page.surface();
        for Placed { block, line, top } in placed {
            let Block { kind, lines, .. } = &blocks[*block];
            let line = &lines[*line];
            let said = (line.text != line.drawn).then_some(line.text.as_str());
            groups[*block].push(surface.start_tagged(ContentTag::Span(SpanTag::empty().with_actual_text(said))));
            let baseline = top + ABOVE_BASELINE * kind.line_height();
            draw_line(&mut surface, &font, line, Point::from_xy(MARGIN, baseline), kind.size());
            surface.end_tagged();
        }
        // Not part of what is read: a reader that reads aloud has page numbers of its own.
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::PageNumber)));
        let number = format!("{} / {}", index + 1, pages.len());
        let number = typesetter.lines(&number, FOOT_SIZE).remove(0);
        let left = 0.5 * (PAGE_WIDTH - advance(&number.glyphs) * FOOT_SIZE);
        draw_line(&mut surface, &font, &number, Point::from_xy(left, FOOT_BASELINE), FOOT_SIZE);
        surface.end_tagged();
    }
    let mut tree = TagTree::new().with_lang(Some(document.language.to_owned()));
    for group in groups {
        tree.push(group);
    }
    pdf.set_tag_tree(tree);
    pdf.set_outline(outline(blocks, pages));
    pdf.set_metadata(metadata(document));
    pdf.finish()
}

fn draw_line(surface: &mut Surface, font: &Font, line: &Line, at: Point, size: f32) {
    surface.draw_glyphs(at, &line.glyphs, font.clone(), &line.drawn, size, false);
}

/// What PDF/UA asks for is checked before anything is handed out.
fn settings() -> SerializeSettings {
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    SerializeSettings { configuration: configuration.expect("one validator contradicts nothing"), ..Default::default() }
}

/// Title and headings, to go to.
fn outline(blocks: &[Block], pages: &[Vec<Placed>]) -> Outline {
    let mut outline = Outline::new();
    for (page, placed) in pages.iter().enumerate() {
        for Placed { block, line, top } in placed {
            let Block { kind, text, .. } = &blocks[*block];
            if *kind != Kind::Paragraph && *line == 0 {
                let there = XyzDestination::new(page, Point::from_xy(MARGIN, *top));
                outline.push_child(OutlineNode::new(text.clone(), there));
            }
        }
    }
    outline
}

fn metadata(document: &Document) -> Metadata {
    let metadata = Metadata::new().title(printable(&document.title)).language(document.language.to_owned());
    let metadata = metadata.creator("Rapport".to_owned());
    match date(document.made_at) {
        Some(date) => metadata.creation_date(date),
        None => metadata,
    }
}

/// A moment as PDF dates go: to the second.
fn date(at: Moment) -> Option<DateTime> {
    let at = TimeZone::UTC.to_datetime(Timestamp::from_microsecond(at.0).ok()?);
    let date = DateTime::new(u16::try_from(at.year()).ok()?).month(at.month().cast_unsigned()).day(at.day().cast_unsigned());
    let date = date.hour(at.hour().cast_unsigned()).minute(at.minute().cast_unsigned()).second(at.second().cast_unsigned());
    Some(date.utc_offset_hour(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn document(intro: &str, sections: &[(&str, &str)]) -> Document {
        let section = |(heading, body): &(&str, &str)| Section { heading: (*heading).to_owned(), body: (*body).to_owned() };
        Document {
            title: "A title".to_owned(),
            language: "en",
            made_at: Moment(1_772_357_400_123_456),
            intro: intro.to_owned(),
            sections: sections.iter().map(section).collect(),
        }
    }

    fn lines(text: &str) -> Vec<Line> {
        Typesetter::new().lines(text, Kind::Paragraph.size())
    }

    fn width(line: &Line) -> f32 {
        let drawn = line.glyphs.iter().filter(|glyph| &line.drawn[glyph.text_range.clone()] != " ");
        drawn.map(|glyph| glyph.x_advance).sum::<f32>() * Kind::Paragraph.size()
    }

    fn texts(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn lines_break_after_spaces_and_inside_words_that_fill_a_line() {
        let text = format!("short {} and then some words that go on for quite a while", "wide".repeat(40));
        let broken = lines(&text);
        assert_eq!(texts(&broken).concat(), text, "nothing is lost");
        assert_eq!(broken[0].text, "short ", "a long word begins a line of its own");
        assert!(broken[1].text.starts_with("widewide") && !broken[1].text.contains(' '), "{:?}", texts(&broken));
        assert!(broken.iter().all(|line| width(line) <= TEXT_WIDTH));
        assert!(lines(&"m".repeat(2_000)).len() > 30);
    }

    #[test]
    fn latin_greek_and_cyrillic_are_drawn_and_others_keep_their_text() {
        let unknown = Typesetter::new().unknown.glyph_id;
        let drawn = |text: &str| lines(text)[0].glyphs.iter().filter(|glyph| glyph.glyph_id != unknown).count();
        assert_eq!(drawn("Łódź Ελλάς Привет čšž ąęį – “€”"), 31);
        assert_eq!(drawn("日本"), 0);
        let line = &lines("日本 a")[0];
        assert_eq!((line.text.as_str(), line.drawn.as_str()), ("日本 a", "?? a"));
    }

    #[test]
    fn a_heading_is_not_alone_at_the_foot_of_a_page() {
        let typesetter = Typesetter::new();
        for filling in 1..60 {
            let intro = vec!["one line"; filling].join("\n");
            let blocks = blocks(&document(&intro, &[("Heading", &"words ".repeat(60))]), &typesetter);
            for page in paged(&blocks) {
                let last = page.last().map(|placed| &blocks[placed.block].kind);
                assert_ne!(last, Some(&Kind::Heading), "after {filling} lines");
                assert!(page.iter().all(|placed| placed.top + blocks[placed.block].kind.line_height() <= TEXT_BOTTOM));
            }
        }
    }

    #[test]
    fn the_same_document_gives_the_same_bytes_and_long_ones_more_pages() {
        let short = document("Short.", &[]);
        let bytes = written(&short).unwrap();
        assert!(bytes.starts_with(b"%PDF-1.7"));
        assert_eq!(bytes, written(&short).unwrap());
        let pages = |body: &str| {
            let blocks = blocks(&document("", &[("Heading", body)]), &Typesetter::new());
            paged(&blocks).len()
        };
        assert_eq!((pages("Short."), pages(&"m".repeat(4_000)), pages(&"words ".repeat(2_000))), (1, 2, 4));
    }

    proptest! {
        #[test]
        fn any_text_makes_a_document_and_no_line_leaves_the_page(text in any::<String>(), marks in "[a\u{300}-\u{36f}\u{200d}\u{1f468}\u{5d0}\u{627} ]{0,80}") {
            for text in [text, marks] {
                prop_assert!(written(&document(&text, &[(&text, &text)])).is_ok());
                prop_assert!(lines(&printable(&text)).iter().all(|line| width(line) <= TEXT_WIDTH));
            }
        }
    }
}
