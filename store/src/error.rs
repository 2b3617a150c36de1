//! What can go wrong with the store, as its callers can act on it.

use diesel::result::{DatabaseErrorKind, Error as Diesel};
use thiserror::Error;

/// Why the store did not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database does not answer, or a connection broke: try again later.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// A thing with this id, name, alias or secret exists already; holds what the database says of it.
    #[error("it exists already ({0})")]
    Exists(String),
    /// It points to something that does not exist, or something still points to it.
    #[error("it belongs together with something that is not there, or is still used ({0})")]
    Dangling(String),
    /// A stored value cannot be read: written by a newer version, or edited by hand.
    #[error("`{column}` of `{id}` cannot be read: {cause}")]
    Unreadable {
        /// The column.
        column: &'static str,
        /// Whose.
        id: String,
        /// Why.
        cause: String,
    },
    /// What is always there, is not: a row was removed by hand.
    #[error("the database lacks a row that it always has; restore it from a backup")]
    Missing,
    /// The schema is older or newer than this program.
    #[error("{0}")]
    Schema(String),
    /// Anything else the database says.
    #[error("the database refused a query: {0}")]
    Query(String),
}

/// What the store answers.
pub type Result<T> = std::result::Result<T, StoreError>;

impl From<Diesel> for StoreError {
    fn from(error: Diesel) -> Self {
        match error {
            Diesel::DatabaseError(kind, said) => {
                let said = said
                    .constraint_name()
                    .map_or_else(|| said.message().to_owned(), str::to_owned);
                match kind {
                    DatabaseErrorKind::UniqueViolation => Self::Exists(said),
                    DatabaseErrorKind::ForeignKeyViolation => Self::Dangling(said),
                    DatabaseErrorKind::ClosedConnection
                    | DatabaseErrorKind::UnableToSendCommand
                    | DatabaseErrorKind::SerializationFailure => Self::Unavailable(said),
                    _ if is_going_away(&said) => Self::Unavailable(said),
                    _ => Self::Query(said),
                }
            }
            Diesel::NotFound => Self::Missing,
            Diesel::BrokenTransactionManager => Self::Unavailable(error.to_string()),
            other => Self::Query(other.to_string()),
        }
    }
}

/// Whether this is what a Postgres says that is shut down, crashes or starts: classes 57P01 to 57P03
/// of its error codes, which diesel does not hand on.
fn is_going_away(said: &str) -> bool {
    said.starts_with("terminating connection") || said.starts_with("the database system is")
}
