//! What must hold after every operation, in whatever order they come: the promises of the counters,
//! each checked on thousands of random histories.

mod buckets;
mod histories;
mod openings;
mod picture;
mod rules;
mod steps;
mod world;
