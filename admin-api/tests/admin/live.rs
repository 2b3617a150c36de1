//! Lists of requests while they are open: who sees what ends, how soon, and until when.

use std::time::{Duration, Instant};

use domain::ids::UserId;
use domain::permissions::{PlatformRole, Role};
use domain::policies::Policy;
use domain::time::TimestampMs;
use harness::deadline::within;
use reqwest::Response;
use serde_json::json;

use crate::browser::{Browser, session};
use crate::ledger::{Whose, append, plain};
use crate::setup::{Served, served};

/// A stream of events, as a page reads it.
struct Events {
    answer: Response,
    text: String,
}

impl Events {
    /// Opens a stream in somebody's session.
    async fn open(admin: &Served, cookie: &str, path: &str, last: Option<&str>) -> Self {
        let mut request = reqwest::Client::new()
            .get(format!("{}{path}", admin.url))
            .header("cookie", cookie)
            .header("hx-request", "true")
            .header("accept", "text/html, text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = request.send().await.unwrap();
        Self {
            answer,
            text: String::new(),
        }
    }

    /// Reads until this is there, or until the stream ends.
    async fn until(&mut self, words: &str) -> &str {
        let reading = async {
            while !self.text.contains(words) {
                match self.answer.chunk().await.unwrap() {
                    Some(piece) => self.text.push_str(&String::from_utf8_lossy(&piece)),
                    None => break,
                }
            }
        };
        within(&format!("the stream says `{words}`"), reading).await;
        &self.text
    }

    /// The id of the last event.
    fn last_id(&self) -> &str {
        let mut ids = self
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("id: "));
        ids.next_back().unwrap()
    }
}

async fn cookie(admin: &Served, person: &UserId, role: Option<PlatformRole>) -> String {
    let cookie = session(admin, person, role).await;
    format!("hg_session={}", cookie.expose())
}

async fn administrator(admin: &Served) -> (UserId, String) {
    let role = Some(PlatformRole::PlatformAdmin);
    let person = admin.person(role, None).await;
    let cookie = cookie(admin, &person, role).await;
    (person, cookie)
}

/// The payer that has an organization alone.
async fn ours(admin: &Served) -> Whose {
    Whose {
        organization: admin.organization("ours").await,
        team: None,
        user: None,
        key: None,
    }
}

/// Ends a request now; gives its id.
async fn ends(admin: &Served, number: usize, whose: &Whose) -> String {
    let now = TimestampMs::now();
    let mut entry = plain(number, TimestampMs(now.0 - 400), whose);
    entry.duration_ms = 400;
    let id = entry.id.clone();
    append(&admin.store, "strand", vec![entry]).await;
    id
}

#[tokio::test]
async fn a_request_stands_in_an_open_list_within_a_second() {
    let admin = served().await;
    let whose = ours(&admin).await;
    let (_person, cookie) = administrator(&admin).await;
    let mut events = Events::open(&admin, &cookie, "/ui/requests/tail", None).await;
    assert_eq!(events.answer.status(), 200);
    assert_eq!(events.answer.headers()["content-type"], "text/event-stream");
    assert_eq!(events.answer.headers()["cache-control"], "no-store");
    events.until("id: ").await;
    let began = Instant::now();
    let id = ends(&admin, 1, &whose).await;
    let text = events.until(&id).await;
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    let row = text.lines().find(|line| line.contains(&id)).unwrap();
    assert!(
        row.starts_with("data: <tr>") && row.contains("data-drawer"),
        "{row}"
    );
    // Each once, whatever is read again.
    let second = ends(&admin, 2, &whose).await;
    let text = events.until(&second).await;
    assert_eq!(text.matches(&id).count(), text.matches(&second).count());
    let short = "/ui/requests/tail?shape=short";
    let mut short = Events::open(&admin, &cookie, short, Some(events.last_id())).await;
    let columns = short.until(&second).await.matches("<td").count();
    assert_eq!(columns % 7, 0);
}

