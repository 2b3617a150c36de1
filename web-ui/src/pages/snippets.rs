//! How to use a key: the same lines on every page, from address, model and key.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;

/// One way to use it.
#[derive(Clone, Debug)]
pub struct Tab {
    /// For links within the page.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What is copied.
    pub text: String,
}

#[derive(Template)]
#[template(path = "_snippet.html")]
struct Snippet<'a> {
    frame: &'a Frame,
    tabs: Vec<Tab>,
}

/// What an example asks for.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    /// A chat, of a model.
    Chat(&'a str),
    /// Text that goes on.
    Completion(&'a str),
    /// Numbers for a text.
    Embedding(&'a str),
}

/// A request on the command line. The model may be anything that a caller once asked for: it is
/// written so that neither JSON nor the shell takes it for something else.
#[must_use]
pub fn curl(base: &str, key: &str, asked: &Asked<'_>) -> String {
    let base = base.trim_end_matches('/');
    let (path, model, rest) = match asked {
        Asked::Chat(model) => (
            "chat/completions",
            model,
            "\"messages\": [{\"role\": \"user\", \"content\": \"Say hello\"}]",
        ),
        Asked::Completion(model) => ("completions", model, "\"prompt\": \"Say hello\""),
        Asked::Embedding(model) => ("embeddings", model, "\"input\": \"Say hello\""),
    };
    let model = serde_json::Value::from(*model).to_string();
    let model = model.replace('\'', "'\\''");
    format!(
        "curl {base}/v1/{path} \\\n  -H \"Authorization: Bearer {key}\" \\\n  \
         -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"model\": {model},\n       {rest}}}'"
    )
}

/// The ways to use a key, as tabs.
#[must_use]
pub fn snippet(frame: &Frame, base: &str, model: &str, key: &str) -> Markup {
    let tabs = tabs(base, model, key);
    // Rendering texts into markup cannot fail but for want of memory.
    Markup::of(Snippet { frame, tabs }.render().unwrap_or_default())
}

/// The ways to use a key.
#[must_use]
pub fn tabs(base: &str, model: &str, key: &str) -> Vec<Tab> {
    let base = base.trim_end_matches('/');
    let tab = |id, name, text| Tab { id, name, text };
    vec![
        tab("curl", "curl", curl(base, key, &Asked::Chat(model))),
        tab(
            "py",
            "Python",
            format!(
                "from openai import OpenAI\nclient = OpenAI(base_url=\"{base}/v1\",\n                \
             api_key=\"{key}\")\nr = client.chat.completions.create(model=\"{model}\",\n    \
             messages=[{{\"role\": \"user\", \"content\": \"Say hello\"}}])\nprint(r.choices[0].message.content)"
            ),
        ),
        tab(
            "js",
            "JS",
            format!(
                "import OpenAI from \"openai\";\nconst client = new OpenAI({{\n  baseURL: \"{base}/v1\", apiKey: \"{key}\" }});\n\
             const r = await client.chat.completions.create({{ model: \"{model}\",\n  \
             messages: [{{ role: \"user\", content: \"Say hello\" }}] }});\nconsole.log(r.choices[0].message.content);"
            ),
        ),
        tab(
            "env",
            ".env",
            format!("OPENAI_BASE_URL={base}/v1\nOPENAI_API_KEY={key}"),
        ),
        tab(
            "cc",
            "Claude Code",
            format!("export ANTHROPIC_BASE_URL={base}\nexport ANTHROPIC_AUTH_TOKEN={key}"),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_caller_asked_for_cannot_become_a_command() {
        let hostile = "x'; rm -rf ~ #\"\n";
        let text = curl("http://gate/", "$KEY", &Asked::Chat(hostile));
        let body = text.split_once("-d '").unwrap().1;
        // What the shell makes of it: quotes that are left and begun anew are one quote.
        let body = body.replace("'\\''", "\u{0}");
        assert_eq!(body.matches('\'').count(), 1, "{text}");
        let body = body.trim_end_matches('\'').replace('\u{0}', "'");
        let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(sent["model"], hostile);
        assert!(text.starts_with("curl http://gate/v1/chat/completions"));
    }
}
