//! The conversation: rules apart, turns that alternate, results right after their calls.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::value::RawValue;

use super::super::wire::{Block, Speaker, System, Turn};
use super::content::{blocks, invalid, says_something};
use super::parameters::Parameters;
use crate::chat::{Message, Role, Thinking, ToolCall};
use crate::wire::Untranslatable;

/// What a person says where Anthropic wants one to speak and the caller had nobody: before a
/// conversation that the assistant begins, after rules alone, and after rules that follow the
/// assistant's last words (else these would be continued).
const GO_ON: &str = "Continue.";

/// A conversation in Anthropic's form.
pub(super) struct Conversation<'a> {
    /// The rules, in order.
    pub rules: Vec<Block<'a>>,
    /// Turns of user and assistant in alternation; the first is the user's.
    pub turns: Vec<Turn<'a>>,
    /// Whether the calls that wait for their next step were made without thinking, which a model
    /// that thinks by budget takes for an error.
    pub calls_without_thinking: bool,
}

impl<'a> Conversation<'a> {
    /// Reads the caller's messages.
    pub(super) fn read(
        messages: &'a [Message],
        parameters: &mut Parameters<'_>,
    ) -> Result<Self, Untranslatable> {
        let mut builder = Builder {
            rules: Vec::new(),
            turns: Vec::new(),
            calls: Vec::new(),
            results: 0,
            rules_came_last: false,
        };
        for (place, message) in messages.iter().enumerate() {
            if message.name.is_some() && message.role != Role::Tool {
                parameters.left_out("messages.name");
            }
            match message.role {
                Role::System | Role::Developer => builder.rule(message, place, parameters)?,
                Role::User => builder.user(message, place, parameters)?,
                Role::Assistant => builder.assistant(message, place, parameters)?,
                Role::Tool => builder.result(message, place, parameters)?,
            }
        }
        Ok(builder.finish())
    }

    /// The `system` member: a string when it is one plain text.
    pub(super) fn system(rules: Vec<Block<'a>>) -> Option<System<'a>> {
        let mut rules = rules;
        match rules.as_mut_slice() {
            [] => None,
            [
                Block::Text {
                    text,
                    cache_control: None,
                },
            ] => Some(System::Text(std::mem::take(text))),
            _ => Some(System::Blocks(rules)),
        }
    }
}

struct Builder<'a> {
    rules: Vec<Block<'a>>,
    turns: Vec<Turn<'a>>,
    /// The calls of the last assistant turn.
    calls: Vec<OpenCall<'a>>,
    /// How many blocks at the head of the last turn are results.
    results: usize,
    rules_came_last: bool,
}

/// Where in a turn something is added.
#[derive(Clone, Copy)]
enum Place {
    AfterResults,
    End,
}

struct OpenCall<'a> {
    call: &'a ToolCall,
    wire_id: Cow<'a, str>,
    answered: bool,
}

impl<'a> Builder<'a> {
    fn rule(
        &mut self,
        message: &'a Message,
        place: usize,
        parameters: &mut Parameters<'_>,
    ) -> Result<(), Untranslatable> {
        let mut blocks = blocks(&message.content, place, parameters)?;
        if blocks
            .iter()
            .any(|block| !matches!(block, Block::Text { .. } | Block::Native(_)))
        {
            return Err(invalid(
                place,
                "anthropic takes only text in system messages",
            ));
        }
        mark_last(&mut blocks, message);
        self.rules_came_last |= !blocks.is_empty();
        self.rules.append(&mut blocks);
        Ok(())
    }

    fn user(
        &mut self,
        message: &'a Message,
        place: usize,
        parameters: &mut Parameters<'_>,
    ) -> Result<(), Untranslatable> {
        let mut blocks = blocks(&message.content, place, parameters)?;
        mark_last(&mut blocks, message);
        if !blocks.is_empty() {
            self.add(Speaker::User, Place::End, blocks);
        }
        Ok(())
    }

