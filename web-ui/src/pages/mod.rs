//! The pages, one value each: what a template shows, as ready texts.

pub mod entry;
pub mod fault;
pub mod keys;
pub mod overview;
pub mod parts;
pub mod requests;
pub mod snippets;
pub mod teams;
