//! Folders of demos: each is marked by a lock of its living process, and what dead ones left is removed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use domain::hex;
use domain::randomness::random_bytes;

use crate::data_dir;

/// What the names of the folders begin with; random digits follow.
const PREFIX: &str = "headgate-demo-";
/// How many bytes those are of.
const RANDOM_BYTES: usize = 12;
/// The file that a living demo holds locked.
const MARK: &str = "demo.lock";

/// A demo's folder, until it is dropped.
pub struct Folder {
    /// Where.
    pub path: PathBuf,
    _mark: File,
}

impl Folder {
    /// Makes one below another folder.
    ///
    /// # Errors
    /// When the folder or its mark cannot be made; in words for the terminal.
    pub fn make(within: &Path) -> Result<Self, String> {
        let random = random_bytes::<RANDOM_BYTES>().map_err(|fault| fault.to_string())?;
        let path = within.join(format!("{PREFIX}{}", hex::encode(&random)));
        let made = data_dir::make(&path).and_then(|()| marked(&path));
        let mark = made.map_err(|cause| format!("cannot make {}: {cause}", path.display()))?;
        Ok(Self { path, _mark: mark })
    }
}

/// Locked before it has its name, so that nobody takes it for a dead one's.
fn marked(folder: &Path) -> io::Result<File> {
    let unnamed = folder.join(format!("{MARK}.new"));
    let mark = File::create(&unnamed)?;
    mark.lock()?;
    fs::rename(unnamed, folder.join(MARK))?;
    Ok(mark)
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(cause) = fs::remove_dir_all(&self.path) {
            let folder = self.path.display();
            tracing::warn!("cannot remove the demo's store in {folder}: {cause}");
        }
    }
}

/// Removes what demos left below a folder that were ended too hard to do it themselves. What cannot be
/// looked at or removed is left: it may be somebody else's.
pub fn remove(within: &Path) {
    let Ok(found) = fs::read_dir(within) else {
        return;
    };
    for entry in found.flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let name = entry.file_name();
        let digits = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let is_ours = digits.is_some_and(|digits| {
            digits.len() == 2 * RANDOM_BYTES && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        if is_folder && is_ours && is_dead(&entry.path()) {
            let _left_to_its_owner = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether nobody holds the mark any more.
fn is_dead(folder: &Path) -> bool {
    File::open(folder.join(MARK)).is_ok_and(|mark| mark.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_demo_left_is_removed_and_a_living_one_stays() {
        let within = tempfile::tempdir().unwrap();
        let living = Folder::make(within.path()).unwrap();
        let dead = within.path().join(format!("{PREFIX}{}", "0".repeat(24)));
        let foreign = within.path().join(format!("{PREFIX}notes"));
        for folder in [&dead, &foreign] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join(MARK), "").unwrap();
        }
        // One of a demo that is being made has no mark yet.
        let young = within.path().join(format!("{PREFIX}{}", "1".repeat(24)));
        fs::create_dir(&young).unwrap();
        remove(within.path());
        assert!(living.path.is_dir() && foreign.is_dir() && young.is_dir());
        assert!(!dead.exists());
        let path = living.path.clone();
        drop(living);
        assert!(!path.exists());
    }
}
