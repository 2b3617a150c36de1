//! The pages of a console, found by their links.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::browser::Browser;

/// The paths of all links of a page that lead to pages of the console.
const LINKS: &str = "return [...document.querySelectorAll('a[href]:not([download]), [data-href]')]\
    .map((a) => new URL(a.dataset.href ?? a.getAttribute('href'), location).pathname)\
    .filter((path) => path === '/ui' || path.startsWith('/ui/'))";

/// A path with its ids left out: `/ui/keys/{id}/edit`.
#[must_use]
pub fn kind(path: &str) -> String {
    let words = path.split('/').map(|word| match word.split_once('_') {
        Some((_kind, rest)) if rest.len() > 20 => "{id}",
        _ => word,
    });
    words.collect::<Vec<_>>().join("/")
}

/// One page of each kind that links lead to from the overview, by its kind. Somebody is signed in.
///
/// # Panics
/// When the browser does not answer.
pub async fn one_of_each_kind(browser: &Browser, url: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let (mut waiting, mut seen) = (VecDeque::from(["/ui".to_owned()]), BTreeSet::new());
    while let Some(path) = waiting.pop_front() {
        if !seen.insert(kind(&path)) || path.ends_with("/sign-in") {
            continue;
        }
        browser.open(&format!("{url}{path}")).await;
        let links = browser.run(LINKS).await;
        for link in links.as_array().into_iter().flatten() {
            let link = link.as_str().expect("a path is a text");
            waiting.push_back(link.trim_end_matches('/').to_owned());
        }
        found.insert(kind(&path), path);
    }
    found
}
