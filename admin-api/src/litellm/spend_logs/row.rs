//! A request as a row of LiteLLM's table of spend logs.

use domain::time::TimestampMs;
use serde_json::{Map, Value, json};
use store::requests::{RequestDetail, RequestRow};
use store::usage::Dimension;

use crate::acting::{Acting, may};
use crate::error::ActionError;
use crate::litellm::policy::number;
use crate::litellm::report_names::ReportNames;
use crate::litellm::words::{call_type, key_word};

/// Statuses that are no failure.
const WELL: std::ops::Range<u16> = 100..400;

/// The names that stand in rows.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn names(
    acting: &Acting<may::ReadSpend>,
    rows: &[RequestRow],
) -> Result<ReportNames, ActionError> {
    let mut names = ReportNames::default();
    let of = |of: fn(&RequestRow) -> Option<&str>| rows.iter().filter_map(of);
    let keys = of(|row| row.payer.key_id.as_deref());
    names.read(acting, Dimension::Key, keys).await?;
    let teams = of(|row| row.payer.team_id.as_deref());
    names.read(acting, Dimension::Team, teams).await?;
    let users = of(|row| row.payer.user_id.as_deref());
    names.read(acting, Dimension::User, users).await?;
    let organizations = of(|row| Some(row.payer.organization_id.as_str()));
    names
        .read(acting, Dimension::Organization, organizations)
        .await?;
    Ok(names)
}

/// A row.
pub(super) fn row(request: &RequestRow, names: &ReportNames) -> Map<String, Value> {
    let payer = &request.payer;
    let key = payer.key_id.as_deref().unwrap_or_default();
    let id = |dimension, word: Option<&String>| word.map(|word| names.id(dimension, word));
    let end = TimestampMs(request.at.0.saturating_add(request.duration_ms));
    let first = request.first_byte_ms.unwrap_or(request.duration_ms);
    let completion_start = TimestampMs(request.at.0.saturating_add(first));
    let status = match WELL.contains(&request.status) {
        true => "success",
        false => "failure",
    };
    let total = request
        .prompt_tokens
        .saturating_add(request.completion_tokens);
    let row = json!({
        "request_id": request.id,
        "call_type": call_type(&request.operation),
        "api_key": key_word(names, key),
        "spend": number(request.charge_nanousd),
        "total_tokens": total,
        "prompt_tokens": request.prompt_tokens,
        "completion_tokens": request.completion_tokens,
        "startTime": request.at.to_rfc3339(),
        "endTime": end.to_rfc3339(),
        "request_duration_ms": request.duration_ms,
        "completionStartTime": completion_start.to_rfc3339(),
        "model": request.model,
        "model_id": request.deployment_id,
        "model_group": shown_group(request),
        "custom_llm_provider": request.provider,
        "api_base": "",
        "user": id(Dimension::User, payer.user_id.as_ref()).unwrap_or_default(),
        "metadata": metadata(request, names),
        "cache_hit": "False",
        "cache_key": "",
        "request_tags": payer.tags,
        "team_id": id(Dimension::Team, payer.team_id.as_ref()),
        "organization_id": names.id(Dimension::Organization, &payer.organization_id),
        "end_user": payer.end_user.as_deref().unwrap_or_default(),
        "requester_ip_address": null,
        "messages": {},
        "response": {},
        "proxy_server_request": {},
        "session_id": request.call_id.as_deref().unwrap_or(&request.id),
        "litellm_call_id": request.call_id,
        "status": status,
        "mcp_namespaced_tool_name": null,
        "agent_id": null,
    });
    match row {
        Value::Object(row) => row,
        _ => Map::new(),
    }
}

fn shown_group(request: &RequestRow) -> &str {
    match request.group.as_str() {
        "" => &request.asked_model,
        group => group,
    }
}

fn metadata(request: &RequestRow, names: &ReportNames) -> Value {
    let payer = &request.payer;
    let key = payer.key_id.as_deref().and_then(|id| names.key(id));
    let team = payer.team_id.as_deref().and_then(|id| names.team(id));
    let error = request.code.as_ref().map(|code| {
        json!({
            "error_code": request.status.to_string(),
            "error_class": code,
        })
    });
    json!({
        "user_api_key_alias": key.and_then(|key| key.alias.as_ref()),
        "user_api_key_team_alias": team.map(|team| &team.name),
        "attempted_retries": request.attempts.saturating_sub(1),
        "attempted_fallbacks": request.fallbacks,
        "litellm_overhead_time_ms": request.overhead_us / 1_000,
        "error_information": error,
        "stream": request.stream,
        "status": if WELL.contains(&request.status) { "success" } else { "failure" },
    })
}

/// A request in full: its row, with its attempts and what was corrected of them.
pub(super) fn detailed(detail: &RequestDetail, names: &ReportNames) -> Map<String, Value> {
    let mut row = row(&detail.request, names);
    let attempts = detail.attempts.iter().map(|one| {
        let attempt = &one.attempt;
        let corrections = one.corrections.iter().map(|correction| {
            json!({
                "at": correction.at.to_rfc3339(),
                "reason": correction.reason,
                "old_spend": number(correction.old_nanousd),
                "new_spend": number(correction.new_nanousd),
            })
        });
        json!({
            "number": attempt.number,
            "model_group": attempt.group,
            "model_id": attempt.deployment_id,
            "custom_llm_provider": attempt.provider,
            "model": attempt.model,
            "outcome": attempt.outcome,
            "status": attempt.status,
            "duration_ms": attempt.duration_ms,
            "spend": number(attempt.charge_nanousd),
            "corrections": corrections.collect::<Vec<_>>(),
        })
    });
    let attempts: Vec<Value> = attempts.collect();
    if let Some(Value::Object(metadata)) = row.get_mut("metadata") {
        metadata.insert("attempts".to_owned(), json!(attempts));
    }
    row
}
