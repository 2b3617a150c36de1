//! Promises of the admin side, kept over a real socket.

mod key_grants;
mod key_lists;
mod key_secrets;
mod keys;
mod members;
mod organizations;
mod people;
mod limits;
mod models;
mod secrets;
mod setup;
mod teams;
mod templates;
mod tenants;