    fn assistant(
        &mut self,
        message: &'a Message,
        place: usize,
        parameters: &mut Parameters<'_>,
    ) -> Result<(), Untranslatable> {
        let mut said: Vec<Block<'a>> = message.thinking.iter().filter_map(thinking).collect();
        said.append(&mut blocks(&message.content, place, parameters)?);
        let refusal = message.refusal.as_deref();
        said.extend(refusal.filter(|text| says_something(text)).map(Block::text));
        let mut calls = Vec::with_capacity(message.tool_calls.len());
        for (number, call) in message.tool_calls.iter().enumerate() {
            let wire_id = wire_id(&call.id, place, number);
            said.push(Block::ToolUse {
                id: wire_id.clone(),
                name: &call.name,
                input: input(&call.arguments),
                cache_control: None,
            });
            calls.push(OpenCall {
                call,
                wire_id,
                answered: false,
            });
        }
        mark_last(&mut said, message);
        if said.is_empty() {
            return Ok(());
        }
        self.add(Speaker::Assistant, Place::End, said);
        self.calls.append(&mut calls);
        Ok(())
    }

    /// Results stand at the head of the user's turn, in the order in which they came.
    fn result(
        &mut self,
        message: &'a Message,
        place: usize,
        parameters: &mut Parameters<'_>,
    ) -> Result<(), Untranslatable> {
        let Some(tool_use_id) = self.answered_call(message) else {
            return Err(Untranslatable::InvalidValue {
                param: format!("messages[{place}].tool_call_id"),
                reason: "it answers no tool call of the assistant's message before it".to_owned(),
            });
        };
        let is_error = message
            .extra
            .get("is_error")
            .is_some_and(|error| error == true);
        let block = Block::ToolResult {
            tool_use_id,
            content: blocks(&message.content, place, parameters)?,
            is_error,
            cache_control: message.cache_control.as_ref(),
        };
        self.add(Speaker::User, Place::AfterResults, vec![block]);
        Ok(())
    }

    /// The id of the call that a result belongs to: the one it names; without a name of a call,
    /// the first open one, of the same function if it names that.
    fn answered_call(&mut self, message: &Message) -> Option<Cow<'a, str>> {
        let id = message.tool_call_id.as_deref().unwrap_or_default();
        let found = self.calls.iter_mut().find(|open| {
            if id.is_empty() {
                let name = message.name.as_deref();
                !open.answered && name.is_none_or(|name| name == open.call.name)
            } else {
                open.call.id == id
            }
        })?;
        found.answered = true;
        Some(found.wire_id.clone())
    }

    /// Adds to the last turn if it is this speaker's, else begins a new one.
    fn add(&mut self, role: Speaker, place: Place, blocks: Vec<Block<'a>>) {
        self.rules_came_last = false;
        let mut turn = self.turns.pop_if(|turn| turn.role == role).unwrap_or(Turn {
            role,
            content: Vec::new(),
        });
        if turn.content.is_empty() {
            self.results = 0;
            if role == Speaker::Assistant {
                self.calls.clear();
            }
        }
        match place {
            Place::End => turn.content.extend(blocks),
            Place::AfterResults => {
                let at = self.results.min(turn.content.len());
                self.results = self.results.saturating_add(blocks.len());
                turn.content.splice(at..at, blocks);
            }
        }
        self.turns.push(turn);
    }

    fn finish(mut self) -> Conversation<'a> {
        let speaks_last = self.turns.last().map(|turn| turn.role);
        let rules_follow_words = self.rules_came_last && self.calls.is_empty();
        if speaks_last.is_none() || (speaks_last == Some(Speaker::Assistant) && rules_follow_words)
        {
            self.add(Speaker::User, Place::End, vec![Block::text(GO_ON)]);
        }
        if self
            .turns
            .first()
            .is_some_and(|turn| turn.role == Speaker::Assistant)
        {
            let content = vec![Block::text(GO_ON)];
            let role = Speaker::User;
            self.turns.insert(0, Turn { role, content });
        }
        trim_last_words(&mut self.turns);
        Conversation {
            rules: self.rules,
            calls_without_thinking: calls_without_thinking(&self.turns),
            turns: self.turns,
        }
    }
}

