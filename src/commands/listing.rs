//! Lists: what is searched for, and how much of it is shown.

use clap::Args;
use store::page::{Listed, Page};

/// Which part of a list.
#[derive(Clone, Debug, Args)]
pub struct Listing {
    /// Only what contains this in its name or id
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// How many at most, newest first
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..))]
    pub limit: u16,
}

impl Listing {
    /// The page of the store.
    pub fn page(&self) -> Page {
        Page::first(i64::from(self.limit))
    }

    /// What is said of things that were left out.
    pub fn note<T>(&self, listed: &Listed<T>) -> Option<String> {
        listed
            .more
            .then(|| format!("There are more than these {}: see --limit.", self.limit))
    }
}
