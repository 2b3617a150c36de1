//! Plays every case of every vendor: placeholder.
