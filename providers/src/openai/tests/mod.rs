//! Promises of this folder that need more than one of its files.

mod bodies;
mod passing;
mod round_trips;
mod splices;

use bytes::Bytes;

use super::bad_body::BadBody;
use super::body::{BodyKind, CallerBody};

fn read(json: &str) -> Result<CallerBody, BadBody> {
    CallerBody::read(Bytes::copy_from_slice(json.as_bytes()), BodyKind::Chat)
}
