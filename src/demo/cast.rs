//! Who plays in the demo: organizations, teams, people, and the keys with what they are used for.

use domain::permissions::Role;

/// An organization.
pub struct Organization {
    /// For people.
    pub name: &'static str,
    /// On whose clock it lives.
    pub zone: &'static str,
}

/// The organizations.
pub const ORGANIZATIONS: [Organization; 2] = [
    Organization {
        name: "Meridian Health",
        zone: "Europe/Berlin",
    },
    Organization {
        name: "Northwind Labs",
        zone: "America/New_York",
    },
];

/// How a team stands to its budget of the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has none.
    Free,
    /// So much of a hundred is used.
    Used(u64),
    /// It runs out in about so many days.
    EndsIn(u64),
}

/// A team: name, the place of its organization, how it stands to its budget.
pub const TEAMS: [(&str, usize, Standing); 7] = [
    ("Support", 0, Standing::Used(96)),
    ("Data platform", 0, Standing::EndsIn(4)),
    ("Risk", 0, Standing::Used(99)),
    ("Mobile app", 0, Standing::Used(58)),
    ("Research", 0, Standing::Free),
    ("Search", 1, Standing::Used(71)),
    ("Agents", 1, Standing::Used(88)),
];

/// A person: name, address, the place of their team, as what.
pub const PEOPLE: [(&str, &str, usize, Role); 14] = [
    (
        "Amina Diallo",
        "amina.diallo@meridian.example",
        0,
        Role::TeamAdmin,
    ),
    (
        "Jonas Weber",
        "jonas.weber@meridian.example",
        0,
        Role::Member,
    ),
    ("Mei Lin", "mei.lin@meridian.example", 0, Role::Member),
    (
        "Priya Nair",
        "priya.nair@meridian.example",
        1,
        Role::TeamAdmin,
    ),
    (
        "Tomás Ortega",
        "tomas.ortega@meridian.example",
        1,
        Role::Member,
    ),
    (
        "Karin Holm",
        "karin.holm@meridian.example",
        2,
        Role::TeamAdmin,
    ),
    ("Owen Price", "owen.price@meridian.example", 2, Role::Member),
    (
        "Sofia Rossi",
        "sofia.rossi@meridian.example",
        3,
        Role::TeamAdmin,
    ),
    ("Daniel Kim", "daniel.kim@meridian.example", 3, Role::Member),
    (
        "Lucía Fernández",
        "lucia.fernandez@meridian.example",
        4,
        Role::TeamAdmin,
    ),
    (
        "Hugo Martin",
        "hugo.martin@meridian.example",
        4,
        Role::Viewer,
    ),
    (
        "Grace Okafor",
        "grace.okafor@northwind.example",
        5,
        Role::TeamAdmin,
    ),
    (
        "Ben Carter",
        "ben.carter@northwind.example",
        6,
        Role::TeamAdmin,
    ),
    (
        "Yuki Tanaka",
        "yuki.tanaka@northwind.example",
        6,
        Role::Member,
    ),
];

/// When something is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// In the hours of an office, little on weekends.
    Office,
    /// By customers: in the evening and on weekends too.
    Customers,
    /// By jobs of the night.
    Night,
}

/// Whose a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A service account's with this name.
    Service(&'static str),
    /// A person's with this address.
    Person(&'static str),
}

/// A key and what it is used for.
pub struct Key {
    /// The place of its team.
    pub team: usize,
    /// Its name.
    pub alias: &'static str,
    /// `production`, `staging`, `development`.
    pub environment: &'static str,
    /// Whose it is.
    pub owner: Owner,
    /// The model that it mostly asks, and another one.
    pub models: [&'static str; 2],
    /// Requests of a working day, today.
    pub per_day: u64,
    /// Tokens of a usual prompt and a usual answer.
    pub tokens: [u64; 2],
    /// How much of a prompt is read from the provider's cache, of a hundred.
    pub cached: u64,
    /// When.
    pub hours: Hours,
    /// A tag of all its requests; may be empty.
    pub tag: &'static str,
}
