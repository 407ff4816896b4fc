//! The files of this checkout, as git knows them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// One text file.
#[derive(Clone, Debug)]
pub struct TextFile {
    /// Path from the root, with `/`.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl TextFile {
    /// Whether the name ends so, e.g. `rs`.
    pub fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|own| own == extension)
    }
}

/// A checkout with its text files in memory.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// Its root.
    pub root: PathBuf,
    /// Paths of all files that are tracked or would be, ascending.
    pub paths: Vec<String>,
    /// Those that are text, ascending by path.
    pub files: Vec<TextFile>,
}

/// The root of the checkout that this program was built from.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new(".")).to_owned()
}

impl Checkout {
    /// Reads the files of a checkout. Files that are not UTF-8 are data, not text, and are left out.
    pub fn read(root: &Path) -> Result<Self, String> {
        // Whoever runs this may not own the checkout (a container, for one); reading names is harmless.
        let listed =
            run(root, "git", &["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
        let mut paths: Vec<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
        paths.sort_unstable();
        paths.dedup();
        let text = |path: &str| std::fs::read(root.join(path)).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let files = paths.iter().filter_map(|path| Some(TextFile { path: (*path).to_owned(), text: text(path)? })).collect();
        let there = paths.into_iter().filter(|path| root.join(path).exists());
        Ok(Self { root: root.to_owned(), paths: there.map(str::to_owned).collect(), files })
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|i| self.files[i].text.as_str())
    }
}

/// What a command prints, or what went wrong with it.
pub fn run(root: &Path, program: &str, arguments: &[&str]) -> Result<String, String> {
    let shown = || format!("`{program} {}`", arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| format!("{} cannot be run: {error}", shown()))?;
    if !output.status.success() {
        return Err(format!("{} failed ({}): {}", shown(), output.status, String::from_utf8_lossy(&output.stderr).trim()));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("{} printed something that is not UTF-8", shown()))
}
