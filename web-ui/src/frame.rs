//! What is around every page: navigation, who is signed in, theme, the form token, the page's nonce.

use crate::assets;
use crate::figures;
use crate::pages::parts::Choice;
use crate::words::Words;

/// The pages of the navigation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Here {
    /// None of them.
    #[default]
    Elsewhere,
    /// `/ui`
    Overview,
    /// `/ui/requests`
    Requests,
    /// `/ui/usage`
    Usage,
    /// `/ui/keys`
    Keys,
    /// `/ui/teams`
    Teams,
    /// `/ui/people`
    People,
    /// `/ui/orgs`
    Organizations,
    /// `/ui/models`
    Models,
    /// `/ui/budgets`
    Budgets,
    /// `/ui/audit`
    Audit,
    /// `/ui/settings`
    Settings,
}

/// The order of the navigation: page, path, icon, text, keys, and the heading that begins a group.
pub const NAVIGATION: &[(Here, &str, &str, &str, &str, &str)] = &[
    (
        Here::Overview,
        "",
        "layout-dashboard",
        "nav-overview",
        "g o",
        "",
    ),
    (
        Here::Requests,
        "/requests",
        "activity",
        "nav-requests",
        "g r",
        "",
    ),
    (
        Here::Usage,
        "/usage",
        "chart-column",
        "nav-usage",
        "g u",
        "",
    ),
    (
        Here::Keys,
        "/keys",
        "key-round",
        "nav-keys",
        "g k",
        "nav-access",
    ),
    (
        Here::Teams,
        "/teams",
        "users",
        "nav-teams",
        "g t",
        "nav-access",
    ),
    (
        Here::People,
        "/people",
        "user-round",
        "nav-people",
        "g p",
        "nav-access",
    ),
    (
        Here::Organizations,
        "/orgs",
        "building-2",
        "nav-organizations",
        "g w",
        "nav-access",
    ),
    (
        Here::Models,
        "/models",
        "boxes",
        "nav-models",
        "g m",
        "nav-gateway",
    ),
    (
        Here::Budgets,
        "/budgets",
        "wallet",
        "nav-budgets",
        "g b",
        "nav-gateway",
    ),
    (
        Here::Audit,
        "/audit",
        "scroll-text",
        "nav-audit",
        "g a",
        "nav-govern",
    ),
    (
        Here::Settings,
        "/settings",
        "settings",
        "nav-settings",
        "g s",
        "nav-govern",
    ),
];

/// One link of the navigation.
#[derive(Clone, Debug)]
pub struct NavLink {
    /// The heading before it; empty within a group.
    pub heading: String,
    /// Where it leads.
    pub href: String,
    /// Its icon.
    pub icon: &'static str,
    /// Its text.
    pub label: String,
    /// What its keys do, in words.
    pub key_label: String,
    /// Its keys.
    pub keys: &'static str,
    /// Whether it is the page that is open.
    pub current: bool,
}

impl NavLink {
    /// The keys, each by itself.
    pub fn each_key(&self) -> impl Iterator<Item = &'static str> {
        self.keys.split(' ')
    }
}

/// What is around a page. Nobody needs to be signed in for it: then `person` is empty.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Its texts.
    pub words: Words,
    /// Before every path: where the console lies below its host; mostly empty.
    pub base: String,
    /// This answer's nonce, for scripts and for what htmx may act on.
    pub nonce: String,
    /// The session's token, which every form carries.
    pub csrf: String,
    /// `system`, `light` or `dark`.
    pub theme: &'static str,
    /// Whether rows are further apart.
    pub comfortable: bool,
    /// Whether single keys do something.
    pub shortcuts: bool,
    /// Which page of the navigation it is.
    pub here: Here,
    /// The name of who is signed in.
    pub person: String,
    /// As what.
    pub role: String,
    /// Two letters of the name.
    pub initials: String,
    /// What is looked at: an organization's name.
    pub scope: String,
    /// Beside it.
    pub scope_note: String,
    /// The id of the organization that is looked at alone; empty where all are.
    pub organization: String,
    /// What can be looked at, where there is something to choose: all, then each organization.
    pub looks: Vec<Choice>,
    /// The links.
    pub nav: Vec<NavLink>,
    /// What has just been done.
    pub said: Option<String>,
    /// Whether one may make keys.
    pub may_create_keys: bool,
}

impl Frame {
    /// A text.
    #[must_use]
    pub fn t(&self, id: &str) -> String {
        self.words.t(id)
    }

    /// The phrases with which the page's script keeps times true.
    #[must_use]
    pub fn spans(&self) -> String {
        figures::spans(self.words)
    }

    /// The address of a page: `frame.to("/keys")`.
    #[must_use]
    pub fn to(&self, path: &str) -> String {
        format!("{}/ui{path}", self.base)
    }

    /// What addresses say of what is looked at: an organization, `all`, or nothing where there is no
    /// choice.
    #[must_use]
    pub fn looked_at(&self) -> &str {
        match (self.organization.as_str(), self.looks.is_empty()) {
            ("", false) => "all",
            (id, _) => id,
        }
    }

    /// The address of a file that the console is dressed in.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        format!("{}/ui/static/{}", self.base, assets::hashed(name))
    }

    /// The address of an icon.
    #[must_use]
    pub fn icon(&self, name: &str) -> String {
        format!("{}#{name}", self.asset("icons.svg"))
    }

    /// The navigation, of the pages that `shown` lets through.
    pub fn fill_navigation(&mut self, shown: impl Fn(Here) -> bool) {
        let mut last = "";
        let mut links = Vec::new();
        for (here, path, icon, text, keys, group) in NAVIGATION {
            if !shown(*here) {
                continue;
            }
            let heading = if *group == last {
                String::new()
            } else {
                self.t(group)
            };
            last = group;
            let label = self.t(text);
            links.push(NavLink {
                heading,
                href: self.to(path),
                icon,
                key_label: self.words.with("nav-go-to", &[("page", (&label).into())]),
                label,
                keys,
                current: *here == self.here,
            });
        }
        self.nav = links;
    }
}

/// Two letters for an avatar: of the first and the last word.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    let letters: String = first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect();
    if letters.chars().count() == 1 {
        let second = name
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .nth(1);
        return letters.chars().chain(second).collect();
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_avatar_has_two_letters_where_the_name_has() {
        assert_eq!(initials("Amina Diallo"), "AD");
        assert_eq!(initials("amina.de.diallo@example.com"), "AC");
        assert_eq!(initials("Meridian"), "Me");
        assert_eq!(initials(""), "");
    }
}
