//! The counters' maps: one request looks some fifty names up, so that the hash is a quick one.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// A map by a quick hash that each process seeds anew. Names in it are ours, or bounded by what
/// budgets and keys there are.
pub type QuickMap<K, V> = HashMap<K, V, RandomState>;
