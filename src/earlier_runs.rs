//! By what names runs of this data folder count in Redis: the next run settles what they left.

use std::fs;
use std::io;
use std::path::PathBuf;

use data_plane::counters::Counters;

use crate::data_dir::{self, DataDir};

/// The file in the data folder; a name on each line.
const FILE: &str = "counting-runs";

/// The names of runs whose attempts may still be held.
pub struct Names {
    path: PathBuf,
    /// This run's.
    own: String,
    /// Those of earlier runs.
    pub earlier: Vec<String>,
}

impl Names {
    /// Notes this run beside those that are there; none where nothing outlives a run.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn note(folder: &DataDir, counters: &Counters) -> io::Result<Option<Self>> {
        let Counters::Redis(redis) = counters else {
            return Ok(None);
        };
        let path = folder.path().join(FILE);
        let noted = match fs::read_to_string(&path) {
            Ok(noted) => noted,
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => String::new(),
            Err(cause) => return Err(cause),
        };
        let names = Self {
            path,
            own: redis.node().to_owned(),
            earlier: noted.lines().map(str::to_owned).collect(),
        };
        let all = names.earlier.iter().chain([&names.own]);
        data_dir::write_private(&names.path, &lines(all))?;
        Ok(Some(names))
    }

    /// What earlier runs left is settled.
    pub fn forget_earlier(&self) {
        if let Err(cause) = data_dir::write_private(&self.path, &lines([&self.own])) {
            let path = self.path.display();
            tracing::warn!("cannot write {path}: {cause}; the next start looks again");
        }
    }
}

fn lines<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| format!("{name}\n")).collect()
}
