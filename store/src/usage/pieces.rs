//! The parts of a range.
