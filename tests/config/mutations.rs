//! Whatever is written, reading ends with an answer.

use headgate::config::load;
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use proptest::strategy::Strategy as _;

use crate::trying::keys;

const SEEDS: &[&str] = &[
    include_str!("../../examples/tutorial.yaml"),
    include_str!("../../examples/reliability.yaml"),
    "defaults: &d {model: openai/x, weight: 0.5}
model_list:
- {model_name: 'a*', litellm_params: {<<: *d, api_key: os.environ/OPENAI_API_KEY, extra_headers: {a: b}}}
- {model_name: a, litellm_params: {model: openai/y, input_cost_per_token: 2e-06}, model_info: {id: x, max_tokens: 5}}
router_settings: {fallbacks: [{a: [b, {model: c}]}], model_group_alias: {x: {model: a, hidden: yes}}, retry_policy: {TimeoutErrorRetries: 1}}
litellm_settings: {ssl_verify: false, request_timeout: 6000, drop_params: true}
general_settings: {master_key: sk-1234, max_request_size_mb: 1}
environment_variables: {A: b, C: os.environ/D}
credential_list: [{credential_name: c, credential_values: {api_key: k}}]
headgate: {port: 4000, log_level: debug, idle_timeout_ms: 5}
include: [x.yaml]
",
];

const PIECES: &[&str] = &[
    ":",
    "- ",
    "\n",
    "  ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "'",
    "\"",
    "|\n",
    ">\n",
    "#",
    "\t",
    "---\n",
    "...\n",
    "null",
    "~",
    "-1",
    "1e999",
    "0x10",
    "9999999999999999999999",
    "os.environ/",
    "\u{feff}",
    "\0",
    "é",
    "%YAML 1.2\n",
    "? ",
];

#[derive(Clone, Debug)]
enum Change {
    Insert(usize, usize),
    Remove(usize, usize),
    Copy(usize, usize, usize),
}

fn change() -> impl proptest::strategy::Strategy<Value = Change> {
    (0..3_u8, any::<usize>(), any::<usize>(), any::<usize>()).prop_map(|(kind, a, b, c)| match kind
    {
        0 => Change::Insert(a, b),
        1 => Change::Remove(a, b % 20),
        _ => Change::Copy(a, b, c % 60),
    })
}

fn apply(text: &str, changes: &[Change]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for change in changes {
        let length = characters.len().max(1);
        match *change {
            Change::Insert(at, piece) => {
                let at = at % length;
                characters.splice(at..at, PIECES[piece % PIECES.len()].chars());
            }
            Change::Remove(at, count) => {
                let at = (at % length).min(characters.len());
                let end = (at + count).min(characters.len());
                characters.drain(at..end);
            }
            Change::Copy(from, to, count) => {
                let from = (from % length).min(characters.len());
                let end = (from + count).min(characters.len());
                let copy = characters[from..end].to_vec();
                let to = (to % length).min(characters.len());
                characters.splice(to..to, copy);
            }
        }
    }
    characters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_file_is_read_or_refused_with_a_reason(
        seed in 0..SEEDS.len(),
        changes in prop::collection::vec(change(), 1..8),
    ) {
        let text = apply(SEEDS[seed], &changes);
        let (report, is_refused) = match load(&text, "config.yaml", &keys()) {
            Ok(loaded) => (loaded.report, false),
            Err(refused) => (refused.report, true),
        };
        assert_eq!(report.has_faults(), is_refused, "{text}");
        assert!(!report.to_string().contains("sk-openai-0123456789"), "{report}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_at_all_is_read_or_refused(text in "\\PC{0,200}|[-a: {}\\[\\]&*!|>'\"#%@\n\t]{0,200}") {
        let _any_answer = load(&text, "config.yaml", &keys());
    }
}
