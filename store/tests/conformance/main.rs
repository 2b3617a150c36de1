//! One suite of promises, kept on SQLite and on Postgres alike.

#[cfg(test)]
mod audit_tampers;
#[cfg(test)]
mod organizations;
#[cfg(test)]
mod setup;
