//! One request: where its time went, its attempts, its cost, whose it is.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::ids::KeyId;
use domain::usage::Usage;
use store::requests::{AttemptDetail, RequestDetail, RequestRow};
use web_ui::chart;
use web_ui::figures::{count, duration, price};
use web_ui::markup::{Markup, code};
use web_ui::pages::parts::Fact;
use web_ui::pages::requests::{AttemptLine, Drawer, LinkedFact, Request, TimePart};
use web_ui::pages::snippets::{Asked, curl};
use web_ui::words::Words;

use super::list::{Reading, sees_key, tags};
use crate::actions::requests;
use crate::error::ActionError;
use crate::pages::addresses::query;
use crate::pages::labels::Labels;
use crate::pages::names::Names;
use crate::pages::{PageFault, answers, bases};

pub(super) async fn show(visit: Reading, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let found = requests::find(&visit.acting, &id).await?;
    let wants_piece = visit.wants_piece;
    let page = page(visit, found).await?;
    if wants_piece {
        let drawer = Drawer::from(page);
        return answers::page(StatusCode::OK, &drawer.frame, drawer.render());
    }
    answers::page(StatusCode::OK, &page.frame, page.render())
}

async fn page(visit: Reading, found: RequestDetail) -> Result<Request, PageFault> {
    let RequestDetail { request, attempts } = found;
    let words = visit.words();
    let (waterfall, parts) = times(words, &request, &attempts);
    let who = who(&visit, &request).await?;
    let usage = attempts.iter().map(|one| &one.attempt.usage);
    let estimated = usage.clone().any(|usage| usage.estimated);
    let key = request.payer.key_id.as_deref().unwrap_or_default();
    let same = [("key", key), ("model", request.group.as_str())];
    let same = same.into_iter().filter(|(_name, word)| is_a_word(word));
    let terms: Vec<String> = same.map(|(name, word)| format!("{name}:{word}")).collect();
    let terms = terms.join(" ");
    let curl = curl(&bases::of(&visit), "$HEADGATE_KEY", &asked(&request));
    let similar = query(&[("q", terms.as_str()), ("r", "7d")]);
    Ok(Request {
        id: request.id.clone(),
        status: code(request.status),
        tags: tags(words, &request),
        at: format!(
            "{}, {}",
            visit.clock.date(request.at),
            visit.clock.precise(request.at)
        ),
        total: duration(words, request.duration_ms),
        waterfall,
        parts,
        lines: lines(words, usage),
        attempts: attempts
            .into_iter()
            .map(|one| attempt(words, one))
            .collect(),
        cost: price(words, request.charge_nanousd),
        estimated,
        who,
        similar: visit.frame.to(&format!("/requests{similar}")),
        curl,
        title: request.asked_model,
        frame: visit.frame,
    })
}

/// Whether a word stands for itself in the box above the list.
fn is_a_word(word: &str) -> bool {
    !word.is_empty() && !word.contains(char::is_whitespace)
}

/// The same again as an example: bodies are not kept, so what was said is not in it.
fn asked(request: &RequestRow) -> Asked<'_> {
    let model = request.asked_model.as_str();
    match request.operation.as_str() {
        "embeddings" => Asked::Embedding(model),
        "text_completion" => Asked::Completion(model),
        _ => Asked::Chat(model),
    }
}

