//! A browser: sends its cookie, the session's token and what else a page makes it send.

use admin_api::{cross_site, tokens};
use domain::actors::Actor;
use domain::ids::{SessionId, UserId};
use domain::keys::Secret;
use domain::permissions::PlatformRole;
use domain::sessions::Session;
use domain::time::TimestampMs;
use reqwest::header::{HeaderMap, SET_COOKIE};
use reqwest::{Client, Method};
use serde_json::Value;
use store::Event;

use crate::setup::Served;

/// A browser with at most one cookie.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    url: String,
    /// `name=value`.
    pub cookie: Option<String>,
    /// What its pages send with changes.
    pub token: Option<String>,
}

/// An answer and its head.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The head.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null where it is none.
    pub body: Value,
}

impl Reply {
    /// A header's text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts a status and gives the reply back.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

impl Browser {
    /// A browser without a cookie.
    pub fn at(admin: &Served) -> Self {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            client: client.build().unwrap(),
            url: admin.url.clone(),
            cookie: None,
            token: None,
        }
    }

    /// Sends a request with cookie and token, and these headers over them.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Reply {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", self.url);
        let mut request = self.client.request(method, url);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(token) = &self.token
            && !headers.iter().any(|(name, _)| *name == "x-csrf-token")
        {
            request = request.header("x-csrf-token", token);
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        Reply {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }

    /// Sends a form as a page without JavaScript does: the token is a member of it.
    pub async fn submit(&self, path: &str, members: &[(&str, &str)]) -> Reply {
        let mut members: Vec<(&str, &str)> = members.to_vec();
        if let Some(token) = &self.token {
            members.push(("csrf", token));
        }
        let mut request = self
            .client
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(&members));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        Reply {
            status,
            headers,
            body: Value::Null,
            text,
        }
    }

    /// Gets a page.
    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None).await
    }

    /// Signs in and keeps cookie and token.
    pub async fn sign_in(&mut self, body: Value) -> Reply {
        let reply = self.send("POST", "/api/v1/sessions", &[], Some(body)).await;
        self.keep(&reply);
        reply
    }

    /// Keeps the cookie and token of an answer that sets them.
    pub fn keep(&mut self, reply: &Reply) {
        if let Some(set) = reply.headers.get(SET_COOKIE) {
            let set = set.to_str().unwrap().split(';').next().unwrap();
            self.cookie = Some(set.to_owned());
        }
        if let Some(token) = reply.body["csrf_token"].as_str() {
            self.token = Some(token.to_owned());
        }
    }
}

/// Members as `application/x-www-form-urlencoded`.
fn encoded(members: &[(&str, &str)]) -> String {
    let letters = |text: &str| -> String {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric();
        let bytes = text.bytes();
        bytes
            .map(|byte| match plain(&byte) {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02X}"),
            })
            .collect()
    };
    let members = members.iter();
    let members: Vec<String> = members
        .map(|(name, value)| format!("{}={}", letters(name), letters(value)))
        .collect();
    members.join("&")
}

/// A session of a person's, put into the store directly.
pub async fn session(
    admin: &Served,
    person: &UserId,
    platform_role: Option<PlatformRole>,
) -> Secret {
    let cookie = tokens::generate("").unwrap();
    let now = TimestampMs::now();
    let session = Session {
        id: SessionId::generate(),
        hash: tokens::digest(&cookie),
        user_id: Some(person.clone()),
        csrf_hash: tokens::digest(&cross_site::token_of(&cookie)),
        address: None,
        user_agent: None,
        created_at: now,
        last_seen_at: now,
        expires_at: TimestampMs(now.0 + 3_600_000),
        platform_role,
    };
    let mut change = admin.store.begin().await.unwrap();
    change.insert_session(&session).await.unwrap();
    change
        .commit(&Actor::system(), Event::default())
        .await
        .unwrap();
    cookie
}
