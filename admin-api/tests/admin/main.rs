//! Promises of the admin side, kept over a real socket.

#[cfg(test)]
mod audit_trail;
mod browser;
mod every_answer;
mod first_administrator;
mod key_grants;
mod key_lists;
mod key_secrets;
mod keys;
mod limits;
mod members;
mod models;
mod organizations;
mod people;
mod secrets;
mod setup;
mod signing_in;
mod teams;
mod templates;
mod tenants;
