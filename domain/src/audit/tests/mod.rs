//! What the audit log promises: no change of it goes unseen.

mod tampers;

use serde_json::json;

use super::*;

fn key() -> AuditKey {
    AuditKey::new([7; 32])
}

fn entry(number: u64) -> AuditEntry {
    AuditEntry {
        at: TimestampMs(1_800_000_000_000 + number),
        organization_id: (!number.is_multiple_of(3)).then(|| format!("org_{}", number % 2)),
        actor_kind: "user".to_owned(),
        actor_id: format!("user_{}", number % 5),
        address: Some("203.0.113.9".to_owned()),
        action: "key.update".to_owned(),
        object_kind: "key".to_owned(),
        object_id: format!("key_{number}"),
        before: Some(json!({ "rpm": number }).to_string()),
        after: Some(json!({ "rpm": number + 1, "alias": "é" }).to_string()),
        request_id: Some(format!("req_{number}")),
        ..AuditEntry::default()
    }
}

/// A log of so many entries, an anchor at each tenth and at the end.
fn log(length: u64) -> (Vec<ChainedEntry>, Vec<Anchor>) {
    let key = key();
    let (mut entries, mut anchors) = (Vec::new(), Vec::new());
    let mut last = (0, Mac::GENESIS);
    for number in 1..=length {
        let row = key.append(last, entry(number));
        last = (row.sequence, row.mac);
        if number.is_multiple_of(10) || number == length {
            anchors.push(key.anchor(row.sequence, row.mac, TimestampMs(number)));
        }
        entries.push(row);
    }
    (entries, anchors)
}

fn faults(entries: &[ChainedEntry], anchors: &[Anchor]) -> Vec<Fault> {
    let mut verifier = Verifier::new(vec![key()], anchors);
    entries.iter().for_each(|entry| verifier.entry(entry));
    verifier.finish().faults
}

#[test]
fn an_untouched_log_passes_at_every_length() {
    for length in 0..50 {
        let (entries, anchors) = log(length);
        assert_eq!(faults(&entries, &anchors), [], "{length}");
    }
}

#[test]
fn a_log_passes_after_its_way_through_json() {
    let (entries, anchors) = log(12);
    let entries: Vec<ChainedEntry> =
        serde_json::from_str(&serde_json::to_string(&entries).unwrap()).unwrap();
    let anchors: Vec<Anchor> =
        serde_json::from_str(&serde_json::to_string(&anchors).unwrap()).unwrap();
    assert_eq!(faults(&entries, &anchors), []);
}

#[test]
fn what_was_done_is_told_with_its_numbers() {
    let (entries, anchors) = log(20);
    let mut edited = entries.clone();
    edited[4].entry.reason = Some("because".to_owned());
    assert_eq!(faults(&edited, &anchors), [Fault::Edited { sequence: 5 }]);
    let mut missing = entries.clone();
    missing.drain(4..7);
    assert_eq!(
        faults(&missing, &anchors),
        [Fault::Missing { first: 5, last: 7 }]
    );
    let mut inserted = entries.clone();
    inserted.insert(5, entries[4].clone());
    assert_eq!(
        faults(&inserted, &anchors),
        [Fault::OutOfOrder { sequence: 5 }]
    );
    let mut swapped = entries.clone();
    swapped.swap(4, 5);
    let expect = [
        Fault::Missing { first: 5, last: 5 },
        Fault::OutOfOrder { sequence: 5 },
    ];
    assert_eq!(faults(&swapped, &anchors)[..2], expect);
    let cut = &entries[..15];
    assert_eq!(
        faults(cut, &anchors),
        [Fault::TailCut {
            first: 16,
            last: 20
        }]
    );
    assert_eq!(
        faults(&[], &anchors),
        [Fault::TailCut { first: 1, last: 20 }]
    );
}

#[test]
fn a_log_that_was_written_anew_with_the_key_does_not_fit_its_anchors() {
    let (_, anchors) = log(20);
    let key = key();
    let mut anew = Vec::new();
    let mut last = (0, Mac::GENESIS);
    for number in 1..=20 {
        let row = key.append(last, entry(number + 100));
        last = (row.sequence, row.mac);
        anew.push(row);
    }
    let expect = [10, 20].map(|sequence| Fault::NotAsAnchored { sequence });
    assert_eq!(faults(&anew, &anchors), expect);
}

#[test]
fn an_edited_anchor_does_not_count_and_is_told() {
    let (entries, anchors) = log(20);
    for edit in 0..4 {
        let mut edited = anchors.clone();
        match edit {
            0 => edited[1].sequence = 19,
            1 => edited[1].mac = entries[18].mac,
            2 => edited[1].at = TimestampMs(1),
            _ => edited[1].seal = Mac::GENESIS,
        }
        let sequence = edited[1].sequence;
        assert_eq!(
            faults(&entries, &edited),
            [Fault::AnchorEdited { sequence }],
            "{edit}"
        );
    }
}