/// Looks back through the turns of calls and results at the end of the conversation.
fn calls_without_thinking(turns: &[Turn<'_>]) -> bool {
    let has = |turn: &Turn<'_>, wanted: fn(&Block<'_>) -> bool| turn.content.iter().any(wanted);
    turns
        .iter()
        .rev()
        .take_while(|turn| match turn.role {
            Speaker::User => has(turn, |block| matches!(block, Block::ToolResult { .. })),
            Speaker::Assistant => has(turn, |block| matches!(block, Block::ToolUse { .. })),
        })
        .filter(|turn| turn.role == Speaker::Assistant)
        .any(|turn| !turn.content.first().is_some_and(is_thinking))
}

/// Anthropic continues an assistant's last words, and refuses them when they end in white space.
fn trim_last_words(turns: &mut [Turn<'_>]) {
    let Some(turn) = turns.last_mut() else { return };
    if turn.role != Speaker::Assistant {
        return;
    }
    if let Some(Block::Text { text, .. }) = turn.content.last_mut() {
        let kept = text.trim_end().len();
        match text {
            Cow::Borrowed(text) => *text = text.trim_end(),
            Cow::Owned(text) => text.truncate(kept),
        }
    }
}

fn mark_last<'a>(blocks: &mut [Block<'a>], message: &'a Message) {
    if let Some(block) = blocks.last_mut() {
        block.mark(message.cache_control.as_ref());
    }
}

/// Thinking is sent back only with its signature; without one it is another vendor's.
fn thinking(thinking: &Thinking) -> Option<Block<'_>> {
    match thinking {
        Thinking::Signed { signature, .. } if signature.is_empty() => None,
        Thinking::Signed { text, signature } => Some(Block::Thinking {
            thinking: text,
            signature,
        }),
        Thinking::Redacted { data } => Some(Block::RedactedThinking { data }),
    }
}

fn is_thinking(block: &Block<'_>) -> bool {
    match block {
        Block::Thinking { .. } | Block::RedactedThinking { .. } => true,
        Block::Native(block) => block
            .get("type")
            .is_some_and(|kind| kind == "thinking" || kind == "redacted_thinking"),
        _ => false,
    }
}

/// Ids must match `^[a-zA-Z0-9_-]+$`; other characters are written as their code.
fn wire_id(id: &str, place: usize, number: usize) -> Cow<'_, str> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if id.is_empty() {
        return Cow::Owned(format!("call_{place}_{number}"));
    }
    if id.chars().all(fits) {
        return Cow::Borrowed(id);
    }
    let mut fitting = String::with_capacity(id.len());
    for letter in id.chars() {
        if fits(letter) {
            fitting.push(letter);
        } else {
            // Writing into a string cannot fail.
            let _ = write!(fitting, "_{:x}", u32::from(letter));
        }
    }
    Cow::Owned(fitting)
}

/// A call's input must be an object. Models do write other things; those are kept under the name
/// `arguments`, so that the conversation can go on.
fn input(arguments: &str) -> Cow<'_, RawValue> {
    if let Ok(raw) = serde_json::from_str::<&RawValue>(arguments)
        && raw.get().starts_with('{')
    {
        return Cow::Borrowed(raw);
    }
    let text = if says_something(arguments) {
        serde_json::json!({ "arguments": arguments }).to_string()
    } else {
        "{}".to_owned()
    };
    RawValue::from_string(text).map_or_else(|_| Cow::Borrowed(RawValue::NULL), Cow::Owned)
}
