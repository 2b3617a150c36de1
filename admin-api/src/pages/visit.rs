//! Somebody who is signed in opens a page, and may: [`Visit`], with the permission in its type.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::HOST;
use actix_web::{FromRequest, HttpRequest, HttpResponse, rt, web};
use domain::actors::Actor;
use domain::permissions::{Action, Reach};
use domain::time::TimestampMs;
use web_ui::frame::Frame;
use web_ui::words::Words;

use crate::AdminApi;
use crate::acting::{Acting, Permission, note_denial};
use crate::credential::anonymous;
use crate::error::ActionError;
use crate::pages::clock::Clock;
use crate::pages::{PageFault, answers, frames, looking};
use crate::{cookies, cross_site, live_session};

const NOBODY: &str = "Sign in to see this page.";

/// An open page of somebody who may do `P`.
pub struct Visit<P> {
    /// Who, and what they may; what the actions want.
    pub acting: Acting<P>,
    /// What is around the page.
    pub frame: Frame,
    /// How times are told.
    pub clock: Clock,
    /// Whether htmx asked for a piece of the page.
    pub wants_piece: bool,
    /// The address that the browser asked: `https://host`.
    pub origin: String,
}

impl<P: Permission> Visit<P> {
    /// The texts.
    pub const fn words(&self) -> Words {
        self.frame.words
    }

    /// Whether they may do another thing somewhere: pages leave out what one may not.
    pub fn may(&self, action: Action) -> bool {
        self.acting.actor.rights.reach(action) > Reach::Nothing
    }

    /// The same visit with another permission, for pages that show several things.
    ///
    /// # Errors
    /// When they do not have it.
    pub fn to<Q: Permission>(self) -> Result<Visit<Q>, ActionError> {
        let Self {
            acting,
            frame,
            clock,
            wants_piece,
            origin,
        } = self;
        let acting = acting.also()?;
        Ok(Visit {
            acting,
            frame,
            clock,
            wants_piece,
            origin,
        })
    }

    /// On to another page, which says what was done (`said-…` of the catalogue).
    pub fn done(&self, path: &str, said: &str) -> HttpResponse {
        let joint = if path.contains('?') { '&' } else { '?' };
        answers::see(&format!("{}{joint}said={said}", self.frame.to(path)))
    }
}

impl<P: Permission> FromRequest for Visit<P> {
    type Error = PageFault;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageFault>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            // A task of its own, as for `Acting`: an extractor beside this one that refuses at once
            // must not give up a query in its middle.
            let found = rt::spawn(async move { visit(&request).await }).await;
            let broken = |fault: rt::task::JoinError| ActionError::Internal(fault.to_string());
            found.map_err(broken).flatten().map_err(PageFault)
        })
    }
}

/// A page is opened in a session only: no key signs in here.
async fn visit<P: Permission>(request: &HttpRequest) -> Result<Visit<P>, ActionError> {
    let api = request
        .app_data::<web::Data<AdminApi>>()
        .ok_or_else(|| ActionError::Internal("the admin side is not assembled".to_owned()))?;
    let found = live_session::find(api, request).await?;
    let live = found.ok_or(ActionError::Unauthenticated(NOBODY))?;
    if !request.method().is_safe() {
        cross_site::check_origin(api, request)?;
        cross_site::check_token(request, &live.session)?;
    }
    let actor = Actor {
        kind: live.kind.clone(),
        rights: live.rights.clone(),
        ..anonymous(api, request)
    };
    let acting = match Acting::of(actor.clone(), api.clone()) {
        Ok(acting) => acting,
        Err(denied) => {
            let route = request.match_pattern().unwrap_or_default();
            note_denial(&api.store, &actor, P::ACTION, &route).await;
            return Err(denied);
        }
    };
    let (frame, zone) = frames::of(api, request, &live).await?;
    looking::check(request, &frame)?;
    let acting = acting.looking_at(looking::narrowed(request, &frame));
    let clock = Clock {
        zone,
        own: frames::own_zone(request),
        words: frame.words,
        now: TimestampMs::now(),
    };
    let wants_piece = request.headers().contains_key("hx-request");
    let is_https = cookies::is_https(api, request);
    let scheme = if is_https { "https" } else { "http" };
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let origin = format!("{scheme}://{host}{}", frame.base);
    Ok(Visit {
        acting,
        frame,
        clock,
        wants_piece,
        origin,
    })
}
