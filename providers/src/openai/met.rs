//! Which members of an object a walk has met.

use super::scan::Scan;

/// The members that have been met, each by a bit of its own. `serde` refuses an object that has a
/// member twice; a walk that meets one gives up.
#[derive(Default)]
pub(super) struct Met(u16);

impl Met {
    /// Notes a member; none when it has been met before.
    pub(super) const fn first(&mut self, bit: u8) -> Option<()> {
        let bit = 1 << bit;
        let is_first = self.0 & bit == 0;
        self.0 |= bit;
        if is_first { Some(()) } else { None }
    }

    /// Notes a member; whether it is something else than `null`, which is stepped over.
    pub(super) fn is_given(&mut self, bit: u8, scan: &mut Scan<'_>) -> Option<bool> {
        self.first(bit)?;
        if scan.peek()? == b'n' {
            return scan.skip().ok().map(|()| false);
        }
        Some(true)
    }

    /// A member's JSON, unless it is `null`.
    pub(super) fn value<'a>(&mut self, bit: u8, scan: &mut Scan<'a>) -> Option<Option<&'a str>> {
        self.first(bit)?;
        let value = scan.value().ok()?;
        Some((value != "null").then_some(value))
    }
}

/// Steps over a member that is not read. A name with escapes may be one that is.
pub(super) fn skip_other(scan: &mut Scan<'_>) -> Option<()> {
    if scan.name_has_escape() {
        return None;
    }
    scan.skip().ok()
}
