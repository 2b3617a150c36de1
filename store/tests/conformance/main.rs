//! One suite of promises, kept on SQLite and on Postgres alike.

mod organizations;
mod setup;
