//! The most that a call may cost at a candidate, and what it will probably use.

use std::sync::{Arc, LazyLock};

use domain::money::NanoUsd;
use domain::prices::MostTokens;
use memchr::memmem::Finder;
use providers::openai::body::BodyKind;

use crate::admit::learned::Learned;
use crate::admit::payer::RequestPayer;
use crate::call::Call;
use crate::route::Choice;
use crate::route::table::Group;

/// A call without a limit, of a model whose limit nobody knows, gets this one.
const USUAL_OUTPUT_TOKENS: u64 = 16_384;

/// What vendors add to a call with tools: Anthropic's system prompt for them has 346 tokens
/// (Anthropic's page on tool use, Claude 4); others add less.
const TOOLS_TOKENS: u64 = 512;

/// What an image behind an address may have. Anthropic scales down to 1,600, OpenAI to 1,445 (page
/// on images, high detail), Google counts tiles of 258.
const LINKED_IMAGE_TOKENS: u64 = 6_000;

/// What a file that lies with the vendor may have: nobody knows it here, so a large context's worth.
const LINKED_FILE_TOKENS: u64 = 200_000;

/// What an answer probably has before any has been seen.
const UNKNOWN_OUTPUT_TOKENS: u64 = 256;

/// Four bytes make about a token of English text; other text has more tokens.
const BYTES_PER_TOKEN: u64 = 4;

/// A word that is looked for in every body: what finds it is made once.
struct Word(LazyLock<Finder<'static>>);

static IMAGE: Word = Word(LazyLock::new(|| Finder::new("\"image_url\"")));
static FILE: Word = Word(LazyLock::new(|| Finder::new("\"file_id\"")));
static CACHE: Word = Word(LazyLock::new(|| Finder::new("cache_control")));
static AUDIO: Word = Word(LazyLock::new(|| Finder::new("audio")));

impl Word {
    fn is_in(&self, body: &[u8]) -> bool {
        self.0.find(body).is_some()
    }

    fn count_in(&self, body: &[u8]) -> u64 {
        tokens(self.0.find_iter(body).count())
    }
}

/// The most that a call may use, before anything is counted: a token of text has at least one byte,
/// so the body's bytes are a bound of its text, with all that the messages cost beside it.
#[must_use]
pub fn most_tokens(call: &Call, choices: &[Arc<Choice>]) -> MostTokens {
    let body = &call.body;
    let is_chat = body.kind == BodyKind::Chat;
    let mut input_tokens = tokens(body.bytes.len());
    if body.has_tools {
        input_tokens = input_tokens.saturating_add(TOOLS_TOKENS);
    }
    if is_chat {
        let images = IMAGE.count_in(&body.bytes);
        input_tokens = input_tokens.saturating_add(images.saturating_mul(LINKED_IMAGE_TOKENS));
        if FILE.is_in(&body.bytes) {
            input_tokens = input_tokens.saturating_add(LINKED_FILE_TOKENS);
        }
    }
    MostTokens {
        input_tokens,
        output_tokens: most_output(call, choices).saturating_mul(answers(call)),
        may_write_cache: is_chat && CACHE.is_in(&body.bytes),
        may_have_audio: is_chat && AUDIO.is_in(&body.bytes),
        any_service_tier: body.service_tier.is_some(),
    }
}

/// The most that one answer of any of these may have.
fn most_output(call: &Call, choices: &[Arc<Choice>]) -> u64 {
    if call.body.kind == BodyKind::Embedding {
        return 0;
    }
    let asked = call.body.max_output_tokens;
    let most = choices.iter().map(|choice| {
        let may = choice.known.max_output_tokens;
        match (asked, may) {
            (Some(asked), Some(may)) => asked.min(may),
            (asked, may) => asked.or(may).unwrap_or(USUAL_OUTPUT_TOKENS),
        }
    });
    most.max().unwrap_or(USUAL_OUTPUT_TOKENS)
}

/// The limit that has to be written because neither the caller nor the catalogue has one for each of
/// these.
#[must_use]
pub fn limit_to_write(call: &Call, choices: &[Arc<Choice>]) -> Option<u64> {
    let is_unbounded = |choice: &Arc<Choice>| choice.known.max_output_tokens.is_none();
    let unbounded = call.body.kind != BodyKind::Embedding
        && call.body.max_output_tokens.is_none()
        && choices.iter().any(is_unbounded);
    // Whoever has a limit refuses a higher one.
    let known = choices
        .iter()
        .filter_map(|choice| choice.known.max_output_tokens);
    unbounded.then(|| known.fold(USUAL_OUTPUT_TOKENS, u64::min))
}

/// How many answers a call asks for.
#[must_use]
pub fn answers(call: &Call) -> u64 {
    let body = &call.body;
    body.n.max(1).saturating_mul(body.prompts.max(1))
}

/// What a request will probably use, for rates: a guess that is corrected when it is counted. The
/// output is what this key and model usually write, within what the caller allows.
#[must_use]
pub fn probable_tokens(call: &Call, learned: &Learned, payer: &RequestPayer, group: &Group) -> u64 {
    let input = tokens(call.body.bytes.len()).div_ceil(BYTES_PER_TOKEN);
    if call.body.kind == BodyKind::Embedding {
        return input;
    }
    let usual = learned.output(payer.key_id(), &group.name);
    let output = usual.unwrap_or(UNKNOWN_OUTPUT_TOKENS);
    let allowed = call.body.max_output_tokens.unwrap_or(u64::MAX);
    let output = output.min(allowed).saturating_mul(answers(call));
    input.saturating_add(output)
}

/// The most that a call may cost; none without a price.
#[must_use]
pub fn most_money(choice: &Choice, most: &MostTokens) -> Option<NanoUsd> {
    choice.known.price.as_ref().map(|price| price.at_most(most))
}

fn tokens(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
