//! Promises of the admin side, kept over a real socket.

mod audit_trail;
mod browser;
mod every_answer;
mod first_administrator;
mod key_grants;
mod key_lists;
mod key_secrets;
mod keys;
mod members;
mod organizations;
mod people;
mod setup;
mod teams;
mod signing_in;
mod templates;
mod tenants;
