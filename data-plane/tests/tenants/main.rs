//! A node that follows a store: who is let in, what is asked, what is kept.

mod disk;
mod following;
mod keys;
mod lookups;

mod node;
mod rights;
mod store;
mod things;