/// Where the time went: ours, failed attempts, until the first byte, and the rest.
fn times(
    words: Words,
    request: &RequestRow,
    attempts: &[AttemptDetail],
) -> (Markup, Vec<TimePart>) {
    let mut parts: Vec<(&'static str, String, u64)> = Vec::new();
    parts.push(("6", words.t("part-gateway"), request.overhead_us));
    for (place, one) in attempts.iter().enumerate() {
        let one = &one.attempt;
        let is_last = place + 1 == attempts.len();
        let whole = one.duration_ms.saturating_mul(1_000);
        if !is_last || one.outcome != "ok" {
            let told = [("number", u64::from(one.number).into())];
            parts.push(("err", words.with("part-failed", &told), whole));
            continue;
        }
        let first = one
            .first_byte_ms
            .unwrap_or(one.duration_ms)
            .saturating_mul(1_000)
            .min(whole);
        parts.push(("1", words.t("part-first"), first));
        parts.push(("2", words.t("part-rest"), whole.saturating_sub(first)));
    }
    let shown: Vec<TimePart> = parts
        .iter()
        .map(|(slot, name, micros)| TimePart {
            slot,
            name: name.clone(),
            value: micro(words, *micros),
        })
        .collect();
    let said: Vec<String> = shown
        .iter()
        .map(|one| format!("{} {}", one.name, one.value))
        .collect();
    let label = words.with("time-went-label", &[("parts", said.join(", ").into())]);
    let widths: Vec<(&str, u64)> = parts
        .iter()
        .map(|(slot, _name, micros)| (*slot, *micros))
        .collect();
    (chart::waterfall(&widths, &label), shown)
}

fn micro(words: Words, micros: u64) -> String {
    if micros < 10_000 {
        let decimal = words.language.locale().decimal;
        return format!("{}{decimal}{} ms", micros / 1_000, micros % 1_000 / 100);
    }
    duration(words, micros / 1_000)
}

fn attempt(words: Words, one: AttemptDetail) -> AttemptLine {
    let one = one.attempt;
    AttemptLine {
        number: one.number,
        duration: duration(words, one.duration_ms),
        deployment: format!("{} · {}", one.group, one.provider),
        outcome: if one.outcome == "ok" {
            String::new()
        } else {
            one.outcome
        },
        status: one.status.map_or_else(Markup::default, code),
    }
}

/// Tokens by kind, of all attempts together.
fn lines<'a>(words: Words, usage: impl Iterator<Item = &'a Usage>) -> Vec<Fact> {
    let mut sums = [0_u64; 8];
    for one in usage {
        let written = one
            .cache_write_tokens
            .saturating_add(one.cache_write_1h_tokens);
        let kinds = [
            one.input_tokens,
            one.cache_read_tokens,
            written,
            one.audio_input_tokens,
            one.image_input_tokens,
            one.output_tokens,
            one.reasoning_tokens,
            one.audio_output_tokens,
        ];
        for (sum, more) in sums.iter_mut().zip(kinds) {
            *sum = sum.saturating_add(more);
        }
    }
    let names = [
        "tokens-input",
        "tokens-cache-read",
        "tokens-cache-write",
        "tokens-audio-in",
        "tokens-image-in",
        "tokens-output",
        "tokens-reasoning",
        "tokens-audio-out",
    ];
    let counted = names.into_iter().zip(sums).filter(|(_name, sum)| *sum > 0);
    counted
        .map(|(name, sum)| Fact {
            name: words.t(name),
            value: count(words, sum),
        })
        .collect()
}

async fn who(visit: &Reading, request: &RequestRow) -> Result<Vec<LinkedFact>, ActionError> {
    let (words, store, payer) = (visit.words(), visit.acting.store(), &request.payer);
    let keys = Labels::of_keys(store, payer.key_id.iter().cloned().collect()).await?;
    let teams = payer.team_id.iter().cloned().collect();
    let names = Names::of(store, teams, payer.user_id.iter().cloned().collect()).await?;
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: String, href: String| {
        facts.push(LinkedFact {
            name: words.t(name),
            value,
            href,
        });
    };
    match &payer.key_id {
        // A signed token's caller has an id like a key's, and no page of its own.
        Some(id) if id.starts_with(KeyId::PREFIX) && sees_key(visit, request) => {
            fact("key", keys.name(id), visit.frame.to(&format!("/keys/{id}")));
        }
        Some(id) => fact("key", keys.name(id), String::new()),
        None => fact("key", words.t("master-key"), String::new()),
    }
    if let Some(id) = &payer.team_id {
        fact(
            "team",
            names.team_word(id),
            visit.frame.to(&format!("/teams/{id}")),
        );
    }
    if let Some(id) = &payer.user_id {
        fact("person", names.person_word(id), String::new());
    }
    let texts = [
        ("project", payer.project_id.clone()),
        ("end-user", payer.end_user.clone()),
        ("environment", payer.environment.clone()),
        ("call-id", request.call_id.clone()),
        (
            "provider",
            Some(format!("{} · {}", request.provider, request.model)).filter(|text| text.len() > 4),
        ),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            fact(name, text, String::new());
        }
    }
    if !payer.tags.is_empty() {
        fact("tags", payer.tags.join(", "), String::new());
    }
    Ok(facts)
}
