//! Answers that the gateway gives itself: `headgate/echo` and `mock_response`.

use domain::usage::Usage;
use providers::chat::{ChatAnswer, ChatCall, ChatEvent, Choice, Delta, FinishReason, Part, Role};
use providers::openai::body::BodyKind;
use providers::wire::Stamp;

use crate::admit::Reservation;
use crate::call::{Call, Words};
use crate::error::GatewayError;
use crate::reader::{own, whole};
use crate::send::attempt::Answer;
use crate::send::fault::Fault;
use crate::stream::OpenStream;

/// LiteLLM counts every mock as 10 tokens in and 20 out.
const MOCK_USAGE: (u64, u64) = (10, 20);

/// Repeats what the caller said last. Each word counts as one token.
///
/// # Errors
/// When the body cannot be understood, or embeddings are asked.
pub fn echo(call: &Call, stamp: &Stamp, reservation: &mut Reservation) -> Result<Answer, Fault> {
    let words = call.words().map_err(Fault::BadRequest)?;
    let said = match words {
        Words::Chat(chat) => last_said(chat),
        Words::Completion(completion) => completion.prompts.join("\n"),
        Words::Embedding(_) => return Err(no_embeddings("headgate/echo")),
    };
    let heard = match words {
        Words::Chat(chat) => chat
            .messages
            .iter()
            .flat_map(|message| &message.content)
            .map(count_words)
            .sum(),
        _ => count_words_in(&said),
    };
    let usage = Usage {
        input_tokens: heard,
        output_tokens: count_words_in(&said),
        ..Usage::default()
    };
    answer(call, stamp, &said, usage, reservation)
}

/// Gives the operator's words.
///
/// # Errors
/// When embeddings are asked.
pub fn mock(
    call: &Call,
    words: &str,
    stamp: &Stamp,
    reservation: &mut Reservation,
) -> Result<Answer, Fault> {
    if call.body.kind == BodyKind::Embedding {
        return Err(no_embeddings("mock_response"));
    }
    let (input_tokens, output_tokens) = MOCK_USAGE;
    answer(
        call,
        stamp,
        words,
        Usage {
            input_tokens,
            output_tokens,
            ..Usage::default()
        },
        reservation,
    )
}

fn no_embeddings(what: &str) -> Fault {
    Fault::BadRequest(GatewayError::bad_request(
        format!("{what} answers chats and completions, no embeddings."),
        Some("model"),
    ))
}

fn last_said(chat: &ChatCall) -> String {
    let last = chat
        .messages
        .iter()
        .rev()
        .find(|message| message.role == Role::User);
    let texts = last
        .into_iter()
        .flat_map(|message| &message.content)
        .filter_map(|part| match part {
            Part::Text { text, .. } => Some(text.as_str()),
            _ => None,
        });
    texts.collect::<Vec<_>>().join("\n")
}

fn count_words(part: &Part) -> u64 {
    match part {
        Part::Text { text, .. } => count_words_in(text),
        _ => 0,
    }
}

fn count_words_in(text: &str) -> u64 {
    u64::try_from(text.split_whitespace().count()).unwrap_or(u64::MAX)
}

/// The first words of a text, so many at most, as they stand.
fn first_words(text: &str, most: u64) -> &str {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let ends = text
        .char_indices()
        .filter(|(_, letter)| letter.is_whitespace());
    let mut words = 0;
    let mut end = 0;
    for (at, letter) in ends.chain([(text.len(), ' ')]) {
        if text
            .get(end..at)
            .is_some_and(|word| !word.trim().is_empty())
        {
            words += 1;
            if words > most {
                return text.get(..end).unwrap_or(text).trim_end();
            }
        }
        end = at.saturating_add(letter.len_utf8()).min(text.len());
    }
    text
}

/// Keeps to the limit of the caller and to what a budget can still pay, as a provider does.
fn answer(
    call: &Call,
    stamp: &Stamp,
    text: &str,
    mut usage: Usage,
    reservation: &mut Reservation,
) -> Result<Answer, Fault> {
    let written = reservation.dispatch();
    written.map_err(|refused| Fault::NotAdmitted(Box::new(refused)))?;
    let limits = [
        call.body.max_output_tokens,
        reservation.output_limit_tokens(),
    ];
    let limit = limits.into_iter().flatten().min().unwrap_or(u64::MAX);
    let whole_text = text;
    let text = first_words(text, limit);
    let reason = match text.len() < whole_text.len() {
        true => FinishReason::Length,
        false => FinishReason::Stop,
    };
    usage.output_tokens = usage.output_tokens.min(limit);
    reservation.meter.usage(usage.clone());
    if !call.is_streamed() {
        let choice = Choice {
            text: Some(text.to_owned()),
            finish: reason,
            ..Choice::default()
        };
        let answer = ChatAnswer {
            id: format!("chatcmpl-{}", stamp.request_id),
            model: stamp.model.clone(),
            created_s: stamp.created_s,
            choices: vec![choice],
            usage: Some(usage),
            ..ChatAnswer::default()
        };
        return Ok(Answer::Whole(whole::written(call.body.kind, answer).body));
    }
    let mut events = vec![ChatEvent::Start {
        id: format!("chatcmpl-{}", stamp.request_id),
        model: stamp.model.clone(),
    }];
    events.extend(text.split_inclusive(' ').map(|word| ChatEvent::Delta {
        choice: 0,
        delta: Delta::Text(word.to_owned()),
    }));
    events.push(ChatEvent::Finish { choice: 0, reason });
    events.push(ChatEvent::Done);
    let (reader, begun) = own::begin(call, stamp, events, &mut reservation.meter);
    Ok(Answer::Stream(Box::new(OpenStream::local(reader, begun))))
}

#[cfg(test)]
mod tests {
    use super::first_words;

    #[test]
    fn the_first_words_are_kept_as_they_stand() {
        let text = "  Why use\n a gateway? ";
        assert_eq!(first_words(text, 0), "");
        assert_eq!(first_words(text, 1), "  Why");
        assert_eq!(first_words(text, 3), "  Why use\n a");
        assert_eq!(first_words(text, 4), text);
        assert_eq!(first_words(text, u64::MAX), text);
        assert_eq!(first_words("", 1), "");
    }
}
