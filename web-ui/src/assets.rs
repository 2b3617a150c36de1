//! What the console is dressed in: style, scripts, icons, each under a name that its content decides.
//!
//! `build.rs` reads `static/` (ours) and `vendor/` (others', with hashes and licences beside them),
//! compresses them and writes the table. A name changes with the content, so that browsers may keep
//! a file for ever.

/// A file of the console.
pub struct Asset {
    /// As templates name it: `app.css`.
    pub name: &'static str,
    /// As browsers name it: `app.3f2a1c9d0b11.css`.
    pub hashed: &'static str,
    /// Its kind.
    pub content_type: &'static str,
    /// As it is.
    pub plain: &'static [u8],
    /// Compressed with gzip.
    pub gzip: &'static [u8],
    /// Compressed with brotli.
    pub brotli: &'static [u8],
}

/// All of them.
pub const ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The file that browsers ask for by this name.
#[must_use]
pub fn by_hashed_name(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.hashed == name)
}

/// The name for browsers of a file that templates name so; the same where there is none, which the
/// test of the templates finds.
#[must_use]
pub fn hashed(name: &str) -> &str {
    let found = ASSETS.iter().find(|asset| asset.name == name);
    found.map_or(name, |asset| asset.hashed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_weighs_no_more_than_was_promised() {
        let weight = |kinds: &[&str]| -> usize {
            let of = ASSETS
                .iter()
                .filter(|one| kinds.iter().any(|kind| one.name.ends_with(kind)));
            of.map(|one| one.gzip.len()).sum()
        };
        assert!(weight(&[".js"]) <= 30 * 1024, "{}", weight(&[".js"]));
        assert!(weight(&[".css"]) <= 14 * 1024, "{}", weight(&[".css"]));
        assert!(weight(&[".svg"]) <= 7 * 1024, "{}", weight(&[".svg"]));
    }

    #[test]
    fn a_file_is_found_by_the_name_that_pages_give_it() {
        let name = hashed("app.css");
        assert!(name.starts_with("app.") && name.len() > "app.css".len());
        assert_eq!(
            by_hashed_name(name).unwrap().plain,
            include_bytes!("../static/app.css")
        );
        assert!(by_hashed_name("app.css").is_none());
    }
}
