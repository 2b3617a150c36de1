//! Promises of the admin side, kept over a real socket.

mod key_grants;
mod key_lists;
mod key_secrets;
mod keys;
mod setup;
mod templates;