#[tokio::test]
async fn a_list_shows_live_what_it_shows_when_it_is_loaded() {
    let admin = served().await;
    let whose = ours(&admin).await;
    let team = admin.team(&whose.organization, Policy::default()).await;
    let of_team = Whose {
        team: Some(team.clone()),
        ..whose.clone()
    };
    let place = Some((Role::Viewer, &whose.organization, Some(&team)));
    let member = admin.person(None, place).await;
    let members = cookie(&admin, &member, None).await;
    let (_person, cookie) = administrator(&admin).await;
    let narrow = format!("/ui/requests/tail?q=team:{team}");
    let mut narrow = Events::open(&admin, &cookie, &narrow, None).await;
    let failed = "/ui/requests/tail?q=status:failed";
    let mut failed = Events::open(&admin, &cookie, failed, None).await;
    let mut seen = Events::open(&admin, &members, "/ui/requests/tail", None).await;
    let others = ends(&admin, 1, &whose).await;
    let teams = ends(&admin, 2, &of_team).await;
    for list in [&mut narrow, &mut seen] {
        assert!(!list.until(&teams).await.contains(&others));
    }
    let mut refused = plain(3, TimestampMs(TimestampMs::now().0 - 5), &whose);
    refused.duration_ms = 5;
    refused.status = 429;
    let id = refused.id.clone();
    append(&admin.store, "strand", vec![refused]).await;
    let text = failed.until(&id).await;
    assert!(!text.contains(&teams) && !text.contains(&others));
    let stranger = admin.person(None, None).await;
    let stranger = session(&admin, &stranger, None).await;
    let mut browser = Browser::at(&admin);
    browser.cookie = Some(format!("hg_session={}", stranger.expose()));
    let accept = [("accept", "text/event-stream")];
    let refused = browser
        .send("GET", "/ui/requests/tail", &accept, None)
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn who_comes_back_sees_what_ended_meanwhile() {
    let admin = served().await;
    let whose = ours(&admin).await;
    let (_person, cookie) = administrator(&admin).await;
    let mut events = Events::open(&admin, &cookie, "/ui/requests/tail", None).await;
    let first = ends(&admin, 1, &whose).await;
    events.until(&first).await;
    let last = events.last_id().to_owned();
    drop(events);
    let second = ends(&admin, 2, &whose).await;
    let mut events = Events::open(&admin, &cookie, "/ui/requests/tail", Some(&last)).await;
    events.until(&second).await;
    // After long the newest of the list come, out of the ledger.
    let mut events = Events::open(&admin, &cookie, "/ui/requests/tail", Some("1")).await;
    let text = events.until(&first).await;
    assert!(text.find(&second).unwrap() < text.find(&first).unwrap());
}

#[tokio::test]
async fn many_at_once_are_told_as_a_number() {
    let admin = served().await;
    let whose = ours(&admin).await;
    let (_person, cookie) = administrator(&admin).await;
    let mut events = Events::open(&admin, &cookie, "/ui/requests/tail", None).await;
    events.until("id: ").await;
    let now = TimestampMs::now();
    let many = (0..65).map(|number| {
        let mut one = plain(number, TimestampMs(now.0 - 10), &whose);
        one.duration_ms = 10;
        one
    });
    append(&admin.store, "strand", many.collect()).await;
    let text = events.until("45 more requests.").await;
    assert_eq!(text.matches("data-drawer").count(), 20);
}

#[tokio::test]
async fn the_oldest_page_of_a_session_gives_its_place_to_the_newest() {
    let admin = served().await;
    let (_person, cookie) = administrator(&admin).await;
    let mut open = Vec::new();
    for _number in 0..4 {
        open.push(Events::open(&admin, &cookie, "/ui/requests/tail", None).await);
    }
    let text = open[0].until("event: over").await;
    assert!(
        text.contains("event: over\ndata: A newer page of yours is live."),
        "{text}"
    );
    open[3].until("id: ").await;
    assert!(!open[1].text.contains("over"));
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let admin = served().await;
    let (person, cookie) = administrator(&admin).await;
    let mut events = Events::open(&admin, &cookie, "/ui/requests/tail", None).await;
    events.until("id: ").await;
    let path = format!("/api/v1/users/{person}/block");
    admin.post(&path, json!({})).await.ok();
    let text = events.until("event: over").await;
    assert!(text.contains("Your session is over."), "{text}");
}

#[tokio::test]
async fn the_first_request_of_a_key_is_shown_when_it_ends() {
    let admin = served().await;
    let whose = ours(&admin).await;
    let (_person, cookie) = administrator(&admin).await;
    let key = json!({"alias": "mine", "organization_id": "ours"});
    let made = admin.post("/api/v1/keys", key).await.ok();
    let key = made["details"]["id"].as_str().unwrap();
    let path = format!(
        "/ui/keys/{key}/first-request?since={}",
        TimestampMs::now().0
    );
    let mut waiting = Events::open(&admin, &cookie, &path, None).await;
    ends(&admin, 1, &whose).await;
    let of_key = Whose {
        key: Some(domain::ids::KeyId::new(key)),
        ..whose
    };
    let now = TimestampMs::now();
    let mut entry = plain(2, TimestampMs(now.0 + 5), &of_key);
    entry.duration_ms = 412;
    append(&admin.store, "strand", vec![entry.clone()]).await;
    let text = waiting.until("waiting done").await.to_owned();
    assert!(
        text.contains("in 412 ms, $0.2000") && text.contains(&entry.id),
        "{text}"
    );
    // The stream is over, and who asks later is told at once.
    let all = waiting.until("nothing more").await;
    assert_eq!(all.matches("waiting done").count(), 1);
    let mut later = Events::open(&admin, &cookie, &path, None).await;
    later.until(&entry.id).await;
    let mut any = Events::open(&admin, &cookie, "/ui/welcome/first-request", None).await;
    any.until("waiting done").await;
}
