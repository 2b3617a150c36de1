//! The tables that the matrix is made of, read from their files, and what follows from them.

use std::collections::BTreeMap;
use std::fs;

use domain::permissions::{Action, PlatformRole, Role};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Over the platform.
    PlatformAdmin,
    /// Reads all.
    PlatformAuditor,
    /// Of the organization `ours`.
    OrganizationAdmin,
    /// Of a team of it.
    TeamAdmin,
    /// Of the same team.
    Member,
    /// Of the organization.
    Viewer,
    /// Nobody.
    Anonymous,
}

impl Who {
    /// All seven.
    pub const ALL: [Self; 7] = [
        Self::PlatformAdmin,
        Self::PlatformAuditor,
        Self::OrganizationAdmin,
        Self::TeamAdmin,
        Self::Member,
        Self::Viewer,
        Self::Anonymous,
    ];

    /// The word in the tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::PlatformAdmin => "platform_admin",
            Self::PlatformAuditor => "platform_auditor",
            Self::OrganizationAdmin => "organization_admin",
            Self::TeamAdmin => "team_admin",
            Self::Member => "member",
            Self::Viewer => "viewer",
            Self::Anonymous => "anonymous",
        }
    }

    /// The role over the platform.
    pub fn platform(self) -> Option<PlatformRole> {
        match self {
            Self::PlatformAdmin => Some(PlatformRole::PlatformAdmin),
            Self::PlatformAuditor => Some(PlatformRole::PlatformAuditor),
            _ => None,
        }
    }

    /// The role in the organization.
    pub fn in_organization(self) -> Option<Role> {
        match self {
            Self::OrganizationAdmin => Some(Role::OrganizationAdmin),
            Self::Viewer => Some(Role::Viewer),
            _ => None,
        }
    }

    /// The role in the team.
    pub fn in_team(self) -> Option<Role> {
        match self {
            Self::TeamAdmin => Some(Role::TeamAdmin),
            Self::Member => Some(Role::Member),
            _ => None,
        }
    }
}

/// Where a thing lies, as seen by whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// In their own team.
    Own,
    /// In another team of their organization.
    Sibling,
    /// In another organization.
    Foreign,
}

impl Relation {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Own, Self::Sibling, Self::Foreign];

    /// The word in the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Sibling => "sibling",
            Self::Foreign => "foreign",
        }
    }
}

/// A row of `routes.txt`.
pub struct Row {
    /// What kind of thing; empty for none.
    pub kind: String,
    /// The query string.
    pub query: String,
    /// The body; empty for none.
    pub body: String,
    /// The statuses of success.
    pub statuses: Vec<u16>,
}

/// A row of `exceptions.txt`.
pub struct Exception {
    /// What is answered.
    pub status: u16,
    /// Whether a thing that does not exist gets the same answer.
    pub as_missing: bool,
}

/// The three tables.
pub struct Tables {
    /// `routes.txt`, by method and path.
    pub rows: BTreeMap<String, Row>,
    /// `reach.txt`: action to the words of the six roles.
    pub reaches: BTreeMap<String, Vec<String>>,
    /// `exceptions.txt`: method and path, actor, relation to a status.
    pub exceptions: BTreeMap<(String, String, String), Exception>,
}

impl Tables {
    /// Reads them.
    pub fn read() -> Self {
        Self {
            rows: rows(),
            reaches: reaches(),
            exceptions: exceptions(),
        }
    }
}

fn lines(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/tests/admin/matrix/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect();
    lines.map(cells).collect()
}

/// `routes.txt`, by method and path.
fn rows() -> BTreeMap<String, Row> {
    let lines = lines("routes.txt").into_iter();
    let row = |cells: Vec<String>| {
        let cell = |index: usize| cells.get(index).cloned().unwrap_or_default();
        let kind = cell(1);
        let statuses = cell(4);
        let statuses = statuses.split(',').filter_map(|text| text.parse().ok());
        let mut statuses: Vec<u16> = statuses.collect();
        if statuses.is_empty() {
            statuses = vec![200, 201, 202, 204];
        }
        let row = Row {
            kind: if kind == "-" { String::new() } else { kind },
            query: cell(2),
            body: cell(3),
            statuses,
        };
        (cell(0), row)
    };
    lines.map(row).collect()
}

/// `reach.txt`: action to the words of the six roles.
fn reaches() -> BTreeMap<String, Vec<String>> {
    let lines = lines("reach.txt").into_iter();
    lines.map(|mut cells| (cells.remove(0), cells)).collect()
}

/// `exceptions.txt`: method and path, actor, relation to a status.
fn exceptions() -> BTreeMap<(String, String, String), Exception> {
    let lines = lines("exceptions.txt").into_iter();
    lines
        .map(|cells| {
            assert!(!cells[4].is_empty(), "an exception has a reason: {cells:?}");
            let key = (cells[0].clone(), cells[1].clone(), cells[2].clone());
            let exception = Exception {
                status: cells[3].parse().unwrap(),
                as_missing: cells[4].starts_with("as missing"),
            };
            (key, exception)
        })
        .collect()
}

/// How far somebody reaches for an action: `nothing`, `own`, …
pub fn reach(reaches: &BTreeMap<String, Vec<String>>, who: Who, action: Action) -> String {
    let words = &reaches[action.as_str()];
    let index = Who::ALL.iter().position(|one| *one == who).unwrap();
    let word = words[index].clone();
    // A role in a team does not reach past the team, but for what everybody in the organization sees.
    let everybodys = words[2..].iter().all(|word| word == "organization");
    if who.in_team().is_some() && word == "organization" && !everybodys {
        return "team".to_owned();
    }
    word
}

/// Whether somebody who reaches so far reaches a thing of this kind there.
pub fn reaches_it(reach: &str, kind: &str, relation: Relation) -> bool {
    let in_a_team = matches!(
        kind,
        "team" | "project" | "service_account" | "key" | "new_key" | "audit" | "request"
    );
    let owned = matches!(kind, "key" | "new_key" | "request");
    match reach {
        "everything" => true,
        "organization" => relation != Relation::Foreign,
        "team" => relation == Relation::Own && in_a_team,
        "own" => relation == Relation::Own && owned,
        _ => false,
    }
}
