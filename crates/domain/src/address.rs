//! Mail addresses as keys: normalized, never guessed.

use std::fmt;

/// Longest address that is accepted, in bytes (RFC 5321: 64 + 1 + 255).
pub const ADDRESS_MAX_BYTES: usize = 320;

/// A normalized address: lower case, domain in its ASCII (IDNA) form, plus-tag cut where the provider is known to have them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Box<str>);

/// A normalized domain: lower case, ASCII (IDNA).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain(Box<str>);

/// Why a text is no address or domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// Nothing there.
    Empty,
    /// Longer than [`ADDRESS_MAX_BYTES`].
    TooLong,
    /// No `@`, or nothing on one side of it.
    NoAt,
    /// White space or control characters inside.
    Whitespace,
    /// The domain is none.
    BadDomain,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the address is empty",
            Self::TooLong => "the address is longer than 320 bytes",
            Self::NoAt => "the address needs a part before and after `@`",
            Self::Whitespace => "the address has white space inside",
            Self::BadDomain => "the part after `@` is no domain",
        })
    }
}

impl std::error::Error for AddressError {}

/// Providers whose `+tag` is known to reach the same mailbox. Elsewhere a plus is part of the name.
const PLUS_TAG_PROVIDERS: &[&str] = &[
    "gmail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "fastmail.com",
    "proton.me",
    "protonmail.com",
    "pm.me",
];

/// Domains where anybody can have an address: they make no company. Regional forms (`yahoo.co.uk`) are told by their first label.
const FREE_MAIL: &[&str] = &[
    "aol.com",
    "fastmail.com",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hetnet.nl",
    "hey.com",
    "home.nl",
    "hushmail.com",
    "icloud.com",
    "kpnmail.nl",
    "laposte.net",
    "libero.it",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "naver.com",
    "online.nl",
    "orange.fr",
    "planet.nl",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "quicknet.nl",
    "rediffmail.com",
    "rocketmail.com",
    "t-online.de",
    "tutanota.com",
    "upcmail.nl",
    "web.de",
    "xs4all.nl",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "zeelandnet.nl",
    "ziggo.nl",
    "zohomail.com",
    "zonnet.nl",
    "163.com",
    "126.com",
    "comcast.net",
    "verizon.net",
    "att.net",
    "sbcglobal.net",
    "btinternet.com",
    "free.fr",
    "sfr.fr",
    "wanadoo.fr",
];
/// First labels of free-mail providers with many regional domains.
const FREE_MAIL_LABELS: &[&str] = &["yahoo", "hotmail", "outlook", "live"];

