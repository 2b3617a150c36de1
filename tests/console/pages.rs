//! Every page there is: found by its links, one of each kind.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::setup::Console;

/// The addresses of all links of a page that lead to pages of ours.
const LINKS: &str = "return [...document.querySelectorAll('a[href]:not([download]), [data-href]')]\
    .map((a) => new URL(a.dataset.href ?? a.getAttribute('href'), location).pathname)\
    .filter((path) => path === '/ui' || path.startsWith('/ui/'))";

/// A path with its ids left out: `/ui/keys/{id}/edit`.
fn kind(path: &str) -> String {
    let words = path.split('/').map(|word| match word.split_once('_') {
        Some((_kind, rest)) if rest.len() > 20 => "{id}",
        _ => word,
    });
    words.collect::<Vec<_>>().join("/")
}

/// One page of each kind that can be reached by links from the overview.
pub async fn all(console: &Console) -> Vec<String> {
    let mut found = BTreeMap::new();
    let (mut waiting, mut seen) = (VecDeque::from(["/ui".to_owned()]), BTreeSet::new());
    while let Some(path) = waiting.pop_front() {
        let is_new = seen.insert(kind(&path));
        if !is_new || path.ends_with("/sign-in") {
            continue;
        }
        console.open(&path).await;
        let links = console.browser.run(LINKS).await;
        for link in links.as_array().into_iter().flatten() {
            let link = link.as_str().unwrap().trim_end_matches('/').to_owned();
            waiting.push_back(link);
        }
        found.insert(kind(&path), path);
    }
    let mut pages: Vec<String> = found.into_values().collect();
    pages.extend(
        [
            "/ui/requests?q=status:999",
            "/ui/keys?q=zzzz",
            "/ui/keys/key_none",
            "/ui/nope",
        ]
        .map(str::to_owned),
    );
    assert!(pages.len() > 20, "{pages:?}");
    pages
}
