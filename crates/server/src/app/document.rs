//! A document for people to read and print, as a value. What it says is decided elsewhere; how it looks is decided here and in `pdf`.

use std::fmt::Write as _;

use rapport_domain::Moment;

use super::{AppError, pdf};

/// A document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Language tag of all its text: `en`.
    pub language: &'static str,
    /// As of when it holds.
    pub made_at: Moment,
    /// What stands before the sections.
    pub intro: String,
    /// In the order of reading.
    pub sections: Vec<Section>,
}

/// One section of a document.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it is about.
    pub heading: String,
    /// What it says. A line break begins a paragraph.
    pub body: String,
}

impl Document {
    /// As Markdown.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n\n{}\n", self.title, self.intro);
        for Section { heading, body } in &self.sections {
            _ = write!(text, "\n## {heading}\n\n{body}\n");
        }
        text
    }

    /// As PDF. The same document gives the same bytes.
    pub fn to_pdf(&self) -> Result<Vec<u8>, AppError> {
        pdf::written(self)
    }
}
