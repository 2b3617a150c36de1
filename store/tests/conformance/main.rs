//! One suite of promises, kept on SQLite and on Postgres alike.

#[cfg(test)]
mod audit_tampers;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod organizations;
#[cfg(test)]
mod people;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod teams;
#[cfg(test)]
mod tenants;
#[cfg(test)]
mod virtual_keys;
