//! Every page there is: one of each kind that links lead to, and those that say that there is nothing.

use harness::browser::pages::one_of_each_kind;

use crate::setup::Console;

/// Pages that no link leads to.
const WITHOUT_LINKS: [&str; 4] = [
    "/ui/requests?q=status:999",
    "/ui/keys?q=zzzz",
    "/ui/keys/key_none",
    "/ui/nope",
];

/// The paths of all of them.
pub async fn all(console: &Console) -> Vec<String> {
    let found = one_of_each_kind(&console.browser, &console.gateway.url()).await;
    let mut pages: Vec<String> = found.into_values().collect();
    pages.extend(WITHOUT_LINKS.map(str::to_owned));
    assert!(pages.len() > 20, "{pages:?}");
    pages
}
