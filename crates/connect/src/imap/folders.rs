//! Which folders of a mailbox hold mail that its user sent or received.

/// What a server says of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folder {
    /// Its name, as the server writes it.
    pub(super) name: String,
    /// What stands between the parts of a name.
    pub(super) delimiter: Option<String>,
    /// Special use (RFC 6154) and the like, lower case, e.g. `\drafts`.
    pub(super) attributes: Vec<String>,
}

/// Folders that hold nothing which was sent or received, or what its user threw away.
const LEFT_OUT: [&str; 6] = ["\\drafts", "\\junk", "\\trash", "\\noselect", "\\nonexistent", "\\important"];

/// What such folders are called where the server does not say what they are for, by themselves or below INBOX.
const LEFT_OUT_NAMES: [&str; 14] = [
    "drafts",
    "draft",
    "junk",
    "junk e-mail",
    "junk email",
    "spam",
    "bulk mail",
    "trash",
    "deleted items",
    "deleted messages",
    "concepten",
    "ongewenste e-mail",
    "prullenbak",
    "verwijderde items",
];

/// Names of the folders to read: those of the user's own namespace (a prefix) without drafts, junk and trash; the one that holds all
/// mail alone, where there is one.
pub(super) fn to_read(folders: &[Folder], own_prefix: Option<&str>, others: &[String]) -> Vec<String> {
    let is_own = |folder: &&Folder| {
        let is_inbox = folder.name.eq_ignore_ascii_case("INBOX");
        let is_below = own_prefix.is_none_or(|prefix| folder.name.starts_with(prefix));
        is_inbox || is_below && !others.iter().any(|other| folder.name.starts_with(other.as_str()))
    };
    let says = |folder: &Folder, word: &str| folder.attributes.iter().any(|attribute| attribute == word);
    let own: Vec<&Folder> = folders.iter().filter(is_own).collect();
    if let Some(all) = own.iter().find(|folder| says(folder, "\\all")) {
        return vec![all.name.clone()];
    }
    let knows_use = own.iter().any(|folder| ["\\drafts", "\\junk", "\\trash"].iter().any(|word| says(folder, word)));
    let is_read = |folder: &&&Folder| {
        let is_left_out = LEFT_OUT.iter().any(|word| says(folder, word)) || !knows_use && has_name_of_left_out(folder);
        !is_left_out
    };
    let mut names: Vec<String> = own.iter().filter(is_read).map(|folder| folder.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn has_name_of_left_out(folder: &Folder) -> bool {
    let name = folder.name.to_lowercase();
    let name = folder.delimiter.as_deref().and_then(|delimiter| name.strip_prefix(&format!("inbox{delimiter}"))).unwrap_or(&name);
    LEFT_OUT_NAMES.contains(&name)
}

/// The first prefix of one's own namespace, and those of other users and shared folders, of an answer such as
/// `(("INBOX." ".")) (("user." ".")) (("" "."))` (RFC 2342).
pub(super) fn namespaces(answer: &str) -> (Option<String>, Vec<String>) {
    let parts = parts(answer);
    let own = parts.first().and_then(|prefixes| prefixes.first().cloned());
    let is_other = |prefix: &String| !prefix.is_empty() && Some(prefix) != own.as_ref();
    let others = parts.iter().skip(1).flatten().filter(|prefix| is_other(prefix)).cloned().collect();
    (own, others)
}

/// Prefixes of each of the three parts; `NIL` has none.
fn parts(answer: &str) -> Vec<Vec<String>> {
    let mut parts: Vec<Vec<String>> = Vec::new();
    let (mut depth, mut rest) = (0, answer);
    let mut is_prefix = false;
    while let Some(char) = rest.chars().next() {
        rest = &rest[char.len_utf8()..];
        match char {
            '(' => {
                depth += 1;
                if depth == 1 {
                    parts.push(Vec::new());
                }
                is_prefix = depth == 2;
            }
            ')' => depth -= 1,
            'N' | 'n' if depth == 0 => {
                parts.push(Vec::new());
                rest = rest.get(2..).unwrap_or_default();
            }
            '"' => {
                let (text, after) = quoted(rest);
                rest = after;
                if is_prefix && let Some(part) = parts.last_mut() {
                    part.push(text);
                }
                is_prefix = false;
            }
            _ => {}
        }
    }
    parts
}

/// A quoted string after its first quotation mark, and what follows it.
fn quoted(text: &str) -> (String, &str) {
    let (mut inner, mut is_escaped) = (String::new(), false);
    for (at, char) in text.char_indices() {
        match char {
            _ if is_escaped => {
                inner.push(char);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            '"' => return (inner, &text[at + 1..]),
            _ => inner.push(char),
        }
    }
    (inner, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, attributes: &[&str]) -> Folder {
        Folder {
            name: name.to_owned(),
            delimiter: Some("/".to_owned()),
            attributes: attributes.iter().map(|&word| word.to_owned()).collect(),
        }
    }

    #[test]
    fn drafts_junk_and_trash_are_not_read() {
        let folders = [
            folder("INBOX", &[]),
            folder("Sent", &["\\sent"]),
            folder("Concepts", &["\\drafts"]),
            folder("Junk", &["\\junk"]),
            folder("Trash", &["\\trash"]),
            folder("Customers", &["\\haschildren", "\\noselect"]),
            folder("Customers/Acme", &[]),
            folder("Spam", &[]),
        ];
        // The server says what folders are for: one that is called Spam is somebody's own.
        assert_eq!(to_read(&folders, Some(""), &[]), ["Customers/Acme", "INBOX", "Sent", "Spam"]);
    }

    #[test]
    fn names_tell_where_the_server_does_not() {
        let folders = [folder("INBOX", &[]), folder("INBOX/Drafts", &[]), folder("Prullenbak", &[]), folder("Trash/2024", &[])];
        assert_eq!(to_read(&folders, None, &[]), ["INBOX", "Trash/2024"]);
    }

    #[test]
    fn where_one_folder_holds_all_mail_it_alone_is_read() {
        let folders = [folder("INBOX", &[]), folder("[Gmail]/All Mail", &["\\all"]), folder("[Gmail]/Sent Mail", &["\\sent"])];
        assert_eq!(to_read(&folders, Some(""), &[]), ["[Gmail]/All Mail"]);
    }

    #[test]
    fn folders_of_others_are_not_read() {
        let cyrus = r#"(("INBOX." ".")) (("user." ".")) (("" "."))"#;
        let (own, others) = namespaces(cyrus);
        assert_eq!((own.as_deref(), others.as_slice()), (Some("INBOX."), ["user.".to_owned()].as_slice()));
        let folders = [folder("INBOX", &[]), folder("INBOX.Sent", &[]), folder("user.bob", &[]), folder("support", &[])];
        assert_eq!(to_read(&folders, own.as_deref(), &others), ["INBOX", "INBOX.Sent"]);
        let dovecot = r#"(("" "/")) (("shared/" "/")) NIL"#;
        let (own, others) = namespaces(dovecot);
        assert_eq!((own.as_deref(), others.as_slice()), (Some(""), ["shared/".to_owned()].as_slice()));
        let folders = [folder("INBOX", &[]), folder("Sent", &[]), folder("shared/bob/INBOX", &[])];
        assert_eq!(to_read(&folders, own.as_deref(), &others), ["INBOX", "Sent"]);
        assert_eq!(namespaces("NIL NIL NIL"), (None, vec![]));
        assert_eq!(namespaces(r#"(("we\"ird/" "/"#).0.as_deref(), Some("we\"ird/"));
    }
}