impl Address {
    /// Normalizes one bare address (no display name); surrounding white space, `<>`, quotes and `mailto:` are noise.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>').trim_matches(['\'', '"']).trim();
        let text = if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")) { &text[7..] } else { text };
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.len() > ADDRESS_MAX_BYTES {
            return Err(AddressError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::NoAt);
        }
        let graphic = |b: u8| b.is_ascii_graphic();
        if !text.bytes().all(graphic) && text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(AddressError::Whitespace);
        }
        let mut domain = Domain::parse(domain)?.0;
        let mut address = String::with_capacity(text.len());
        address.push_str(local);
        if local.is_ascii() {
            address.make_ascii_lowercase();
        } else {
            address = address.to_lowercase();
        }
        if &*domain == "googlemail.com" {
            domain = "gmail.com".into();
        }
        if PLUS_TAG_PROVIDERS.contains(&&*domain) {
            if let Some(plus) = address.find('+').filter(|plus| *plus > 0) {
                address.truncate(plus);
            }
            if &*domain == "gmail.com" {
                address.retain(|c| c != '.');
            }
        }
        if address.is_empty() {
            return Err(AddressError::NoAt);
        }
        address.push('@');
        address.push_str(&domain);
        Ok(Self(address.into_boxed_str()))
    }

    /// The normalized text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain's text.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The part before `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Domain {
    /// Normalizes a domain; a leading `@` and a final dot are noise.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim().trim_start_matches('@').trim_end_matches('.');
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.len() > ADDRESS_MAX_BYTES {
            return Err(AddressError::TooLong);
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        // Fast path: nearly every domain is plain ASCII. `[127.0.0.1]` literals are kept as they are.
        let (mut before, mut has_hyphens) = (b'.', false);
        let is_plain = text.bytes().all(|b| {
            let is_empty_label = before == b'.' && b == b'.';
            has_hyphens |= before == b'-' && b == b'-';
            before = b;
            plain(b) && !is_empty_label
        });
        if is_plain && !(has_hyphens && text.contains("xn--")) {
            return Ok(Self(text.to_ascii_lowercase().into_boxed_str()));
        }
        if text.starts_with('[') && text.ends_with(']') && text[1..text.len() - 1].bytes().all(|b| plain(b) || b == b':') {
            return Ok(Self(text.to_ascii_lowercase().into_boxed_str()));
        }
        let ascii = idna::domain_to_ascii(text).map_err(|_| AddressError::BadDomain)?;
        if ascii.is_empty() || !ascii.bytes().all(plain) || ascii.starts_with('.') || ascii.contains("..") {
            return Err(AddressError::BadDomain);
        }
        Ok(Self(ascii.into_boxed_str()))
    }

    /// The normalized text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether anybody can have an address here, so that it stands for no company.
    pub fn is_free_mail(&self) -> bool {
        let first_label = self.0.split('.').next().unwrap_or_default();
        FREE_MAIL.contains(&&*self.0)
            || (FREE_MAIL_LABELS.contains(&first_label) && psl::domain_str(&self.0) == Some(&self.0))
            || psl::domain_str(&self.0).is_none()
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_normalized_and_never_guessed() {
        for (given, expected) in [
            ("Jo@Example.COM", "jo@example.com"),
            (" <jo@example.com> ", "jo@example.com"),
            ("'jo@example.com'", "jo@example.com"),
            ("mailto:jo@example.com", "jo@example.com"),
            ("jo+x@example.com", "jo+x@example.com"),
            ("J.o+x@googlemail.com", "jo@gmail.com"),
            ("j.o+x@outlook.com", "j.o@outlook.com"),
            ("jo@bücher.example", "jo@xn--bcher-kva.example"),
            ("jo@BÜCHER.example", "jo@xn--bcher-kva.example"),
            ("Jürgen@example.com", "jürgen@example.com"),
            ("a@b@example.com", "a@b@example.com"),
            ("root@localhost", "root@localhost"),
            ("x@[127.0.0.1]", "x@[127.0.0.1]"),
            ("JO@XN--BCHER-KVA.example", "jo@xn--bcher-kva.example"),
            ("jo@xn--bcher-kva.example.", "jo@xn--bcher-kva.example"),
            ("jo@a--b.example", "jo@a--b.example"),
            ("jo@-a-.example", "jo@-a-.example"),
        ] {
            assert_eq!(Address::parse(given).map(|a| a.to_string()).as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn nonsense_is_no_address() {
        assert_eq!(Address::parse(""), Err(AddressError::Empty));
        assert_eq!(Address::parse("<>"), Err(AddressError::Empty));
        assert_eq!(Address::parse("jo"), Err(AddressError::NoAt));
        assert_eq!(Address::parse("@example.com"), Err(AddressError::NoAt));
        assert_eq!(Address::parse("jo@"), Err(AddressError::NoAt));
        assert_eq!(Address::parse("jo at example.com"), Err(AddressError::NoAt));
        assert_eq!(Address::parse("j o@example.com"), Err(AddressError::Whitespace));
        assert_eq!(Address::parse("jo@exa mple.com"), Err(AddressError::Whitespace));
        assert_eq!(Address::parse("jo@a..b"), Err(AddressError::BadDomain));
        assert_eq!(Address::parse(&format!("{}@x.example", "a".repeat(400))), Err(AddressError::TooLong));
    }

    #[test]
    fn free_mail_is_no_company() {
        let free = |text: &str| Domain::parse(text).unwrap().is_free_mail();
        assert!(free("gmail.com") && free("yahoo.co.uk") && free("hotmail.fr") && free("ziggo.nl") && free("co.uk"));
        assert!(!free("contoso.com") && !free("yahoo.contoso.com") && !free("them1.example"));
    }
}
