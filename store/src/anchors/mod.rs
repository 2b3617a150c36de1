//! The audit trail's head, noted outside the database, so that its end cannot be cut off unseen.
//!
//! | module | what |
//! |---|---|
//! | [`sink`] | where anchors go: a file, syslog |
//! | [`file`] | the file of anchors: appended to, read back |
//! | [`syslog`] | one message of RFC 5424 for each anchor |
//! | [`task`] | when: at the start, within each minute, at the end |
//!
//! An object store is a file on a mounted bucket; one whose objects cannot be overwritten keeps
//! anchors best.

pub mod file;
pub mod sink;
mod syslog;
pub mod task;

pub use self::file::{AnchorFile, read};
pub use self::sink::{AnchorSink, NotAnAnchorSink};
pub use self::task::AnchorTask;