#[test]
fn what_comes_after_the_last_anchor_may_be_cut_unseen_and_the_report_says_up_to_where_it_vouches() {
    let (entries, mut anchors) = log(25);
    anchors.pop();
    let mut verifier = Verifier::new(vec![key()], &anchors);
    entries
        .iter()
        .take(22)
        .for_each(|entry| verifier.entry(entry));
    let found = verifier.finish();
    assert_eq!((found.faults.len(), found.last_anchored), (0, Some(20)));
    assert_eq!((found.entries, found.last_sequence), (22, 22));
}

#[test]
fn the_rest_of_a_log_whose_beginning_was_let_go_is_verified_from_an_anchor() {
    let (entries, anchors) = log(25);
    let mut verifier = Verifier::after(&anchors[0], vec![key()], &anchors);
    entries
        .iter()
        .skip(10)
        .for_each(|entry| verifier.entry(entry));
    assert_eq!(verifier.finish().faults, []);
    let mut verifier = Verifier::after(&anchors[0], vec![key()], &anchors);
    entries
        .iter()
        .skip(11)
        .for_each(|entry| verifier.entry(entry));
    assert_eq!(
        verifier.finish().faults,
        [Fault::Missing {
            first: 11,
            last: 11
        }]
    );
}

#[test]
fn a_log_goes_on_under_a_new_key_and_the_old_one_writes_nothing_more() {
    let (old, new) = (key(), AuditKey::new([8; 32]));
    let mut entries = Vec::new();
    let mut last = (0, Mac::GENESIS);
    for (number, key) in [&old, &old, &new, &new].into_iter().enumerate() {
        let row = key.append(last, entry(u64::try_from(number).unwrap()));
        last = (row.sequence, row.mac);
        entries.push(row);
    }
    let anchors = [new.anchor(last.0, last.1, TimestampMs(1))];
    let verify = |entries: &[ChainedEntry]| {
        let mut verifier = Verifier::new(vec![old.clone(), new.clone()], &anchors);
        entries.iter().for_each(|entry| verifier.entry(entry));
        verifier.finish().faults
    };
    assert_eq!(verify(&entries), []);
    entries[3].entry.action = "key.delete".to_owned();
    entries[3].mac = old.chain(entries[2].mac, 4, &entries[3].entry);
    let expect = [
        Fault::Edited { sequence: 4 },
        Fault::NotAsAnchored { sequence: 4 },
    ];
    assert_eq!(verify(&entries), expect);
}

#[test]
fn an_entry_that_cannot_be_read_is_told_and_hides_nothing_after_it() {
    let (entries, anchors) = log(20);
    let mut verifier = Verifier::new(vec![key()], &anchors);
    for entry in &entries {
        match entry.sequence {
            5 => verifier.unreadable(5, Some(entry.mac)),
            _ => verifier.entry(entry),
        }
    }
    assert_eq!(
        verifier.finish().faults,
        [Fault::Unreadable { sequence: 5 }]
    );
}

#[test]
fn texts_that_are_cut_otherwise_make_another_link() {
    let with = |action: &str, object: &str, reason: Option<&str>| {
        let entry = AuditEntry {
            action: action.to_owned(),
            object_kind: object.to_owned(),
            reason: reason.map(str::to_owned),
            ..AuditEntry::default()
        };
        key().chain(Mac::GENESIS, 1, &entry)
    };
    assert_ne!(with("ab", "c", None), with("a", "bc", None));
    assert_ne!(with("a", "b", None), with("a", "b", Some("")));
}

#[test]
fn secrets_are_noted_as_digests_at_every_depth() {
    let key = key();
    let mut value = json!({
        "alias": "production", "max_tokens": 5, "key_name": "sk-...abcd", "hash": "ab12",
        "api_key": "canary-1", "blocked": false, "password": null, "client_secret": "",
        "litellm_params": {
            "aws_secret_access_key": "canary-2", "awsSecretAccessKey": "canary-2",
            "vertex_credentials": { "private_key": "canary-3" },
            "extra_headers": { "Authorization": "canary-4", "X-Api-Key": "canary-5" }
        },
        "list": [{ "token": 1_234_567 }, "sk-hg-canary-6-canary-6", "Bearer canary-7"],
    });
    key.digest_secrets(&mut value);
    let text = value.to_string();
    assert!(
        !text.contains("canary") && !text.contains("1234567"),
        "{text}"
    );
    assert_eq!(value["api_key"], json!(key.digest("canary-1")));
    assert_eq!(value["api_key"].as_str().map(str::len), Some(21));
    let params = &value["litellm_params"];
    assert_eq!(
        params["aws_secret_access_key"],
        params["awsSecretAccessKey"]
    );
    assert_eq!(value["key_name"], json!("sk-...abcd"));
    assert_eq!(
        (&value["max_tokens"], &value["blocked"]),
        (&json!(5), &json!(false))
    );
    assert_eq!(
        (&value["password"], &value["client_secret"]),
        (&json!(null), &json!(""))
    );
}

#[test]
fn a_digest_shows_a_change_and_cannot_be_made_without_the_key() {
    assert_eq!(key().digest("a"), key().digest("a"));
    assert_ne!(key().digest("a"), key().digest("b"));
    assert_ne!(key().digest("a"), AuditKey::new([8; 32]).digest("a"));
}
