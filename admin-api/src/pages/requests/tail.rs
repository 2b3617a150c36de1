//! The list of requests while it is open: what ends is added at its top.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, rt, web};
use askama::Template as _;
use domain::permissions::{Action, Reach, Rights};
use domain::time::TimestampMs;
use serde::Deserialize;
use store::page::Page;
use store::requests::RequestFilter;
use web_ui::figures::count;
use web_ui::pages::parts::LatestRowAlone;
use web_ui::pages::requests::{LiveNote, RequestsRow};

use super::list::{self, Reading};
use super::terms::{self, Typed};
use crate::actions::requests;
use crate::live::news::{Ended, KEPT_MS, named};
use crate::pages::addresses::query;
use crate::pages::events::{self, MARGIN_MS, Next, Opened, Stream};
use crate::pages::looking::ASKED;
use crate::pages::{PageFault, answers, latest};

/// So many rows come at a time; of the rest it is said how many there are.
const AT_ONCE: usize = 20;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Followed {
    q: String,
    since: Option<u64>,
    shape: String,
}

/// The address under which a list with these conditions is followed.
pub fn address(visit: &Reading, q: &str, shape: &str) -> String {
    let since = visit.clock.now.0.saturating_sub(MARGIN_MS).to_string();
    // A list stays with what it was opened on, whatever another page looks at meanwhile.
    let members = [
        ("q", q),
        ("shape", shape),
        ("since", &since),
        (ASKED, visit.frame.looked_at()),
    ];
    visit
        .frame
        .to(&format!("/requests/tail{}", query(&members)))
}

/// A list that is followed.
struct Tail {
    visit: Reading,
    filter: RequestFilter,
    /// `short` where the overview shows it.
    is_short: bool,
    is_everything: bool,
    href: String,
    since: TimestampMs,
}

pub(super) async fn follow(
    visit: Reading,
    asked: web::Query<Followed>,
    request: HttpRequest,
) -> Result<HttpResponse, PageFault> {
    events::check_accepts(&request)?;
    let asked = asked.into_inner();
    let filter = terms::filter(&visit.acting, &mut Typed::read(&asked.q)).await?;
    let since = events::since(&request, asked.since);
    let opened = events::open(&visit, &request, since)?;
    let tail = Tail {
        filter: RequestFilter {
            scope: visit.acting.scope(),
            ..filter
        },
        is_short: asked.shape == "short",
        is_everything: asked.q.is_empty() && visit.acting.scope().everything,
        href: visit
            .frame
            .to(&format!("/requests{}", query(&[("q", &asked.q)]))),
        since,
        visit,
    };
    let Some(opened) = opened else {
        let full = tail.note("live-full");
        return answers::page(StatusCode::TOO_MANY_REQUESTS, &tail.visit.frame, full);
    };
    let Opened {
        stream,
        response,
        before,
    } = opened;
    rt::spawn(tail.write(stream, before));
    Ok(response)
}

impl Tail {
    async fn write(mut self, mut stream: Stream, before: Vec<Arc<Ended>>) {
        if !self.begin(&stream, &before).await {
            return;
        }
        loop {
            match stream.next().await {
                Next::Batch(batch) => {
                    let html = self.rows(&batch.ended, batch.left_out);
                    if !html.is_empty() && !stream.piece(batch.until, &html) {
                        return;
                    }
                }
                Next::Rights(rights) => {
                    if !self.may_still(&rights) {
                        stream.over("live-not-permitted");
                        return;
                    }
                }
                Next::End => return,
            }
        }
    }

    /// What ended before it began to listen; whether the reader still reads.
    async fn begin(&self, stream: &Stream, before: &[Arc<Ended>]) -> bool {
        let now = TimestampMs::now();
        let mut html = String::new();
        if now.0.saturating_sub(self.since.0) > KEPT_MS {
            html = self.missed().await.unwrap_or_default();
        } else if !before.is_empty() {
            html = self.rows(before, 0);
        }
        html.is_empty() || stream.piece(TimestampMs(now.0.saturating_sub(MARGIN_MS)), &html)
    }

    /// Who was away for longer sees the newest of what is in the ledger.
    async fn missed(&self) -> Option<String> {
        let page = Page::first(i64::try_from(AT_ONCE).unwrap_or(1));
        let listed = requests::list(&self.visit.acting, self.filter.clone(), &page).await;
        let listed = listed.ok()?;
        let named = named(self.visit.acting.store(), listed.items).await.ok()?;
        let missed = named.iter().filter(|one| one.at() > self.since);
        let html: String = missed.map(|one| self.row(one).to_string()).collect();
        Some(html)
    }

    /// Those of the list, the last to end first.
    fn rows(&self, ended: &[Arc<Ended>], left_out: usize) -> String {
        let matching = ended
            .iter()
            .filter(|one| one.at() > self.since && self.filter.matches(&one.row));
        let matching: Vec<&Arc<Ended>> = matching.collect();
        let mut html = String::new();
        for one in matching.iter().take(AT_ONCE) {
            html.push_str(&self.row(one));
        }
        let more = matching.len().saturating_sub(AT_ONCE);
        // Of what was left out nobody knows whether it is of this list.
        let left_out = if self.is_everything { left_out } else { 0 };
        let more = u64::try_from(more.saturating_add(left_out)).unwrap_or(u64::MAX);
        if more > 0 {
            let words = self.visit.words();
            let told = [("count", more.into()), ("shown", count(words, more).into())];
            let text = words.with("live-more", &told);
            html.push_str(&self.note_of(&text).unwrap_or_default());
        }
        html
    }

    /// A row, made once for all who see it alike.
    fn row(&self, one: &Ended) -> Arc<str> {
        let (frame, clock) = (&self.visit.frame, &self.visit.clock);
        let tag = frame.words.language.tag();
        let way = format!("{} {tag} {}", self.is_short, clock.zone.name());
        one.shown(&way, || {
            let key = one.key.clone();
            let key = key.unwrap_or_else(|| frame.t("master-key"));
            let rendered = if self.is_short {
                let row = &latest::row(frame, clock, one.row.clone(), key);
                LatestRowAlone { frame, row }.render()
            } else {
                let names = (key, one.team.clone());
                let row = &list::line(frame, clock, one.row.clone(), names);
                RequestsRow { frame, row }.render()
            };
            rendered.unwrap_or_default()
        })
    }

    fn note(&self, text: &str) -> askama::Result<String> {
        self.note_of(&self.visit.words().t(text))
    }

    fn note_of(&self, text: &str) -> askama::Result<String> {
        let note = LiveNote {
            frame: &self.visit.frame,
            text,
            href: &self.href,
            columns: if self.is_short { 7 } else { 10 },
        };
        note.render()
    }

    /// Takes over what may be seen now; whether that is anything.
    fn may_still(&mut self, rights: &Rights) -> bool {
        self.visit.acting.actor.rights = rights.clone();
        self.filter.scope = self.visit.acting.scope();
        rights.reach(Action::ReadSpend) > Reach::Nothing
    }
}
