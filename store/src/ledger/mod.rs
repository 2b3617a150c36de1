//! The ledger: what data planes settled, kept as rows and roll-ups, each once.
//!
//! | module | what |
//! |---|---|
//! | `append` | a batch, in one transaction with its strand's position |
//! | `names` | how many end users and tags an organization may have |
//! | `dimensions` | combinations of what usage is split by, each with a number |
//! | `measures`, `rollups` | what is added up for each |
//! | `rows`, `partitions` | requests and attempts, by days |
//! | `sums`, `scopes` | what scopes spent |
//! | `corrections`, `changed` | what the admin side changed of it |

mod append;
mod changed;
mod corrections;
mod dimensions;
mod measures;
mod names;
mod partitions;
mod rollups;
mod rows;
mod scopes;
mod sums;

use domain::directory::{Asked, Revision, Unavailable};
use domain::ledger::{Appended, Batch, Corrected, Ledger, Position, Sums, Wanted};
use domain::money::NanoUsd;

use crate::Store;
use crate::error::StoreError;

pub(crate) use self::changed::{Change, Changer, Differences, change_rows};
pub(crate) use self::corrections::push_time;
pub(crate) use self::measures::{MEASURES, Measures, bounded_charge};
pub(crate) use self::names::MOST_NAMES;
pub use self::names::OTHER;
pub(crate) use self::partitions::Partitions;
pub(crate) use self::rollups::Days;
pub(crate) use self::scopes::{spent, tags_of, top, total};

impl Ledger for Store {
    fn position(&self, strand: String) -> Asked<'_, Position> {
        Box::pin(async move { self.stands_at(&strand).await.map_err(unavailable) })
    }

    fn append(&self, batch: Batch) -> Asked<'_, Appended> {
        Box::pin(async move { self.take(batch).await.map_err(unavailable) })
    }

    fn sums(&self, wanted: Vec<Wanted>) -> Asked<'_, Sums> {
        Box::pin(async move { self.window_spend(&wanted).await.map_err(unavailable) })
    }

    fn corrections(&self, since: Revision) -> Asked<'_, Vec<Corrected>> {
        Box::pin(async move { self.corrected_after(since).await.map_err(unavailable) })
    }

    fn charges(&self, attempts: Vec<String>) -> Asked<'_, Vec<(String, NanoUsd)>> {
        Box::pin(async move { self.charged(&attempts).await.map_err(unavailable) })
    }

    fn known_requests(&self, ids: Vec<String>) -> Asked<'_, Vec<String>> {
        Box::pin(async move { self.known_among(&ids).await.map_err(unavailable) })
    }
}

fn unavailable(cause: StoreError) -> Unavailable {
    Unavailable(cause.to_string())
}
