//! The box that waits for a first request, and shows it when it has ended.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, rt, web};
use askama::Template as _;
use domain::permissions::{Action, Reach};
use domain::time::TimestampMs;
use serde::Deserialize;
use store::page::Page;
use store::requests::{RequestFilter, RequestRow};
use web_ui::figures::{duration, price};
use web_ui::frame::Frame;
use web_ui::markup::code;
use web_ui::pages::requests::{FirstRequest, NotLive};

use crate::acting::{Acting, Permission, may};
use crate::actions::{keys, requests};
use crate::live::news::Ended;
use crate::pages::events::{self, Next, Opened, Stream};
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/keys/{key_id}/first-request" => of_key, ReadKeys, "The first request of a key, when it has ended, as an event."),
    unshaped_route!(GET "/ui/welcome/first-request" => of_any, Myself, "The first request, when it has ended, as an event."),
];

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Waiting {
    since: u64,
}

/// The address under which the first request of a key from now on is waited for.
pub fn address(frame: &Frame, key: &str) -> String {
    let now = TimestampMs::now();
    frame.to(&format!("/keys/{key}/first-request?since={}", now.0))
}

async fn of_key(
    visit: Visit<may::ReadKeys>,
    id: web::Path<String>,
    asked: web::Query<Waiting>,
    request: HttpRequest,
) -> Result<HttpResponse, PageFault> {
    let key = keys::find(&visit.acting, &id).await?;
    let filter = RequestFilter {
        key_id: Some(key.id),
        from: Some(TimestampMs(asked.since)),
        ..RequestFilter::default()
    };
    wait(visit, filter, &request).await
}

async fn of_any(
    visit: Visit<may::Myself>,
    request: HttpRequest,
) -> Result<HttpResponse, PageFault> {
    wait(visit, RequestFilter::default(), &request).await
}

async fn wait<P: Permission>(
    visit: Visit<P>,
    filter: RequestFilter,
    request: &HttpRequest,
) -> Result<HttpResponse, PageFault> {
    events::check_accepts(request)?;
    let acting = visit.acting.also::<may::ReadSpend>()?;
    let since = filter.from.unwrap_or_default();
    let Some(opened) = events::open(&visit, request, since)? else {
        let frame = &visit.frame;
        let text = frame.t("live-full");
        let piece = NotLive { text: &text }.render();
        return answers::page(StatusCode::TOO_MANY_REQUESTS, frame, piece);
    };
    let Opened {
        stream,
        response,
        before: _,
    } = opened;
    let waiting = Wait {
        filter: RequestFilter {
            scope: acting.scope(),
            ..filter
        },
        acting,
        frame: visit.frame,
    };
    rt::spawn(waiting.write(stream));
    Ok(response)
}

struct Wait {
    acting: Acting<may::ReadSpend>,
    filter: RequestFilter,
    frame: Frame,
}

impl Wait {
    async fn write(mut self, mut stream: Stream) {
        // It may have ended before anybody listened.
        let page = Page::first(1);
        let listed = requests::list(&self.acting, self.filter.clone(), &page).await;
        let there = listed
            .ok()
            .and_then(|listed| listed.items.into_iter().next());
        if let Some(first) = there {
            self.show(&stream, &first);
            return;
        }
        loop {
            match stream.next().await {
                Next::Batch(batch) => {
                    if let Some(first) = self.first_of(&batch.ended) {
                        self.show(&stream, &first.row);
                        return;
                    }
                }
                Next::Rights(rights) => {
                    self.filter.scope = rights.scope(Action::ReadSpend);
                    if rights.reach(Action::ReadSpend) == Reach::Nothing {
                        stream.over("live-not-permitted");
                        return;
                    }
                }
                Next::End => return,
            }
        }
    }

    fn first_of<'a>(&self, ended: &'a [Arc<Ended>]) -> Option<&'a Arc<Ended>> {
        let mut oldest_first = ended.iter().rev();
        oldest_first.find(|one| self.filter.matches(&one.row))
    }

    fn show(&self, stream: &Stream, first: &RequestRow) {
        let frame = &self.frame;
        let told = [
            ("time", duration(frame.words, first.duration_ms).into()),
            ("cost", price(frame.words, first.charge_nanousd).into()),
        ];
        let shown = FirstRequest {
            frame,
            status: code(first.status),
            text: frame.words.with("first-request-text", &told),
            href: frame.to(&format!("/requests/{}", first.id)),
        };
        // Without its element the page closes the stream itself.
        let _left = shown
            .render()
            .is_ok_and(|html| stream.piece(TimestampMs::now(), &html));
    }
}
