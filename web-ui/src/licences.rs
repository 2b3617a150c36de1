//! The parts that the program is made of: name, version and licence of each, one a line.

/// Of every crate in the program as it is built for Linux, and of what is vendored into the pages.
/// A test of the workspace keeps it current.
pub const PARTS: &str = include_str!("../assets/licences.tsv");
