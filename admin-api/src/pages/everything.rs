//! The scope of look-ups of names: whoever sees a thing sees what it is called.

use domain::permissions::Scope;

/// All of it.
pub fn everything() -> Scope {
    Scope {
        everything: true,
        ..Scope::default()
    }
}
