//! Promises of the admin side, kept over a real socket.

mod members;
mod organizations;
mod people;
mod setup;
mod teams;
mod tenants;
